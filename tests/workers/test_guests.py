"""Guests are told by the job that was ordered, each once; where whoever said so is gone, nothing goes and it is offered again."""

from datetime import timedelta

from sqlalchemy import func, select, update

from core.activities import actions as log
from core.activities.models import Guest
from core.base.outbox import Order
from core.identity.models import User
from core.mail import guests, inviting
from core.parties import actions as parties
from core.post.models import OutgoingMail
from tenants import entry


def told(house, who="rep"):
    """(key of the meeting, key of the order)."""
    with house.ctx(who) as ctx:
        person = parties.create_contact(ctx, name="Sofie Guest", mail=f"sofie-{ctx.now.timestamp()}@guests.example")
        ctx.session.flush()
        made = log.log_activity(ctx, kind="meeting", contact=person, body="x", next_contact=ctx.now + timedelta(days=3), next_contact_note="Spring frames")
        ctx.session.flush()
        inviting.tell(ctx, made)
        return made.id, ctx.session.execute(select(Order.id).where(Order.name == inviting.ORDER, Order.args["activity_id"].astext == str(made.id))).scalar_one()


def letters(house, key):
    with house.ctx("owner") as ctx:
        keys = [str(one) for one in ctx.session.execute(select(Guest.id).where(Guest.activity_id == key)).scalars()]
        return ctx.session.execute(select(func.count()).select_from(OutgoingMail).where(OutgoingMail.dedupe_key.in_([f"guest:{one}:{number}" for one in keys for number in range(20)]))).scalar_one()


def ready(house, due, order, key):
    """The seconds are over."""
    due(order)
    with entry.enter(house.tenant) as session:
        session.execute(Guest.__table__.update().where(Guest.activity_id == key).values(due_at=entry.utcnow() - timedelta(seconds=1)))


def test_each_is_told_once_however_often_the_job_runs(house, work, due, row):
    key, order = told(house)
    ready(house, due, order, key)
    assert work(order) == "done" and row(order).result == {"told": 1} and letters(house, key) == 1
    with house.ctx("rep") as ctx:
        assert inviting.send_due(ctx, key) == 0
    assert letters(house, key) == 1
    with house.ctx("owner") as ctx:
        assert ctx.session.execute(select(Guest.state).where(Guest.activity_id == key)).scalar_one() == "asked"


def test_where_whoever_said_so_works_here_no_more_nothing_goes_and_it_is_offered_again(house, work, due, row):
    key, order = told(house)
    ready(house, due, order, key)
    with entry.enter(house.tenant) as session:
        session.execute(update(User).where(User.id == house.users["rep"].id).values(state="disabled"))
    try:
        assert work(order) == "failed" and letters(house, key) == 0
    finally:
        with entry.enter(house.tenant) as session:
            session.execute(update(User).where(User.id == house.users["rep"].id).values(state="active"))
    with house.ctx("owner") as ctx:
        assert [one.what for one in guests.asked(ctx, guests.meeting(ctx, key))] == ["request"]
