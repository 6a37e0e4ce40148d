"""Price lists: whom they are for, what their lines say, and what comes off for loyal customers."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Integer, Numeric, Text, literal_column, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child
from core.products.rules import WAYS

WHOM = ("everybody", "group", "customer")
WHAT = ("all", "category", "product")
FORMULAS = ("discount", "markup")
# What a line says something of, from which quantity and day on, as one text: by it a file's row finds its line (core.products.price_lines_in).
FIRST_DAY = date(2000, 1, 1)
PLACE = "((((((price_list_id::text || '/') || COALESCE(product_id::text, category_id::text, '')) || '/') || from_quantity::text) || '/') || COALESCE((starts_on - '2000-01-01'::date)::text, ''))"


class PriceBook(Record, TenantBase):
    """A list of prices in one currency. whom: for everybody, for a group of customers (group_name) or one customer (account_id). net: no standing
    discount comes off it. rounding_step, rounding_less: to a multiple of the step, less that. based_on_id: the list whose lines
    it has too, so many percent less or more (based_way, based_percent)."""

    __tablename__ = "price_list"
    __table_args__ = (
        CheckConstraint(f"whom IN {WHOM}", name="whom"), CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"), CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"),
        CheckConstraint("(whom = 'customer') = (account_id IS NOT NULL)", name="account"), CheckConstraint("(whom = 'group') = (group_name IS NOT NULL)", name="group"),
        CheckConstraint("ends_on >= starts_on", name="days"), CheckConstraint("rounding_step > 0 AND rounding_less >= 0 AND rounding_less < rounding_step", name="rounding"),
        CheckConstraint("based_on_id <> id", name="based_on"), CheckConstraint(f"based_way IN {FORMULAS}", name="based_way"), CheckConstraint("based_percent >= 0 AND based_percent <= 1000", name="based_percent"),
        CheckConstraint("(based_on_id IS NULL) = (based_way IS NULL) AND (based_on_id IS NULL) = (based_percent IS NULL)", name="based"),
        Index("uq_price_list_name", text("lower(name)"), unique=True),
        Index("ix_price_list_account_id", "account_id", postgresql_where=text("account_id IS NOT NULL")),
        Index("ix_price_list_based_on_id", "based_on_id", postgresql_where=text("based_on_id IS NOT NULL")),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    currency: Mapped[str]
    whom: Mapped[str] = mapped_column(server_default=text("'everybody'"), default="everybody")
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    group_name: Mapped[str | None]
    priority: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    net: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    rounding_step: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    rounding_less: Mapped[Decimal] = mapped_column(Numeric(18, 4), server_default=text("0"), default=Decimal(0))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    based_on_id: Mapped[UUID | None] = mapped_column(ForeignKey("price_list.id"))
    based_way: Mapped[str | None]
    based_percent: Mapped[Decimal | None] = mapped_column(Numeric(9, 4))


class PriceListLine(Record, TenantBase):
    """What the list says of a product, a category with all below it, or everything: a price in its currency, or percent off or onto the
    product's own price, or a margin over its cost; from a quantity on, on some days."""

    __tablename__ = "price_list_line"
    __table_args__ = (
        CheckConstraint(f"what IN {WHAT}", name="what"), CheckConstraint(f"way IN {WAYS}", name="way"), CheckConstraint("value >= 0", name="value"),
        CheckConstraint("way <> 'discount' OR value <= 100", name="discount"), CheckConstraint("way <> 'margin' OR value < 100", name="margin"),
        CheckConstraint("from_quantity >= 0", name="from_quantity"), CheckConstraint("ends_on >= starts_on", name="days"),
        CheckConstraint("(what = 'product') = (product_id IS NOT NULL)", name="product"), CheckConstraint("(what = 'category') = (category_id IS NOT NULL)", name="category"),
        Index("uq_price_list_line", "price_list_id", "product_id", "category_id", "from_quantity", "starts_on", unique=True, postgresql_nulls_not_distinct=True),
        Index("ix_price_list_line_place", text(PLACE)),
        Index("ix_price_list_line_product_id", "product_id", postgresql_where=text("product_id IS NOT NULL")),
        Index("ix_price_list_line_category_id", "category_id", postgresql_where=text("category_id IS NOT NULL")),
        {"info": {"audit": True}},
    )
    price_list_id: Mapped[UUID] = mapped_column(ForeignKey("price_list.id", ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(server_default=text("'product'"), default="product")
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("product_category.id", ondelete="CASCADE"))
    way: Mapped[str] = mapped_column(server_default=text("'price'"), default="price")
    value: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    from_quantity: Mapped[Decimal] = mapped_column(Numeric(18, 3), server_default=text("0"), default=Decimal(0))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]

    @hybrid_property
    def place(self) -> str:
        """As PLACE has it in a statement."""
        return place(self.price_list_id, self.product_id or self.category_id, self.from_quantity, self.starts_on)

    @place.inplace.expression
    @classmethod
    def _place(cls) -> ColumnElement[str]:
        return literal_column(PLACE, Text())


def place(list_id: Any, of: Any, quantity: Decimal, starts_on: date | None) -> str:
    """What a line of that list says something of, as PLACE writes it."""
    return f"{list_id}/{of or ''}/{quantity:.3f}/{'' if starts_on is None else (starts_on - FIRST_DAY).days}"


class TierDiscount(Record, TenantBase):
    """What comes off for customers of a loyalty tier, whatever they buy."""

    __tablename__ = "tier_discount"
    __table_args__ = (
        CheckConstraint("percent >= 0 AND percent <= 100", name="percent"), CheckConstraint("char_length(tier) BETWEEN 1 AND 40", name="tier"),
        Index("uq_tier_discount_tier", text("lower(tier)"), unique=True),
        {"info": {"audit": True}},
    )
    tier: Mapped[str]
    percent: Mapped[Decimal] = mapped_column(Numeric(7, 4))


# A list for one customer is his; it goes with him.
PRICE_CHILDREN = (Child("price_list", "account_id", "account", personal=("name",), grows=False),)
PRICE_PERSONAL = (Personal("price_list", by=("account_id",), told=("name",), gone=True, purged="delete"),)
PRICE_HARMLESS = {
    "price_list.currency": "a currency", "price_list.whom": "a word of a list", "price_list.group_name": "a tag of accounts", "price_list.based_way": "a word of a list",
    "price_list_line": "what products cost", "tier_discount": "what tiers are called",
}
