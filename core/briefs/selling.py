"""What a brief says of selling: open deals with their next step, lost ones with why, what was won, and what was quoted."""

from decimal import Decimal

from sqlalchemy import ColumnElement, case, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from core.base.context import Context
from core.base.field_rights import shown
from core.base.policy import has, sees
from core.briefs.found import Bought, Offered, Sale
from core.deals.knowing import knows
from core.deals.models import Deal, DealStage
from core.deals.queries import Sum
from core.deals.worth import wholes
from core.identity.models import User
from core.parties.models import Account, Contact
from core.quotes.models import ITEM, Quote, QuoteLine, QuoteVersion

OPEN, LOST, WON, QUOTES, NAMED = 8, 5, 5, 6, 3


def deals_of(ctx: Context, party: Account | Contact) -> tuple[tuple[Sale, ...] | None, tuple[Sale, ...] | None, Bought | None]:
    """(open ones, those that need somebody first; lost ones, the newest first; what was won, the newest first) in one statement, and one for
    what all that was won comes to; None in all places for whoever reads no deals."""
    if not has(ctx, "deals.read"):
        return None, None, None
    column = Deal.contact_id if isinstance(party, Contact) else Deal.account_id
    order = (case((Deal.state == "open", Deal.next_step_on)).asc().nulls_last(), Deal.closed_at.desc().nulls_last(), Deal.id)
    place = func.row_number().over(partition_by=Deal.state, order_by=order).label("place")
    columns = (Deal.id, Deal.name, Deal.state, Deal.amount, Deal.currency, Deal.closes_on, Deal.next_step, Deal.next_step_on, Deal.loss_reason, Deal.closed_at, Deal.owner_id, Deal.stage_id)
    mine = (column == party.id, Deal.deleted_at.is_(None), sees(ctx, Deal))
    few = select(*shown(ctx, "deals", columns), place).where(*mine).subquery("few")
    query = select(few, DealStage.name.label("stage"), DealStage.code, User.name.label("owner")).join(DealStage, DealStage.id == few.c.stage_id).join(User, User.id == few.c.owner_id, isouter=True)
    rows = ctx.session.execute(query.where(few.c.place <= OPEN).order_by(few.c.state, few.c.place))
    sales = [Sale(row.id, row.name, row.state, row.stage, row.code, row.amount, row.currency, row.closes_on, row.next_step, row.next_step_on, row.loss_reason, row.closed_at, row.owner) for row in rows]
    ended = sorted((one for one in sales if one.state != "open"), key=lambda one: one.closed_at, reverse=True)
    won, lost = (tuple(one for one in ended if one.state == state) for state in ("won", "lost"))
    return tuple(one for one in sales if one.state == "open"), lost[:LOST], _in_all(ctx, mine, won) if won else Bought()


def _in_all(ctx: Context, mine: tuple[ColumnElement[bool], ...], won: tuple[Sale, ...]) -> Bought:
    """All that was won, also what is not named; its sum in the workspace's currency, none where a rate is not known or amounts are hidden."""
    amount = func.coalesce(func.sum(Deal.amount), 0) if knows(ctx, "amount") else literal(0)
    rows = ctx.session.execute(select(Deal.currency, amount.label("amount"), func.count().label("number")).where(*mine, Deal.state == "won").group_by(Deal.currency))
    sums = [Sum(row.currency, Decimal(row.amount), Decimal(0), row.number) for row in rows]
    whole = wholes(ctx, [sums])[0].sum if knows(ctx, "amount") else None
    return Bought(won[:WON], sum(one.number for one in sums), whole.amount if whole else None, ctx.tenant.currency)


def quotes_of(ctx: Context, party: Account | Contact) -> tuple[Offered, ...] | None:
    """The newest that were sent, each with what it is mostly about; one statement. None for whoever reads no quotes."""
    if not has(ctx, "quotes.read"):
        return None
    column = Quote.contact_id if isinstance(party, Contact) else Quote.account_id
    last = select(QuoteVersion.id).where(QuoteVersion.quote_id == Quote.id, QuoteVersion.state != "draft").order_by(QuoteVersion.number.desc()).limit(1).correlate(Quote).scalar_subquery()
    query = select(
        Quote.id, Quote.name, Quote.number, QuoteVersion.state, QuoteVersion.total, QuoteVersion.currency, QuoteVersion.valid_until, QuoteVersion.sent_at, QuoteVersion.decided_at, QuoteVersion.decided_note,
        _mostly().label("lines"), User.name.label("owner"),
    ).join(QuoteVersion, QuoteVersion.id == last).join(User, User.id == Quote.owner_id, isouter=True)
    query = query.where(column == party.id, Quote.deleted_at.is_(None), Quote.state != "draft", sees(ctx, Quote)).order_by(QuoteVersion.sent_at.desc(), Quote.id).limit(QUOTES)
    found = []
    for row in ctx.session.execute(query):
        over = row.state == "sent" and row.valid_until < ctx.tenant_today
        found.append(Offered(
            row.id, row.name, row.number, "expired" if over else row.state, row.total, row.currency, row.valid_until, row.sent_at, row.decided_at, tuple(row.lines or ()), row.decided_note, row.owner,
        ))
    return tuple(found)


def _mostly():
    """The names of a version's lines that are worth most."""
    few = select(QuoteLine.name, QuoteLine.amount, QuoteLine.position).where(QuoteLine.version_id == QuoteVersion.id, QuoteLine.kind == ITEM, QuoteLine.choice != "alternative")
    few = few.order_by(QuoteLine.amount.desc(), QuoteLine.position).limit(NAMED).correlate(QuoteVersion).subquery("mostly")
    names = func.jsonb_agg(aggregate_order_by(few.c.name, few.c.amount.desc(), few.c.position), type_=JSONB)
    return select(func.coalesce(names, literal_column("'[]'::jsonb"))).scalar_subquery()
