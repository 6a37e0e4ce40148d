"""Long lists in the background: whole, once, a day long, for whoever asked and as far as he sees; nothing is left behind."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select, update

from core.activities.queries import LogFilters
from core.audit.models import AuditEntry
from core.base.errors import Forbidden, NotFound, Refused, TooMany
from core.base.outbox import Order
from core.notifications.models import Notification
from core.parties import actions
from core.transfer import exporting, preparing, sweeping
from core.transfer.exporting import Filters, Shape
from core.transfer.models import ExportRun, PreparedExport
from core.transfer.wanted import Wanted, from_json, number_of
from infra import storage as store
from tests.support.races import at_once, meeting
from tests.support.world import House

LIST = Wanted("accounts", Filters(search="Nord", where=(("city", "eq", "Kiel"),)))


@pytest.fixture(scope="module")
def house(app):
    house = House(f"t{uuid4().hex[:8]}")
    with house.ctx("rep") as ctx:
        for n in range(7):
            actions.create_account(ctx, name=f"Nord {n}", city="Kiel")
    return house


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, house):
    """A store of the test's own, and a fresh hour."""
    kept = store.FolderStore(tmp_path)
    monkeypatch.setattr(preparing, "storage", lambda: kept)
    with house.ctx() as ctx:
        ctx.session.execute(delete(PreparedExport))
    return kept


def door_of(house, who="rep", change=lambda ctx: ctx):
    @contextmanager
    def door():
        with house.ctx(who) as ctx:
            yield change(ctx)

    return door


def asked(house, wanted=LIST, who="rep"):
    with house.ctx(who) as ctx:
        return preparing.ask(ctx, wanted, "accounts.csv").id


def made(house, wanted=LIST, who="rep"):
    key = asked(house, wanted, who)
    preparing.write_file(door_of(house, who), key, 1)
    return key


def state(house, key):
    with house.ctx() as ctx:
        return ctx.session.get_one(PreparedExport, key)


def fetched(house, key, who="rep", now=None):
    with house.ctx(who, now=now) as ctx:
        return preparing.fetch(ctx, key)[1].read()


def files(folder):
    return [path for path in folder.root.rglob("*") if not (path.is_dir() and (len(path.name) in (2, 36)))]


@pytest.mark.parametrize("wanted", [
    LIST, Wanted("contacts", Filters(owner="me"), keys=[uuid4()], shape=Shape("vcard", ("city",), True)), Wanted("activities", log=LogFilters(account_id=uuid4(), owner="me")),
    Wanted("recipients", mailing_id=uuid4(), state="sent"),
], ids=lambda wanted: wanted.kind)
def test_what_is_wanted_is_the_same_out_of_the_row(wanted):
    assert from_json(wanted.as_json()) == wanted


def test_a_list_is_written_and_given_out_once(house, folder):
    key = made(house)
    run = state(house, key)
    assert (run.state, run.rows_done, run.size > 100) == ("ready", 7, True) and len(files(folder)) == 1
    lines = fetched(house, key).decode("utf-8-sig").splitlines()
    assert len(lines) == 8 and files(folder) == []
    with pytest.raises(Refused, match="export_not_there"):
        fetched(house, key)
    with house.ctx() as ctx:
        steps = list(ctx.session.execute(select(ExportRun.step, ExportRun.rows, ExportRun.created_by).order_by(ExportRun.id.desc()).limit(2)))
        told = ctx.session.execute(select(Notification.params).where(Notification.record_id == key)).scalar_one()
        audited = ctx.session.execute(select(func.count()).where(AuditEntry.table_name == "export_run")).scalar_one()
    assert steps == [("fetched", 7, house.users["rep"].id), ("taken", 7, house.users["rep"].id)] and told["say"] == "told.export_ready" and audited >= 2


def test_it_is_for_nobody_else(house):
    key = made(house)
    for who in ("owner", "colleague"):
        with pytest.raises(NotFound), house.ctx(who) as ctx:
            preparing.fetch(ctx, key)
        with pytest.raises(NotFound), house.ctx(who) as ctx:
            preparing.cancel(ctx, key)


def test_after_a_day_it_is_gone(house, folder):
    key = made(house)
    later = state(house, key).expires_at + timedelta(seconds=1)
    with pytest.raises(Refused, match="export_not_there"):
        fetched(house, key, now=later)
    with house.ctx(now=later) as ctx:
        assert sweeping.sweep(ctx)["expired"] == 1
    assert state(house, key).state == "expired" and files(folder) == []
    with house.ctx(now=later + timedelta(days=31)) as ctx:
        sweeping.sweep(ctx)
    with house.ctx() as ctx:
        assert ctx.session.get(PreparedExport, key) is None


@pytest.mark.parametrize("change", [{"hidden": frozenset({"accounts.phone"})}, {"visibility": "all"}, {"shares": {"account": {uuid4(): "read"}}}], ids=["hidden", "visibility", "shares"])
def test_who_sees_otherwise_now_does_not_get_it(house, change):
    key = made(house)
    with pytest.raises(Refused, match="export_rights_changed"), house.ctx("rep") as ctx:
        preparing.fetch(replace(ctx, actor=replace(ctx.actor, **change)), key)
    assert fetched(house, key)


