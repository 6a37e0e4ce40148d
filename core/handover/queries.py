"""Which handovers one may know of, what one took over, and what stayed where it was."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Numeric, String, and_, cast, func, literal, null, or_, select, union_all
from sqlalchemy.types import Uuid

from core.activities.models import PROMISE, Activity
from core.activities.sight import person_seen
from core.base.context import Context
from core.base.errors import present
from core.base.policy import has, owners, require, sees, width
from core.deals.knowing import knows
from core.deals.models import Deal
from core.handover.owning import OWNED
from core.handover.rules import first_thing
from core.handover.run_models import HandoverRow, HandoverRun
from core.parties.models import Account
from core.quotes.handing import OPEN as OPEN_QUOTES
from core.quotes.models import Quote

MOST_RUNS, MOST_TAKEN, MOST_KEPT, PAGE = 100, 500, 100, 100


@dataclass(frozen=True)
class Taken:
    """An account that came to somebody, as he begins with it. deals: currency -> amount of its open deals; first: what to do first."""

    id: UUID
    name: str
    last: datetime | None
    promises: int
    next_on: date | None
    next_note: str | None
    number: int
    deals: dict[str, Decimal]
    quotes: int
    first: tuple[str, dict[str, Any]]


def runs(ctx: Context) -> list[HandoverRun]:
    """One's own, and those of people whose accounts one sees; the newest first."""
    return list(ctx.session.execute(select(HandoverRun).where(known_to(ctx)).order_by(HandoverRun.created_at.desc(), HandoverRun.id.desc()).limit(MOST_RUNS)).scalars())


def one(ctx: Context, key: UUID) -> HandoverRun:
    """A handover by its key; NotFound where there is none that one may know of."""
    require(ctx, "handovers.run")
    return _found(ctx, HandoverRun.id == key, known_to(ctx))


def one_taken(ctx: Context, key: UUID, to: UUID | None = None) -> HandoverRun:
    """The handover of which one is a successor; whoever runs handovers may look as each of them."""
    if to is not None and to != ctx.actor.id:
        return one(ctx, key)
    mine = select(literal(1)).where(HandoverRow.run_id == HandoverRun.id, HandoverRow.to_id == ctx.actor.id, HandoverRow.outcome == "given").exists()
    return _found(ctx, HandoverRun.id == key, mine)


def taken_over(ctx: Context, run: HandoverRun, to: UUID) -> list[Taken]:
    """The accounts that came to somebody and are his still, as far as the actor sees them: what is urgent first. One statement."""
    alive = lambda model, *more: and_(model.account_id == Account.id, model.deleted_at.is_(None), sees(ctx, model), *more)  # noqa: E731
    log, told = has(ctx, "activities.read"), person_seen(ctx)
    planned = (Activity.next_contact_on.is_not(None), Activity.done_at.is_(None), *told)
    of = lambda what, model, *more, allowed=True: select(what).where(alive(model, literal(allowed), *more)).correlate(Account.__table__)  # noqa: E731
    soonest = of(Activity.next_contact_note, Activity, *planned, allowed=log).order_by(Activity.next_contact_on, Activity.id).limit(1)
    amount = Deal.amount if knows(ctx, "amount") else cast(null(), Numeric)
    by_currency = of(Deal.currency, Deal, Deal.state == "open", amount.is_not(None), allowed=has(ctx, "deals.read")).add_columns(func.sum(amount).label("amount")).group_by(Deal.currency).subquery().lateral()
    columns = (
        Account.id, Account.name, of(func.max(Activity.contacted_at), Activity, *told, allowed=log).scalar_subquery(), of(func.count(), Activity, *planned, Activity.next_contact_kind == PROMISE, allowed=log).scalar_subquery(),
        of(func.min(Activity.next_contact_on), Activity, *planned, allowed=log).scalar_subquery().label("next_on"), soonest.scalar_subquery(), of(func.count(), Deal, Deal.state == "open", allowed=has(ctx, "deals.read")).scalar_subquery(),
        select(func.jsonb_object_agg(by_currency.c.currency, cast(by_currency.c.amount, String))).select_from(by_currency).scalar_subquery(), of(func.count(), Quote, Quote.state.in_(OPEN_QUOTES), allowed=has(ctx, "quotes.read")).scalar_subquery(),
    )
    given = and_(HandoverRow.run_id == run.id, HandoverRow.kind == "accounts", HandoverRow.record_id == Account.id, HandoverRow.to_id == to, HandoverRow.outcome == "given")
    query = select(*columns).join(HandoverRow, given).where(sees(ctx, Account), Account.deleted_at.is_(None), Account.owner_id == to)
    rows = ctx.session.execute(query.order_by(columns[4].asc().nulls_last(), Account.name_fold, Account.id).limit(MOST_TAKEN))
    amounts = lambda found: {currency: Decimal(amount) for currency, amount in (found or {}).items()}  # noqa: E731
    return [Taken(*row[:7], amounts(row[7]), row[8], first_thing(ctx.today, row[4], row[5], row[2], row[6], row[8])) for row in rows]


