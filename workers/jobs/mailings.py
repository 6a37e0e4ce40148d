"""Send mailings: recipients one by one, the intent committed before each message (RELIABILITY 1.3)."""

import logging
import time
from datetime import timedelta
from uuid import UUID

from core.base.rooms import is_off
from core.mailings import composing, queries, running, sending
from core.mailings.sending import Claimed
from infra import mail
from infra.config import settings
from infra.mail import Message, Outcome, Temporary
from workers.job import Again, job
from workers.queues import BULK

log = logging.getLogger("tendero.mailings")
BATCH = 20
# One order works this long, then leaves the next one: other mailings and other tenants get their turn.
SLICE_SECONDS = 30.0
# So many refusals for now in a row, over different people: the server is in trouble, not they.
PATIENCE = 5
SERVER_PAUSE = timedelta(minutes=2)


@job("mailings.send", queue=BULK, steps=True, always=True)
def send(door, *, mailing_id: str) -> None:
    """Work on one mailing for a while. Any number of workers may do so at once: nobody gets it from two of them."""
    key, until, refused = UUID(mailing_id), time.monotonic() + SLICE_SECONDS, 0
    with door() as ctx:
        going = sending.open_run(ctx, key)
    while going and refused < PATIENCE and time.monotonic() < until:
        with door() as ctx:
            batch = _batch(ctx, key)
        going = bool(batch)
        for held, message in batch:
            outcome = _send_one(door, held, message)
            refused = refused + 1 if isinstance(outcome, Temporary) else 0
            going = outcome != "stop"
            # A lost lease is that of the whole batch.
            if outcome in ("stop", "lost") or refused >= PATIENCE or time.monotonic() >= until:
                break
        if batch:
            with door() as ctx:
                sending.release(ctx, key, batch[0][0].token)
    with door() as ctx:
        sending.close_run(ctx, key, pause=SERVER_PAUSE if refused >= PATIENCE else timedelta())


def _batch(ctx, key: UUID) -> list[tuple[Claimed, Message]]:
    """The next recipients with their mails; none where the mailing is no longer being sent."""
    mailing = None if is_off(ctx, "mailings") else queries.mailing_being_sent(ctx, key)
    found = []
    for held in sending.claim(ctx, key, limit=BATCH) if mailing else []:
        try:
            found.append((held, composing.compose(ctx, mailing, held)))
        except Exception as error:
            # One recipient's failure is one recipient's failure (HOUSE 25).
            log.error("a mail could not be composed: %s", type(error).__name__, extra={"mailing": str(key), "recipient": str(held.id)})
            sending.stumble(ctx, held)
    return found


def _send_one(door, held: Claimed, message: Message) -> Outcome | str:
    """Send to one recipient and write down how it went; a word where nothing was sent (see `intend`)."""
    word = "go"

    def intent() -> bool:
        nonlocal word
        with door() as ctx:
            word = sending.intend(ctx, held, message.message_id)
        return word == "go"

    outcome = mail.send(settings().smtp_url, message, before_data=intent)
    if word != "go":
        return word
    # Not fenced by the order: that it was sent is true whoever holds the order by now; the recipient has its own fence.
    with door(fenced=False) as ctx:
        sending.settle(ctx, held, outcome)
    return outcome


@job("mailings.revive", always=True)
def revive(ctx) -> None:
    """Look after mailings that lost their order."""
    running.revive(ctx)


@job("mailings.test", queue=BULK, steps=True)
def send_test(door, *, mailing_id: str, user_id: str) -> None:
    """Send a mailing with sample values to the person who asked for it."""
    with door() as ctx:
        message = composing.compose_test(ctx, UUID(mailing_id), UUID(user_id), door.order_id)
    if message is None:
        return
    outcome = mail.send(settings().smtp_url, message)
    if isinstance(outcome, Temporary):
        raise Again(outcome.reason)
