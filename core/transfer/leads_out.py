"""The list of leads taken out as CSV or XLSX: the rows that the actor sees under the list's filters; who took what is written down."""

from collections.abc import Iterator
from typing import IO, Any

from sqlalchemy import select

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import require
from core.base.words import N_
from core.custom_fields.fields import fields_of
from core.identity import queries as people
from core.leads.columns import leads_where
from core.leads.models import Lead
from core.leads.rules import TOUCH
from core.leads.words import LABELS, REASON_LABELS, SOURCE_LABELS, STATE_LABELS, TOUCH_LABELS
from core.transfer.exporting import CHUNK, said, text_of, write_down
from core.views.filtering import Filters
from infra import i18n
from infra.spreadsheets_out import write_rows
from infra.workbooks_out import write_workbook

NAMES = (
    "external_id", "name", "company", "job_title", "mail", "phone", "language", "postcode", "city", "country", "interest", "message", "source", "campaign", "touches", "owner_id", "state",
    "reason", "reason_note", "notes", "created_at", "converted_at",
)
TOUCHES = ("first_touch", "last_touch")
FORMATS = ("csv", "xlsx")
SHEET = N_("Leads")


def take_out_leads(ctx: Context, filters: Filters, file: IO[Any], format: str = "csv") -> int:
    """Write the list into `file` (text for CSV, bytes for XLSX) and who took it into the record; returns how many rows. Never
    withheld by the subscription."""
    require(ctx, "leads.export")
    if format not in FORMATS:
        raise Refused("unknown_value", field="format")
    owns, say = fields_of(ctx, "leads"), lambda text: i18n.gettext(ctx.locale, text)
    touched = [f"{say(LABELS[which])}: {say(TOUCH_LABELS[name])}" for which in TOUCHES for name in TOUCH]
    heads, rows = [*(say(LABELS[name]) for name in NAMES), *touched, *(one.called(ctx.locale) for one in owns)], _rows(ctx, filters, owns)
    count = write_rows(file, heads, rows) if format == "csv" else write_workbook(file, say(SHEET), heads, rows)
    return write_down(ctx, "leads", said(filters), count)


def _rows(ctx: Context, filters: Filters, owns: Any) -> Iterator[list[Any]]:
    names = people.user_names(ctx)
    word = lambda labels, value: i18n.gettext(ctx.locale, labels[value]) if value in labels else value  # noqa: E731
    query = select(Lead).where(*leads_where(ctx, filters)).order_by(Lead.name_fold, Lead.id).execution_options(yield_per=CHUNK)
    for lead in ctx.session.execute(query).scalars():
        given = {"owner_id": names.get(lead.owner_id, ""), "state": word(STATE_LABELS, lead.state), "reason": word(REASON_LABELS, lead.reason), "source": word(SOURCE_LABELS, lead.source)}
        given |= {name: value.astimezone(ctx.zone).replace(tzinfo=None, microsecond=0) for name in ("created_at", "converted_at") if (value := getattr(lead, name)) is not None}
        touched = [getattr(lead, which).get(name) for which in TOUCHES for name in TOUCH]
        yield [given.get(name, getattr(lead, name)) for name in NAMES] + touched + [text_of(ctx, one, names, getattr(lead, one.name)) for one in owns]
