"""Mails that people wrote go when they are due."""

from uuid import UUID

from core.mail import inviting
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


@job("mail.tell_guests", queue=MAIL, as_asker=True)
def tell_guests(ctx, *, activity_id: str) -> dict:
    """Hand what guests of a meeting are to be told to the post, each once: what was stopped or is not so any more does not go."""
    return {"told": inviting.send_due(ctx, UUID(activity_id))}


@given_up("mail.tell_guests")
def guests_not_told(ctx, why: Why, *, activity_id: str) -> None:
    """Whoever had them told hears that they were not."""
    inviting.give_up(ctx, UUID(activity_id))