def test_who_may_not_take_out_any_more_gets_nothing_written_and_nothing_given(house, folder):
    def without(ctx):
        return replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions - {"accounts.export"}))

    key = asked(house)
    with pytest.raises(Forbidden):
        preparing.write_file(door_of(house, "rep", without), key, 1)
    with house.ctx() as ctx:
        sweeping.end_given_up(ctx, key, 1, Forbidden())
    assert state(house, key).failure["code"] == "export_not_allowed" and files(folder) == []
    ready = made(house)
    with pytest.raises(Forbidden), house.ctx("rep") as ctx:
        preparing.fetch(without(ctx), ready)


def test_stopped_in_the_middle_it_leaves_nothing(house, folder, monkeypatch):
    monkeypatch.setattr(preparing, "STEP", 2)
    key, rows, turn = asked(house), [], preparing._turn

    def stopped_meanwhile(ctx, *given):
        rows.append(1)
        if len(rows) == 3:
            with house.ctx("rep") as other:
                preparing.cancel(other, key)
        return turn(ctx, *given)

    monkeypatch.setattr(preparing, "_turn", stopped_meanwhile)
    assert preparing.write_file(door_of(house), key, 1) == {} and len(rows) == 3 and files(folder) == []
    assert state(house, key).state == "cancelled"


def test_a_cancelled_one_is_thrown_away(house, folder):
    key = made(house)
    with house.ctx("rep") as ctx:
        preparing.cancel(ctx, key)
    assert state(house, key).state == "cancelled" and files(folder) == []
    with pytest.raises(Refused), house.ctx("rep") as ctx:
        preparing.cancel(ctx, key)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_worker_that_died_leaves_nothing_to_the_next(house, folder, form):
    wanted = replace(LIST, shape=Shape(form))
    key, lost = asked(house, wanted), folder.new_key(house.tenant.id)
    with house.ctx() as ctx:
        run = ctx.session.get_one(PreparedExport, key)
        run.file_key, run.state, run.rows_done = lost, "running", 5
    place = folder._place(house.tenant.id, lost)
    place.with_suffix(".tmp").mkdir(parents=True)
    for left in (place.with_suffix(".part"), place.with_suffix(".tmp") / "sheet1"):
        left.write_bytes(b"half")
    assert preparing.write_file(door_of(house), key, 1) == {"rows": 7}
    run = state(house, key)
    assert run.state == "ready" and [path.name for path in files(folder)] == [run.file_key.rsplit("/", 1)[1]]


def test_one_without_an_order_ends_as_failed(house, folder):
    key = asked(house)
    with house.ctx() as ctx:
        assert sweeping.sweep(ctx)["failed"] == 0
        ctx.session.execute(update(Order).where(Order.name == preparing.JOB).values(state="parked"))
    with house.ctx() as ctx:
        assert sweeping.sweep(ctx)["failed"] == 1
    assert state(house, key).failure["code"] == "export_broke_off"


def test_an_erasure_leaves_no_file(house, folder):
    key = made(house)
    with house.ctx() as ctx:
        assert sweeping.end_all(ctx) == 1
    assert state(house, key).state == "cancelled" and files(folder) == []


def test_five_an_hour(house):
    for _ in range(preparing.PER_HOUR):
        asked(house)
    with pytest.raises(TooMany):
        asked(house)
    asked(house, who="manager")


def test_two_tabs_at_once_get_no_more_than_five_an_hour(house):
    for _ in range(preparing.PER_HOUR - 1):
        asked(house)
    assert at_once(*[lambda: asked(house)] * 3) == ["done", "exports_too_many", "exports_too_many"]


def test_without_the_lock_two_tabs_would_get_six(house, monkeypatch):
    monkeypatch.setattr(preparing, "_one_at_a_time", lambda ctx: None)
    monkeypatch.setattr(preparing, "number_of", meeting(number_of, 2))  # both have counted before one writes
    for _ in range(preparing.PER_HOUR - 1):
        with house.ctx("rep") as ctx:
            ctx.session.add(PreparedExport(kind="accounts", owner_id=ctx.actor.id, file_name="a.csv", format="csv", wanted=LIST.as_json(), rows_total=1, created_at=ctx.now))
    assert at_once(*[lambda: asked(house)] * 2) == ["done", "done"]


def test_administrators_are_told_of_a_long_list(house, monkeypatch):
    monkeypatch.setattr(exporting, "ALERT", 5)
    made(house)
    with house.ctx() as ctx:
        told = select(Notification.user_id).where(Notification.params["say"].astext == "told.export_long")
        assert set(ctx.session.execute(told).scalars()) == {house.users["owner"].id}


def test_the_count_is_that_of_the_file_for_every_list(house):
    with house.ctx("rep") as ctx:
        assert number_of(ctx, LIST) == 7 and number_of(ctx, LIST, most=3) == 3 and number_of(ctx, Wanted("contacts")) == 0
        assert number_of(ctx, Wanted("activities")) == 0
    with house.ctx("reader") as ctx, pytest.raises(Forbidden):
        number_of(ctx, LIST)


@pytest.mark.parametrize("shape", [Shape("pdf"), Shape("vcard"), Shape("csv", ("password_hash",))], ids=["a form that there is not", "cards of accounts", "a column that there is not"])
def test_what_no_list_is_written_in_is_refused_at_once(house, shape):
    with house.ctx("rep") as ctx, pytest.raises(Refused, match="unknown_value"):
        preparing.ask(ctx, replace(LIST, shape=shape), "accounts.csv")
