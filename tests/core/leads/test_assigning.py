"""To whom leads go that come in by themselves: by conditions, in turn, not to who is away, and two at once to two."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.base.errors import Conflict, Forbidden, Refused
from core.base.facts import timeline
from core.custom_fields import actions as defining
from core.identity import absence, roles
from core.identity.models import User
from core.leads import actions, assigning
from tests.support.world import House

CAST = {"owner": "admin", "a": "sales", "b": "sales", "c": "sales"}
NOBODY = UUID("7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11")


@pytest.fixture
def house(app):
    return House(f"as-{uuid4().hex[:8]}", CAST)


def rule(house, *who, **given):
    with house.ctx() as ctx:
        return assigning.save_rule(ctx, None, **{"name": "Rule", "way": "turn", "user_ids": [house.users[one].id for one in who]} | given).id


def come(house, n=1, **given):
    """Who got each of so many leads."""
    names = {user.id: who for who, user in house.users.items()}
    found = []
    for _ in range(n):
        with house.ctx() as ctx:
            found.append(names.get(actions.capture(ctx, name=f"Lead {uuid4().hex[:6]}", **given).owner_id))
    return found


def test_one_after_the_other_and_the_reason_is_told(house):
    rule(house, "a", "b", "c", name="All of them")
    assert come(house, 5) == ["a", "b", "c", "a", "b"]
    with house.ctx() as ctx:
        lead = actions.capture(ctx, name="Told")
        ctx.session.flush()
        fact = next(row for row in ctx.session.execute(timeline(lead.id, limit=9)).scalars() if row.kind == "lead.assigned")
        assert fact.params["rule"] == "All of them" and fact.params["owner"] == house.users["c"].name


def test_the_first_rule_that_fits_counts_and_without_one_it_stays_in_the_inbox(house):
    rule(house, "a", conditions=[["country", "eq", "DE"], ["postcode", "starts", "2"]])
    rule(house, "b", conditions=[["language", "eq", "es"]])
    assert come(house, country="DE", postcode="20095") == ["a"] and come(house, country="DE", postcode="80331", language="es") == ["b"] and come(house, country="FR") == [None]
    assert come(house, country="DE", postcode="20095", owner_id=None) == [None], "who says whose it is is heard"


def test_the_rule_that_was_moved_up_counts_first_and_moving_it_back_undoes_it(house):
    first, second = rule(house, "a", name="First"), rule(house, "b", name="Second")
    for key, by, order, whose in ((second, -1, [second, first], "b"), (second, -1, [second, first], "b"), (second, 1, [first, second], "a"), (second, 1, [first, second], "a")):
        with house.ctx() as ctx:
            assigning.move_rule(ctx, assigning.one_rule(ctx, key), by)
        with house.ctx() as ctx:
            assert [one.id for one in assigning.rules(ctx)] == order
        assert come(house) == [whose]


def moved_at_once(house, steps):
    """(rule, by) each in a transaction of its own that waits for the others to have begun; the order that comes of it."""
    def one(key, by):
        with house.ctx() as ctx:
            found = assigning.one_rule(ctx, key)
            assigning.rules(ctx)  # what it has read is old by the time that its turn comes
            ctx.session.execute(text("SELECT pg_sleep(0.2)"))
            assigning.move_rule(ctx, found, by)
            ctx.session.execute(text("SELECT pg_sleep(0.2)"))

    threads = [Thread(target=one, args=step) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with house.ctx() as ctx:
        return [(one.id, one.position) for one in assigning.rules(ctx)]


def test_two_who_move_at_once_leave_one_order(house):
    a, b, c = (rule(house, "a", name=name) for name in "ABC")
    found = moved_at_once(house, [(c, -1), (a, 1)])
    assert [place for _, place in found] == [0, 1, 2] and [key for key, _ in found] in ([c, a, b], [c, b, a], [b, c, a], [c, a, b])
    assert [key for key, _ in moved_at_once(house, [(found[2][0], -1), (found[2][0], -1)])][0] == found[2][0]


def test_a_rule_that_was_changed_meanwhile_is_not_written_over(house):
    key = rule(house, "a")
    with house.ctx() as ctx:
        found = assigning.one_rule(ctx, key)
        assigning.save_rule(ctx, found, name="By the first", way="turn", user_ids=found.user_ids, version=found.version)
        with pytest.raises(Conflict):
            assigning.save_rule(ctx, found, name="By the second", way="turn", user_ids=found.user_ids, version=found.version - 1)


def test_whoever_is_away_or_gone_gets_none(house):
    rule(house, "a", "b", "c")
    with house.ctx() as ctx:
        absence.plan_absence(ctx, ctx.session.get_one(User, house.users["b"].id), deputy_id=house.users["a"].id, starts_on=ctx.today, ends_on=ctx.today + timedelta(days=3))
    assert come(house, 3) == ["a", "c", "a"]
    with house.ctx() as ctx:
        ctx.session.get_one(User, house.users["c"].id).state = "disabled"
    assert come(house, 2) == ["a", "a"]
    with house.ctx() as ctx:
        ctx.session.get_one(User, house.users["a"].id).state = "disabled"
    assert come(house) == [None]


def test_to_whom_the_fewest_open_leads_belong(house):
    rule(house, "a", "b", way="least")
    with house.ctx("a") as ctx:
        for n in range(2):
            actions.create_lead(ctx, name=f"Own {n}")
    assert come(house, 3) == ["b", "b", "a"]


def both(house, hold):
    """Two leads at once, each in a transaction of its own that waits for the other to have begun; who got them."""
    got = []

    def one(n):
        with house.ctx() as ctx:
            got.append(actions.capture(ctx, name=f"At once {n}").owner_id)
            ctx.session.execute(text(f"SELECT pg_sleep({hold})"))

    threads = [Thread(target=one, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_two_at_once_go_to_two(house):
    rule(house, "a", "b")
    assert len(set(both(house, 0.3))) == 2


def test_without_the_lock_two_at_once_go_to_one(house, monkeypatch):
    """Negative control."""
    from sqlalchemy.sql import Select

    rule(house, "a", "b")
    monkeypatch.setattr(Select, "with_for_update", lambda self, *args, **rest: self)
    assert len(set(both(house, 0.3))) == 1


@pytest.mark.parametrize(("given", "code"), [({"user_ids": []}, "required"), ({"user_ids": [NOBODY]}, "owner_unknown"), ({"way": "dice"}, "unknown_value"), ({"conditions": [["nothing", "eq", "x"]]}, "unknown_field"), ({"name": ""}, "required")])
def test_what_no_rule_can_be_is_refused(ctx, given, code):
    with pytest.raises(Refused) as refused:
        assigning.save_rule(ctx, None, **{"name": "Rule", "way": "turn", "user_ids": [ctx.actor.id]} | given)
    assert refused.value.code == code


def test_who_gets_it_is_the_same_whoever_brings_it_and_wherever_he_is(house):
    """A field that is hidden from whoever brings it, and a day that has not begun where he is."""
    noon = datetime(2031, 5, 2, 1, tzinfo=UTC)
    with house.ctx() as ctx:
        for kind, key in (("text", "region"), ("date", "needed")):
            defining.create_field(ctx, room="leads", kind=kind, label=key, key=key)
    rule(house, "a", conditions=[["custom.region", "null", "true"], ["custom.needed", "next", "0"]])
    for zone, hidden in (("UTC", ()), ("America/New_York", ()), ("UTC", ("leads.custom.region",))):
        with house.ctx(now=noon, timezone=zone) as ctx:
            ctx = replace(ctx, actor=replace(ctx.actor, hidden=frozenset(hidden)))
            assert actions.capture(ctx, name="Ada", **{"custom.needed": "2031-05-02"}).owner_id == house.users["a"].id, (zone, hidden)


def test_nobody_gets_leads_who_may_not_see_them(house):
    """Refused at saving; who lost the right since is passed over."""
    with house.ctx() as ctx:
        blind = roles.create_role(ctx, name="Blind", permissions=["home.read"])
        ctx.session.flush()
        ctx.session.get_one(User, house.users["b"].id).role_id = blind.id
        ctx.session.flush()
        with pytest.raises(Refused) as refused:
            assigning.save_rule(ctx, None, name="Rule", way="turn", user_ids=[house.users["a"].id, house.users["b"].id])
        assert refused.value.code == "sees_no_leads" and refused.value.params["names"] == house.users["b"].name
        assert house.users["b"].id not in assigning.readers(ctx)
        ctx.session.get_one(User, house.users["b"].id).role_id = house.users["a"].role_id
        ctx.session.flush()
        assigning.save_rule(ctx, None, name="Rule", way="turn", user_ids=[house.users["a"].id, house.users["b"].id])
        ctx.session.get_one(User, house.users["b"].id).role_id = blind.id
    assert come(house, 2) == ["a", "a"]


def test_only_who_arranges_leads_changes_rules(as_):
    with pytest.raises(Forbidden):
        assigning.save_rule(as_("rep"), None, name="Mine", way="turn", user_ids=[])
    with pytest.raises(Forbidden):
        assigning.move_rule(as_("rep"), None, 1)


def test_in_turn_begins_behind_the_last_one_also_where_he_is_gone():
    a, b, c, gone = (uuid4() for _ in range(4))
    assert assigning.in_turn([a, b, c], b, {a, b, c}) == [c, a, b] and assigning.in_turn([a, b, c], gone, {a, c}) == [a, c] and assigning.in_turn([a], a, set()) == []
