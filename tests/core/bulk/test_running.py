"""Bulk edits run and taken back: who is left out and why, what somebody changed meanwhile, and the measure of the issue."""

import os
import threading
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import false, func, select, update

from core.base.errors import Forbidden, NotFound, Refused
from core.base.outbox import Order
from core.bulk import breaking, deciding, queries, running, tidying, undoing
from core.bulk.models import BulkEdit, BulkEditRow
from core.identity import queries as people
from core.identity import roles
from core.identity.models import Role
from core.parties import actions
from core.parties.models import Account
from tenants import entry
from tests.support.races import somebody_waits
from workers import run as worker


@contextmanager
def role_of(house, who, **values):
    """That person's role otherwise, for a while."""
    def reread():
        with house.ctx() as ctx:
            house.users[who] = next(user for user in people.users(ctx) if user.id == house.users[who].id)

    code = house.users[who].role.code
    with house.ctx() as ctx:
        role = roles.one_role(ctx, code)
        before = {name: getattr(role, name) for name in values}
        ctx.session.execute(update(Role).where(Role.code == code).values(**values))
    reread()
    yield
    with house.ctx() as ctx:
        ctx.session.execute(update(Role).where(Role.code == code).values(**before))
    reread()


def edit(house, key, who="owner", **given):
    with house.ctx(who) as ctx:
        actions.edit_account(ctx, ctx.session.get(Account, key), **given)


def test_five_thousand_with_three_changed_since_are_put_back_but_for_three(house, bulk, many, find):
    """The issue's measure: undo reverts 4,997 and names 3."""
    keys = many(5000, "fair", city="Kiel")
    one = bulk().select(tag="fair").preview("change", city="Ulm")
    assert one.counts == {"due": 5000}
    one.run()
    assert one.counts == {"changed": 5000} and find(keys[4321]).city == "Ulm"
    for key in keys[10:13]:
        edit(house, key, phone="123456")
    one.undo()
    assert one.counts == {"undone": 4997, "kept": 3}
    assert one.named("kept") == ["fair 00010", "fair 00011", "fair 00012"]
    with house.ctx() as ctx:
        cities = dict(ctx.session.execute(select(Account.city, func.count()).where(Account.tags.contains(["fair"])).group_by(Account.city)).all())
    assert cities == {"Kiel": 4997, "Ulm": 3}


def test_nobody_changes_what_is_not_his(house, bulk, make, find):
    mine, = make("Mine", who="rep")
    theirs, = make("Theirs", who="colleague")
    one = bulk("rep").select([mine, theirs, uuid4()])
    assert one.row.counts == {"selected": 1, "missing": 2}
    one.preview("change", city="Ulm").run()
    assert (find(mine).city, find(theirs).city) == ("Ulm", None)


def test_what_one_sees_and_may_not_change_is_left_out_and_counted(house, bulk, make, find):
    with role_of(house, "manager", changing="own"):
        mine, = make("Own", who="manager")
        theirs, = make("Not own", who="colleague")
        one = bulk("manager").select([mine, theirs]).preview("change", city="Ulm")
        assert one.counts == {"due": 1, "not_yours": 1}
        one.run()
        assert (find(mine).city, find(theirs).city) == ("Ulm", None)


def test_without_the_question_whose_it_is_it_would_be_changed(house, bulk, make, find, monkeypatch):
    """Negative control of the two above."""
    from sqlalchemy import true

    from core.parties import filtering

    theirs, = make("Not mine either", who="colleague")
    for module in (deciding, filtering):
        monkeypatch.setattr(module, "sees", lambda ctx, model: true())
    monkeypatch.setattr(deciding, "changes", lambda ctx, model: true())
    bulk("rep").select([theirs]).preview("change", city="Ulm").run()
    assert find(theirs).city == "Ulm"


def test_somebody_elses_change_since_the_preview_stays_and_is_said(house, bulk, make, find):
    same, other, free = make("Same field", "Other field", "Free")
    one = bulk().select([same, other, free]).preview("change", city="Ulm")
    edit(house, same, city="Bonn")
    edit(house, other, phone="123456")
    one.run()
    assert one.counts == {"changed": 2, "since": 1} and one.named("since") == ["Same field"]
    assert [find(key).city for key in (same, other, free)] == ["Bonn", "Ulm", "Ulm"] and find(other).phone == "123456"


def test_what_was_changed_or_deleted_since_the_preview_is_not_deleted(house, bulk, make, find):
    touched, gone, free = make("Touched", "Gone", "Goes")
    one = bulk().select([touched, gone, free]).preview("delete")
    edit(house, touched, city="Bonn")
    with house.ctx() as ctx:
        actions.delete_account(ctx, ctx.session.get(Account, gone))
    one.run()
    assert one.counts == {"changed": 1, "since": 1, "gone": 1}
    assert find(touched).deleted_at is None and find(free).deleted_at is not None
    one.undo()
    assert find(free).deleted_at is None and find(gone).deleted_at is not None


