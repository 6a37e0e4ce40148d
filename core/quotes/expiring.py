"""Quotes by the clock: who answers for one is told before it runs out, and once its last day is over it is expired. Each once."""

from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.facts import record
from core.notifications.telling import notify
from core.quotes.drafting import about
from core.quotes.models import Quote, QuoteVersion
from core.quotes.sending import end

SOON = timedelta(days=3)


def has_waiting(session: Session) -> bool:
    """Is there a quote that waits for its answer?"""
    return session.execute(select(exists().where(QuoteVersion.state == "sent"))).scalar_one()


def expire(ctx: Context) -> int:
    """Close what held until yesterday (by the workspace's calendar) and was not answered; says how many. Twice at once or again
    changes nothing: each is taken under its lock, and once."""
    over = select(Quote, QuoteVersion).join(QuoteVersion, QuoteVersion.quote_id == Quote.id).where(QuoteVersion.state == "sent", QuoteVersion.valid_until < ctx.tenant_today)
    found = list(ctx.session.execute(over.order_by(QuoteVersion.valid_until, Quote.id).with_for_update(skip_locked=True)))
    for quote, version in found:
        end(ctx, quote, version, "expired")
        record(ctx, "quote.expired", quote, about=about(quote), number=quote.number, version=version.number)
        notify(ctx, "reminder", [quote.owner_id], quote, by_itself=True, dedupe=f"quote:over:{version.id}", say="told.quote_expired")
    return len(found)


def remind(ctx: Context) -> int:
    """Tell who answers for a quote that it runs out within three days; of each version once. Says how many were told."""
    soon = select(Quote, QuoteVersion).join(QuoteVersion, QuoteVersion.quote_id == Quote.id)
    soon = soon.where(QuoteVersion.state == "sent", QuoteVersion.valid_until >= ctx.tenant_today, QuoteVersion.valid_until <= ctx.tenant_today + SOON, QuoteVersion.sent_at < ctx.now - timedelta(days=1))
    told = [notify(ctx, "reminder", [quote.owner_id], quote, by_itself=True, dedupe=f"quote:soon:{version.id}", say="told.quote_expires", on=version.valid_until) for quote, version in ctx.session.execute(soon)]
    return sum(1 for one in told if one)
