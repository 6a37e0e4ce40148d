"""What became of shares that came to more than a hundred percent, which the database did not refuse before."""

import importlib
from decimal import Decimal

from sqlalchemy import text


def test_shares_that_came_to_more_are_cut_to_a_hundred_when_the_bound_comes(ctx):
    revision = importlib.import_module("tenants.migrations.tenant.versions.0089_split_credit")
    ctx.session.execute(text("CREATE TEMP TABLE deal_member (id int, deal_id int, credit numeric(5, 2), version int, updated_at timestamptz) ON COMMIT DROP"))
    ctx.session.execute(text("INSERT INTO deal_member VALUES (1, 1, 100, 1), (2, 1, 100, 1), (3, 1, 100, 1), (4, 2, 60, 1), (5, 2, 40, 1), (6, 3, 90, 1), (7, 3, 30, 1), (8, 4, 100, 1), (9, 4, 0, 1)"))
    ctx.session.execute(text(revision.WITHIN_A_HUNDRED))
    rows = ctx.session.execute(text("SELECT deal_id, credit, version FROM deal_member ORDER BY id")).all()
    assert [(row.deal_id, row.credit) for row in rows] == [(1, Decimal("33.34")), (1, Decimal("33.33")), (1, Decimal("33.33")), (2, 60), (2, 40), (3, 75), (3, 25), (4, 100), (4, 0)]
    assert [row.version for row in rows] == [2, 2, 2, 1, 1, 2, 2, 1, 1]
    assert revision.STATEMENTS.index(revision.WITHIN_A_HUNDRED) < next(place for place, one in enumerate(revision.STATEMENTS) if "CREATE TRIGGER" in one)
