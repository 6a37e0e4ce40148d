"""Whose a deal is as figures count it: each of its team has his part of the amount by his share, the owner what is left of a hundred
percent. Parts are whole coins and add up to the deal (largest remainder: what rounding down leaves goes to those that lost most, the owner
first where alike), in SQL for whatever is added up and in `divided` for one deal."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.core import get_global
from sqlalchemy import Numeric, Select, Subquery, Uuid, any_, case, cast, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import aliased

from core.deals.models import Deal, DealMember
from core.products.taxing import shared

HUNDRED, CENT, ONE = Decimal(100), Decimal("0.01"), Decimal(1)
# The deal that a member's row is of: never the one of the statement around it.
OF = aliased(Deal)
PEOPLE = ARRAY(Uuid)
AMOUNT = Numeric(18, 2)
# Currencies whose smallest coin is a whole one.
COINLESS = tuple(sorted(code for code, (digits, *_) in get_global("currency_fractions").items() if digits == 0 and code != "DEFAULT"))


def coin_of(amount: Decimal, currency: str) -> Decimal:
    """In which coins an amount is divided; one that is no whole number of them goes to the cent, as deals have it."""
    return ONE if currency in COINLESS and amount == amount.to_integral_value() else CENT


def divided(amount: Decimal | None, currency: str, shares: Mapping[UUID, Decimal]) -> tuple[Decimal | None, dict[UUID, Decimal | None]]:
    """(the owner's part of a deal, each member's) by the members' shares in percent."""
    if amount is None:
        return None, dict.fromkeys(shares)
    keys = sorted(key for key, share in shares.items() if share)
    left = HUNDRED - sum(shares.values(), Decimal(0))
    own, *parts = shared(amount, [left, *(shares[key] for key in keys)], coin_of(amount, currency))
    return own, dict.fromkeys(shares, Decimal(0)) | dict(zip(keys, parts, strict=True))


def teamed() -> Any:
    """Does somebody beside its owner have a share of a deal?"""
    return Deal.id.in_(_members(OF.id))


def credited(people: Iterable[UUID]) -> Any:
    """Is a deal, or a part of it, one of theirs?"""
    given_away = _members(OF.id).group_by(OF.id).having(func.sum(DealMember.credit) >= HUNDRED)
    return (Deal.owner_id == _any(people)) & Deal.id.not_in(given_away) | Deal.id.in_(_members(OF.id).where(DealMember.user_id == _any(people)))


def worth_to(people: Iterable[UUID] | None) -> Any:
    """What of a deal's amount is theirs (None: everybody's, which is all of it), where the deal is `credited` to them."""
    if people is None:
        return Deal.amount
    rows = parts()
    theirs = select(func.sum(rows.c.part)).where(rows.c.deal_id == Deal.id, rows.c.user_id == _any(people)).correlate(Deal).scalar_subquery()
    return case((~teamed(), Deal.amount), else_=cast(theirs, AMOUNT))


def parts(with_amount: bool = True) -> Subquery:
    """A row for each who has a part of a deal that has a team: deal_id, user_id (None: it has no owner), part of the amount, and crew: all of
    them, the owner first; without the amount the part is nothing. A deal without a team has none: it is its owner's."""
    amount = OF.amount if with_amount else cast(null(), AMOUNT)
    mine = (OF.id.label("deal_id"), amount.label("amount"), case((OF.currency.in_(COINLESS) & (amount == func.trunc(amount)), 1), else_=100).label("coins"))
    member = _members(*mine, DealMember.user_id.label("user_id"), DealMember.credit.label("credit"), literal(1).label("place"))
    left = HUNDRED - func.sum(DealMember.credit)
    owner = _members(*mine, OF.owner_id.label("user_id"), left.label("credit"), literal(0).label("place")).group_by(OF.id).having(left > 0)
    all_ = union_all(member, owner).subquery("credited")
    # Hundredths of a coin in whole numbers, so that no division rounds.
    exact = all_.c.amount * all_.c.coins * all_.c.credit
    whole = func.div(exact, HUNDRED)
    cut = select(*all_.c, whole.label("whole"), (exact - whole * HUNDRED).label("lost")).subquery("cut")
    within: dict[str, Any] = {"partition_by": cut.c.deal_id}
    over = cut.c.amount * cut.c.coins - func.sum(cut.c.whole).over(**within)
    rank = func.row_number().over(**within, order_by=(cut.c.lost.desc(), cut.c.place, cut.c.user_id))
    part = (cut.c.whole + case((rank <= over, 1), else_=0)) * case((cut.c.coins == 1, ONE), else_=CENT)
    crew = func.array_agg(cut.c.user_id, type_=PEOPLE).over(**within, order_by=(cut.c.place, cut.c.user_id), rows=(None, None))
    return select(cut.c.deal_id, cut.c.user_id, cast(part, AMOUNT).label("part"), crew.label("crew")).subquery("parts")


def apart(with_amount: bool = True) -> tuple[Subquery, Any, Any]:
    """(parts, to be joined to deals by deal_id, outer; who has it: a part, or a deal without a team; what it is worth to him)."""
    part = parts(with_amount)
    alone = part.c.deal_id.is_(None)
    return part, case((alone, Deal.owner_id), else_=part.c.user_id), case((alone, Deal.amount if with_amount else cast(null(), AMOUNT)), else_=part.c.part)


def crews() -> Subquery:
    """A row for each deal that has a team: deal_id, people and their parts side by side, the owner first."""
    rows = parts()
    at = func.array_position(rows.c.crew, rows.c.user_id)
    people, theirs = func.array_agg(aggregate_order_by(rows.c.user_id, at), type_=PEOPLE), func.array_agg(aggregate_order_by(rows.c.part, at), type_=ARRAY(AMOUNT))
    return select(rows.c.deal_id, people.label("people"), theirs.label("parts")).group_by(rows.c.deal_id).subquery("crews")


def is_first(person: UUID | None, crew: Iterable[UUID | None] | None, people: frozenset[UUID] | None) -> bool:
    """Is it by him that a deal of several is counted among these people? By the first of them, so that it counts once."""
    return crew is None or person == next(one for one in crew if people is None or one in people)


def _members(*columns: Any) -> Select:
    """Whoever has a share; a member who has become the owner has none while he is."""
    return select(*columns).select_from(DealMember).join(OF, OF.id == DealMember.deal_id).where(DealMember.credit > 0, DealMember.user_id.is_distinct_from(OF.owner_id))


def _any(people: Iterable[UUID]) -> Any:
    return any_(literal(sorted(people), PEOPLE))
