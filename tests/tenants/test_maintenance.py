"""RELIABILITY 4(d), TENANCY 7: a restore under the tenant's own writers loses no save that was acknowledged to them."""

import multiprocessing
import threading
import time
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from core.base.errors import Refused
from infra.db import database
from tenants import backup, entry, lifecycle, maintenance, registry
from tenants.models import OperatorAct
from tests.support.world import Browser, House


@pytest.fixture
def house(app):
    return House(f"held-{uuid4().hex[:6]}", {"owner": "admin"})


def accounts_in(schema: str) -> set[str]:
    with database().owner() as connection:
        return {name for (name,) in connection.execute(f"SELECT name FROM {schema}.account").fetchall()}  # noqa: S608


class Writer:
    """A web process of its own, with its own cache of the directory: it creates one account after the other."""

    def __init__(self, app, house):
        context = multiprocessing.get_context("fork")
        self.ends, far = context.Pipe()
        self.child = context.Process(target=self._work, args=(app, house, far))
        self.child.start()

    def _work(self, app, house, pipe):
        database().forget()
        registry.forget()
        browser, seen, n = Browser(app, house, "owner"), [], 0
        while not pipe.poll():
            n, began = n + 1, datetime.now(UTC)
            answer = browser.post("/accounts", {"name": f"Saved {n}"})
            where = answer.headers.get("Location", "")
            seen.append((f"Saved {n}", answer.status_code, where, answer.headers.get("Retry-After"), began))
            if "sign-in" in where:  # a restore ends sessions
                house.tenant = registry.by_id(house.tenant.id, fresh=True)
                browser = Browser(app, house, "owner")
            time.sleep(0.01)
        pipe.send(seen)

    def stop(self) -> list[tuple]:
        self.ends.send("stop")
        seen = self.ends.recv()
        self.child.join()
        return seen


def restore_under_a_writer(app, house, folder):
    """(what the writer saw, the run), with work before and after."""
    archive = backup.export(house.fresh(), "test", folder=folder)
    writer = Writer(app, house)
    time.sleep(1.0)
    run = backup.restore(house.fresh(), archive, "test")
    time.sleep(5.0)  # longer than the lease, so that the writer works on
    house.tenant = house.fresh()
    return writer.stop(), run


def acknowledged(seen) -> dict[str, datetime]:
    return {name: began for name, status, where, _, began in seen if status == 303 and "/accounts/" in where and "sign-in" not in where}


def lost(seen, run) -> set[str]:
    """Acknowledged, begun after the report's moment, and not there."""
    since = datetime.fromisoformat(run.data["closed_at"])
    return {name for name, began in acknowledged(seen).items() if began >= since} - accounts_in(run.data["swapped_to"])


def test_a_save_is_either_reported_as_set_aside_or_there_afterwards(app, house, tmp_path):
    seen, run = restore_under_a_writer(app, house, tmp_path)
    aside, present = accounts_in(run.data["set_aside"]), accounts_in(run.data["swapped_to"])
    assert set(acknowledged(seen)) == aside | present and not aside & present
    assert lost(seen, run) == set()
    assert aside and present, "the writer worked before and after"
    refused = [(status, retry) for _, status, where, retry, _ in seen if status != 303]
    assert refused and {status for status, _ in refused} == {503} and all(retry for _, retry in refused)


