"""Stages of accounts: the rule alone, what is written by it, and that a hand's wins until its end."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.activities import actions as log
from core.activities import queries as log_queries
from core.base.errors import Forbidden, Refused
from core.identity import queries as people
from core.identity import roles
from core.parties import actions, queries, staging
from core.parties.beside_models import StageChange
from core.parties.lifecycle import stage_of
from core.parties.models import Account
from core.parties.queries import Filters
from tests.support.statements import counted
from tests.support.world import House
from workers.jobs import parties as jobs

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(("signs", "name", "rule"), [
    ({}, "identified", "nothing"), ({"planned": date(2026, 12, 1)}, "selected", "planned"), ({"first_contact": date(2026, 1, 1), "planned": date(2026, 12, 1)}, "selected", "first_contact"),
    ({"first_contact": date(2026, 1, 1), "answered": date(2026, 2, 1)}, "selected", "answered"), ({"answered": None}, "identified", "nothing"),
])
def test_the_rule(signs, name, rule):
    found = stage_of(signs)
    assert (found.name, found.rule) == (name, rule) and found.why == {"rule": rule} | ({"on": found.on.isoformat()} if found.on else {})


@pytest.fixture(scope="module")
def house(app):
    return House(f"stage-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "reader": "reader", "service": "service"})


@pytest.fixture
def account(house):
    with house.ctx("rep", now=NOW) as ctx:
        found = actions.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        return found.id


def stage(house, key):
    with house.ctx(now=NOW) as ctx:
        one = queries.one_account(ctx, key)
        return one.stage, one.stage_why.get("rule"), one.version


def history(house, key):
    with house.ctx() as ctx:
        rows = ctx.session.execute(select(StageChange).where(StageChange.account_id == key).order_by(StageChange.created_at, StageChange.id)).scalars()
        return [(row.from_stage, row.to_stage, row.created_by is not None) for row in rows]


def test_a_contact_that_is_logged_moves_it_at_once_and_one_deleted_moves_it_back(house, account):
    with house.ctx("rep", now=NOW) as ctx:
        entry = log.log_activity(ctx, kind="call", account=queries.one_account(ctx, account), body="x", happened_at=NOW - timedelta(days=3)).id
    assert stage(house, account) == ("selected", "first_contact", 1), "no version: nobody's form has it"
    with house.ctx("rep", now=NOW) as ctx:
        log.log_activity(ctx, kind="call", direction="in", account=queries.one_account(ctx, account), body="x")
    assert stage(house, account)[1] == "answered" and history(house, account) == [("identified", "selected", False)]
    with house.ctx("rep", now=NOW) as ctx:
        for row in log_queries.timeline(ctx, queries.one_account(ctx, account)).entries:
            if row.part == "activity":
                log.delete_activity(ctx, log_queries.one_activity(ctx, row.id))
    assert stage(house, account)[:2] == ("identified", "nothing") and entry and len(history(house, account)) == 2


def test_a_note_is_no_contact(house, account):
    with house.ctx("rep", now=NOW) as ctx:
        log.log_activity(ctx, kind="note", account=queries.one_account(ctx, account), body="Seen at the fair")
    assert stage(house, account)[0] == "identified"


def test_a_hand_wins_until_its_end(house, account):
    with house.ctx("rep", now=NOW) as ctx:
        staging.set_stage(ctx, queries.one_account(ctx, account), stage="loyal", note="Ten years with us", until=date(2026, 11, 30))
    with house.ctx("rep", now=NOW) as ctx:
        log.log_activity(ctx, kind="call", account=queries.one_account(ctx, account), body="x")
    assert stage(house, account)[0] == "loyal"
    for day, right in ((30, "loyal"), (31, "selected")):
        with house.ctx("owner", now=datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(days=day - 1)) as ctx:
            staging.apply_rule(ctx, [account])
        assert stage(house, account)[0] == right
    assert history(house, account) == [("identified", "loyal", True), ("loyal", "selected", False)]


def test_left_to_the_rule_again(house, account):
    with house.ctx("rep", now=NOW) as ctx:
        staging.set_stage(ctx, queries.one_account(ctx, account), stage="kept", note="x", until="2026-12-31")
    with house.ctx("rep", now=NOW) as ctx:
        staging.release_stage(ctx, queries.one_account(ctx, account))
    assert stage(house, account)[0] == "identified"


@pytest.mark.parametrize(("given", "code"), [
    ({"stage": "famous"}, "unknown_value"), ({"note": " "}, "stage_needs_reason"), ({"until": "2026-11-23"}, "stage_until_past"), ({"until": ""}, "stage_until_past"), ({"until": "2099-01-01"}, "stage_until_past"),
])
def test_what_can_not_be_is_refused(house, account, given, code):
    with house.ctx("rep", now=NOW) as ctx, pytest.raises(Refused, match=code):
        staging.set_stage(ctx, queries.one_account(ctx, account), **({"stage": "kept", "note": "x", "until": "2026-12-01"} | given))


def test_who_may_not_change_the_account_or_the_field_may_not_set_it(house, account):
    given = {"stage": "kept", "note": "x", "until": "2026-12-01"}
    with house.ctx("reader", now=NOW) as ctx, pytest.raises(Forbidden):
        staging.set_stage(ctx, queries.one_account(ctx, account), **given)
    with house.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "service"), protected=["accounts.stage"])
    with house.ctx() as ctx:
        house.users["service"] = next(user for user in people.users(ctx) if user.role.code == "service")
    with house.ctx("service", now=NOW) as ctx, pytest.raises(Refused, match="field_protected"):
        staging.set_stage(ctx, queries.one_account(ctx, account), **given)


def test_the_night_writes_what_changed_alone_by_few_statements(house):
    with house.ctx(now=NOW) as ctx:
        for n in range(40):
            found = actions.create_account(ctx, name=f"Night {n}")
            ctx.session.flush()
            if n % 2:
                log.log_activity(ctx, kind="meeting", account=found, body="x")
        keys = set(ctx.session.execute(select(Account.id).where(Account.name.startswith("Night"))).scalars())
        ctx.session.execute(update(Account).where(Account.id.in_(keys)).values(stage="lost", stage_why={}, version=Account.version))
    with house.ctx(now=NOW) as ctx, counted() as told:
        assert staging.apply_rule(ctx, keys) == 40
    assert len(told) <= 4, told
    with house.ctx(now=NOW) as ctx, counted() as told:
        assert staging.apply_rule(ctx, keys) == 0
    assert len(told) <= 2, told
    with house.ctx(now=NOW) as ctx:
        assert {row.id for row in queries.accounts(ctx, Filters(search="Night", where=(("stage", "eq", "selected"),)), limit=100, chosen=["stage"]).rows} < keys


def test_the_walk_visits_every_account_in_chunks(house, monkeypatch):
    monkeypatch.setattr(staging, "CHUNK", 7)
    with house.ctx() as ctx:
        for n in range(15):
            actions.create_account(ctx, name=f"Walked {n}")
        ctx.session.flush()
        ctx.session.execute(update(Account).values(stage="lost", stage_why={}, stage_until=None, version=Account.version))
    number = jobs.stages_of(house.tenant)
    with house.ctx() as ctx:
        assert number == ctx.session.query(Account).count() > 14 and "lost" not in set(ctx.session.execute(select(Account.stage)).scalars())
    assert jobs.stages_of(house.tenant) == 0
