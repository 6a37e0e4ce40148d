"""Reads about mailings."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, Select, cast, func, literal, select, tuple_

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.finding import MOST_LOOKED_AT, holds
from core.base.hiding import unhidden
from core.base.policy import has, sees, sees_all, visible
from core.identity import queries as identity
from core.mailings import audience, rules
from core.mailings.models import RECIPIENT_STATES, Mailing, MailingRecipient, MailingRun
from core.mailings.sending import state_counts
from core.parties.models import Contact
from core.post import queries as post

PAGE = 50
COUNTED_OUT = 2000


@dataclass(frozen=True)
class Progress:
    """Where a mailing stands. counts: state -> recipients. open: those of whom something is still to come."""

    total: int
    counts: dict[str, int]

    @property
    def open(self) -> int:
        return sum(self.counts.get(state, 0) for state in ("queued", "claimed", "sending"))

    @property
    def settled(self) -> int:
        return self.total - self.open


def mailings(ctx: Context, *, q: str = "", state: str = "", before: tuple | None = None, limit: int = PAGE) -> list[tuple[Mailing, Progress]]:
    """Newest first, with what is known of their progress; `before` is (created_at, id) of the last one shown."""
    query = visible(ctx, Mailing).add_columns(MailingRun.counts).outerjoin(MailingRun, MailingRun.mailing_id == Mailing.id)
    if q:
        query = query.where(Mailing.name.icontains(q[:100], autoescape=True) | Mailing.subject.icontains(q[:100], autoescape=True))
    if state:
        query = query.where(Mailing.state == state)
    if before:
        query = query.where(tuple_(Mailing.created_at, Mailing.id) < before)
    query = query.order_by(Mailing.created_at.desc(), Mailing.id.desc()).limit(limit)
    return [(mailing, Progress(mailing.total, counts or {})) for mailing, counts in ctx.session.execute(query)]


def quick(ctx: Context, search: str, *, limit: int = 8) -> list[Select]:
    """(kind, id, name, note, name_fold, rank) of mailings whose name or subject holds every word, newest first, as a
    part of a search over everything."""
    found = holds(search, (Mailing.called_fold,))
    if found is None or not has(ctx, "mailings.read"):
        return []
    hits = visible(ctx, Mailing).with_only_columns(
        literal("mailing").label("kind"), Mailing.id, Mailing.name, func.nullif(Mailing.subject, Mailing.name).label("note"), literal("").label("name_fold"),
        cast(-func.extract("epoch", Mailing.created_at), BigInteger).label("rank"),
    )
    few = hits.where(found).limit(MOST_LOOKED_AT).subquery()
    return [select(few).order_by(few.c.rank, few.c.id.desc()).limit(limit)]


def one(ctx: Context, mailing_id: UUID) -> Mailing:
    """One mailing; 404 where there is none."""
    mailing = ctx.session.execute(visible(ctx, Mailing).where(Mailing.id == mailing_id)).scalar_one_or_none()
    if mailing is None:
        raise NotFound()
    return mailing


def mailing_being_sent(ctx: Context, mailing_id: UUID) -> Mailing | None:
    """The mailing while it is being sent, as the senders need it."""
    return ctx.session.execute(select(Mailing).where(Mailing.id == mailing_id, Mailing.state == "sending")).scalar_one_or_none()


def progress(ctx: Context, mailing: Mailing) -> Progress:
    """Counted now."""
    return Progress(mailing.total, state_counts(ctx, mailing.id))


def recipient_rows(ctx: Context, mailing: Mailing, *, state: str = "") -> Select:
    """The recipients of a mailing, or those in one state; of contacts that this actor does not see, none. Refuses an unknown state."""
    query = select(MailingRecipient).where(MailingRecipient.mailing_id == mailing.id)
    if not sees_all(ctx, Contact):
        query = query.join(Contact, Contact.id == MailingRecipient.contact_id).where(sees(ctx, Contact))
    if state and state not in RECIPIENT_STATES:
        raise Refused("unknown_value", field="state")
    return query.where(MailingRecipient.state == state) if state else query


def recipients(ctx: Context, mailing: Mailing, *, state: str = "", after: UUID | None = None, limit: int = PAGE) -> list[MailingRecipient]:
    """In the order of their names as they were at the start; `after` is the key of the last one shown."""
    query = recipient_rows(ctx, mailing, state=state)
    if after:
        query = query.where(MailingRecipient.id > after)
    return list(ctx.session.execute(query.order_by(MailingRecipient.id).limit(limit)).scalars())


@dataclass(frozen=True)
class Reach:
    """How many addresses an audience has; of them how many have left (None where there are too many to ask each time)."""

    count: int
    left: int | None


def reach(ctx: Context, chosen: str, tags: list[str], consent: UUID | None = None) -> Reach:
    """The audience counted now, as this actor would send it."""
    count = audience.count(ctx, chosen, tags, consent)
    if not count or count > COUNTED_OUT:
        return Reach(count, None if count else 0)
    addresses = audience.people(ctx, chosen, tags, consent).with_only_columns(Contact.mail_norm).distinct()
    with unhidden(ctx.session):
        return Reach(count, len(post.suppressed(ctx, list(ctx.session.execute(addresses).scalars()))))


def sender_name(ctx: Context, mailing: Mailing) -> str | None:
    """Who started it; None where he is gone or nobody did yet."""
    return identity.actor_names(ctx).get(mailing.started_by) if mailing.started_by else None


def merge_fields() -> list[tuple[str, str]]:
    """(as it is written in a text, what it is) of every merge field; the second is a message id."""
    return [("{{ " + name + " }}", label) for name, (label, _) in rules.FIELDS.items()]
