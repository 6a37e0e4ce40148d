"""Who else wants the deals: the workspace's list of competitors, which of them want which deal, and how often they got it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, select, update

from core.base import editing
from core.base.cleaning import paragraphs
from core.base.context import Context
from core.base.editing import cleaned, cleaned_as_was, hold, hold_place
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import require, sees
from core.base.text import clean, clean_needed
from core.deals.knowing import knows
from core.deals.models import Competitor, Deal, DealCompetitor
from core.deals.queries import Sum, one_deal
from core.deals.worth import Whole, wholes
from core.parties.rules import website

MOST, MOST_OF_DEAL = 500, 20


def name(value: Any, field: str) -> str:
    """One line of 100 characters."""
    return clean_needed(None if value is None else str(value), field=field, max_length=100)


FIELDS = {"name": name, "website": website, "strengths": paragraphs, "weaknesses": paragraphs}


@dataclass(frozen=True)
class Met:
    """How often one met a competitor in deals that the actor sees. won: by us; lost: lost by us, to whomever; taken: lost to them;
    taken_worth: what those come to in the workspace's own currency."""

    open: int = 0
    won: int = 0
    lost: int = 0
    taken: int = 0
    taken_worth: Whole | None = None

    @property
    def rate(self) -> Decimal | None:
        """Of a hundred deals that are closed, how many were won by us; None where none is."""
        closed = self.won + self.lost
        return (Decimal(100) * self.won / closed).quantize(Decimal("0.1")) if closed else None


def all_competitors(ctx: Context) -> list[Competitor]:
    """By name."""
    require(ctx, "deals.read")
    return list(ctx.session.execute(select(Competitor).order_by(func.lower(Competitor.name), Competitor.id)).scalars())


