"""A lead becomes a customer's: an account, a person and a deal, each made new, linked to one that is there, or left out. All of it at once
or nothing; taken back, what was made goes into the recycle bin unless somebody has worked on it since."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, Refused
from core.base.facts import record
from core.base.field_rights import hidden, protected
from core.base.hiding import unhidden
from core.base.model import TenantBase
from core.base.policy import may, require
from core.base.registry import collect_children
from core.consent.recording import adopt
from core.deals import actions as deals
from core.deals.models import Deal
from core.leads.clock import stop
from core.leads.models import OPEN, Lead
from core.leads.words import SOURCE_LABELS
from core.parties import actions as parties
from core.parties import queries as parties_there
from core.parties.models import Account, Contact
from core.parties.restricting import check_free
from infra import i18n

CREATE, NONE = "create", "none"
# What a lead says of what it becomes.
CARRIED = ("mail", "phone", "job_title", "language", "postcode", "city", "country", "source", "message", "next_step", "next_step_on", "campaign", "first_touch", "last_touch", "tags")
# Of what the lead would give the deal: whoever leaves it empty wants none.
TAKEN_AWAY = ("next_step", "next_step_on")
MODELS: dict[str, Any] = {"account": Account, "contact": Contact, "deal": Deal}
DELETE: dict[str, Any] = {"account": parties.delete_account, "contact": parties.delete_contact, "deal": deals.delete_deal}


def convert(ctx: Context, lead: Lead, *, account: UUID | str = CREATE, contact: UUID | str = CREATE, deal: Mapping[str, Any] | None = None, version: int | None = None) -> Lead:
    """account, contact: "create", "none", or the key of one that is there. deal: what it says beside what the lead says (name, stage_id,
    amount, closes_on, next_step, …); None: no deal. Refuses one that has ended or was converted, and a choice of nothing at all."""
    require(ctx, "leads.edit", lead)
    hold(ctx, lead)
    if version is not None and version != lead.version:
        raise Conflict("lead_moved")
    if lead.state not in OPEN:
        raise Refused("lead_converted" if lead.state == "converted" else "lead_ended", field="state")
    if account == NONE and contact == NONE and deal is None:
        raise Refused("lead_nothing_chosen", field="account")
    owner = lead.owner_id or ctx.actor.owner_id
    before = {"state": lead.state, "since": lead.state_since.isoformat(), "owner": str(lead.owner_id or "")}
    at = _account(ctx, lead, account, owner)
    who = _contact(ctx, lead, contact, at, owner)
    what = _deal(ctx, lead, deal, at, who, owner) if deal is not None else None
    ctx.session.flush()  # versions as they were made
    made = {"account": at if account == CREATE else None, "contact": who if contact == CREATE else None, "deal": what}
    lead.account_id, lead.contact_id, lead.deal_id = (one.id if one is not None else None for one in (at, who, what))
    lead.owner_id, lead.state, lead.state_since, lead.converted_at = owner, "converted", ctx.now, ctx.now
    stop(ctx, lead, "judgement")
    lead.conversion = before | {"made": {kind: one.version for kind, one in made.items() if one is not None}}
    record(ctx, "lead.converted", lead, about=(lead.account_id, lead.contact_id, lead.deal_id), name=lead.name, source=lead.source or "")
    ctx.session.flush()
    return lead


def take_back(ctx: Context, lead: Lead, *, version: int) -> list[str]:
    """The lead is what it was. What the conversion made goes into the recycle bin; returns the kinds that stay because somebody has
    worked on them since, or the actor may not delete them."""
    require(ctx, "leads.edit", lead)
    hold(ctx, lead)
    if version != lead.version or lead.state != "converted":
        raise Conflict("lead_moved")
    about = (lead.account_id, lead.contact_id, lead.deal_id)
    kept = _remove(ctx, lead)
    before = lead.conversion
    lead.state, lead.converted_at = before["state"], None
    lead.state_since = datetime.fromisoformat(before["since"]) if "since" in before else ctx.now
    if before.get("owner") == "":
        lead.owner_id = None  # it was nobody's: whoever converted it took it
    lead.account_id = lead.contact_id = lead.deal_id = None
    lead.conversion = {}
    record(ctx, "lead.taken_back", lead, about=about, name=lead.name)
    ctx.session.flush()
    return kept


def _account(ctx: Context, lead: Lead, choice: UUID | str, owner: UUID | None) -> Account | None:
    """A company, or the person as a private customer where no company is known."""
    if choice == NONE:
        return None
    if choice != CREATE:
        return parties_there.one_account(ctx, _key(choice, "account"))
    own = {} if lead.company else {"kind": "person"}
    place = _said(ctx, lead, "accounts", "postcode", "city", "country", "source", *(("mail", "phone") if not lead.company else ()))
    return _flushed(ctx, parties.create_account(ctx, name=lead.company or lead.name, owner_id=owner, **_tags(ctx, lead, "accounts"), **own, **place))


def _contact(ctx: Context, lead: Lead, choice: UUID | str, account: Account | None, owner: UUID | None) -> Contact | None:
    if choice == NONE:
        return None
    if choice != CREATE:
        found = parties_there.one_contact(ctx, _key(choice, "contact"))
        check_free(found)
        return found
    said = _said(ctx, lead, "contacts", "mail", "phone", "job_title", "language", "source")
    made = _flushed(ctx, parties.create_contact(ctx, name=lead.name, account_id=account.id if account is not None else None, owner_id=owner, **_tags(ctx, lead, "contacts"), **said))
    adopt(ctx, made)
    return made


def _deal(ctx: Context, lead: Lead, given: Mapping[str, Any], account: Account | None, contact: Contact | None, owner: UUID | None) -> Deal:
    """With where the lead came from: from the first click to the deal."""
    it, beyond = _as_it_is(ctx, lead), protected(ctx, "deals")
    told = {"source": _source(ctx, it), "notes": it.message, "next_step": it.next_step, "next_step_on": it.next_step_on}
    said = {"name": lead.interest or lead.company or lead.name, "owner_id": owner, **{name: value for name, value in told.items() if name not in beyond}}
    said |= _tags(ctx, lead, "deals") | {name: value for name, value in given.items() if value not in (None, "") or name in TAKEN_AWAY}
    links = {"account_id": account.id if account is not None else None, "contact_id": contact.id if contact is not None else None}
    deal = deals.create_deal(ctx, **said, **{name: key for name, key in links.items() if key is not None})
    deal.campaign, deal.first_touch, deal.last_touch = it.campaign, dict(it.first_touch), dict(it.last_touch)
    return deal


def _tags(ctx: Context, lead: Lead, room: str) -> dict[str, Any]:
    """The lead's tags go along to what is made of it, where the actor may tag such records."""
    tags = list(_as_it_is(ctx, lead).tags)
    return {"tags": tags} if tags and "tags" not in protected(ctx, room) else {}


