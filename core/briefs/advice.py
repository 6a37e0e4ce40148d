"""Should one quote this customer, and at which price? Pure rules over plain values; every answer has its reasons.

One line of advice. The first that fits:

1. **no**: his grade asks for the owner's release and he never bought; or he never bought and five quotes of two years came to nothing.
2. **ask** first: his grade asks for the owner's release, or the quote is above his credit limit, and nobody has agreed to terms with him.
3. **yes with** what must be heeded: he pays beforehand; what was agreed with him and by whom; quotes of ours that still hold; a promise that was
   broken; three answers of two years or more, of which fewer than a third were yes.
4. **yes**: what he bought so far, how many quotes he accepted, his grade; or that nothing speaks against it.

A price range for a product, without tax, in one currency:

1. A quote of ours still holds: that price and no other.
2. Up to the list's price for this customer; where his last answer to this product was no, up to below what he declined.
3. Down to the lowest of: what he accepted last, what was agreed with him, and what others usually accept (the list's price less the median distance
   from the list of at least three accepted prices of two years).
4. Never below the cost with a margin of 10 percent, for whoever may know costs; where the list itself lies below, that floor is all there is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from core.briefs.found import Word

YES, YES_WITH, ASK, NO = "yes", "yes_with", "ask", "no"
NOTHING_CAME, ANSWERED, COMPARED = 5, 3, 3
FLOOR_MARGIN, HUNDRED = Decimal(10), Decimal(100)


@dataclass(frozen=True)
class Case:
    """What is known of a customer. grade: None where he has none or it is not to be told. bought: won deals and accepted quotes that are to be told; ever: whether anything
    was bought, told or not; came_to_nothing: declined and
    expired quotes of two years; accepted: quotes of two years; open: of ours that hold; value: what he bought, as money in words of the door; total, limit: in one currency."""

    grade: str | None = None
    prepaid: bool = False
    needs_release: bool = False
    bought: int = 0
    ever: bool = False
    accepted: int = 0
    came_to_nothing: int = 0
    open: int = 0
    broken: int = 0
    agreed_by: str | None = None
    value: object = None
    total: Decimal | None = None
    limit: Decimal | None = None


@dataclass(frozen=True)
class Advice:
    """code: yes, yes_with, ask or no. because: why, the most weighty first."""

    code: str
    because: tuple[Word, ...]


def advise(case: Case) -> Advice:
    """The one line, with its reasons."""
    for code, rule in ((NO, _against), (ASK, _unsure), (YES_WITH, _heeding)):
        because = tuple(rule(case))
        if because:
            return Advice(code, (*because, *_record(case)))
    return Advice(YES, tuple(_record(case)) or (Word("nothing_against"),))


def _against(case: Case) -> Iterator[Word]:
    if case.bought or case.ever:
        return
    if case.needs_release and not case.agreed_by:
        yield Word("release_never_bought")
    if case.came_to_nothing >= NOTHING_CAME:
        yield Word("came_to_nothing", {"count": case.came_to_nothing})


def _unsure(case: Case) -> Iterator[Word]:
    if case.agreed_by:
        return
    if case.needs_release:
        yield Word("asks_release")
    if case.limit is not None and case.total is not None and case.total > case.limit:
        yield Word("above_limit")


def _heeding(case: Case) -> Iterator[Word]:
    if case.prepaid:
        yield Word("pays_first")
    if case.agreed_by:
        yield Word("within_agreed", {"who": case.agreed_by})
    if case.open:
        yield Word("still_open", {"count": case.open})
    if case.broken:
        yield Word("settle_promise", {"count": case.broken})
    answers = case.accepted + case.came_to_nothing
    if answers >= ANSWERED and case.accepted * 3 < answers:
        yield Word("seldom_yes", {"count": case.accepted, "all": answers})


def _record(case: Case) -> Iterator[Word]:
    if case.bought:
        yield Word("bought", {"count": case.bought, "value": case.value} if case.value is not None else {"count": case.bought, "value": ""})
    if case.accepted:
        yield Word("said_yes", {"count": case.accepted, "all": case.accepted + case.came_to_nothing})
    if case.grade and not case.prepaid and not case.needs_release:
        yield Word("pays_well", {"grade": case.grade})


@dataclass(frozen=True)
class Past:
    """What he was quoted before: each of one piece, net; state: accepted, declined, expired, sent. Newest first where there are several."""

    each: Decimal
    state: str
    holds: bool = False


@dataclass(frozen=True)
class Asked:
    """A product to be priced for him. listed: the list's price for him; cost: None where unknown or not to be told; others: how far below the list others
    accepted, in percent; agreed: the lowest price that was agreed with him."""

    listed: Decimal | None
    past: Sequence[Past] = ()
    others: Sequence[Decimal] = ()
    cost: Decimal | None = None
    agreed: Decimal | None = None
    coin: Decimal = Decimal("0.01")


@dataclass(frozen=True)
class Range:
    """From low to high, each with why."""

    low: Decimal
    high: Decimal
    because: tuple[Word, ...]


def proposed(asked: Asked) -> Range | None:
    """The range; None where nothing is known to go by."""
    holding = next((one for one in asked.past if one.holds), None)
    if holding is not None:
        return Range(holding.each, holding.each, (Word("still_holds", {"price": holding.each}),))
    tops, bottoms = list(_tops(asked)), list(_bottoms(asked))
    prices = [price for price, _ in (*tops, *bottoms)]
    if not prices:
        return None
    high, why_high = min(tops, key=lambda one: one[0]) if tops else (max(prices), None)
    low, why_low = min(bottoms, key=lambda one: one[0]) if bottoms else (high, None)
    floor = _floor(asked)
    words = [word for word in (why_high, why_low) if word is not None]
    if floor is not None and min(low, high) < floor:
        words.append(Word("floor", {"price": floor, "percent": FLOOR_MARGIN}))
    low, high = (max(one, floor) if floor is not None else one for one in (min(low, high), high))
    return Range(low, high, tuple(words))


def _tops(asked: Asked) -> Iterator[tuple[Decimal, Word]]:
    if asked.listed is not None:
        yield asked.listed, Word("list_says", {"price": asked.listed})
    last = next((one for one in asked.past if one.state in ("accepted", "declined")), None)
    if last is not None and last.state == "declined" and last.each > asked.coin:
        yield last.each - asked.coin, Word("declined_at", {"price": last.each})


def _bottoms(asked: Asked) -> Iterator[tuple[Decimal, Word]]:
    accepted = next((one for one in asked.past if one.state == "accepted"), None)
    if accepted is not None:
        yield accepted.each, Word("accepted_at", {"price": accepted.each})
    if asked.agreed is not None:
        yield asked.agreed, Word("agreed_at", {"price": asked.agreed})
    if asked.listed is not None and len(asked.others) >= COMPARED:
        off = median(asked.others)
        if off > 0:
            yield (asked.listed * (HUNDRED - off) / HUNDRED).quantize(asked.coin, ROUND_HALF_UP), Word("others_accept", {"percent": off.quantize(Decimal("0.1"), ROUND_HALF_UP), "count": len(asked.others)})


def _floor(asked: Asked) -> Decimal | None:
    return (asked.cost * HUNDRED / (HUNDRED - FLOOR_MARGIN)).quantize(asked.coin, ROUND_HALF_UP) if asked.cost is not None else None
