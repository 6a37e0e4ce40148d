"""Mails that people wrote go when they are due."""

from uuid import UUID

from core.mail.sending import give_up, send_held
from workers.job import Why, given_up, job
from workers.queues import MAIL


@job("mail.send", queue=MAIL)
def send(ctx, *, message_id: str) -> None:
    """Hand one to the post, once: whoever stopped it before this moment stopped it for good."""
    send_held(ctx, UUID(message_id))


@given_up("mail.send")
def gave_up(ctx, why: Why, *, message_id: str) -> None:
    """Nobody waits for a mail that does not go."""
    give_up(ctx, UUID(message_id))
