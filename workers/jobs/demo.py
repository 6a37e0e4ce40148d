"""The demo tenant of a local stack is furnished after the start, so that nobody waits for it."""

from uuid import UUID

from core.identity import queries
from infra.config import settings
from tenants import entry, samples
from workers import demo, demo_deals, demo_mail, demo_products, demo_quotes
from workers.job import GaveUp, job
from workers.jobs.samples import acting
from workers.queues import BULK


@job(demo.FURNISH, queue=BULK, steps=True, always=True)
def furnish(door, *, user_id: str) -> dict:
    """The sample company, a draft and a sent mailing, a subscription with a paid and an open invoice. What is there
    already stays; each part may be repeated. Not in production: there mails leave for the world."""
    if settings().production:
        raise GaveUp("the demo is not for production")
    made = 0
    with door() as ctx:
        locale, tenant_id, seats = ctx.tenant.locale, ctx.tenant.id, queries.seats_taken(ctx)
    demo.rent(tenant_id, seats, entry.utcnow())  # first: an unpaid demo may not write
    for index in range(len(samples.scene(locale)["accounts"])):
        with door() as ctx:
            made += samples.fill_one(samples.in_language(acting(ctx, user_id), locale), locale, index)
    with door() as ctx:
        spoken = samples.in_language(acting(ctx, user_id), locale)
        drafted, sent = samples.draft_mailing(spoken, locale) is not None, samples.send_mailing(spoken, locale)
    with door() as ctx:
        said = demo.discuss(ctx, UUID(user_id), locale)
        demo.remind(acting(ctx, user_id))
        demo_products.stock(acting(ctx, user_id))
        demo_products.train(acting(ctx, user_id))
        demo_deals.equip(acting(ctx, user_id))
        demo_quotes.limit(acting(ctx, user_id))
        demo_quotes.offer(acting(ctx, user_id))
        demo_mail.correspond(acting(ctx, user_id), UUID(user_id))
        demo.share_out(acting(ctx, user_id))
        demo.report(acting(ctx, user_id))
    return {"made": made, "drafted": drafted, "sent": sent, "said": said}
