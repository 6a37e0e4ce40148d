"""The job of the daily letters: in the table of the clock, to each tenant that can be opened, one person's failure is one person's; what it wrote goes out once."""

from collections import Counter
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from core.activities import actions as log
from core.base.outbox import Order
from core.briefs import daily
from core.notifications import choosing
from core.parties import actions as parties
from core.post.models import OutgoingMail
from infra import mail
from tenants import entry
from tests.support.world import House
from workers import run as runner
from workers.jobs import briefs as jobs
from workers.schedule import SCHEDULE


@pytest.fixture
def house(app, monkeypatch):
    """It is nine in the morning; two people asked yesterday, and somebody waits for each of them."""
    found = House(f"daily-{uuid4().hex[:6]}")
    now = datetime.combine(entry.utcnow().date(), time(9)).astimezone()
    with found.ctx() as ctx:
        ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC'"))
    for who in ("rep", "colleague"):
        with found.ctx(who, now=now - timedelta(days=1)) as ctx:
            choosing.choose(ctx, daily_hour="8", daily_days="every")
            log.log_activity(ctx, kind="call", account=parties.create_account(ctx, name=f"House of {who}"), next_contact=now.date())
    for place in (entry, runner):  # one clock for who writes and for who sends: an order of nine is not due at five
        monkeypatch.setattr(place, "utcnow", lambda: now)
    return found


def letters(house):
    with house.ctx() as ctx:
        return {row.to_mail.partition("@")[0]: row for row in ctx.session.execute(select(OutgoingMail).where(OutgoingMail.template == "daily")).scalars()}


def test_everybody_gets_his_though_one_fails(house, monkeypatch):
    real = daily.write_letter

    def fails(ctx, user_id):
        if user_id == house.users["rep"].id:
            raise RuntimeError("no")
        return real(ctx, user_id)

    monkeypatch.setattr(daily, "write_letter", fails)
    assert jobs.letters_of(house.tenant) == 1 and list(letters(house)) == ["colleague"]
    monkeypatch.setattr(daily, "write_letter", real)
    assert [jobs.letters_of(house.tenant), jobs.letters_of(house.tenant)] == [1, 0]
    assert sorted(letters(house)) == ["colleague", "rep"] and "House of rep" in letters(house)["rep"].body_text and "House of colleague" not in letters(house)["rep"].body_text
    assert [one.every for one in SCHEDULE if one.job == jobs.WRITE] == [timedelta(minutes=15)]


def test_a_workspace_that_nobody_can_open_writes_none(house):
    tenant = house.fresh()
    for access, written in (("suspended", 0), ("closed", 0), ("read_only", 2)):
        tenant.access = access
        assert jobs.letters_of(tenant) == written, access


def test_what_is_killed_between_composing_and_sending_goes_out_once(house, monkeypatch):
    """Killed while it composes: nothing is there. Killed before the content leaves: the order comes back. Run again: nothing goes twice."""
    sent = Counter()

    def post(url, message, before_data):
        assert before_data()
        sent[message.to_mail.partition("@")[0]] += 1
        return mail.Sent("ok")

    real = daily.hand_in
    monkeypatch.setattr(daily, "hand_in", lambda *args, **values: (real(*args, **values), _die()))
    with pytest.raises(KeyboardInterrupt):
        jobs.letters_of(house.tenant)
    assert letters(house) == {}
    monkeypatch.setattr(daily, "hand_in", real)
    assert jobs.letters_of(house.tenant) == 2
    monkeypatch.setattr(mail, "send", lambda *args, **values: _die())
    keys = orders(house)
    assert len(keys) == 2
    with pytest.raises(KeyboardInterrupt):
        runner.work(str(keys[0]), str(house.tenant.id))
    assert {row.state for row in letters(house).values()} == {"claimed", "queued"} and sent == {}
    monkeypatch.setattr(mail, "send", post)
    lease_ends(house)
    for _ in range(2):
        for key in keys:
            runner.work(str(key), str(house.tenant.id))
        jobs.letters_of(house.tenant)
    assert sent == {"rep": 1, "colleague": 1} and {row.state for row in letters(house).values()} == {"sent"} and orders(house) == keys


def _die():
    raise KeyboardInterrupt


def orders(house):
    with house.ctx() as ctx:
        return list(ctx.session.execute(select(Order.id).where(Order.name == "post.deliver").order_by(Order.id)).scalars())


def lease_ends(house):
    """The killed worker's hold on its order runs out, and the sweeper puts it back."""
    with house.ctx() as ctx:
        ctx.session.execute(text("UPDATE outbox SET state = 'waiting', lease_token = NULL, lease_until = NULL WHERE state = 'running'"))
