"""Does a score say anything? Rules whose points were taken from half of a real history, against what came of the other half (MineThatData
2008: of customers written to, who came to the shop within two weeks). With outcomes drawn by lot the same rules say nothing, and are seen to."""

import csv
import math
import random
from collections import defaultdict
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from core.leads import scoring
from core.leads.models import Lead
from core.leads.score_models import LeadScore

EVERY, SCALE = 20, 20  # every twentieth customer; points for a log odds ratio of one
SURE = 0.58


@pytest.fixture(scope="module")
def history(data):
    """(the past, what is held out), each customer as a lead's fields with how many months ago he bought, and whether he came."""
    with open(data / "campaign-hillstrom" / "hillstrom.csv", encoding="utf-8") as file:
        rows = [(_lead(row), int(row["recency"]), row["visit"] == "1") for row in list(csv.DictReader(file))[::EVERY]]
    return rows[::2], rows[1::2]


def _lead(row):
    wants = {"10": "Men's", "01": "Women's", "11": "Both", "00": "Neither"}[row["mens"] + row["womens"]]
    return {"source": row["channel"], "campaign": row["segment"], "city": row["zip_code"], "interest": wants, "touches": 1 if row["newbie"] == "1" else 2, "job_title": row["history_segment"]}


def points(past):
    """(field, value) -> points: how much more often those of the past came than all of them, as a log odds ratio, few drawn towards none."""
    usual, seen = sum(came for _, _, came in past) / len(past), defaultdict(list)
    odds = lambda p: math.log(p / (1 - p))  # noqa: E731
    for lead, _, came in past:
        for field in lead.items():
            seen[field].append(came)
    return {field: round(SCALE * (odds((sum(some) + 20 * usual) / (len(some) + 20)) - odds(usual))) for field, some in seen.items()}


def arrange(ctx, past):
    """The workspace's rules: those of the past alone."""
    for rule in scoring.rules(ctx):
        scoring.delete_rule(ctx, rule)
    ctx.session.flush()
    for (field, value), worth in sorted(points(past).items(), key=str):
        scoring.save_rule(ctx, None, name=f"{field} {value}"[:100], kind="condition", points=worth, conditions=[[field, "eq", str(value)]])
    scoring.save_rule(ctx, None, name="Long ago", kind="age", points=-2, days=30)


def scored(ctx, held_out):
    """[(score, came)] of those held out, as the one statement scores them."""
    rows = [
        {**lead, "name": f"Customer {number}", "external_id": f"held-out-{number}", "state_since": ctx.now, "created_at": ctx.now - timedelta(days=30 * months, hours=1)} for number, (lead, months, _) in enumerate(held_out)
    ]
    keys = ctx.session.execute(insert(Lead).returning(Lead.id, Lead.external_id), rows).all()
    scoring.rescore(ctx, [row.id for row in keys])
    scores = dict(ctx.session.execute(select(LeadScore.lead_id, LeadScore.score).where(LeadScore.lead_id.in_([row.id for row in keys]))).tuples().all())
    return [(scores[row.id], held_out[int(row.external_id.rsplit("-", 1)[1])][2]) for row in keys]


def right(pairs):
    """Of one who came and one who did not, how often the first has more points (half of it where they have as many): 0.5 is a coin."""
    came, stayed = [s for s, yes in pairs if yes], [s for s, yes in pairs if not yes]
    return sum((one > other) + (one == other) / 2 for one in came for other in stayed) / (len(came) * len(stayed))


def quarters(pairs):
    """How many of each hundred came, of the quarter with the fewest points to that with the most."""
    pairs, size = sorted(pairs), len(pairs) // 4
    return [100 * sum(yes for _, yes in pairs[n * size : (n + 1) * size]) / size for n in range(4)]


def test_who_has_more_points_came_more_often_also_of_those_whom_the_rules_never_saw(ctx, history):
    past, held_out = history
    arrange(ctx, past)
    pairs = scored(ctx, held_out)
    rates = quarters(pairs)
    assert len(pairs) == len(held_out) >= 1500 and right(pairs) > SURE
    assert rates == sorted(rates) and rates[3] > 2 * rates[0]


def test_points_are_calibrated_what_they_promise_is_what_came(ctx, history):
    """Twenty points more are odds e times as good: what each quarter promises by that is what came of it, as near as so few can show."""
    past, held_out = history
    arrange(ctx, past)
    pairs = sorted(scored(ctx, held_out))
    usual = sum(came for _, _, came in past) / len(past)
    chance = lambda score, level: 1 / (1 + math.exp(-(level + score / SCALE)))  # noqa: E731
    level = next(n / 100 for n in range(-600, 200) if sum(chance(score, n / 100) for score, _ in pairs) / len(pairs) >= usual)
    size = len(pairs) // 4
    for some in (pairs[n * size : (n + 1) * size] for n in range(4)):
        promised, came = (sum(of) / size for of in zip(*((chance(score, level), yes) for score, yes in some), strict=True))
        assert abs(promised - came) < 3 * math.sqrt(promised * (1 - promised) / size), (promised, came)


def test_of_a_history_by_lot_the_score_says_nothing(ctx, history):
    """Negative control: the bound above does not hold for rules that learned nothing."""
    past, held_out = history
    lots = [came for _, _, came in past]
    random.Random(7).shuffle(lots)
    arrange(ctx, [(lead, months, lot) for (lead, months, _), lot in zip(past, lots, strict=True)])
    for rule in scoring.rules(ctx):
        if rule.kind == "age":
            scoring.delete_rule(ctx, rule)
    ctx.session.flush()
    assert 0.42 < right(scored(ctx, held_out)) < SURE