def test_two_bulk_edits_at_once_lose_nothing(house, bulk, make, find):
    """The second waits for the first one's rows; its own field is added, the same field stays the first one's."""
    keys = make("Twice A", "Twice B")
    first, second, third = (bulk().select(keys).preview("change", **given) for given in ({"city": "Ulm"}, {"phone": "123456"}, {"city": "Bonn"}))
    errors = []

    def follow(one):
        try:
            one.start()
        except Exception as error:  # told below
            errors.append(error)

    with first.door() as ctx:
        running.start(ctx, queries.one(ctx, first.id))
        ctx.session.flush()
        others = [threading.Thread(target=follow, args=(one,)) for one in (second, third)]
        for thread in others:
            thread.start()
        somebody_waits()
    for thread in others:
        thread.join(30)
    assert errors == [] and (second.counts, third.counts) == ({"changed": 2}, {"since": 2})
    assert {(find(key).city, find(key).phone) for key in keys} == {("Ulm", "123456")}


def test_without_looking_again_the_second_would_win(house, bulk, make, find, monkeypatch):
    """Negative control."""
    key, = make("Lost")
    one = bulk().select([key]).preview("change", city="Ulm")
    edit(house, key, city="Bonn")
    monkeypatch.setattr(deciding, "_clash", lambda table, wish: false())
    one.run()
    assert find(key).city == "Ulm"


def test_a_circle_of_parents_is_left_out_and_no_undo_closes_one(house, bulk, make, find):
    top, = make("Top")
    middle, = make("Middle", parent_id=str(top))
    low, = make("Low", parent_id=str(middle))
    one = bulk().select([top, middle, low]).preview("change", parent_id=str(low))
    assert one.counts == {"circle": 3}
    moved = bulk().select([low]).preview("change", parent_id="").run()
    edit(house, middle, parent_id=str(low))
    edit(house, top, city="Ulm")
    moved.undo()
    assert moved.counts == {"kept": 1} and find(low).parent_id is None


def test_an_old_parent_comes_back_where_no_circle_closes(bulk, make, find):
    top, other = make("Top of two", "Other top")
    keys = make("Below A", "Below B", parent_id=str(top))
    one = bulk().select(keys).preview("change", parent_id=str(other)).run()
    assert [find(key).parent_id for key in keys] == [other, other]
    assert one.undo().counts == {"undone": 2} and [find(key).parent_id for key in keys] == [top, top]


def test_too_many_tags_are_left_out(bulk, make):
    full, free = make("Full", tags=[f"t{n}" for n in range(30)]), make("Room for more")
    one = bulk().select([*full, *free]).preview("tags", add=["x"])
    assert one.counts == {"due": 1, "too_many_tags": 1}
    one.run()
    assert one.counts == {"changed": 1, "too_many_tags": 1}


def test_what_one_handed_over_oneself_one_takes_back(bulk, make, find, house):
    key, = make("Handed over", who="rep")
    one = bulk("rep").select([key]).preview("owner", owner_id=str(house.users["colleague"].id)).run()
    assert find(key).owner_id == house.users["colleague"].id
    one.undo()
    assert find(key).owner_id == house.users["rep"].id


@pytest.mark.parametrize("given,code", [
    ({"city": "x" * 300}, "too_long"), ({"name": ""}, "required"), ({"nothing": "x"}, "unknown_field"), ({"owner_id": None}, "bulk_not_this_field"),
    ({"external_id": "1"}, "bulk_not_this_field"), ({"deleted_at": None}, "unknown_field"), ({"version": 1}, "unknown_field"), ({"employees": "many"}, "not_whole"),
    ({}, "bulk_no_field"), ({"parent_id": str(uuid4())}, "account_unknown"), ({"website": "javascript:alert(1)"}, "not_a_website"),
])
def test_a_value_that_one_record_would_not_take_is_refused(bulk, make, given, code):
    one = bulk().select(make("Clean"))
    with pytest.raises(Refused) as refusal:
        one.preview("change", **given)
    assert refusal.value.code == code


def test_a_field_that_the_role_protects_or_hides_is_refused(house, bulk, make):
    key, = make("Guarded", who="rep")
    one = bulk("rep").select([key]).preview("change", city="Ulm")
    with role_of(house, "rep", hidden=["accounts.phone"], protected=["accounts.city", "accounts.tags"]):
        for operation, given in (("change", {"phone": "123456"}), ("change", {"city": "Bonn"}), ("tags", {"add": ["x"]})):
            with pytest.raises(Refused) as refusal:
                bulk("rep").select([key]).preview(operation, **given)
            assert refusal.value.code in ("unknown_field", "field_protected")
        with pytest.raises(Refused):
            one.start()
    one.start()


