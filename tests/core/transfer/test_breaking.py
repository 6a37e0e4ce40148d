"""An import whose work broke off for good: failed in plain words, counts honest, and a way on or back."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from core.base.context import as_actor
from core.base.errors import Forbidden, Refused
from core.base.facts import Fact
from core.base.outbox import Order
from core.identity.queries import load_actor
from core.parties.models import Account
from core.transfer import breaking, checking, queries, running, starting, undoing, uploading
from core.transfer.models import ImportRun
from tests.support.chunks import one_import_chunk


@pytest.fixture
def tag():
    return f"b{uuid4().hex[:8]}"


@pytest.fixture
def half(bring, tag, monkeypatch):
    """An import of five rows of which two are in when its work ends for good."""
    monkeypatch.setattr(running, "CHUNK", 2)
    one = bring().upload("name\n" + "".join(f"{n} {tag}\n" for n in range(5))).choose(key_field="").check().start()
    assert one_import_chunk(running, one.door, one.id, one.row.round)
    return one


def give_up(one, refusal=None, round=None):
    with one.door() as ctx:
        breaking.end_given_up(ctx, one.id, one.row.round if round is None else round, refusal)


def alive(house, tag):
    with house.ctx() as ctx:
        return ctx.session.execute(select(func.count()).select_from(Account).where(Account.name.contains(tag), Account.deleted_at.is_(None))).scalar_one()


def go_on(one):
    with one.door() as ctx:
        breaking.go_on(ctx, queries.one(ctx, one.id))


def test_it_ends_as_failed_says_why_and_keeps_the_count_of_what_is_in(half, house, tag):
    give_up(half)
    row = half.row
    assert (row.state, row.failure["code"], row.broke_off_while, row.rows_done) == ("failed", "import_broke_off", "running", 2)
    assert row.finished_at and half.counts == {"created": 2} and alive(house, tag) == 2
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Fact.params["done"].as_integer()).where(Fact.kind == "import.broke_off", Fact.subject_id == half.id)).scalar_one() == 2


def test_it_goes_on_behind_what_is_in_and_each_row_is_in_once(half, house, tag):
    give_up(half)
    go_on(half)
    row = half.row
    assert (row.state, row.failure, row.finished_at) == ("running", None, None)
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Order.id).where(Order.name == "transfer.run", Order.args["round"].as_integer() == row.round, Order.args["run_id"].astext == str(half.id))).one()
    running.run_import(half.door, half.id, row.round)
    assert (half.row.state, half.counts, alive(house, tag)) == ("done", {"created": 5}, 5)


def test_it_can_be_taken_back_instead(half, house, tag):
    give_up(half)
    half.undo()
    assert (half.row.state, half.counts["undone"], half.row.failure, alive(house, tag)) == ("undone", 2, None, 0)


def test_the_old_order_writes_nothing_once_it_was_given_up(half, house, tag):
    round = half.row.round
    give_up(half)
    running.run_import(half.door, half.id, round)
    go_on(half)
    running.run_import(half.door, half.id, round)
    assert alive(house, tag) == 2


def test_an_order_of_an_earlier_round_ends_nothing(half):
    give_up(half, round=half.row.round - 1)
    assert half.row.state == "running"


def test_an_import_that_was_stopped_meanwhile_stays_stopped(half):
    with half.door() as ctx:
        starting.cancel(ctx, queries.one(ctx, half.id))
    give_up(half)
    assert half.row.state == "cancelled"


def test_a_check_that_broke_off_wrote_nothing_and_goes_on(bring, house, tag):
    from core.transfer import checking, uploading

    one = bring().upload(f"name\nA {tag}\nB {tag}\n").choose(key_field="")
    with one.door() as ctx:
        uploading.start_check(ctx, queries.one(ctx, one.id))
    give_up(one)
    assert (one.row.failure["code"], one.row.broke_off_while, alive(house, tag)) == ("import_check_broke_off", "checking", 0)
    go_on(one)
    checking.check_file(one.door, one.id, one.row.round)
    assert (one.row.state, one.counts["create"]) == ("checked", 2)


def test_an_undo_that_broke_off_goes_on_where_it_stopped(half, house, tag, monkeypatch):
    running.run_import(half.door, half.id, half.row.round)
    with half.door() as ctx:
        undoing.start_undo(ctx, queries.one(ctx, half.id))
    one_import_chunk(undoing, half.door, half.id, half.row.round)
    give_up(half)
    assert (half.row.failure["code"], half.row.broke_off_while, alive(house, tag)) == ("import_undo_broke_off", "undoing", 3)
    with half.door() as ctx, pytest.raises(Refused, match="import_not_now"):
        undoing.start_undo(ctx, queries.one(ctx, half.id))
    go_on(half)
    undoing.undo_import(half.door, half.id, half.row.round)
    assert (half.row.state, half.counts["undone"], alive(house, tag)) == ("undone", 5, 0)


def test_a_refusal_is_told_in_its_own_words_and_a_forbidden_one_names_no_permission(half):
    give_up(half, Forbidden(permission="accounts.create"))
    assert half.row.failure["code"] == "import_not_allowed"
    go_on(half)
    give_up(half, Refused("file_wrong_encoding", field="file", line=7))
    assert (half.row.failure["code"], half.row.failure["params"]) == ("file_wrong_encoding", {"line": 7})


def test_what_did_not_break_off_cannot_go_on(bring, tag):
    one = bring().upload(f"name\nA {tag}\n").choose(key_field="").check().run()
    with one.door() as ctx, pytest.raises(Refused, match="import_not_now"):
        breaking.go_on(ctx, queries.one(ctx, one.id))


def test_who_may_not_write_may_not_go_on(half, house):
    give_up(half)
    with house.ctx() as ctx:
        run = queries.one(ctx, half.id)
        reader = as_actor(ctx, load_actor(ctx.session, house.users["reader"].id, ctx.now)[1])
        with pytest.raises(Forbidden):
            breaking.go_on(reader, run)


def test_the_sweep_ends_what_no_order_works_on_and_nothing_else(half, bring, house, tag):
    other = bring().upload(f"name\nZ {tag}\n").choose(key_field="").check().start()
    with house.ctx() as ctx:
        ctx.session.execute(update(Order).where(Order.args["run_id"].astext == str(half.id)).values(state="parked"))
        assert breaking.left_alone(ctx.session)
        assert breaking.end_orphans(ctx) >= 1
        assert not breaking.left_alone(ctx.session)
    assert (half.row.state, half.row.broke_off_while, other.row.state) == ("failed", "running", "running")
    with house.ctx() as ctx:
        assert ctx.session.execute(select(ImportRun.state).where(ImportRun.id == other.id)).scalar_one() == "running"


def test_a_check_that_was_stopped_stays_stopped_whatever_its_worker_finds(bring):
    one = bring().upload("name\nA\n")
    with one.door() as ctx:
        uploading.start_check(ctx, queries.one(ctx, one.id))
    with one.door() as ctx:
        starting.cancel(ctx, queries.one(ctx, one.id))
    checking.fail(one.door, one.id, one.row.round, Refused("file_empty"))
    assert one.row.state == "cancelled"
