"""The figures by which people are ranked: each kind of them by one statement for all people, out of records that the actor sees."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, false, func, null, select

from core.activities.models import Activity
from core.activities.sight import about_seen
from core.base.context import Context
from core.base.field_rights import hidden
from core.base.policy import has, reach_of, require, sees
from core.deals.columns import deals_where
from core.deals.knowing import WEIGHTED, knows
from core.deals.models import Deal, DealStage
from core.deals.outlook import likely
from core.deals.whose import Staff, staff
from core.identity.models import Absence, User
from core.leads.assigning import readers
from core.parties.models import Account, Contact
from core.products.rating import rates_on
from core.products.rules import Rates
from core.quotes.models import Quote, QuoteLine, QuoteVersion
from core.ranking.rules import Need, Person, Ranked, Tried, rank
from core.skills.queries import catalogue_for, skills_of
from core.skills.rules import asked_for, known, language_code, suited
from core.views.filtering import Filters

# Deals from a third to three times the amount are of its size.
SIZE = 3
YEAR = timedelta(days=365)


def ranking(ctx: Context, record: Any) -> list[Ranked]:
    """Who may work on a deal or a lead and whose deals the actor sees, the best first."""
    require(ctx, "deals.assign", record)
    require(ctx, f"{record.ROOM}.edit", record)
    reach = reach_of(ctx, Deal)
    among = () if reach is None else (User.id.in_(reach),)
    names = readers(ctx, *among, permission=f"{record.ROOM}.edit")
    party = _party(ctx, record)
    rates = rates_on(ctx, ctx.today)
    products = _products(ctx, record)
    found: dict[str, Mapping[UUID, Any]] = {
        "closed": _closed(ctx, record, party, rates, names), "load": _load(ctx, rates, names), "products": _sold(ctx, products, names), "accounts": _accounts(ctx, party, names),
        "contacts": _contacts(ctx, party, names), **_skilled(ctx, record, party, products, names), "away": _away(ctx, names), "teams": _teams(staff(ctx), party),
    }
    need = Need(
        ctx.tenant.currency, party["language"], party["industry"], party["region"] or party["country"], has_products=bool(products), has_account=party["account_id"] is not None and has(ctx, "activities.read"), has_team=bool(found["teams"]), has_skill=bool(found["knows"]),
    )
    idle = (0, Decimal(0) if knows(ctx, *WEIGHTED) else None, 0)
    return rank(need, [_person(key, name, found, idle) for key, name in names.items()])


def _person(key: UUID, name: str, found: Mapping[str, Mapping[UUID, Any]], idle: tuple[int, Decimal | None, int]) -> Person:
    closed, load = found["closed"].get(key, (0,) * 5), found["load"].get(key, idle)
    return Person(
        key, name, similar=Tried(*closed[:2]), industry=Tried(*closed[2:4]), in_language=closed[4], products=found["products"].get(key, 0), open=load[0], weighted=load[1], overdue=load[2],
        speaks=key in found["speaks"], skilled=bool(found["speaks"].get(key)), knows=found["knows"].get(key, ()), accounts=found["accounts"].get(key, 0), same_team=key in found["teams"], contacts=found["contacts"].get(key, 0), away_until=found["away"].get(key),
    )


def _party(ctx: Context, record: Any) -> dict[str, Any]:
    """What is known of the customer, without what the actor must not know."""
    found = {"account_id": record.account_id, "owner_id": None, "industry": None, "region": None, "country": getattr(record, "country", None), "language": getattr(record, "language", None)}
    away = {"accounts": hidden(ctx, "accounts"), "contacts": hidden(ctx, "contacts")}
    columns = [column if name not in away["accounts"] else null().label(name) for name, column in (("owner_id", Account.owner_id), ("industry", Account.industry), ("region", Account.region), ("country", Account.country))]
    if record.account_id is not None:
        row = ctx.session.execute(select(*columns).where(Account.id == record.account_id, sees(ctx, Account))).one_or_none()
        found |= {name: value for name, value in row._mapping.items() if value} if row else {}
    if record.contact_id is not None and "language" not in away["contacts"]:
        found["language"] = ctx.session.execute(select(Contact.language).where(Contact.id == record.contact_id, sees(ctx, Contact))).scalar_one_or_none() or found["language"]
    return found


def own_amount(rates: Rates, amount: Any, currency: Any) -> ColumnElement:
    """An amount in the workspace's own currency; nothing where no rate holds."""
    return case((currency == rates.base, amount), *((currency == code, amount / rate) for code, rate in rates.per_base.items()), else_=None)


def _closed(ctx: Context, record: Any, party: Mapping[str, Any], rates: Rates, names: Collection[UUID]) -> dict[UUID, Any]:
    """(won, closed) of similar deals, the same in the industry, and how many were won with people of the language."""
    industry = Account.industry == party["industry"] if party["industry"] else false()
    language = Contact.language == party["language"] if party["language"] and "language" not in hidden(ctx, "contacts") else false()
    won, count = Deal.state == "won", lambda *what: func.count().filter(*what)
    similar = and_(*_similar(ctx, record, rates))
    query = select(Deal.owner_id, count(similar, won), count(similar), count(industry, won), count(industry), count(language, won)).join(Account, Account.id == Deal.account_id, isouter=True).join(Contact, Contact.id == Deal.contact_id, isouter=True)
    where = (*deals_where(ctx, Filters()), Deal.state.in_(("won", "lost")), Deal.id != record.id, Deal.owner_id.in_(names))
    return {row[0]: tuple(row[1:]) for row in ctx.session.execute(query.where(*where).group_by(Deal.owner_id))}


