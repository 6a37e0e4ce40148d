"""Mailboxes: looked at in short steps, the network outside of every transaction; posted mails opened."""

import time
from uuid import UUID

from core.mailboxes import arriving, looking
from core.mailboxes.actions import LOOK
from core.mailboxes.arriving import OPEN_ORDER, Came
from core.mailboxes.looking import Plan
from infra import imap
from infra.imap import Failed, Mailbox
from infra.inbox import MOST_BYTES
from infra.inbox.limited import read_many
from infra.inbox.reading import Unreadable
from workers.job import given_up, job
from workers.queues import BULK

CHUNK, CHUNK_BYTES = 20, 30 * 1024 * 1024
# One order works this long, then leaves the next one.
SLICE_SECONDS = 60.0


@job("mailboxes.tend")
def tend(ctx) -> dict:
    """Orders for what is due."""
    return looking.tend(ctx)


@job(LOOK, queue=BULK, steps=True, lease=120)
def look(door, *, mailbox_id: str) -> dict:
    """Look into the followed folders of one mailbox and take what is new."""
    key, until = UUID(mailbox_id), time.monotonic() + SLICE_SECONDS
    with door() as ctx:
        plan = looking.begin(ctx, key)
    if plan is None:
        return {"looked": False}
    try:
        with imap.mailbox(plan.host, plan.port, plan.username, plan.password) as box:
            more = _look(door, box, plan, until)
    except Failed as failed:
        with door() as ctx:
            looking.fail(ctx, key, failed.why)
        return {"failed": failed.why}
    with door() as ctx:
        looking.end(ctx, key, more=more)
    return {"more": more}


@job(OPEN_ORDER, queue=BULK, steps=True, lease=120)
def open_arrival(door, *, arrival_id: str) -> dict:
    """Open a mail that a program posted, and put it where it belongs."""
    key = UUID(arrival_id)
    with door() as ctx:
        found = arriving.waiting(ctx, key)
    if found is None:
        return {}
    (read,) = read_many([found[0]], trusted=found[1])
    with door() as ctx:
        return {"became": arriving.settle(ctx, key, Came(found[0], read))}


@given_up(OPEN_ORDER)
def not_opened(ctx, why, *, arrival_id: str) -> None:
    arriving.give_up(ctx, UUID(arrival_id))


@given_up(LOOK)
def not_looked(ctx, why, *, mailbox_id: str) -> None:
    looking.fail(ctx, UUID(mailbox_id), "broken")


def _look(door, box: Mailbox, plan: Plan, until: float) -> bool:
    """All followed folders; is there more than this order may take?"""
    found = box.folders()
    with door() as ctx:
        followed = looking.note_folders(ctx, plan.mailbox_id, found)
    for folder_id, name in followed:
        try:
            if _folder(door, box, plan, folder_id, _name_now(door, box, folder_id, name, {one.name for one in found}), until):
                return True
        except Failed as failed:
            if failed.why != "gone":
                raise
    return False


def _name_now(door, box: Mailbox, folder_id: UUID, name: str, there: set[str]) -> str:
    """What it is called now: a folder that is gone may be the one other that counts as it did."""
    if name in there:
        return name
    with door() as ctx:
        validity, mark, others = looking.of_gone(ctx, folder_id)
    said = {other: box.status(other) for other in others[:50]} if validity else {}
    same = [other for other, status in said.items() if status and status.validity == validity and status.next > mark]
    if len(same) != 1:
        raise Failed("gone")
    with door() as ctx:
        looking.renamed(ctx, folder_id, same[0])
    return same[0]


def _folder(door, box: Mailbox, plan: Plan, folder_id: UUID, name: str, until: float) -> bool:
    """One folder, chunk by chunk; is there more than there was time for?"""
    seen = box.open(name)
    with door() as ctx:
        mark = looking.opened(ctx, folder_id, seen)
    while mark is not None and mark < seen.next - 1:
        numbers, high = box.numbers(mark, seen.next, plan.since, CHUNK)
        mails, high = _fetch(box, numbers, high, plan.trusted)
        with door() as ctx:
            if not looking.take(ctx, plan, folder_id, seen, mark, high, mails):
                return False
        mark = high
        if time.monotonic() >= until:
            return mark < seen.next - 1
    return False


def _fetch(box: Mailbox, numbers: list[int], high: int, trusted: str) -> tuple[list[Came], int]:
    """(the mails of these numbers, up to which number they are): fewer where they are large."""
    sizes, raws, held = box.sizes(numbers) if numbers else {}, [], 0
    for number in numbers:
        size = sizes.get(number, 0)
        if raws and held + size > CHUNK_BYTES:
            return _opened(raws, trusted), number - 1
        raw = box.mail(number, heads=size > MOST_BYTES)
        if raw is not None:
            raws.append((raw, size if size > MOST_BYTES or len(raw) > MOST_BYTES else None))
            held += len(raw)
    return _opened(raws, trusted), high


def _opened(raws: list[tuple[bytes, int | None]], trusted: str) -> list[Came]:
    """In the limited child; of one that is too large there is the beginning alone."""
    read = iter(read_many([raw for raw, size in raws if size is None], trusted=trusted))
    return [Came(raw[:MOST_BYTES], Unreadable("too_large"), size) if size is not None else Came(raw, next(read)) for raw, size in raws]