def test_without_the_closing_saves_are_lost(app, house, tmp_path, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(maintenance, "close", lambda tenant: entry.utcnow())
    assert lost(*restore_under_a_writer(app, house, tmp_path)) != set()


def closed_in_a_thread(house, monkeypatch, lease: float = 0.0):
    monkeypatch.setattr(registry, "CACHE_SECONDS", lease)
    closing = threading.Thread(target=maintenance.close, args=(house.fresh(),))
    closing.start()
    return closing


def test_who_saved_before_the_closing_is_waited_for_and_may_commit(house, monkeypatch):
    stale = house.fresh()
    with entry.enter(stale) as session:
        session.execute(text("INSERT INTO account (name) VALUES ('in time')"))
        closing = closed_in_a_thread(house, monkeypatch)
        closing.join(0.7)
        assert closing.is_alive()
    closing.join(10)
    assert not closing.is_alive() and "in time" in accounts_in(stale.schema_name)


def test_who_comes_late_with_an_old_row_fails_instead_of_saving(house, monkeypatch):
    stale = house.fresh()
    with pytest.raises(ProgrammingError), entry.enter(stale) as session:
        session.execute(text("SELECT count(*) FROM account"))
        closed_in_a_thread(house, monkeypatch).join(10)
        session.execute(text("INSERT INTO account (name) VALUES ('too late')"))
    with pytest.raises(ProgrammingError), entry.enter(stale) as session:
        session.execute(text("INSERT INTO account (name) VALUES ('too late')"))
    assert "too late" not in accounts_in(stale.schema_name)


def test_a_request_that_the_closing_overtakes_is_answered_503(app, house, monkeypatch):
    from web import plumbing

    browser, refuse = Browser(app, house, "owner"), plumbing.refuse_unsettled

    def overtaken(tenant):
        refuse(tenant)
        closed_in_a_thread(house, monkeypatch).join(10)

    house.fresh()
    monkeypatch.setattr(plumbing, "refuse_unsettled", overtaken)
    answer = browser.post("/accounts", {"name": "overtaken"})
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert "overtaken" not in accounts_in(house.tenant.schema_name)


@pytest.mark.usefixtures("short_lease")
def test_a_transaction_that_does_not_end_stops_the_restore_and_the_tenant_works_on(house, tmp_path, monkeypatch):
    archive = backup.export(house.fresh(), "test", folder=tmp_path)
    monkeypatch.setattr(maintenance, "DRAIN_SECONDS", 0.3)
    with entry.enter(house.fresh()) as session:
        session.execute(text("INSERT INTO account (name) VALUES ('slow')"))
        with pytest.raises(Refused, match="tenant_busy"):
            backup.restore(house.fresh(), archive, "test")
    assert house.fresh().state == "active"
    with house.ctx() as ctx:
        assert ctx.session.execute(text("SELECT count(*) FROM account WHERE name = 'slow'")).scalar_one() == 1


@pytest.mark.usefixtures("short_lease")
def test_whose_deletion_is_asked_for_while_a_restore_fails_still_has_his_data_when_he_is_kept(house, tmp_path, monkeypatch):
    def meanwhile(connection, schema):
        lifecycle.ask_deletion(house.tenant, "test")
        raise Refused("tenant_busy")

    archive = backup.export(house.fresh(), "test", folder=tmp_path)
    monkeypatch.setattr(maintenance, "_await_writers", meanwhile)
    with pytest.raises(Refused, match="tenant_busy"):
        backup.restore(house.fresh(), archive, "test")
    assert house.fresh().state == "deleting"
    lifecycle.keep_after_all(house.tenant, access="trialing")
    with house.ctx() as ctx:
        assert ctx.session.execute(text("SELECT count(*) FROM app_user")).scalar_one() == 1


@pytest.mark.usefixtures("short_lease")
def test_a_restore_stands_in_the_operators_record(house, tmp_path):
    archive = backup.export(house.fresh(), "test", folder=tmp_path)
    run = backup.restore(house.fresh(), archive, "olga")
    with entry.control() as session:
        act = session.execute(select(OperatorAct).where(OperatorAct.tenant_id == house.tenant.id)).scalar_one()
    assert (act.operator, act.action, act.detail["set_aside"]) == ("olga", "tenant.restored", run.data["set_aside"])


@pytest.mark.usefixtures("short_lease")
def test_the_restored_audit_is_sealed_on_and_where_it_ended_before_is_on_record(house, tmp_path):
    """Its chain is shorter than the anchor of what was there before, which else means that somebody cut it off."""
    from core.base.outbox import Order, defer
    from workers.jobs.audit import seal_tenant
    from workers.run import work

    def seal(change):
        with house.ctx() as ctx:
            ctx.session.execute(text("INSERT INTO account (name) VALUES (:name)"), {"name": change})
        return seal_tenant(house.fresh())

    assert seal("before")
    archive = backup.export(house.fresh(), "test", folder=tmp_path)
    assert seal("after")
    backup.restore(house.fresh(), archive, "test")
    house.tenant = house.fresh()
    assert seal("later")
    with house.ctx() as ctx:
        verify = defer(ctx, "audit.verify")
    assert work(str(verify), str(house.tenant.id)) == "done"
    with entry.control() as session:
        chain = session.execute(select(OperatorAct.detail).where(OperatorAct.tenant_id == house.tenant.id)).scalar_one()["audit_chain"]
    with house.ctx() as ctx:
        assert ctx.session.get(Order, verify).result["problems"] == 0
    assert chain["before"][0] > chain["now"][0]
