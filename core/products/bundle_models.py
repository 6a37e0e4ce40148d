"""What bundles consist of: products with quantities, one level deep."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase

# What a bundle costs its customer: its own price, or the sum of its parts' prices.
OWN, SUM = BUNDLE_PRICES = ("own", "sum")


class ProductPart(Record, TenantBase):
    """So many of a product in one bundle, in the order of position. That the one is a bundle and the other none stands in the foreign keys: so no
    bundle holds a bundle, nor itself, whoever writes at the same time."""

    __tablename__ = "product_part"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"), CheckConstraint("of_bundle AND NOT part_is_bundle", name="deep"),
        ForeignKeyConstraint(["bundle_id", "of_bundle"], ["product.id", "product.is_bundle"], name="fk_product_part_bundle_id", ondelete="CASCADE"),
        ForeignKeyConstraint(["part_id", "part_is_bundle"], ["product.id", "product.is_bundle"], name="fk_product_part_part_id", ondelete="CASCADE"),
        Index("uq_product_part", "bundle_id", "part_id", unique=True), Index("ix_product_part_part_id", "part_id"), {"info": {"audit": True}},
    )
    bundle_id: Mapped[UUID]
    of_bundle: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    part_id: Mapped[UUID]
    part_is_bundle: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    position: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[Decimal] = mapped_column(Numeric(18, 3))


BUNDLE_HARMLESS = {"product.bundle_price": "a word of a list"}
