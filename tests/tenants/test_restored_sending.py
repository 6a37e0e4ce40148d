"""RELIABILITY 1.3.6, fault 22: after a restore nothing is sent until a person releases it, whatever clock and workers do."""

from collections import Counter
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.facts import Fact
from core.base.outbox import Order, defer, due_orders
from core.mailings import drafting, holding, running
from core.mailings.models import Mailing
from core.parties.models import Contact
from tenants import backup, entry
from tests.support.smtp_sink import aimed_at_a_sink
from tests.support.world import Browser, House
from workers.run import work

pytestmark = pytest.mark.usefixtures("short_lease")


@pytest.fixture
def sink(app, monkeypatch):
    with aimed_at_a_sink(monkeypatch) as sink:
        yield sink


@pytest.fixture
def house(app):
    return House(f"held-{uuid4().hex[:6]}", {"owner": "admin"})


def started(house, count: int = 6):
    """A mailing that has begun and sent nothing yet."""
    with house.ctx() as ctx:
        ctx.session.add_all(Contact(name=f"Person {n}", mail=f"p{n}@people.example", mail_norm=f"p{n}@people.example", tags=["news"]) for n in range(count))
        ctx.session.flush()
        mailing = drafting.draft_mailing(ctx, subject="News", body="Hello", tags=["news"])
        ctx.session.flush()
        return running.start_mailing(ctx, mailing.id).id


def work_off(house):
    """Every order that is due, and those that they leave, until there is none."""
    for _ in range(50):
        with entry.enter(house.tenant) as session:
            due = [row.id for row in due_orders(session, Order, now=entry.utcnow())]
        if not due:
            return
        for order_id in due:
            work(str(order_id), str(house.tenant.id))
    raise AssertionError("the orders never end")


def minutes_go_by(house):
    """What the clock orders every five minutes, and all that follows from it."""
    with house.ctx() as ctx:
        if running.left_alone(ctx.session):
            defer(ctx, "mailings.revive")
    work_off(house)


def restored_after_sending(house, sink, folder):
    """Exported after the start, sent to all, put back, and the clock has gone on."""
    mailing_id = started(house)
    archive = backup.export(house.fresh(), "test", folder=folder)
    work_off(house)
    assert len(sink.taken) == 6
    backup.restore(house.fresh(), archive, "test")
    house.tenant = house.fresh()
    minutes_go_by(house)
    return mailing_id


def got(sink) -> Counter:
    return Counter(taken.recipient for taken in sink.taken)


def test_a_mailing_that_was_on_its_way_is_held_and_nobody_gets_it_twice(app, house, sink, tmp_path):
    mailing_id = restored_after_sending(house, sink, tmp_path)
    assert set(got(sink).values()) == {1} and len(got(sink)) == 6
    with house.ctx() as ctx:
        mailing = ctx.session.get(Mailing, mailing_id)
        assert (mailing.state, mailing.pause_reason) == ("paused", "restore")
        assert ctx.session.execute(select(Fact.actor_name).where(Fact.subject_id == mailing_id, Fact.kind == "mailing.held")).scalars().all() == ["system"]
    assert "restored from a backup" in Browser(app, house, "owner").get(f"/mailings/{mailing_id}").text


def test_a_person_releases_it(house, sink, tmp_path):
    mailing_id = restored_after_sending(house, sink, tmp_path)
    with house.ctx() as ctx:
        assert running.resume_mailing(ctx, mailing_id).pause_reason is None
    work_off(house)
    with house.ctx() as ctx:
        assert ctx.session.get(Mailing, mailing_id).state == "done"


def test_without_the_hold_everybody_gets_it_twice(house, sink, tmp_path, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(holding, "hold", lambda ctx: None)
    restored_after_sending(house, sink, tmp_path)
    assert set(got(sink).values()) == {2}
