"""The list of deals taken out: the rows that the actor sees under the list's filters, as CSV or XLSX."""

from collections.abc import Iterator, Sequence
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.policy import require, sees
from core.base.words import N_
from core.custom_fields.fields import Own, fields_of
from core.deals.columns import COLUMNS, LIKELY, OUTLOOK, deals_where
from core.deals.models import Deal
from core.deals.pipelines import called, stages, ways
from core.deals.words import FORECAST_LABELS, LABELS, STATE_LABELS
from core.identity import queries as people
from core.parties.models import Account, Contact
from core.transfer.exporting import CHUNK, Filters, Shape, Watch, own_says
from core.views.lists import chosen_columns
from infra import i18n
from infra.spreadsheets_out import write_rows
from infra.workbooks_out import write_workbook

NAMES = (
    "external_id", "name", "pipeline_id", "stage_id", "state", "account_id", "contact_id", "amount", "currency", "probability", "forecast", "closes_on", "next_step", "next_step_on", "owner_id",
    "source", "loss_reason", "notes", "created_at", "closed_at",
)
MOMENTS = ("created_at", "updated_at", "closed_at", "stage_since")


def rows_query(ctx: Context, filters: Filters, keys: Sequence[UUID] | None, shape: Shape) -> Select:
    """(Deal, how likely, how it is counted, its account's name, its contact's) of the list; others' names only where they are seen.
    Refuses whoever may not take it out, an unknown filter, form or column."""
    require(ctx, "deals.export")
    if shape.format not in ("csv", "xlsx"):
        raise Refused("unknown_value", field="kind")
    columns(ctx, shape)
    query = select(Deal, LIKELY, OUTLOOK, Account.name, Contact.name)
    for model, key in ((Account, Deal.account_id), (Contact, Deal.contact_id)):
        query = query.join(model, and_(model.id == key, model.deleted_at.is_(None), sees(ctx, model)), isouter=True)
    where = deals_where(ctx, filters)
    if keys is not None:
        where.append(Deal.id == any_(literal(list(keys), ARRAY(Uuid))))
    return query.where(*where).order_by(Deal.name_fold, Deal.id)


def columns(ctx: Context, shape: Shape) -> list[str]:
    """The columns of the file: those of a view behind the name, or all; without what the actor must not know."""
    own = [one.name for one in fields_of(ctx, "deals")]
    known = {*NAMES, *COLUMNS, *own}
    wanted = (*NAMES, *own) if shape.columns is None else ("name", *(name for name in chosen_columns(ctx, "deals", shape.columns) if name in known))
    return [name for name in wanted if name not in hidden(ctx, "deals")]


def write(ctx: Context, filters: Filters, keys: Sequence[UUID] | None, shape: Shape, file: IO[Any], *, watch: Watch = iter, scratch: str | None = None) -> int:
    """Write it row by row; returns how many."""
    query, wanted = rows_query(ctx, filters, keys, shape).execution_options(yield_per=CHUNK), columns(ctx, shape)
    owns = {one.name: one for one in fields_of(ctx, "deals") if one.name in wanted}
    heads = wanted if shape.names else [owns[name].called(ctx.locale) if name in owns else i18n.gettext(ctx.locale, LABELS[name]) for name in wanted]
    rows = watch(_rows(ctx, query, wanted, owns))
    if shape.format == "xlsx":
        return write_workbook(file, i18n.gettext(ctx.locale, N_("Deals")), heads, rows, scratch=scratch)
    return write_rows(file, heads, rows)


def _rows(ctx: Context, query: Select, wanted: list[str], owns: dict[str, Own]) -> Iterator[list[Any]]:
    says, of_deal = own_says(ctx, list(owns.values())), _sayer(ctx)
    for part in ctx.session.execute(query).partitions(CHUNK):
        for deal, *beside in part:
            given = of_deal(deal, *beside) | {name: say(getattr(deal, name)) for name, say in says.items()}
            given |= {name: value.astimezone(ctx.zone).replace(tzinfo=None, microsecond=0) for name in MOMENTS if name in wanted and (value := getattr(deal, name)) is not None}
            yield [given[name] if name in given else getattr(deal, name) for name in wanted]


def _sayer(ctx: Context):
    """What of a deal is said otherwise than it is kept: names and words."""
    names, steps = people.user_names(ctx), {key: called(stage, ctx.locale) for key, stage in stages(ctx).items()}
    pipelines, word = {way.id: called(way.row, ctx.locale) for way in ways(ctx)}, lambda text: i18n.gettext(ctx.locale, text)

    def say(deal: Deal, likely: int, counted: str, account: str | None, contact: str | None) -> dict[str, Any]:
        stage, pipeline = steps.get(deal.stage_id, ""), pipelines.get(deal.pipeline_id, "")
        return {
            "stage_id": stage, "stage": stage, "pipeline_id": pipeline, "pipeline": pipeline, "state": word(STATE_LABELS[deal.state]), "probability": likely, "forecast": word(FORECAST_LABELS[counted]),
            "account_id": account, "account": account, "contact_id": contact, "owner_id": names.get(deal.owner_id, ""),
        }

    return say
