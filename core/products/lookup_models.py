"""What products are described by: units, the tree of categories, tax codes with their dated rates."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase, Timed

# How a tax is treated (UNTDID 5305): standard, zero rated, exempt, reverse charge.
TAX_CATEGORIES = ("S", "Z", "E", "AE")
MOST_PLACES = 3


class Unit(Record, TenantBase):
    """What a product is counted in: piece, box, kg. places: decimals that a quantity of it may have."""

    __tablename__ = "product_unit"
    __table_args__ = (
        CheckConstraint(f"places BETWEEN 0 AND {MOST_PLACES}", name="places"), CheckConstraint("char_length(name) BETWEEN 1 AND 40", name="name"),
        Index("uq_product_unit_name", text("lower(name)"), unique=True),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    places: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"), default=0)
    retired: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class Category(Record, TenantBase):
    """A branch of the catalogue; parent_id: the one that it belongs to."""

    __tablename__ = "product_category"
    __table_args__ = (
        CheckConstraint("parent_id <> id", name="parent"), CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"),
        Index("uq_product_category_name", "parent_id", text("lower(name)"), unique=True, postgresql_nulls_not_distinct=True),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("product_category.id"))


class TaxCode(Record, TenantBase):
    """How a product is taxed. included: prices under it hold the tax already. Its percent is that of the day (TaxRate); only of
    standard rates is there one."""

    __tablename__ = "tax_code"
    __table_args__ = (
        CheckConstraint(f"category IN {TAX_CATEGORIES}", name="category"), CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="name"),
        Index("uq_tax_code_name", text("lower(name)"), unique=True),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    category: Mapped[str] = mapped_column(server_default=text("'S'"), default="S")
    included: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    retired: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class TaxRate(Timed, TenantBase):
    """From that day on so many percent, until a later one begins."""

    __tablename__ = "tax_rate"
    __table_args__ = (
        CheckConstraint("percent >= 0 AND percent <= 100", name="percent"), UniqueConstraint("tax_code_id", "starts_on"),
        {"info": {"audit": True}},
    )
    tax_code_id: Mapped[UUID] = mapped_column(ForeignKey("tax_code.id", ondelete="CASCADE"))
    percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))
    starts_on: Mapped[date]


LOOKUP_HARMLESS = {
    "product_unit": "what products are counted in", "product_category": "how the catalogue is arranged", "tax_code": "how products are taxed",
}