def one_competitor(ctx: Context, key: UUID) -> Competitor:
    require(ctx, "deals.read")
    found = ctx.session.execute(select(Competitor).where(Competitor.id == key)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def met(ctx: Context) -> dict[UUID, Met]:
    """Competitor -> how often we met, in deals that the actor sees and that are not deleted; two statements."""
    state = lambda word: func.count().filter(Deal.state == word)  # noqa: E731
    taken = and_(Deal.state == "lost", DealCompetitor.took_it)
    query = _seen(ctx, select(DealCompetitor.competitor_id, state("open"), state("won"), state("lost"), func.count().filter(taken))).group_by(DealCompetitor.competitor_id)
    counts = {key: rest for key, *rest in ctx.session.execute(query)}
    sums: dict[UUID, list[Sum]] = {}
    if not knows(ctx, "amount"):
        return {key: Met(*rest) for key, rest in counts.items()}
    money = _seen(ctx, select(DealCompetitor.competitor_id, Deal.currency, func.sum(Deal.amount), func.count(Deal.amount))).where(taken, Deal.amount.is_not(None))
    for key, currency, amount, number in ctx.session.execute(money.group_by(DealCompetitor.competitor_id, Deal.currency)):
        sums.setdefault(key, []).append(Sum(currency, amount, amount, number))
    worth = dict(zip(sums, wholes(ctx, list(sums.values())), strict=True))
    return {key: Met(*rest, worth.get(key)) for key, rest in counts.items()}


def add_competitor(ctx: Context, **given: Any) -> Competitor:
    """One more. Refuses a name that is there, and more than five hundred."""
    require(ctx, "competitors.edit")
    values = cleaned(FIELDS, given)
    if not values.get("name"):
        raise Refused("required", field="name")
    _check_name(ctx, values["name"])
    if ctx.session.execute(select(func.count()).select_from(Competitor)).scalar_one() >= MOST:
        raise Refused("too_many_items", field="name", max=MOST)
    row = Competitor(**values)
    ctx.session.add(row)
    ctx.session.flush()  # the fact names it by key
    record(ctx, "competitor.added", row, name=row.name)
    return row


def edit_competitor(ctx: Context, row: Competitor, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> Competitor:
    """Change what is said of it; two people at once are merged as everywhere."""
    require(ctx, "competitors.edit")
    changes = editing.changes(ctx, row, cleaned(FIELDS, given), version=version, original=cleaned_as_was(FIELDS, original))
    if "name" in changes and changes["name"].lower() != row.name.lower():
        _check_name(ctx, changes["name"])
    for field, value in changes.items():
        setattr(row, field, value)
    if changes:
        record(ctx, "competitor.edited", row, fields=sorted(changes), name=row.name)
    ctx.session.flush()  # the answer shows the new version
    return row


def remove_competitor(ctx: Context, row: Competitor) -> None:
    """Away with it, in the deals too. Refuses one to whom a deal was lost: rename it instead (`competitor_took`)."""
    require(ctx, "competitors.edit")
    if ctx.session.execute(select(DealCompetitor.id).where(DealCompetitor.competitor_id == row.id, DealCompetitor.took_it).limit(1)).first():
        raise Refused("competitor_took", name=row.name)
    record(ctx, "competitor.removed", row, name=row.name)
    ctx.session.delete(row)
    ctx.session.flush()  # the list that follows has it no more


def of_deal(ctx: Context, deal: Deal) -> list[Row]:
    """(DealCompetitor, name) of a deal that the actor sees, by name."""
    query = select(DealCompetitor, Competitor.name.label("name")).join(Competitor, Competitor.id == DealCompetitor.competitor_id)
    return list(ctx.session.execute(query.where(DealCompetitor.deal_id == deal.id).order_by(func.lower(Competitor.name), DealCompetitor.id)))


def one_of_deal(ctx: Context, key: UUID) -> tuple[Deal, DealCompetitor]:
    """Who else wants a deal, with the deal, which the actor sees; NotFound otherwise."""
    found = ctx.session.execute(_seen(ctx, select(DealCompetitor)).where(DealCompetitor.id == key)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return one_deal(ctx, found.deal_id), found


def name_in_deal(ctx: Context, deal: Deal, *, competitor_id: UUID | None = None, named: Any = None, note: Any = None, took_it: bool = False) -> DealCompetitor:
    """Somebody else wants it: one of the list by key, or by a name that joins the list where it is new. Who is named already gets the new
    words. took_it: the customer bought there, and from nobody else."""
    require(ctx, "deals.edit", deal)
    hold(ctx, deal)
    them = _them(ctx, competitor_id, named)
    row = ctx.session.execute(select(DealCompetitor).where(DealCompetitor.deal_id == deal.id, DealCompetitor.competitor_id == them.id)).scalar_one_or_none()
    if row is None:
        if len(of_deal(ctx, deal)) >= MOST_OF_DEAL:
            raise Refused("too_many_items", field="competitor", max=MOST_OF_DEAL)
        row = DealCompetitor(deal_id=deal.id, competitor_id=them.id)
        ctx.session.add(row)
    row.note = clean(note, field="note", max_length=500)
    if took_it:
        ctx.session.execute(update(DealCompetitor).where(DealCompetitor.deal_id == deal.id, DealCompetitor.took_it, DealCompetitor.competitor_id != them.id).values(took_it=False, version=DealCompetitor.version + 1))
    row.took_it = took_it
    _told(ctx, "deal.competitor_named", deal, them.name)
    return row


def take_out(ctx: Context, deal: Deal, row: DealCompetitor) -> None:
    """They do not want it after all."""
    require(ctx, "deals.edit", deal)
    hold(ctx, deal)
    name = ctx.session.get_one(Competitor, row.competitor_id).name
    ctx.session.delete(row)
    _told(ctx, "deal.competitor_gone", deal, name)


def _them(ctx: Context, key: UUID | None, named: Any) -> Competitor:
    if key is not None:
        found = ctx.session.execute(select(Competitor).where(Competitor.id == key)).scalar_one_or_none()
        if found is None:
            raise Refused("unknown_value", field="competitor")
        return found
    said = name(named, "competitor")
    found = ctx.session.execute(select(Competitor).where(func.lower(Competitor.name) == func.lower(said))).scalar_one_or_none()
    return found or add_competitor(ctx, name=said)


def _check_name(ctx: Context, said: str) -> None:
    """Two who add the same at once wait for one another."""
    hold_place(ctx, "competitor")
    if ctx.session.execute(select(Competitor.id).where(func.lower(Competitor.name) == func.lower(said))).first():
        raise Refused("name_taken_here", field="name")


def _seen(ctx: Context, query: Select) -> Select:
    return query.select_from(DealCompetitor).join(Deal, Deal.id == DealCompetitor.deal_id).where(Deal.deleted_at.is_(None), sees(ctx, Deal))


def _told(ctx: Context, kind: str, deal: Deal, them: str) -> None:
    deal.updated_at = ctx.now
    ctx.session.flush()  # the answer shows the new versions
    record(ctx, kind, deal, about=(deal.account_id, deal.contact_id), competitor=them, name=deal.name)
