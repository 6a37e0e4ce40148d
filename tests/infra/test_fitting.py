"""A table that is fitted in a child: what is odd in it does no harm, and a child that fails says why."""

import math
import random

import pytest

from infra.fitting import calling


def table(count=400, *, sizes=(3, 4), seed=1, outcome=lambda draw, row: draw.random() < (0.7 if row[0] == 2 else 0.2), **more):
    draw = random.Random(seed)
    rows = [[draw.randrange(size) for size in sizes] for _ in range(count)]
    return {"sizes": list(sizes), "rows": rows, "outcomes": [int(outcome(draw, row)) for row in rows], "rivals": {}, "older": count * 7 // 10} | more


def finite(value):
    """Every number in it is one."""
    if isinstance(value, dict | list):
        return all(finite(one) for one in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) or math.isfinite(value)


def test_what_counts_gets_weight_and_the_same_table_gives_the_same_answer():
    found = calling.fit(table())
    first, second = found["model"]["weights"]
    assert first[2] - first[0] > 1 and max(map(abs, second)) < 0.5 and found["report"]["model"]["right"] > 0.65
    assert calling.fit(table()) == found


@pytest.mark.parametrize("odd", [
    {"sizes": (3, 1)}, {"sizes": (3, 10_000)}, {"rivals": {"rules": [7] * 400}}, {"rivals": {"rules": [None, float("nan"), float("inf"), -1e300] * 100}}, {"sizes": (3,) * 30},
])
def test_constant_columns_ten_thousand_categories_and_numbers_that_are_none(odd):
    found = calling.fit(table(**odd))
    assert finite(found) and found["report"]["model"]["right"] > 0.6


@pytest.mark.parametrize("outcome", [lambda draw, row: True, lambda draw, row: False])
def test_one_outcome_alone_is_refused(outcome):
    with pytest.raises(calling.FitFailed) as failed:
        calling.fit(table(outcome=outcome))
    assert failed.value.code == "one_sided"


def test_one_outcome_alone_among_the_newest_is_refused():
    odd = table()
    odd["outcomes"][280:] = [0] * 120
    with pytest.raises(calling.FitFailed) as failed:
        calling.fit(odd)
    assert failed.value.code == "one_sided"


def test_whatever_the_child_falls_over_is_a_failure_with_a_reason():
    with pytest.raises(calling.FitFailed) as failed:
        calling.fit(table() | {"rows": [["x", "y"]] * 400})
    assert failed.value.code == "broken"


def test_more_memory_than_it_may_have_ends_it(monkeypatch):
    """Seen failing without the limit: it took what it asked for."""
    monkeypatch.setattr(calling, "START", "import sys; sys.path.insert(0, sys.argv.pop(1)); from infra.fitting import child; child.answer_of = lambda table: {'model': len(bytearray(3 << 30))}; child.main()")
    with pytest.raises(calling.FitFailed) as failed:
        calling.fit(table())
    assert failed.value.code == "too_big"


def test_too_long_ends_it(monkeypatch):
    monkeypatch.setattr(calling, "START", "import time; time.sleep(60)")
    monkeypatch.setattr(calling, "SECONDS", 1)
    with pytest.raises(calling.FitFailed) as failed:
        calling.fit(table())
    assert failed.value.code == "too_big"
