"""Leads of the past, with what became of them; and a door for jobs inside a transaction of a test."""

import random
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import insert

from core.leads.models import Lead

SOURCES = {"Fair": 0.6, "Web": 0.2, "Partner": 0.4}
COUNTRIES = ("DE", "FR", "CN")


def fill(ctx, count, *, told=True, names=False, city=lambda number: None, custom=lambda won, number: {}, seed=3):
    """So many leads that have ended, one a day, the newest yesterday. told: what they were converted by shows in their source; otherwise by lot.
    names: their number elsewhere says it too, which no model looks at."""
    draw, rows = random.Random(seed), []
    for number in range(count):
        source = draw.choice(sorted(SOURCES))
        won = draw.random() < (SOURCES[source] if told else 0.35)
        came = ctx.now - timedelta(days=count - number)
        rows.append({
            "name": f"Lead {number}", "company": f"Company {number}" if draw.random() < 0.5 else None, "source": source, "country": draw.choice(COUNTRIES), "city": city(number), "custom": custom(won, number), "mail_norm": f"l{number}@lead{number}.example",
            "state": "converted" if won else "disqualified", "reason": None if won else "no_need", "converted_at": came if won else None, "state_since": came, "created_at": came,
            "external_id": f"{'won' if won else 'lost'}-{number}" if names else f"history-{number}", "phone": f"+49 {number}" if draw.random() < 0.5 else None,
        })
    return list(ctx.session.execute(insert(Lead).returning(Lead.id, sort_by_parameter_order=True), rows).scalars())


def door_of(ctx):
    """A door that gives this transaction again and again."""

    @contextmanager
    def door():
        yield ctx
        ctx.session.flush()

    return door
