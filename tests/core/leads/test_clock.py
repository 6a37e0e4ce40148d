"""The first-response clock of leads: it counts working hours, stops at the first answer, warns once and is escalated once, whatever is killed."""

from datetime import UTC, datetime, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from core.base.context import as_actor, system
from core.base.errors import Forbidden, Refused, errors_of
from core.identity.team_models import Team, TeamMember
from core.leads import actions, assigning, clock, converting, holding, judging, queries
from core.leads.models import Lead
from core.notifications.models import Notification
from core.views.filtering import Filters
from tests.support.statements import counted
from tests.support.world import House

MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
USUAL = {"hours": "4", "warn_hours": "1", "days": "01234", "opens": "8:00", "closes": "18:00"}


@pytest.fixture
def house(app):
    found = House(f"ck-{uuid4().hex[:8]}")
    with found.ctx() as ctx:
        clock.change_clock(ctx, **USUAL)
    return found


def come(house, now=MONDAY, **given):
    with house.ctx(now=now) as ctx:
        return actions.capture(ctx, **({"name": f"Lead {uuid4().hex[:6]}", "owner_id": house.users["rep"].id} | given)).id


def lead_of(house, key):
    with house.ctx() as ctx:
        found = ctx.session.get_one(Lead, key)
        ctx.session.expunge(found)
        return found


def watched(house, now):
    with house.ctx(now=now) as ctx:
        return clock.watch(as_actor(ctx, system("watching")))


def told(house, key):
    """[(who, what)] of the reminders about a lead."""
    names = {user.id: who for who, user in house.users.items()}
    with house.ctx() as ctx:
        rows = ctx.session.execute(select(Notification).where(Notification.record_id == key, Notification.kind == "reminder")).scalars()
        return sorted((names[row.user_id], row.params["say"].removeprefix("told.answer_")) for row in rows)


def test_it_runs_for_whoever_comes_by_himself_in_working_hours(house):
    assert (lead_of(house, come(house)).answer, lead_of(house, come(house)).answer_due_at) == ("running", MONDAY + timedelta(hours=4))
    assert lead_of(house, come(house, MONDAY + timedelta(hours=8))).answer_due_at == MONDAY + timedelta(days=1, hours=2), "an hour on Monday and three on Tuesday, from eight"
    with house.ctx("rep") as ctx:
        assert actions.create_lead(ctx, name="Found by hand").answer is None


@pytest.mark.parametrize(("by", "act"), [
    ("judgement", lambda ctx, lead: judging.judge(ctx, lead, "working")), ("judgement", lambda ctx, lead: judging.judge(ctx, lead, "returned", reason="no_need")), ("judgement", lambda ctx, lead: converting.convert(ctx, lead)),
    ("contact", lambda ctx, lead: clock.note_contact(ctx, lead, "call", "Rang")), ("mail", lambda ctx, lead: clock.note_contact(ctx, lead, "mail")),
])
def test_contact_mail_and_judgement_stop_it_in_time_or_late(house, by, act):
    for hours, state in ((3, "met"), (5, "missed")):
        key = come(house)
        with house.ctx("rep", now=MONDAY + timedelta(hours=hours)) as ctx:
            act(ctx, queries.one_lead(ctx, key))
        found = lead_of(house, key)
        assert (found.answer, found.answered_by, found.answered_at) == (state, by, MONDAY + timedelta(hours=hours))


def test_only_the_first_answer_counts_and_an_undone_judgement_is_none(house):
    key = come(house)
    with house.ctx("rep", now=MONDAY + timedelta(hours=1)) as ctx:
        lead = judging.judge(ctx, queries.one_lead(ctx, key), "accepted")
        judging.put_back(ctx, lead, version=lead.version)
        assert (lead.answer, lead.answered_at, lead.answered_by) == ("running", None, None)
    for hours in (2, 6):
        with house.ctx("rep", now=MONDAY + timedelta(hours=hours)) as ctx:
            clock.note_contact(ctx, queries.one_lead(ctx, key), "call")
    assert (lead_of(house, key).answer, lead_of(house, key).answered_at) == ("met", MONDAY + timedelta(hours=2))


