"""Who uses the workspace: one formula, a bounded number of statements, and no person's figures for who may not see them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from core.activities import actions as log
from core.adoption import queries, rules
from core.base.errors import Forbidden
from core.identity import actions as people
from core.identity.models import SignIn
from core.parties import actions as parties
from core.parties.models import Contact
from tenants import entry
from tests.support.statements import counted
from tests.support.world import House


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
    rep, owner, idle = (by_name(house)[name] for name in ("Rep", "Owner", "Idle"))
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