def chosen_page(ctx: Context, run: HandoverRun, after: int = 0) -> list[Any]:
    """A plan's accounts with their figures, for choosing by hand: (id, name, to_id, open deals, open quotes, next contacts, position). Nothing for
    whoever reads no accounts; no figure of a kind that he does not read."""
    if not has(ctx, "accounts.read"):
        return []
    of_whom = {"activities": person_seen(ctx)}

    def count(kind: str) -> ColumnElement:
        if not has(ctx, f"{kind}.read"):
            return cast(null(), Integer)
        one_ = OWNED[kind]
        mine = (one_.model.account_id == Account.id, *one_.open, sees(ctx, one_.model), *of_whom.get(kind, ()))
        return select(func.count()).select_from(one_.model).where(*mine).correlate(Account.__table__).scalar_subquery()

    query = select(Account.id, Account.name, HandoverRow.to_id, count("deals").label("deals"), count("quotes").label("quotes"), count("activities").label("activities"), HandoverRow.position)
    query = query.join(HandoverRow, HandoverRow.record_id == Account.id).where(HandoverRow.run_id == run.id, HandoverRow.kind == "accounts", HandoverRow.position > after, sees(ctx, Account))
    return list(ctx.session.execute(query.order_by(HandoverRow.position).limit(PAGE)))


def counts_of(ctx: Context, run: HandoverRun) -> dict[str, dict[str, int]]:
    """successor -> kind -> records, as planned: of the kinds that the reader may read."""
    return {to: {kind: number for kind, number in of_kinds.items() if has(ctx, f"{kind}.read")} for to, of_kinds in run.counts.items()}


def left_over(ctx: Context, run: HandoverRun, outcome: str) -> list[Any]:
    """(kind, id, name) of what somebody else changed meanwhile, as far as the actor sees it."""
    parts = []
    for kind, one_ in OWNED.items():
        name = cast(one_.model.next_contact_note if kind == "activities" else one_.model.name, String)
        mine = (HandoverRow.run_id == run.id, HandoverRow.kind == kind, HandoverRow.outcome == outcome, HandoverRow.record_id == one_.model.id)
        parts.append(select(literal(kind).label("kind"), one_.model.id.label("id"), name.label("name")).where(*mine, sees(ctx, one_.model), literal(has(ctx, f"{kind}.read"))))
    every = union_all(*parts).subquery()
    return list(ctx.session.execute(select(every).order_by(every.c.kind, every.c.name).limit(MOST_KEPT)))


def known_to(ctx: Context) -> ColumnElement[bool]:
    """The handovers that one may know of: one's own, and those of people whose accounts one sees."""
    reach = owners(ctx, width(ctx.actor, "accounts")[0])
    if reach is None:
        return literal(True)
    return or_(HandoverRun.by_id == cast(literal(ctx.actor.id), Uuid), HandoverRun.from_id.in_(reach))


def _found(ctx: Context, *where: ColumnElement[bool]) -> HandoverRun:
    return present(ctx.session.execute(select(HandoverRun).where(*where)).scalar_one_or_none())