def _said(ctx: Context, lead: Lead, room: str, *names: str) -> dict[str, Any]:
    """What the lead says of these, but for fields that the actor must not write in that room."""
    it, beyond = _as_it_is(ctx, lead), protected(ctx, room)
    found = {name: _source(ctx, it) if name == "source" else getattr(it, name) for name in names if name not in beyond}
    return {name: value for name, value in found.items() if value}


def _as_it_is(ctx: Context, lead: Lead) -> Any:
    """The lead with what its reader does not see: it goes with it into what becomes of it."""
    if not hidden(ctx, "leads"):
        return lead
    ctx.session.flush()  # the statement reads what was written
    with unhidden(ctx.session):
        return ctx.session.execute(select(*(getattr(Lead, name) for name in CARRIED)).where(Lead.id == lead.id)).one()


def _source(ctx: Context, lead: Any) -> str | None:
    """Where he came from, in words: the program's own are written in the workspace's language, for nobody reads them as ours there."""
    return i18n.gettext(ctx.tenant.locale, SOURCE_LABELS[lead.source]) if lead.source in SOURCE_LABELS else lead.source


def _remove(ctx: Context, lead: Lead) -> list[str]:
    made, kept = lead.conversion.get("made", {}), []
    mine = {lead.id}  # and what is in the bin by now: what stays holds what it hangs on
    for kind in ("deal", "contact", "account"):
        if kind not in made:
            continue
        found = ctx.session.get(MODELS[kind], getattr(lead, f"{kind}_id")) if getattr(lead, f"{kind}_id") else None
        if found is None or found.deleted_at is not None:
            continue
        if found.version != made[kind] or not may(ctx, f"{kind}s.delete", found) or _grown(ctx, kind, found.id, mine):
            kept.append(kind)
            continue
        DELETE[kind](ctx, found)
        mine.add(found.id)
    return kept


def _grown(ctx: Context, kind: str, key: UUID, mine: set[UUID]) -> bool:
    """Has somebody's work been put on the record since? A deal's own moves raise its version."""
    for child in collect_children():
        table = TenantBase.metadata.tables[child.table]
        if not child.grows or child.parent not in (kind, "*"):
            continue
        where = [table.c[child.column] == key, *([table.c[child.kind] == kind] if child.kind else [])]
        if "id" in table.c:
            where.append(table.c.id.not_in(mine))
        if "deleted_at" in table.c:
            where.append(table.c.deleted_at.is_(None))
        if ctx.session.execute(select(literal(1)).select_from(table).where(*where).limit(1)).first() is not None:
            return True
    return False


def _key(value: Any, field: str) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise Refused("unknown_value", field=field) from None


def _flushed(ctx: Context, made: Any) -> Any:
    ctx.session.flush()  # what comes next names it by key
    return made
