"""Ranking as a pure rule, by table: the points that each reason gives, and who stands first."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from core.ranking.rules import Need, Person, Tried, rank, smoothed, usual_rate

NEED = Need("EUR", language="ko", industry="Optics", place="Seoul", has_products=True, has_account=True, has_team=True)


def person(number, **values):
    return Person(UUID(int=number), f"P{number}", **values)


def points(need, *people):
    return {one.person.name: {reason.code: reason.points for reason in one.reasons} for one in rank(need, people)}


@pytest.mark.parametrize(("tried", "usual", "rate"), [
    (Tried(0, 0), "0.5", "0.5"), (Tried(8, 8), "0.5", "0.75"), (Tried(1, 1), "0.5", "0.5556"), (Tried(92, 92), "0.5", "0.96"), (Tried(0, 8), "0.25", "0.125"), (Tried(2, 8), "0.25", "0.25"),
])
def test_a_rate_of_few_deals_is_drawn_towards_everybodys(tried, usual, rate):
    assert round(smoothed(tried, Decimal(usual)), 4) == Decimal(rate)


def test_one_lucky_deal_does_not_beat_many_won():
    """One of one is 100 %, eighty of a hundred are 80 %."""
    lucky, steady, weak = person(1, similar=Tried(1, 1)), person(2, similar=Tried(80, 100)), person(3, similar=Tried(20, 100))
    assert [one.person.name for one in rank(Need("EUR"), [lucky, steady, weak])] == ["P2", "P1", "P3"]


def test_everybodys_rate_is_of_all_deals_together():
    assert usual_rate([Tried(1, 1), Tried(2, 5)]) == Decimal("0.5") and usual_rate([]) == Decimal("0.5")


@pytest.mark.parametrize(("values", "code", "given"), [
    ({"products": 0}, "products", 0), ({"products": 2}, "products", 6), ({"products": 5}, "products", 15), ({"products": 50}, "products", 15),
    ({"speaks": True}, "language", 10), ({"in_language": 1}, "language", 2), ({}, "language", 0),
    ({"accounts": 5}, "territory", 5), ({"accounts": 1}, "territory", 1), ({"same_team": True}, "team", 5), ({}, "team_not", 0),
    ({"contacts": 3}, "knows", 6), ({"away_until": date(2026, 12, 24)}, "away", -60), ({"open": 10, "weighted": Decimal(900), "overdue": 4}, "load", 0),
    ({"open": 5, "weighted": Decimal(450), "overdue": 2}, "load", 8), ({}, "load", 15), ({"open": 5, "weighted": None}, "load", 11),
])
def test_what_each_reason_gives(values, code, given):
    busiest = person(9, open=10, weighted=Decimal(900), overdue=4)
    assert points(NEED, person(1, **values), busiest)["P1"][code] == given


def test_what_is_not_known_of_a_deal_is_no_reason():
    assert set(points(Need("EUR"), person(1, products=5, accounts=5, speaks=True))["P1"]) == {"rate", "load"}


def test_who_is_away_stands_behind_those_who_are_there():
    best = person(1, similar=Tried(50, 50), speaks=True, products=5, accounts=5, same_team=True, contacts=5)
    there = [one.person.name for one in rank(NEED, [best, person(2)])]
    away = [one.person.name for one in rank(NEED, [replace(best, away_until=date(2026, 12, 24)), person(2)])]
    assert (there, away) == (["P1", "P2"], ["P2", "P1"])


def test_the_same_points_go_by_name():
    assert [one.person.name for one in rank(Need("EUR"), [person(3), person(1), person(2)])] == ["P1", "P2", "P3"]


def test_the_sum_is_of_its_reasons():
    (one,) = rank(NEED, [person(1, similar=Tried(3, 4), contacts=2)])
    assert one.points == sum(reason.points for reason in one.reasons) and one.of == 110