def test_the_owner_is_warned_once_and_the_manager_told_once(house):
    key = come(house)
    assert watched(house, MONDAY + timedelta(hours=2)) == (0, 0) and told(house, key) == []
    assert watched(house, MONDAY + timedelta(hours=3)) == (0, 1) and told(house, key) == [("rep", "soon")]
    assert watched(house, MONDAY + timedelta(hours=3, minutes=5)) == (0, 0)
    assert watched(house, MONDAY + timedelta(hours=4)) == (1, 0)
    late = [("manager", "missed"), ("owner", "missed"), ("rep", "missed"), ("rep", "soon")]
    assert told(house, key) == late and lead_of(house, key).answer == "missed"
    assert watched(house, MONDAY + timedelta(hours=9)) == (0, 0) and told(house, key) == late


def test_after_an_undone_judgement_the_owner_is_warned_as_before_and_never_twice(house):
    early, warned = come(house), come(house)
    for key, hours in ((early, 1), (warned, 3)):
        if key is warned:
            assert watched(house, MONDAY + timedelta(hours=3)) == (0, 2)
        with house.ctx("rep", now=MONDAY + timedelta(hours=hours, minutes=5)) as ctx:
            lead = judging.judge(ctx, queries.one_lead(ctx, key), "accepted")
            judging.put_back(ctx, lead, version=lead.version)
        assert lead_of(house, key).answer_warn_at == (MONDAY + timedelta(hours=3) if key is early else None)
    assert watched(house, MONDAY + timedelta(hours=3, minutes=10)) == (0, 0)
    assert told(house, early) == told(house, warned) == [("rep", "soon")]


def test_whoever_leads_the_owners_team_is_his_manager(house):
    with house.ctx() as ctx:
        team = Team(name="North")
        ctx.session.add(team)
        ctx.session.flush()
        ctx.session.add_all([TeamMember(team_id=team.id, user_id=house.users["rep"].id), TeamMember(team_id=team.id, user_id=house.users["manager"].id, leads=True)])
    key, nobodys = come(house), come(house, owner_id=None)
    watched(house, MONDAY + timedelta(hours=5))
    assert told(house, key) == [("manager", "missed"), ("rep", "missed")] and told(house, nobodys) == [("manager", "missed"), ("owner", "missed")]


def test_who_was_answered_or_deleted_is_nobodys_alarm(house):
    answered, gone = come(house), come(house)
    with house.ctx("rep", now=MONDAY + timedelta(hours=1)) as ctx:
        clock.note_contact(ctx, queries.one_lead(ctx, answered), "call")
        actions.delete_lead(ctx, queries.one_lead(ctx, gone))
    assert watched(house, MONDAY + timedelta(days=1)) == (0, 0) and told(house, answered) == told(house, gone) == []


def test_a_killed_round_and_two_rounds_at_once_tell_everybody_once(house):
    keys = [come(house) for _ in range(12)]
    now = MONDAY + timedelta(hours=5)
    for _ in range(3):
        with pytest.raises(RuntimeError), house.ctx(now=now) as ctx:
            clock.watch(as_actor(ctx, system("watching")))
            raise RuntimeError("killed before the commit")
    assert told(house, keys[0]) == []
    rounds = [Thread(target=watched, args=(house, now)) for _ in range(4)]
    for one in rounds:
        one.start()
    for one in rounds:
        one.join()
    watched(house, now)
    assert all(told(house, key) == [("manager", "missed"), ("owner", "missed"), ("rep", "missed")] for key in keys)


def test_after_a_restore_nobody_is_told_of_what_ran_out_meanwhile(house):
    old = come(house)
    with house.ctx(now=MONDAY + timedelta(days=1)) as ctx:
        holding.hold(ctx)
    new = come(house, MONDAY + timedelta(days=1))
    watched(house, MONDAY + timedelta(days=2))
    assert told(house, old) == [] and lead_of(house, old).answer == "missed" and ("rep", "missed") in told(house, new)


