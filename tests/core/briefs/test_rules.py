"""What to say next: nothing without a record that says so, the most pressing first."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from core.briefs.found import Brief, Dated, Log, Offered, Plan, Sale, Stands, Talk
from core.briefs.rules import with_words, words_of
from core.briefs.words import SAY

TODAY, NOW = date(2026, 3, 24), datetime(2026, 3, 24, 9, tzinfo=UTC)
EMPTY = Brief("account", uuid4(), "Nordlicht", NOW)
SPOKEN = Log((Talk(uuid4(), "call", NOW - timedelta(days=3), "Anna", None, "Agreed"),), 1, 1)


def plan(days, *, broken=False, done=False):
    return Plan(uuid4(), "promise", TODAY + timedelta(days=days), "Anna", "Samples", True, broken, done)


def sale(state="open", step=None, closed=None):
    return Sale(uuid4(), "Trays", state, "Proposal", None, Decimal(1), "EUR", None, None, TODAY + timedelta(days=step) if step is not None else None, "Too dear" if closed is not None else None, NOW - timedelta(days=closed) if closed is not None else None, None)


def offer(state="sent", until=60, sent=1, closed=None, note=None):
    return Offered(uuid4(), "Trays", "Q-7", state, Decimal(1), "EUR", TODAY + timedelta(days=until), NOW - timedelta(days=sent), NOW - timedelta(days=closed) if closed is not None else None, (), note, None)


CASES = [
    ({}, []),  # no room says anything
    ({"log": Log()}, ["never"]),
    ({"log": SPOKEN}, []),
    ({"log": replace(SPOKEN, talks=(replace(SPOKEN.talks[0], at=NOW - timedelta(days=60)),))}, ["silent"]),
    ({"log": replace(SPOKEN, plans=(plan(-1, broken=True),))}, ["broken"]),
    ({"log": replace(SPOKEN, plans=(plan(-9, broken=True, done=True),))}, ["late_kept"]),
    ({"log": replace(SPOKEN, plans=(plan(7),))}, ["promised"]),
    ({"log": replace(SPOKEN, plans=(plan(8),))}, []),
    ({"dates": (Dated(TODAY, "Sofie", birthday=True, age=40),)}, ["birthday_age"]),
    ({"dates": (Dated(TODAY, "Sofie", birthday=True), Dated(TODAY, "Nordlicht", "Contract ends"))}, ["birthday", "date"]),
    ({"quotes": (offer(until=14),)}, ["runs_out"]),
    ({"quotes": (offer(until=15, sent=10),)}, ["unanswered"]),
    ({"quotes": (offer(until=15, sent=9),)}, []),
    ({"quotes": (offer("expired", until=-1, sent=40),)}, []),
    ({"deals": (sale(step=-1),)}, ["overdue"]),
    ({"deals": (sale(step=0),)}, []),
    ({"deals": (sale(),)}, ["aimless"]),
    ({"lost": (sale("lost", closed=90),)}, ["lost"]),
    ({"lost": (sale("lost", closed=91),)}, []),
    ({"quotes": (offer("declined", closed=1, note="Too dear"),)}, ["declined_why"]),
    ({"quotes": (offer("declined", closed=1),)}, ["declined"]),
    ({"stands": Stands("small_bad", prepaid=True, needs_release=True)}, ["needs_release"]),
    ({"stands": Stands("big_bad", prepaid=True)}, ["prepaid"]),
    ({"stands": Stands("big_good")}, []),
    ({"log": replace(SPOKEN, plans=(plan(-1, broken=True), plan(1))), "deals": (sale(step=-2), sale()), "quotes": (offer(until=3),)}, ["broken", "promised", "runs_out", "overdue", "aimless"]),
    ({"restricted": True, "log": Log(), "deals": (sale(),)}, []),
]


@pytest.mark.parametrize(("told", "wanted"), CASES)
def test_each_word_follows_from_a_record(told, wanted):
    assert [one.code for one in words_of(replace(EMPTY, **told), today=TODAY, now=NOW)] == wanted


def test_of_one_kind_two_are_said_and_eight_at_most():
    deals = tuple(sale(step=-number) for number in range(1, 6)) + tuple(sale() for _ in range(5))
    quotes = tuple(offer(until=number) for number in range(5)) + tuple(offer(sent=20) for _ in range(5))
    lost = tuple(sale("lost", closed=1) for _ in range(3))
    full = replace(EMPTY, log=replace(SPOKEN, plans=tuple(plan(-1, broken=True) for _ in range(4))), deals=deals, quotes=quotes, lost=lost)
    codes = [one.code for one in with_words(full, today=TODAY, now=NOW).words]
    assert codes == ["broken", "broken", "runs_out", "runs_out", "overdue", "overdue", "unanswered", "unanswered"]


def test_every_word_of_the_rule_has_its_texts():
    said = {one.code for told, _ in CASES for one in words_of(replace(EMPTY, **told), today=TODAY, now=NOW)}
    assert said == set(SAY)
