"""Fault 9 on single letters: whatever the mail server does, the state tells the truth and nothing goes twice."""

from datetime import UTC, datetime

import pytest

from core.base.outbox import MAX_ATTEMPTS
from core.post import actions
from core.post.models import OutgoingMail
from infra import mail
from infra.config import settings
from tenants import entry
from tests.support.smtp_sink import aimed_at_a_sink
from tests.workers.conftest import due, house, order, row, work  # noqa: F401


@pytest.fixture
def sink(stack, monkeypatch):
    with aimed_at_a_sink(monkeypatch) as running:
        yield running


@pytest.fixture
def letter(house):  # noqa: F811
    """letter(address): hand one in; returns (its key, its order's key)."""
    from sqlalchemy import select

    from core.base.outbox import Order

    def hand_in(to="anna@example.com"):
        with house.ctx() as ctx:
            params = {"what": "Call", "who": "ACME", "due": ctx.now, "name": "Anna"}
            made = actions.hand_in(ctx, template="reminder", to=to, params=params)
            orders = select(Order.id).where(Order.name == "post.deliver").order_by(Order.created_at.desc(), Order.id.desc())
            return made.id, ctx.session.execute(orders.limit(1)).scalar_one()

    return hand_in


@pytest.fixture
def state(house):  # noqa: F811
    def read(mail_id):
        with entry.enter(house.tenant) as session:
            return session.get(OutgoingMail, mail_id)

    return read


# mode of the server -> (word of the order, state of the letter, copies that arrived)
TABLE = {
    "take": ("done", "sent", 1),
    "rcpt_4xx": ("again", "queued", 0),
    "rcpt_5xx": ("done", "failed", 0),
    "data_4xx": ("again", "queued", 0),
    "data_5xx": ("done", "failed", 0),
    "end_4xx": ("again", "queued", 0),
    "end_5xx": ("done", "failed", 0),
    "drop_before_data": ("again", "queued", 0),
    "drop_after_dot": ("done", "unknown", 1),
}


@pytest.mark.parametrize("mode", TABLE)
def test_the_state_of_a_letter_is_what_the_server_did(sink, letter, work, state, due, mode):  # noqa: F811
    sink.mode = mode
    mail_id, order_id = letter()
    word, found, copies = TABLE[mode]
    assert (work(order_id), state(mail_id).state, len(sink.taken)) == (word, found, copies)
    sink.mode = "take"
    due(order_id)
    work(order_id)
    assert len(sink.taken) == (0 if found == "failed" else 1)


def test_a_connection_lost_within_the_content_never_sends_twice(sink, letter, work, state, due):  # noqa: F811
    """Whether the dot was on its way is not known here: queued or unknown are true, sent is not."""
    sink.mode = "drop_before_dot"
    mail_id, order_id = letter()
    work(order_id)
    assert state(mail_id).state in ("queued", "unknown") and not sink.taken


def test_if_unknown_were_taken_for_temporary_a_letter_would_go_twice(sink, letter, work, due, monkeypatch):  # noqa: F811
    """The negative control: the same drop after the dot, classified wrongly."""
    monkeypatch.setattr(mail, "Unknown", mail.Temporary)
    sink.mode = "drop_after_dot"
    _, order_id = letter()
    assert work(order_id) == "again"
    sink.mode = "take"
    due(order_id)
    work(order_id)
    assert len(sink.taken) == 2


def test_a_server_that_is_away_costs_attempts_and_then_the_letter_fails(sink, letter, work, state, due, monkeypatch):  # noqa: F811
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1:1")
    settings.cache_clear()
    mail_id, order_id = letter()
    for _ in range(MAX_ATTEMPTS - 1):
        assert work(order_id) == "again"
        due(order_id)
    assert work(order_id) == "done"
    assert state(mail_id).state == "failed" and state(mail_id).attempts == MAX_ATTEMPTS


def test_a_letter_that_another_worker_took_over_is_not_sent(sink, letter, state, house):  # noqa: F811
    """The first worker slept before DATA; the second one's claim has changed the token."""
    mail_id, _ = letter()
    first, second = mail_id, actions.new_id()
    with house.ctx() as ctx:
        actions.claim(ctx, mail_id, first)
    with house.ctx() as ctx:
        actions.claim(ctx, mail_id, second)
    with house.ctx() as ctx:
        assert actions.mark_sending(ctx, mail_id, first) is False
        assert actions.mark_sending(ctx, mail_id, second) is True
    assert state(mail_id).state == "sending"


def test_a_letter_found_in_sending_is_in_doubt_and_a_late_truth_settles_it(letter, state, house):  # noqa: F811
    mail_id, _ = letter()
    with house.ctx() as ctx:
        actions.claim(ctx, mail_id, mail_id)
        actions.mark_sending(ctx, mail_id, mail_id)
    with house.ctx() as ctx:
        assert actions.claim(ctx, mail_id, actions.new_id()) is None
    assert state(mail_id).state == "unknown"
    with house.ctx() as ctx:
        assert actions.mark(ctx, mail_id, mail_id, mail.Sent("250 ok")) == "sent"


def test_nothing_is_sent_when_the_intent_could_not_be_written(sink):
    message = mail.Message(to_mail="a@example.com", from_mail="b@example.com", subject="s", text="t", message_id="<1@x>", date=datetime.now(UTC))
    assert isinstance(mail.send(sink.url, message, before_data=lambda: False), mail.Temporary)
    assert not sink.taken


def test_a_slow_server_is_given_up_in_bounded_time_and_the_letter_is_in_doubt(sink, letter, work, state, monkeypatch):  # noqa: F811
    monkeypatch.setattr(mail, "ANSWER_SECONDS", 0.5)
    sink.mode, sink.slow_seconds = "slow", 2.0
    mail_id, order_id = letter()
    work(order_id)
    assert state(mail_id).state == "unknown" and len(sink.taken) == 1
