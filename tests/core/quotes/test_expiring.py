"""A quote runs out once, by the workspace's calendar, and who answers for it is told before and then."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.notifications.models import Notification
from core.parties import actions as parties
from core.quotes import drafting, expiring, lining, queries, sending


@pytest.fixture
def sent(world):
    """(key of a quote of the rep's that holds for five days, when it was sent)"""
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        quote = drafting.create_quote(ctx, name="Trays", account_id=account.id)
        lining.save_lines(ctx, quote, [{"name": "Work", "unit_price": "1"}])
        sending.send_quote(ctx, quote, valid_until=ctx.today + timedelta(days=5))
        return quote.id, ctx.now


def told(ctx, key, sentence):
    found = ctx.session.execute(select(Notification.params).where(Notification.record_id == key)).scalars()
    return sum(1 for params in found if params.get("say") == sentence)


def test_it_is_reminded_of_once_and_expires_once(world, sent):
    key, at = sent
    for days, state, soon, over in ((0, "sent", 0, 0), (1, "sent", 0, 0), (2, "sent", 1, 0), (3, "sent", 1, 0), (5, "sent", 1, 0), (6, "expired", 1, 1), (7, "expired", 1, 1)):
        for _ in range(2):
            with world.acme.ctx("owner", now=at + timedelta(days=days, minutes=1)) as ctx:
                expiring.expire(ctx)
                expiring.remind(ctx)
        with world.acme.ctx("owner", now=at + timedelta(days=days, minutes=1)) as ctx:
            quote = queries.one_quote(ctx, key)
            assert (quote.state, queries.newest(ctx, quote).state) == (state, state)
            assert (told(ctx, key, "told.quote_expires"), told(ctx, key, "told.quote_expired")) == (soon, over), days


def test_what_was_answered_does_not_expire(world, sent):
    key, at = sent
    with world.acme.ctx("rep") as ctx:
        sending.withdraw(ctx, queries.one_quote(ctx, key))
    with world.acme.ctx("owner", now=at + timedelta(days=30)) as ctx:
        assert expiring.expire(ctx) == 0 and queries.one_quote(ctx, key).state == "withdrawn"
