"""An order that is given up: its room is told in the same transaction, and whatever the room does, the order ends."""

from uuid import UUID

import pytest
from sqlalchemy import select, update

from core.base.facts import Fact
from core.base.ids import new_id
from core.base.outbox import MAX_ATTEMPTS, Order
from tenants import entry
from workers.job import GIVEN_UP, Why, given_up


@pytest.fixture
def told():
    """Rooms of test jobs that note what they hear; forgotten afterwards."""
    heard = []

    def listen(*names, breaks=False):
        @given_up(*names)
        def hear(ctx, why: Why, *, key: str):
            heard.append((why.state, why.refusal.code if why.refusal else None, ctx.actor.kind))
            ctx.session.add(Fact(kind="test.told", at=ctx.now, subject_type="test", subject_id=UUID(key), params={}))
            ctx.session.flush()
            if breaks:
                raise RuntimeError("the room is broken too")

        return heard

    yield listen
    for name in [name for name in GIVEN_UP if name.startswith("test.")]:
        del GIVEN_UP[name]


def test_the_room_of_a_job_that_killed_its_worker_each_time_is_told(told, order, work, row, due, facts):
    heard, key = told("test.effect"), str(new_id())
    found = order("test.effect", key=key)
    due(found, attempts=MAX_ATTEMPTS)
    assert work(found) == "parked"
    assert heard == [("parked", None, "system")] and facts(key, "test.told") == 1 and row(found).state == "parked"


def test_it_is_told_after_the_last_attempt_and_not_before(told, order, work, due, facts):
    heard, key = told("test.raises"), str(new_id())
    found = order("test.raises", key=key)
    for _ in range(MAX_ATTEMPTS - 1):
        assert work(found) == "again"
        due(found)
    assert heard == []
    assert work(found) == "parked" and heard == [("parked", None, "system")]


def test_it_hears_the_refusal_that_ended_the_order(told, order, work):
    heard = told("test.refused")
    assert work(order("test.refused", key=str(new_id()))) == "failed"
    assert heard == [("failed", "unknown_value", "system")]


def test_it_is_told_also_when_the_person_the_job_acts_as_is_gone(house, told, order, work):
    heard, found = told("test.as_asker"), order("test.as_asker", key=str(new_id()))
    with entry.enter(house.tenant) as session:
        session.execute(update(Order).where(Order.id == found).values(asked_by=new_id()))
    assert work(found) == "failed"
    assert heard == [("failed", None, "system")]


def test_a_room_that_breaks_leaves_nothing_and_the_order_is_parked_all_the_same(told, order, work, row, due, facts):
    heard, key = told("test.effect", breaks=True), str(new_id())
    found = order("test.effect", key=key)
    due(found, attempts=MAX_ATTEMPTS)
    assert work(found) == "parked"
    assert len(heard) == 1 and facts(key, "test.told") == 0
    assert (row(found).state, row(found).error) == ("parked", "the worker died at every attempt")


def test_whoever_lost_the_order_meanwhile_tells_nobody_anything(house, told, order, facts):
    from uuid import uuid4

    from workers import run as runner

    told("test.refused")
    key = str(new_id())
    found = order("test.refused", key=key)
    late = runner.Held.claim(runner.place_of(str(house.tenant.id)), found)
    with entry.enter(house.tenant) as session:
        session.execute(update(Order).where(Order.id == found).values(lease_token=uuid4()))
    assert late.run() == "lost"
    assert facts(key, "test.told") == 0


def test_two_rooms_cannot_listen_to_the_same_job(told):
    told("test.effect")
    other = lambda ctx, why: None  # noqa: E731
    other.__module__ = "elsewhere"
    with pytest.raises(RuntimeError, match="declared twice"):
        given_up("test.effect")(other)


def test_every_room_that_listens_names_a_job(app):
    from workers.job import load_jobs

    assert set(GIVEN_UP) <= set(load_jobs())
    assert {"transfer.check", "transfer.run", "transfer.undo", "post.deliver"} <= set(GIVEN_UP)


def test_a_letter_that_nobody_could_deliver_is_not_left_half_sent(house, work, due):
    from core.post import actions
    from core.post.models import OutgoingMail

    for state, ends_as in (("claimed", "failed"), ("sending", "unknown")):
        with house.ctx() as ctx:
            params = {"product": "Tendero", "name": "Bo", "company": "Acme", "url": "https://acme.example", "link": "https://acme.example"}
            mail = actions.hand_in(ctx, template="welcome", to="bo@people.example", params=params)
            mail_id = mail.id
            order_id = ctx.session.execute(select(Order.id).where(Order.name == "post.deliver", Order.args["mail_id"].astext == str(mail_id))).scalar_one()
            ctx.session.execute(update(OutgoingMail).where(OutgoingMail.id == mail_id).values(state=state))
        due(order_id, attempts=MAX_ATTEMPTS)
        assert work(order_id) == "parked"
        with house.ctx() as ctx:
            assert ctx.session.get(OutgoingMail, mail_id).state == ends_as
