"""How people are ranked, as a pure rule: each reason has its figures, and how many points of its weight it gives.

A win rate of few deals is worth little, so each person's is drawn towards the rate of all: the mean of a Beta-binomial posterior whose prior
has the mean of all and the weight of PRIOR deals (Gelman et al., Bayesian Data Analysis, 3rd edition, 2.4 and 5.3; Efron and Morris 1977).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

PRIOR = 8
# Reason -> the points that it gives at most; what is not known of a deal gives nobody any. Who is away loses AWAY.
WEIGHTS = {"rate": 40, "industry": 10, "products": 15, "load": 15, "language": 10, "skill": 10, "territory": 5, "team": 5, "knows": 10}
AWAY = 60
# So many give a reason its whole weight: offers accepted, accounts looked after, entries of the log.
ENOUGH = 5
EVEN, NONE, WHOLE = Decimal("0.5"), Decimal(0), Decimal(1)


@dataclass(frozen=True)
class Tried:
    """Deals that ended: how many were won of how many."""

    won: int = 0
    closed: int = 0


@dataclass(frozen=True)
class Need:
    """What is known of what is to be given. currency: of the weighted amounts. has_skill: it asks for what may be somebody's skill."""

    currency: str
    language: str | None = None
    industry: str | None = None
    place: str | None = None
    has_products: bool = False
    has_skill: bool = False
    has_account: bool = False
    has_team: bool = False


@dataclass(frozen=True)
class Person:
    """What is known of somebody. similar: deals like this one; industry: with accounts of its industry; in_language: won with people of its language;
    speaks: works in its language, or has it among his skills (skilled); knows: which of his skills it asks for."""

    id: UUID
    name: str
    similar: Tried = Tried()
    industry: Tried = Tried()
    products: int = 0
    open: int = 0
    weighted: Decimal | None = NONE
    overdue: int = 0
    speaks: bool = False
    skilled: bool = False
    knows: tuple[str, ...] = ()
    in_language: int = 0
    accounts: int = 0
    same_team: bool = False
    contacts: int = 0
    away_until: date | None = None


@dataclass(frozen=True)
class Reason:
    """points: what it gives, or takes; of: its weight; params: the figures of its sentence."""

    code: str
    points: int
    of: int
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ranked:
    person: Person
    reasons: tuple[Reason, ...]

    @property
    def points(self) -> int:
        return sum(one.points for one in self.reasons)

    @property
    def of(self) -> int:
        """What somebody whom every reason favours would have."""
        return sum(one.of for one in self.reasons if one.points >= 0)


def rank(need: Need, people: Sequence[Person]) -> list[Ranked]:
    """The best first; the same points go by name."""
    usual, in_industry, most = usual_rate(one.similar for one in people), usual_rate(one.industry for one in people), _most(people)
    found = [Ranked(one, tuple(_reasons(need, one, usual, in_industry, most))) for one in people]
    return sorted(found, key=lambda one: (-one.points, one.person.name.lower(), str(one.person.id)))


def usual_rate(tried: Iterable[Tried]) -> Decimal:
    """Of all deals together; even chances where none has ended."""
    found = list(tried)
    closed = sum(one.closed for one in found)
    return Decimal(sum(one.won for one in found)) / closed if closed else EVEN


def smoothed(tried: Tried, usual: Decimal) -> Decimal:
    """A person's rate, as if PRIOR deals of the usual rate came before his own."""
    return (tried.won + PRIOR * usual) / (tried.closed + PRIOR)


def _reasons(need: Need, one: Person, usual: Decimal, in_industry: Decimal, most: tuple[int, Decimal, int]) -> Iterable[Reason]:
    yield _rate("rate", one.similar, usual)
    if need.industry:
        yield _rate("industry", one.industry, in_industry, industry=need.industry)
    if need.has_products:
        yield _given("products", _up_to(one.products), number=one.products)
    yield _given("load", WHOLE - _burden(one, most), open=one.open, amount=one.weighted, currency=need.currency, overdue=one.overdue)
    if need.language:
        yield _given("language", WHOLE if one.speaks else _up_to(one.in_language), language=need.language, speaks=one.speaks, skilled=one.skilled, number=one.in_language)
    if need.has_skill:
        yield _given("skill", WHOLE, what=", ".join(one.knows)) if one.knows else _given("skill_not", NONE)
    if need.place:
        yield _given("territory", _up_to(one.accounts), number=one.accounts, place=need.place)
    if need.has_team:
        yield _given("team" if one.same_team else "team_not", WHOLE if one.same_team else NONE)
    if need.has_account:
        yield _given("knows", _up_to(one.contacts), number=one.contacts)
    if one.away_until:
        yield Reason("away", -AWAY, AWAY, {"until": one.away_until})


def _rate(code: str, tried: Tried, usual: Decimal, **params: Any) -> Reason:
    rate = smoothed(tried, usual)
    return _given(code, rate, won=tried.won, closed=tried.closed, usual=_percent(usual), rate=_percent(rate), **params)


def _given(code: str, share: Decimal, **params: Any) -> Reason:
    of = WEIGHTS[code.removesuffix("_not")]
    return Reason(code, int((share * of).to_integral_value(ROUND_HALF_UP)), of, params)


def _up_to(number: int) -> Decimal:
    return Decimal(min(number, ENOUGH)) / ENOUGH


def _burden(one: Person, most: tuple[int, Decimal, int]) -> Decimal:
    """From 0 (nothing to do) to 1 (of all the most of everything): half of it the number of deals, a quarter each their weighted amount and what is overdue."""
    part = lambda value, whole: Decimal(value or 0) / whole if whole else NONE  # noqa: E731
    return part(one.open, most[0]) / 2 + part(one.weighted, most[1]) / 4 + part(one.overdue, most[2]) / 4


def _most(people: Sequence[Person]) -> tuple[int, Decimal, int]:
    return max((one.open for one in people), default=0), max((one.weighted or NONE for one in people), default=NONE), max((one.overdue for one in people), default=0)


def _percent(share: Decimal) -> int:
    return int((share * 100).to_integral_value(ROUND_HALF_UP))
