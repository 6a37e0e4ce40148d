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
from core.base.field_rights import protected
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
MODELS: dict[str, Any] = {"account": Account, "contact": Contact, "deal": Deal}
DELETE: dict[str, Any] = {"account": parties.delete_account, "contact": parties.delete_contact, "deal": deals.delete_deal}


def convert(ctx: Context, lead: Lead, *, account: UUID | str = CREATE, contact: UUID | str = CREATE, deal: Mapping[str, Any] | None = None, version: int | None = None) -> Lead:
    """account, contact: "create", "none", or the key of one that is there. deal: what it says beside what the lead says (name, stage_id,
    amount, …); None: no deal. Refuses one that has ended or was converted, and a choice of nothing at all."""
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
    own = {} if lead.company else {"kind": "person", "mail": lead.mail, "phone": lead.phone}
    place = _said(ctx, lead, "postcode", "city", "country", "source")
    return _flushed(ctx, parties.create_account(ctx, name=lead.company or lead.name, owner_id=owner, **_tags(ctx, lead, "accounts"), **place, **{name: value for name, value in own.items() if value}))


def _contact(ctx: Context, lead: Lead, choice: UUID | str, account: Account | None, owner: UUID | None) -> Contact | None:
    if choice == NONE:
        return None
    if choice != CREATE:
        found = parties_there.one_contact(ctx, _key(choice, "contact"))
        check_free(found)
        return found
    said = _said(ctx, lead, "mail", "phone", "job_title", "language", "source")
    made = _flushed(ctx, parties.create_contact(ctx, name=lead.name, account_id=account.id if account is not None else None, owner_id=owner, **_tags(ctx, lead, "contacts"), **said))
    adopt(ctx, made)
    return made


def _deal(ctx: Context, lead: Lead, given: Mapping[str, Any], account: Account | None, contact: Contact | None, owner: UUID | None) -> Deal:
    """With where the lead came from: from the first click to the deal."""
    said = {"name": lead.interest or lead.company or lead.name, "source": _source(ctx, lead), "notes": lead.message, "owner_id": owner, "next_step": lead.next_step, "next_step_on": lead.next_step_on} | _tags(ctx, lead, "deals") | {name: value for name, value in given.items() if value not in (None, "")}
    links = {"account_id": account.id if account is not None else None, "contact_id": contact.id if contact is not None else None}
    deal = deals.create_deal(ctx, **said, **{name: key for name, key in links.items() if key is not None})
    deal.campaign, deal.first_touch, deal.last_touch = lead.campaign, dict(lead.first_touch), dict(lead.last_touch)
    return deal


def _tags(ctx: Context, lead: Lead, room: str) -> dict[str, Any]:
    """The lead's tags go along to what is made of it, where the actor may tag such records."""
    return {"tags": list(lead.tags)} if lead.tags and "tags" not in protected(ctx, room) else {}


def _said(ctx: Context, lead: Lead, *names: str) -> dict[str, Any]:
    """What the lead says of these."""
    found = {name: _source(ctx, lead) if name == "source" else getattr(lead, name) for name in names}
    return {name: value for name, value in found.items() if value}


def _source(ctx: Context, lead: Lead) -> str | None:
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