def _similar(ctx: Context, record: Any, rates: Rates) -> list[ColumnElement[bool]]:
    """Of the same pipeline and size; a lead has neither yet."""
    if record.ROOM != "deals":
        return [Deal.id.is_not(None)]
    found = [Deal.pipeline_id == record.pipeline_id]
    if record.amount and knows(ctx, "amount") and (record.currency == rates.base or record.currency in rates.per_base):
        amount = record.amount / rates.of(record.currency)
        found.append(own_amount(rates, Deal.amount, Deal.currency).between(amount / SIZE, amount * SIZE))
    return found


def _load(ctx: Context, rates: Rates, names: Collection[UUID]) -> dict[UUID, Any]:
    """(open deals, their weighted amount, None where a rate is missing or the actor does not know it, overdue next steps)."""
    query = select(Deal.owner_id, func.count(), _weighted(rates) if knows(ctx, *WEIGHTED) else null(), func.count().filter(Deal.next_step_on < ctx.today)).join(DealStage, DealStage.id == Deal.stage_id)
    return {row[0]: tuple(row[1:]) for row in ctx.session.execute(query.where(*deals_where(ctx, Filters()), Deal.state == "open", Deal.owner_id.in_(names)).group_by(Deal.owner_id))}


def _weighted(rates: Rates) -> ColumnElement:
    own = own_amount(rates, Deal.amount, Deal.currency)
    unrated = func.count().filter(Deal.amount.is_not(None), own.is_(None))
    return case((unrated > 0, None), else_=func.coalesce(func.sum(own * likely() / 100), 0))


def _products(ctx: Context, record: Any) -> list[UUID]:
    """What the quotes of a deal offer."""
    if record.ROOM != "deals" or not has(ctx, "quotes.read"):
        return []
    lines = select(QuoteLine.product_id).join(QuoteVersion, QuoteVersion.id == QuoteLine.version_id).join(Quote, Quote.id == QuoteVersion.quote_id)
    where = (Quote.deal_id == record.id, Quote.deleted_at.is_(None), QuoteLine.product_id.is_not(None), sees(ctx, Quote))
    return list(ctx.session.execute(lines.where(*where).distinct()).scalars())


def _sold(ctx: Context, products: list[UUID], names: Collection[UUID]) -> dict[UUID, int]:
    """Accepted quotes with one of these products."""
    if not products:
        return {}
    query = select(Quote.owner_id, func.count(Quote.id.distinct())).join(QuoteVersion, and_(QuoteVersion.quote_id == Quote.id, QuoteVersion.state == "accepted")).join(QuoteLine, QuoteLine.version_id == QuoteVersion.id)
    where = (sees(ctx, Quote), Quote.deleted_at.is_(None), QuoteLine.product_id.in_(products), Quote.owner_id.in_(names))
    return dict(tuple(row) for row in ctx.session.execute(query.where(*where).group_by(Quote.owner_id)))


def _accounts(ctx: Context, party: Mapping[str, Any], names: Collection[UUID]) -> dict[UUID, int]:
    """Other accounts at its place that somebody looks after."""
    place = Account.region == party["region"] if party["region"] else Account.country == party["country"] if party["country"] and "country" not in hidden(ctx, "accounts") else None
    if place is None or "owner_id" in hidden(ctx, "accounts"):
        return {}
    query = select(Account.owner_id, func.count()).where(sees(ctx, Account), Account.deleted_at.is_(None), place, Account.owner_id.in_(names), Account.id.is_distinct_from(party["account_id"]))
    return dict(tuple(row) for row in ctx.session.execute(query.group_by(Account.owner_id)))


def _contacts(ctx: Context, party: Mapping[str, Any], names: Collection[UUID]) -> dict[UUID, int]:
    """How often somebody was in touch with the account in the last year, as far as it was about whom the actor sees."""
    if party["account_id"] is None or not has(ctx, "activities.read"):
        return {}
    where = (sees(ctx, Activity), Activity.account_id == party["account_id"], Activity.deleted_at.is_(None), Activity.kind != "note", Activity.happened_at >= ctx.now - YEAR, Activity.created_by.in_(names), *about_seen(ctx))
    return dict(tuple(row) for row in ctx.session.execute(select(Activity.created_by, func.count()).where(*where).group_by(Activity.created_by)))


def _skilled(ctx: Context, record: Any, party: Mapping[str, Any], products: list[UUID], names: Collection[UUID]) -> dict[str, dict[UUID, Any]]:
    """speaks: who works in the customer's language (False), or has it among his skills (True). knows: the skills that are asked for, of all people
    where anything is that a skill could be."""
    theirs, code = skills_of(ctx, names), language_code(party["language"])
    speaks = {key: code != one.works_in for key, one in theirs.items() if code and (code == one.works_in or code in one.languages)}
    sought, said = (record.interest, record.message) if record.ROOM == "leads" else (None, record.name)
    asked = asked_for(catalogue_for(ctx, [sought], products), sought, said)
    knows = {key: known(one, asked) for key, one in theirs.items()}
    return {"speaks": speaks, "knows": knows if suited(theirs, asked) is not None else {}}


def _away(ctx: Context, names: Collection[UUID]) -> dict[UUID, Any]:
    """Until when those are away who are today."""
    query = select(Absence.user_id, func.max(Absence.ends_on)).where(Absence.user_id.in_(names), Absence.starts_on <= ctx.today, Absence.ends_on >= ctx.today)
    return dict(tuple(row) for row in ctx.session.execute(query.group_by(Absence.user_id)))


def _teams(known: Staff, party: Mapping[str, Any]) -> dict[UUID, bool]:
    """Who is in a team with whoever looks after the account."""
    found = [unit.people for unit in known.units if party["owner_id"] in unit.people]
    return dict.fromkeys((key for people in found for key in people), True)
