"""Sample data: one company a transaction, so that its page can show how far it is."""

from uuid import UUID

from core.base.context import as_actor
from core.identity import queries
from tenants import samples
from workers.job import GaveUp, job
from workers.queues import BULK


@job(samples.FILL, queue=BULK, steps=True)
def fill(door, *, user_id: str, locale: str) -> dict:
    """Fill as the user who asked; what is there already stays as it is."""
    made = 0
    for index in range(len(samples.scene(locale)["accounts"])):
        with door() as ctx:
            made += samples.fill_one(samples.in_language(acting(ctx, user_id), locale), locale, index)
    with door() as ctx:
        samples.draft_mailing(samples.in_language(acting(ctx, user_id), locale), locale)
    return {"made": made}


@job(samples.REMOVE, queue=BULK)
def remove(ctx, *, user_id: str) -> dict:
    """Take all samples away."""
    return {"removed": samples.remove_all(acting(ctx, user_id))}


def acting(ctx, user_id: str):
    """The context of the user who asked for it."""
    found = queries.load_actor(ctx.session, UUID(user_id), ctx.now)
    if found is None:
        raise GaveUp("the user who asked for it is gone")
    return as_actor(ctx, found[1])
