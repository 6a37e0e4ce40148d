"""Does a fitted model promise what comes? On the whole of a real history (MineThatData 2008, 64,000 customers written to): half of it is learned
from, the other half held out, and what each ten per cent of chance promised is compared with what came. The rules, with points from the same
half, are the rival. With outcomes by lot it says nothing, and is seen to."""

import csv
import math
import random

import pytest

from core.leads import features, model_use
from infra.fitting import calling
from tests.core.leads.test_score_and_outcome import _lead, points

MONTHS = {"custom.months": "whole"}


@pytest.fixture(scope="module")
def history(data):
    """[(a lead's fields, months, whether he came)] of all."""
    with open(data / "campaign-hillstrom" / "hillstrom.csv", encoding="utf-8") as file:
        return [(_lead(row), int(row["recency"]), row["visit"] == "1") for row in csv.DictReader(file)]


def fitted(rows, outcomes):
    """The child's answer for these rows, the older half of which is learned from."""
    older = len(rows) // 2
    leads = [lead | {"custom": {"months": months}} for lead, months, _ in rows]
    fields = features.looked_at(leads[:older], MONTHS)
    worth = points([(lead, months, came) for (lead, months, _), came in zip(rows[:older], outcomes, strict=False)])
    rules = [sum(worth.get(field, 0) for field in lead.items()) - 2 * min(months, 10) for lead, months, _ in rows]
    table = {"sizes": [field.size for field in fields], "rows": [features.places(fields, lead) for lead in leads], "outcomes": [int(came) for came in outcomes], "rivals": {"rules": rules}, "older": older}
    return fields, leads, calling.fit(table)


@pytest.fixture(scope="module")
def found(history):
    return fitted(history, [came for _, _, came in history])


def test_what_each_ten_per_cent_promise_is_what_came_of_it(history, found):
    """Within three standard errors of so many draws and one point for the world having moved on: for every bin of a hundred and more."""
    _, _, answer = found
    bins = [one for one in answer["report"]["model"]["bins"] if one["count"] >= 100]
    assert len(history) == 64_000 and len(bins) >= 4 and sum(one["count"] for one in bins) > 31_900
    for one in bins:
        promised, came = one["promised"], one["came"]
        assert abs(promised - came) < 3 * math.sqrt(promised * (1 - promised) / one["count"]) + 0.01, one
    assert [one["came"] for one in bins] == sorted(one["came"] for one in bins)


def test_it_is_better_than_the_rules_with_points_of_the_same_past(found):
    report = found[2]["report"]
    model, rules = report["model"], report["rules"]
    assert model["right"] > rules["right"] > 0.6 and model["brier"] < rules["brier"] < report["average"]["brier"]
    assert model["top"] > 1.6 * model["of"] and model_use.verdict(report) == "better"


def test_what_is_stored_says_the_same_without_the_library(history, found):
    """The chances of the plain model, worked out here, are those that the child reported."""
    fields, leads, answer = found
    stored = features.Fitted(features.kept(fields, answer["model"]))
    held_out = leads[len(leads) // 2 :]
    bins = {one["from"]: one for one in answer["report"]["model"]["bins"]}
    said = [1 / (1 + math.exp(-stored.line(features.places(stored.fields, lead)))) for lead in held_out]
    for start, one in bins.items():
        some = [chance for chance in said if start <= 100 * chance < start + 10]
        assert abs(len(some) - one["count"]) <= 5 and abs(sum(some) / len(some) - one["promised"]) < 0.001
    chance, why = stored.says(held_out[0])
    assert chance == round(100 * said[0]) and why and all(abs(one["points"]) >= 1 for one in why)


def test_of_a_history_by_lot_it_says_nothing_and_is_not_used(history):
    some = history[::8]
    lots = [came for _, _, came in some]
    random.Random(7).shuffle(lots)
    report = fitted(some, lots)[2]["report"]
    assert 0.46 < report["model"]["right"] < 0.54 and model_use.verdict(report) != "better"