def test_the_list_finds_and_sorts_by_it_and_the_sources_say_how_many(house):
    met, late, waiting = come(house, source="Fair"), come(house, source="Fair"), come(house, MONDAY + timedelta(hours=6), source="Fair")
    with house.ctx("rep", now=MONDAY + timedelta(hours=1)) as ctx:
        clock.note_contact(ctx, queries.one_lead(ctx, met), "call")
    watched(house, MONDAY + timedelta(hours=5))
    with house.ctx(now=MONDAY + timedelta(hours=6)) as ctx:
        found = {word: [row.id for row in queries.leads(ctx, Filters(where=(("answer", "eq", word),)), chosen=("answer", "answer_due_at")).rows] for word in ("met", "missed", "running")}
        assert found == {"met": [met], "missed": [late], "running": [waiting]}
        assert [row.id for row in queries.leads(ctx, sort="-answer_due_at", chosen=("answer",)).rows][0] == waiting
        assert [(row.met, row.missed) for row in queries.by_source(ctx) if row.source == "Fair"] == [(1, 1)]
        assert [(row.owner, row.met, row.missed, row.running) for row in queries.by_owner(ctx)] == [("Rep", 1, 1, 1)]
    with house.ctx("colleague") as ctx:
        assert queries.by_owner(ctx) == [], "what he does not see he does not count"


def test_in_the_night_a_lead_waits_for_the_morning_and_then_goes_to_somebody(house):
    with house.ctx() as ctx:
        clock.change_clock(ctx, **USUAL, only_open=True)
        assigning.save_rule(ctx, None, name="All", way="turn", user_ids=[house.users["rep"].id])
    night = MONDAY + timedelta(hours=12)
    with house.ctx(now=night) as ctx:
        key = actions.capture(ctx, name="Night").id
        taken = actions.capture(ctx, name="Taken at night")
        actions.change_owner(ctx, taken, house.users["colleague"].id)
        by_day = taken.id
    assert lead_of(house, key).owner_id is None and lead_of(house, key).waits_for_hours
    for moment, number in ((night, 0), (MONDAY + timedelta(hours=23), 1), (MONDAY + timedelta(hours=23), 0)):
        with house.ctx(now=moment) as ctx:
            assert assigning.assign_waiting(ctx) == number
    assert lead_of(house, key).owner_id == house.users["rep"].id and lead_of(house, by_day).owner_id == house.users["colleague"].id
    with house.ctx(now=MONDAY) as ctx:
        assert actions.capture(ctx, name="Day").owner_id == house.users["rep"].id


def test_what_came_in_the_night_goes_to_people_by_rules_that_are_read_once(house):
    with house.ctx() as ctx:
        clock.change_clock(ctx, **USUAL, only_open=True)
        assigning.save_rule(ctx, None, name="All", way="turn", user_ids=[house.users["rep"].id, house.users["colleague"].id])
    with house.ctx(now=MONDAY + timedelta(hours=12)) as ctx:
        keys = [actions.capture(ctx, name=f"Night {n}").id for n in range(6)]
    with house.ctx(now=MONDAY + timedelta(hours=23)) as ctx, counted() as statements:
        assert assigning.assign_waiting(ctx) == 6
    assert sum("FROM lead_assignment" in text for text in statements) == 1
    assert [lead_of(house, key).owner_id for key in keys] == [house.users[who].id for who in ("rep", "colleague") * 3]


def test_what_is_wrong_with_the_clock_is_refused_together(house):
    with house.ctx() as ctx:
        with pytest.raises(Refused) as found:
            clock.change_clock(ctx, hours="soon", warn_hours="0", days="", opens="25:00", closes="9:60", holidays="Christmas")
        assert {one.field for one in errors_of(found.value)} == {"hours", "warn_hours", "days", "opens", "closes", "holidays"}
        for given, code in (({"closes": "8:00"}, "closes_first"), ({"warn_hours": "4"}, "warned_too_soon")):
            with pytest.raises(Refused) as found:
                clock.change_clock(ctx, **USUAL | given)
            assert found.value.code == code
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        clock.change_clock(ctx, **USUAL)


@pytest.mark.parametrize("wrong", ["answer = 'met', answered_at = answer_due_at + interval '1 hour', answered_by = 'contact'", "answered_at = now(), answered_by = 'mail'", "answer_due_at = NULL", "answer = 'met', answered_at = answer_due_at"])
def test_the_database_says_no_to_a_clock_that_lies(house, wrong):
    key = come(house)
    with pytest.raises(IntegrityError), house.ctx() as ctx:
        ctx.session.execute(text(f"UPDATE lead SET {wrong} WHERE id = :id"), {"id": key})  # noqa: S608 (constants)
