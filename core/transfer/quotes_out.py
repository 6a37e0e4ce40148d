"""The list of quotes taken out as CSV or XLSX: the rows that the actor sees under the list's filters; who took what is written down."""

from collections.abc import Iterator
from typing import IO, Any

from sqlalchemy import and_, select

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import require, sees
from core.base.words import N_
from core.custom_fields.fields import fields_of
from core.identity import queries as people
from core.parties.models import Account, Contact
from core.quotes.columns import quotes_where
from core.quotes.models import Quote
from core.quotes.words import LABELS, STATE_LABELS
from core.transfer.exporting import CHUNK, Shape, said, text_of, write_down
from core.views.filtering import Filters
from infra import i18n
from infra.spreadsheets_out import write_rows
from infra.workbooks_out import write_workbook

NAMES = ("number", "name", "state", "account_id", "contact_id", "net", "total", "currency", "valid_until", "owner_id", "sent_at", "closed_at", "created_at", "notes")
MOMENTS = ("sent_at", "closed_at", "created_at")


def take_out_quotes(ctx: Context, filters: Filters, file: IO[Any], *, form: str = "csv") -> int:
    """Write the list into `file` (text for CSV, bytes for XLSX) and who took it into the record; returns how many rows. Never withheld
    by the subscription."""
    require(ctx, "quotes.export")
    if form not in ("csv", "xlsx"):
        raise Refused("unknown_value", field="form")
    owns = fields_of(ctx, "quotes")
    heads = [*(i18n.gettext(ctx.locale, LABELS[name]) for name in NAMES), *(one.called(ctx.locale) for one in owns)]
    rows = _rows(ctx, filters, owns)
    number = write_workbook(file, i18n.gettext(ctx.locale, N_("Quotes")), heads, rows) if form == "xlsx" else write_rows(file, heads, rows)
    return write_down(ctx, "quotes", said(filters, Shape(form)), number)


def _rows(ctx: Context, filters: Filters, owns: Any) -> Iterator[list[Any]]:
    names = people.user_names(ctx)
    query = select(Quote, Account.name, Contact.name)
    for model, key in ((Account, Quote.account_id), (Contact, Quote.contact_id)):
        query = query.join(model, and_(model.id == key, model.deleted_at.is_(None), sees(ctx, model)), isouter=True)
    query = query.where(*quotes_where(ctx, filters)).order_by(Quote.name_fold, Quote.id).execution_options(yield_per=CHUNK)
    for quote, account, contact in ctx.session.execute(query):
        given = {"account_id": account, "contact_id": contact, "state": i18n.gettext(ctx.locale, STATE_LABELS[quote.state]), "owner_id": names.get(quote.owner_id, "")}
        given |= {name: value.astimezone(ctx.zone).replace(tzinfo=None, microsecond=0) for name in MOMENTS if (value := getattr(quote, name)) is not None}
        yield [given.get(name, getattr(quote, name)) for name in NAMES] + [text_of(ctx, one, names, getattr(quote, one.name)) for one in owns]
