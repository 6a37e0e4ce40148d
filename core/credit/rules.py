"""What follows from a grade: plain values. Usual ones as PRODUCT.md F7 has them; a workspace says otherwise in its settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Terms:
    """discount: percent; payment_days: from the invoice on."""

    grade: str
    discount: Decimal
    payment_days: int
    prepaid: bool = False
    needs_release: bool = False


USUAL: Mapping[str, Terms] = {
    one.grade: one
    for one in (
        Terms("big_good", Decimal(5), 30), Terms("small_good", Decimal(2), 30), Terms("big_bad", Decimal(0), 0, prepaid=True), Terms("small_bad", Decimal(0), 0, prepaid=True, needs_release=True),
    )
}
