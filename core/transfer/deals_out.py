"""The list of deals taken out as CSV: the rows that the actor sees under the list's filters; who took what is written down."""

from collections.abc import Iterator
from typing import IO, Any

from sqlalchemy import and_, select

from core.base.context import Context
from core.base.policy import require, sees
from core.custom_fields.fields import fields_of
from core.deals.columns import deals_where
from core.deals.models import Deal
from core.deals.pipelines import called, effective, stages, ways
from core.deals.words import LABELS, STATE_LABELS
from core.identity import queries as people
from core.parties.models import Account, Contact
from core.transfer.exporting import CHUNK, said, text_of, write_down
from core.views.filtering import Filters
from infra import i18n
from infra.spreadsheets_out import write_rows

NAMES = (
    "external_id", "name", "pipeline_id", "stage_id", "state", "account_id", "contact_id", "amount", "currency", "probability", "closes_on", "next_step", "next_step_on", "owner_id",
    "source", "loss_reason", "notes", "created_at", "closed_at",
)


def take_out_deals(ctx: Context, filters: Filters, file: IO[str]) -> int:
    """Write the list into `file` and who took it into the record; returns how many rows. Never withheld by the subscription."""
    require(ctx, "deals.export")
    owns = fields_of(ctx, "deals")
    heads = [*(i18n.gettext(ctx.locale, LABELS[name]) for name in NAMES), *(one.called(ctx.locale) for one in owns)]
    return write_down(ctx, "deals", said(filters), write_rows(file, heads, _rows(ctx, filters, owns)))


def _rows(ctx: Context, filters: Filters, owns: Any) -> Iterator[list[Any]]:
    names, steps, pipelines = people.user_names(ctx), stages(ctx), {way.id: called(way.row, ctx.locale) for way in ways(ctx)}
    query = select(Deal, effective(), Account.name, Contact.name)
    for model, key in ((Account, Deal.account_id), (Contact, Deal.contact_id)):
        query = query.join(model, and_(model.id == key, model.deleted_at.is_(None), sees(ctx, model)), isouter=True)
    query = query.where(*deals_where(ctx, filters)).order_by(Deal.name_fold, Deal.id).execution_options(yield_per=CHUNK)
    for deal, likely, account, contact in ctx.session.execute(query):
        given = {
            "pipeline_id": pipelines.get(deal.pipeline_id, ""), "stage_id": called(steps[deal.stage_id], ctx.locale) if deal.stage_id in steps else "", "probability": likely, "account_id": account,
            "state": i18n.gettext(ctx.locale, STATE_LABELS[deal.state]), "contact_id": contact, "owner_id": names.get(deal.owner_id, ""),
        }
        given |= {name: value.astimezone(ctx.zone).replace(tzinfo=None, microsecond=0) for name in ("created_at", "closed_at") if (value := getattr(deal, name)) is not None}
        yield [given.get(name, getattr(deal, name)) for name in NAMES] + [text_of(ctx, one, names, getattr(deal, one.name)) for one in owns]