def test_hostile_selections(house, bulk, make):
    with pytest.raises(Refused, match="bulk_too_many_keys"):
        bulk().select([uuid4() for _ in range(10_001)])
    with pytest.raises(Refused, match="bulk_nothing_selected"):
        bulk().select([uuid4()])
    with pytest.raises(Refused, match="unknown_value"):
        bulk(kind="users").select([uuid4()])
    with pytest.raises(Forbidden):
        bulk("reader").select(make("Not for readers"))
    one = bulk().select(make("Once")).preview("change", city="Ulm")
    other = bulk("rep")
    other.id = one.id
    with pytest.raises(NotFound):
        other.undo()
    with pytest.raises(Refused, match="bulk_not_now"):
        one.undo()
    one.run()
    with pytest.raises(Refused, match="bulk_not_now"):
        one.run()


def test_a_worker_killed_in_mid_job_leaves_whole_chunks_and_the_next_goes_on(house, bulk, many, monkeypatch):
    import multiprocessing
    import signal

    from infra.db import database

    many(900, "killed", city="Kiel")
    monkeypatch.setattr(running, "CHUNK", 300)
    one = bulk().select(tag="killed").preview("change", city="Ulm").start()
    with house.ctx() as ctx:
        order = ctx.session.execute(select(Order.id).where(Order.name == "bulk.run", Order.args["run_id"].astext == str(one.id))).scalar_one()
    whole = running.write

    def deadly(ctx, wish, mine):
        whole(ctx, wish, mine)
        if queries.one(ctx, one.id).position > 300:
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(running, "write", deadly)

    def act():
        database().forget()
        worker.work(str(order), str(house.tenant.id))

    child = multiprocessing.get_context("fork").Process(target=act)
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    monkeypatch.setattr(running, "write", whole)
    with house.ctx() as ctx:
        assert queries.one(ctx, one.id).rows_done == 300
        assert ctx.session.execute(select(func.count()).where(Account.tags.contains(["killed"]), Account.city == "Ulm")).scalar_one() == 300
        ctx.session.execute(update(Order).where(Order.id == order).values(lease_until=ctx.now, attempts=0))
    assert worker.work(str(order), str(house.tenant.id)) == "done"
    assert one.counts == {"changed": 900}
    with house.ctx() as ctx:
        versions = ctx.session.execute(select(Account.version).where(Account.tags.contains(["killed"])).distinct()).scalars().all()
    assert versions == [2], "each once"


def test_a_run_is_stopped_between_chunks_and_what_was_done_can_be_taken_back(house, bulk, many, monkeypatch):
    many(500, "stopped")
    monkeypatch.setattr(running, "CHUNK", 300)
    one = bulk().select(tag="stopped").preview("change", city="Ulm").start()
    with one.door() as ctx:
        run = queries.one(ctx, one.id)
        running.step(ctx, run)
    with one.door() as ctx:
        running.cancel(ctx, queries.one(ctx, one.id))
    running.run_bulk(one.door, one.id, one.row.round)
    assert one.counts == {"changed": 300, "due": 200}
    one.undo()
    assert one.row.state == "undone" and one.counts == {"undone": 300, "due": 200}


def test_a_run_without_an_order_ends_as_failed_and_a_person_goes_on(house, bulk, many):
    many(300, "orphan")
    one = bulk().select(tag="orphan").preview("change", city="Ulm").start()
    with house.ctx() as ctx:
        assert not breaking.left_alone(ctx.session)
        ctx.session.execute(update(Order).where(Order.name == "bulk.run").values(state="done"))
        assert breaking.left_alone(ctx.session) and breaking.end_orphans(ctx) == 1
    assert (one.row.state, one.row.broke_off_while, one.row.rows_todo) == ("failed", "running", 300)
    one.go_on().work()
    assert one.counts == {"changed": 300}


def test_the_journal_is_erased_after_thirty_days_and_nothing_is_taken_back_then(house, bulk, make):
    one = bulk().select(make("Old news")).preview("change", city="Ulm").run()
    left = bulk().select(make("Never said yes"))
    with house.ctx(now=entry.utcnow() + timedelta(days=29)) as ctx:
        assert undoing.can_be_undone(ctx, queries.one(ctx, one.id))
    with house.ctx(now=entry.utcnow() + timedelta(days=31)) as ctx:
        with pytest.raises(Refused, match="bulk_too_late"):
            undoing.start_undo(ctx, queries.one(ctx, one.id))
        while tidying.tidy(ctx)["erased"]:
            pass
        assert ctx.session.execute(select(func.count()).select_from(BulkEditRow)).scalar_one() == 0
        assert ctx.session.get(BulkEdit, left.id) is None and queries.one(ctx, one.id).wanted == {} and not tidying.has_journals(ctx.session)
