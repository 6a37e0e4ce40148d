"""The job that reminds of reports: in the table of the clock, one person's failure is one person's, and each is told once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from core.notifications.models import Notification
from core.reports import actions, reminding
from core.reports.holding import hold
from tenants import entry
from tenants.models import Tenant
from tests.support.statements import counted
from tests.support.world import House
from workers.jobs import reports as jobs
from workers.schedule import SCHEDULE


def told(house):
    with house.ctx() as ctx:
        rows = ctx.session.execute(select(Notification).where(Notification.kind == "reminder")).scalars()
        return sorted((next(who for who, user in house.users.items() if user.id == one.user_id), one.params["place"]) for one in rows)


def asked(house):
    with house.ctx() as ctx:
        ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC', created_at = created_at - interval '9 days'"))
        row = actions.change_rules(ctx, days=[1, 2, 3, 4, 5, 6, 7])
        row.day_hour, row.since = 0, ctx.now - timedelta(days=9)  # nobody can choose midnight; due whenever the test runs
        return f"/reports/compose?period={ctx.now.date()}"


def test_everybody_is_told_once_though_one_fails(app, monkeypatch):
    house = House(f"job-{uuid4().hex[:6]}")
    place, real = asked(house), reminding.remind

    def fails(ctx, user_id):
        if user_id == house.users["rep"].id:
            raise RuntimeError("no")
        return real(ctx, user_id)

    monkeypatch.setattr(reminding, "remind", fails)
    assert jobs.remind_of(house.tenant) == 1 and told(house) == [("colleague", place)]
    monkeypatch.setattr(reminding, "remind", real)
    assert jobs.remind_of(house.tenant) == 1 and jobs.remind_of(house.tenant) == 0
    assert told(house) == [("colleague", place), ("rep", place)]
    assert [one.every for one in SCHEDULE if one.job == jobs.REMIND] == [timedelta(minutes=15)]


def test_once_everybody_was_told_the_walk_looks_at_nobody_by_himself(app):
    house = House(f"job-{uuid4().hex[:6]}")
    asked(house)
    with counted() as first:
        assert jobs.remind_of(house.tenant) == 2
    with counted() as second:
        assert jobs.remind_of(house.tenant) == 0
    assert len(second) < 12 and len(first) > len(second) + 8, (len(first), len(second))


@pytest.mark.parametrize("access", ["read_only", "suspended"])
def test_nobody_is_reminded_of_what_the_plan_does_not_let_him_write(app, access):
    house = House(f"job-{uuid4().hex[:6]}")
    asked(house)
    with entry.control() as session:
        session.get_one(Tenant, house.tenant.id).access = access
    assert jobs.remind_of(house.fresh()) == 0 and told(house) == []


def test_after_a_restore_nobody_is_told_of_what_was_due_before(app):
    house = House(f"job-{uuid4().hex[:6]}")
    asked(house)
    with house.ctx() as ctx:
        hold(ctx)
    assert jobs.remind_of(house.tenant) == 0 and told(house) == []
