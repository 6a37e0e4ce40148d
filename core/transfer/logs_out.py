"""The contact log, and the recipients of a mailing with what became of each, as CSV."""

from collections.abc import Iterator
from typing import IO, Any

from sqlalchemy import Select, or_, select

from core.activities import queries as log
from core.activities import words as activity_words
from core.activities.models import Activity
from core.activities.queries import LogFilters
from core.base.context import Context
from core.base.policy import require
from core.mailings import queries as mailings
from core.mailings import words as mailing_words
from core.mailings.models import Mailing, MailingRecipient
from core.parties import queries as parties
from core.parties.models import Contact
from core.parties.restricting import free
from core.transfer.exporting import Watch, clock
from infra import i18n
from infra.spreadsheets_out import write_rows


def log_query(ctx: Context, filters: LogFilters) -> Select:
    """The entries, without those about a restricted person. Refuses what `log_rows` refuses, and an account or person that the actor does not see."""
    require(ctx, "activities.export")
    for find, key in ((parties.one_account, filters.account_id), (parties.one_contact, filters.contact_id)):
        if key is not None:
            find(ctx, key)
    return log.log_rows(ctx, filters).where(or_(Activity.contact_id.is_(None), free()))


def write_log(ctx: Context, filters: LogFilters, file: IO[str], *, watch: Watch = iter) -> int:
    """Write the contact log row by row; returns how many."""
    header = [i18n.gettext(ctx.locale, label) for label in activity_words.LABELS.values()]
    return write_rows(file, header, watch(_log_rows(ctx, log_query(ctx, filters).execution_options(yield_per=1000))))


def recipients_query(ctx: Context, mailing: Mailing, state: str) -> Select:
    """The recipients; of contacts that the actor does not see, and of restricted ones, none. Refuses an unknown state."""
    require(ctx, "mailings.export", mailing)
    restricted = select(Contact.id).where(Contact.id == MailingRecipient.contact_id, ~free()).correlate(MailingRecipient)
    return mailings.recipient_rows(ctx, mailing, state=state).where(~restricted.exists())


def write_recipients(ctx: Context, mailing: Mailing, state: str, file: IO[str], *, watch: Watch = iter) -> int:
    """Write a mailing's recipients row by row; returns how many."""
    query = recipients_query(ctx, mailing, state).order_by(MailingRecipient.id).execution_options(yield_per=1000)
    header = [i18n.gettext(ctx.locale, label) for label in mailing_words.COLUMN_LABELS.values()]
    return write_rows(file, header, watch(_recipient_rows(ctx, query)))


def _log_rows(ctx: Context, query: Select) -> Iterator[list[Any]]:
    """Kinds in words, moments as a clock showed them where the reader is: a spreadsheet knows no zones."""
    kinds, ways, plans = (_in_words(ctx, labels) for labels in (activity_words.KIND_LABELS, activity_words.DIRECTION_LABELS, activity_words.PLAN_LABELS))
    for entry, *names, others in ctx.session.execute(query):
        given = dict(zip(("account_name", "contact_name", "author_name", "owner_name"), names, strict=True)) | {
            "kind": kinds[entry.kind], "direction": ways.get(entry.direction), "happened_at": clock(ctx, entry.happened_at), "done_at": clock(ctx, entry.done_at),
            "others": ", ".join(others or ()), "next_contact": clock(ctx, entry.next_contact_at) or entry.next_contact_on,
            "next_contact_kind": plans.get(entry.next_contact_kind or entry.kind) if entry.next_contact_on else None,
        }
        yield [given[name] if name in given else getattr(entry, name) for name in activity_words.LABELS]


def _recipient_rows(ctx: Context, query: Select) -> Iterator[list[Any]]:
    states, reasons = (_in_words(ctx, labels) for labels in (mailing_words.RECIPIENT_LABELS, mailing_words.REASON_LABELS))
    for one in ctx.session.execute(query).scalars():
        given = {"state": states[one.state], "reason": reasons.get(one.reason), "sent_at": clock(ctx, one.sent_at), "unsubscribed_at": clock(ctx, one.unsubscribed_at)}
        yield [given[name] if name in given else getattr(one, name) for name in mailing_words.COLUMN_LABELS]


def _in_words(ctx: Context, labels: dict[str, str]) -> dict[str, str]:
    return {value: i18n.gettext(ctx.locale, text) for value, text in labels.items()}
