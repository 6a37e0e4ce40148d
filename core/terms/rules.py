"""What agreed terms cover: pure, over plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Agreed:
    """Terms in force. who: the name of whoever agreed; at: when. price: of one piece of the product, net, before tax, in its currency. facts: what was shown to him, as much of it as the reader may know."""

    id: UUID
    who: str | None
    at: datetime
    until_on: date
    payment_days: int | None = None
    discount: Decimal | None = None
    product_id: UUID | None = None
    product: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    words: str | None = None
    facts: Any = None


def names(one: Agreed, product_id: UUID | None, template_id: UUID | None, currency: str) -> bool:
    """Do the terms name a price of this product, or of the one whose variant it is?"""
    return one.price is not None and product_id is not None and one.product_id in (product_id, template_id) and one.currency == currency


def covering(terms: Iterable[Agreed], *, product_id: UUID | None, template_id: UUID | None, each: Decimal, list_price: Decimal | None, currency: str) -> Agreed | None:
    """The terms within which a price of one piece lies (net, after its discount): those that name a price of this product, or of
    the one whose variant it is, not above it, else those that give a discount not smaller than the one given. None: nobody agreed to so low a price."""
    found = list(terms)
    for one in found:
        if names(one, product_id, template_id, currency) and each >= one.price:
            return one
    for one in sorted((one for one in found if one.discount is not None), key=lambda one: one.discount, reverse=True):
        if list_price is not None and each >= list_price * (HUNDRED - one.discount) / HUNDRED:
            return one
    return None
