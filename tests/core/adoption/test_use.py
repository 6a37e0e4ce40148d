"""Who uses the workspace: one formula, a bounded number of statements, and no person's figures for who may not see them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update

from core.activities import actions as log
from core.adoption import falling, queries, rules
from core.base.errors import Forbidden
from core.base.outbox import defer
from core.identity import actions as people
from core.identity.models import SignIn
from core.notifications.models import Notification
from core.parties import actions as parties
from core.parties.models import Contact
from tenants import entry
from tests.support.statements import counted
from tests.support.world import House
from workers import run as runner


@pytest.mark.parametrize(("days", "written", "step", "expected"), [
    (0, 0, 0.0, 0), (20, 40, 1.0, 100), (28, 4000, 1.0, 100), (10, 20, 0.5, 50), (20, 0, 0.0, 50), (0, 40, 0.0, 25), (0, 0, 1.0, 25), (20, 40, None, 100), (10, 0, None, 33),
])
def test_the_formula(days, written, step, expected):
    assert rules.score(days, written, step) == expected


@pytest.fixture(scope="module")
def house(app):
    """A rep who works, another who never came, a manager; three readers."""
    house = House(f"use-{uuid4().hex[:8]}", {"owner": "admin", "manager": "manager", "rep": "sales", "idle": "sales", "r1": "reader", "r2": "reader", "r3": "reader"})
    with house.ctx("rep") as ctx:
        anna, _, gone = (parties.create_contact(ctx, name=name) for name in ("Anna", "Ben", "Carl"))
        ctx.session.flush()
        parties.edit_contact(ctx, anna, name="Anne")
        log.log_activity(ctx, kind="call", contact=anna, body="x", next_contact=ctx.today + timedelta(days=3))
        parties.delete_contact(ctx, gone)
    with house.ctx("owner") as ctx:
        parties.edit_contact(ctx, ctx.session.get_one(Contact, anna.id), job_title="Boss")
        user = ctx.session.get(type(house.users["rep"]), house.users["rep"].id)
        for ago in (0, 3, 9, 40):
            _, row = people.open_session(ctx.session, user, now=entry.utcnow() - timedelta(days=ago), ip=None, agent=None)
        ctx.session.execute(update(SignIn).where(SignIn.id == row.id).values(seen_at=entry.utcnow() - timedelta(days=35)))
    return house


def by_name(house, who="owner"):
    with house.ctx(who) as ctx:
        return {one.name: one for one in queries.people(ctx)}


def test_days_records_next_steps_and_the_last_sign_in_of_each(house):
    rep, owner, idle = (by_name(house)[name] for name in ("Rep", "Owner", "R1"))
    assert (rep.active_days, rep.created, rep.updated) == (3, 4, 0), "what was made and changed is made; today counts once; 40 days ago not at all"
    assert (rep.contacts, rep.planned) == (2, 1) and entry.utcnow() - rep.last_sign_in < timedelta(minutes=5)
    assert (owner.created, owner.updated) == (0, 1)
    assert (idle.active_days, idle.created, idle.score, idle.last_sign_in) == (0, 0, 0, None)


def test_what_is_done_or_deleted_is_no_next_step(house):
    with house.ctx("idle") as ctx:
        contact = parties.create_contact(ctx, name="Dora")
        ctx.session.flush()
        step = log.log_activity(ctx, kind="call", contact=contact, body="x", next_contact=ctx.today)
        ctx.session.flush()
        step.done_at = ctx.now
    assert (by_name(house)["Idle"].contacts, by_name(house)["Idle"].planned) == (1, 0)


def test_roles_are_means_and_tell_of_no_single_person(house):
    with house.ctx("owner") as ctx:
        whole = {one.name: one for one in queries.roles(ctx)}
    with house.ctx("manager") as ctx:
        for_manager = {one.name: one for one in queries.roles(ctx)}
        with pytest.raises(Forbidden):
            queries.people(ctx)
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        queries.roles(ctx)
    assert (whole["Salesperson"].people, whole["Salesperson"].score is None) == (2, False)
    assert [(for_manager[name].people, for_manager[name].score) for name in ("Salesperson", "Read only")] == [(2, None), (3, 0)]


def test_a_mean_of_two_would_be_shown_without_the_bound(house, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(rules, "FEWEST", 0)
    with house.ctx("manager") as ctx:
        assert next(one for one in queries.roles(ctx) if one.name == "Salesperson").score is not None


def test_the_number_of_statements_does_not_grow_with_the_people(app, house):
    few = House(f"few-{uuid4().hex[:8]}", {"owner": "admin"})
    numbers = []
    for one in (few, house):
        with one.ctx() as ctx:
            with counted() as sent:
                queries.roles(ctx)
            numbers.append(len(sent))
    assert numbers[0] == numbers[1] <= 5


@pytest.fixture
def fading(app):
    """Two people who came on every day of two weeks, and then seldom."""
    house = House(f"fade-{uuid4().hex[:8]}", {"owner": "admin", "rep": "sales"})
    with house.ctx("owner") as ctx:
        for who in ("owner", "rep"):
            user = ctx.session.get(type(house.users[who]), house.users[who].id)
            for ago in (*range(15, 24), 3):
                came(ctx, user, ago)
    return house


def came(ctx, user, ago):
    _, row = people.open_session(ctx.session, user, now=entry.utcnow() - timedelta(days=ago), ip=None, agent=None)
    ctx.session.flush()
    ctx.session.execute(update(SignIn).where(SignIn.id == row.id).values(seen_at=row.created_at))


def told(house):
    with house.ctx("owner") as ctx:
        query = select(Notification.user_id, Notification.params).where(Notification.kind == "workspace")
        return [(key, params["before"], params["now"]) for key, params in ctx.session.execute(query)]


def test_who_manages_people_is_told_once_where_use_fell_by_half(fading):
    for _ in range(2):
        with fading.ctx("owner") as ctx:
            fall = falling.watch(ctx)
    assert (fall.before, fall.now) == (18, 2) and told(fading) == [(fading.users["owner"].id, 18, 2)]


@pytest.fixture(scope="module")
def steady(app):
    return House(f"steady-{uuid4().hex[:8]}", {"owner": "admin"})


@pytest.mark.parametrize("hour", [0, 4, 12, 23])
def test_whoever_comes_every_day_comes_as_often_in_both_fortnights_at_any_hour(steady, hour):
    """Whole days where the workspace is, today in neither: it is not over."""
    now = entry.utcnow().replace(hour=hour, minute=30) + timedelta(days=1)
    with steady.ctx("owner", now=now) as ctx:
        ctx.session.execute(delete(SignIn))
        user = ctx.session.get(type(steady.users["owner"]), steady.users["owner"].id)
        for ago in range(31):
            _, row = people.open_session(ctx.session, user, now=now - timedelta(days=ago), ip=None, agent=None)
            row.seen_at = row.created_at
        ctx.session.flush()
        assert (falling.sums(ctx).before, falling.sums(ctx).now) == (14, 14)
        assert queries.people(ctx)[0].active_days == 28, "of the last 28 days, today with them"


def test_nobody_is_told_while_use_holds_or_was_little(fading, house):
    with fading.ctx("owner") as ctx:
        user = ctx.session.get(type(fading.users["rep"]), fading.users["rep"].id)
        for ago in range(4, 12):
            came(ctx, user, ago)
    for one in (fading, house):
        with one.ctx("owner") as ctx:
            assert falling.watch(ctx) is None
    assert told(fading) == []


def test_the_operator_sees_it_for_as_long_as_it_holds(fading):
    def mark():
        return fading.fresh().use_fell_at

    with fading.ctx("owner") as ctx:
        order = defer(ctx, "adoption.watch")
    assert runner.work(str(order), str(fading.tenant.id)) == "done" and mark() is not None
    with fading.ctx("owner") as ctx:
        user = ctx.session.get(type(fading.users["rep"]), fading.users["rep"].id)
        for ago in range(4, 12):
            came(ctx, user, ago)
        order = defer(ctx, "adoption.watch")
    assert runner.work(str(order), str(fading.tenant.id)) == "done" and mark() is None
