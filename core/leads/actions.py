"""Use cases about leads in the order of their life: come in, create, edit, hand over, delete, bring back. Accepting and returning:
core.leads.judging."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select

from core.base import editing
from core.base.context import Context
from core.base.editing import cleaned, cleaned_as_was, hold, hold_place
from core.base.errors import Refused
from core.base.facts import record
from core.base.field_rights import check_writes
from core.base.policy import has, may, reach_of, require, sees
from core.base.steps import check_step
from core.custom_fields import values as own
from core.identity.queries import owner_name
from core.leads import clock, rules
from core.leads.assigning import assign
from core.leads.models import OPEN, Lead
from core.leads.rules import FIELDS
from core.leads.scoring import order_score
from core.notifications.telling import notify, tell_owner
from core.parties.rules import with_mail_norm
from core.tagging.queries import as_spelled

# What a lead that is there gets from whoever comes again, where it says nothing of it.
FILLED = ("company", "job_title", "phone", "language", "postcode", "city", "country", "interest", "source", "campaign", "notes", "tags", "external_id")


def create_lead(ctx: Context, *, touch: Mapping[str, Any] | None = None, **given: Any) -> Lead:
    """A new lead; a name, a company or a mail address is needed. It is the actor's own unless `owner_id` says otherwise (None: it lies in
    the inbox). touch: where the person was when he came (core.leads.rules.TOUCH)."""
    require(ctx, "leads.create")
    check_writes(ctx, "leads", [name for name in given if name != "owner_id" or str(given[name]) != str(ctx.actor.owner_id)])
    values = as_spelled(ctx, cleaned({**FIELDS, "name": FIELDS["company"]} | own.cleaners(ctx, "leads"), given))
    lead = _made(ctx, values, rules.touch(touch, "touch"))
    record(ctx, "lead.created", lead, name=lead.name)
    tell_owner(ctx, lead)
    return lead


def capture(ctx: Context, *, touch: Mapping[str, Any] | None = None, came_by: str | None = None, **given: Any) -> Lead:
    """Somebody came in by a form or a program. The one open lead that has his mail address already is touched again and keeps what it
    says; otherwise it is a new one, and goes to somebody by the rules (core.leads.assigning) unless `owner_id` says otherwise (None: the
    inbox). came_by: its source where nothing else is said, which is no writing of the actor's."""
    require(ctx, "leads.create")
    check_writes(ctx, "leads", given)
    values = as_spelled(ctx, cleaned({**FIELDS, "name": FIELDS["company"]} | own.cleaners(ctx, "leads"), ({"source": came_by} if came_by else {}) | given))
    seen = rules.touch(touch, "touch")
    known = _known(ctx, values.get("mail")) if has(ctx, "leads.read") else None
    if known is not None and may(ctx, "leads.edit", known):
        return _touched(ctx, known, values, seen)
    lead = _made(ctx, {"owner_id": None} | values, seen)
    clock.start(ctx, lead)
    record(ctx, "lead.came", lead, name=lead.name, source=lead.source or "")
    if "owner_id" not in values:
        lead.waits_for_hours = not clock.is_open_now(ctx)
        if not lead.waits_for_hours:
            assign(ctx, lead)
    tell_owner(ctx, lead)
    return lead


def edit_lead(ctx: Context, lead: Lead, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> Lead:
    """Change the given fields; two people at once are merged as in `core.parties.actions.edit_account`."""
    require(ctx, "leads.edit", lead)
    check_writes(ctx, "leads", given)
    fields = FIELDS | own.cleaners(ctx, "leads")
    changes = editing.changes(ctx, lead, as_spelled(ctx, cleaned(fields, given)), version=version, original=cleaned_as_was(fields, original))
    check_step({name: changes.get(name, getattr(lead, name)) for name in ("next_step", "next_step_on")})
    if changes.get("external_id"):
        _check_number(ctx, changes["external_id"])
    _write(ctx, lead, changes)
    return lead


def change_owner(ctx: Context, lead: Lead, owner_id: UUID | None) -> None:
    """Hand a lead over to somebody else who works here, or (None) into the inbox."""
    require(ctx, "leads.edit", lead)
    if lead.owner_id == owner_id:
        return
    check_writes(ctx, "leads", ("owner_id",))
    name = owner_name(ctx, owner_id)
    lead.owner_id, lead.waits_for_hours = owner_id, False
    record(ctx, "lead.owner_changed", lead, owner=name or "", name=lead.name)
    tell_owner(ctx, lead)


def delete_lead(ctx: Context, lead: Lead) -> None:
    """Put a lead into the recycle bin; its history stays with it and comes back with it."""
    require(ctx, "leads.delete", lead)
    lead.deleted_at = ctx.now
    record(ctx, "lead.deleted", lead, name=lead.name)


def restore_lead(ctx: Context, lead: Lead) -> None:
    """Bring a lead back out of the recycle bin."""
    require(ctx, "leads.delete", lead)
    lead.deleted_at = None
    record(ctx, "lead.restored", lead, name=lead.name)


def _made(ctx: Context, values: dict[str, Any], touch: dict[str, str]) -> Lead:
    """The lead, with owner, name and campaign settled, and its own fields' unique values taken."""
    _settle_owner(ctx, values)
    values["name"] = rules.named(values)
    check_step(values)
    values["campaign"] = values.get("campaign") or touch.get("utm_campaign")
    if values.get("external_id"):
        _check_number(ctx, values["external_id"])
    own.begin(ctx, Lead, values)
    seen = touch | {"at": ctx.now.isoformat()} if touch else {}
    lead = Lead(**with_mail_norm(values), first_touch=seen, last_touch=seen, state="new", state_since=ctx.now)
    ctx.session.add(lead)
    ctx.session.flush()  # facts and unique values name it by key
    own.reserve(ctx, lead, {f"custom.{name}": value for name, value in values.get("custom", {}).items()})
    order_score(ctx, lead)
    return lead


def _known(ctx: Context, mail: str | None) -> Lead | None:
    """The newest open lead with this mail address that the actor sees. Two who bring the same one at once wait for one another."""
    if not mail:
        return None
    hold_place(ctx, f"lead.mail.{mail.casefold()}")
    query = select(Lead).where(Lead.mail_norm == mail.casefold(), Lead.state.in_(OPEN), Lead.deleted_at.is_(None), sees(ctx, Lead))
    return ctx.session.execute(query.order_by(Lead.created_at.desc(), Lead.id.desc()).limit(1)).scalar_one_or_none()


def _touched(ctx: Context, lead: Lead, values: Mapping[str, Any], touch: dict[str, str]) -> Lead:
    """He came again: what was empty is filled, what he writes stands below what he wrote, and the last touch is this one."""
    hold(ctx, lead)
    _fill(ctx, lead, values)
    said = values.get("message")
    if said and said not in (lead.message or ""):
        lead.message = "\n\n".join(part for part in (lead.message, said) if part)[-20_000:]
    if touch:
        lead.last_touch = touch | {"at": ctx.now.isoformat()}
        lead.first_touch = lead.first_touch or lead.last_touch
    lead.touches += 1
    record(ctx, "lead.came_again", lead, name=lead.name, source=values.get("source") or "")
    if lead.owner_id:
        notify(ctx, "assigned", [lead.owner_id], lead)
    ctx.session.flush()
    order_score(ctx, lead)
    return lead


def _fill(ctx: Context, lead: Lead, values: Mapping[str, Any]) -> None:
    """What the lead did not say before. It is called by the person's name where it had the company's or the mail address alone."""
    if values.get("external_id") and not lead.external_id:
        _check_number(ctx, values["external_id"])
    fresh = {name: values[name] for name in FILLED if values.get(name) and not getattr(lead, name)}
    fresh |= {name: value for name, value in values.items() if own.is_own(name) and value is not None and getattr(lead, name) is None}
    if lead.name in (lead.company, lead.mail):
        fresh["name"] = values.get("name") or fresh.get("company") or lead.company or lead.name
    own.check(ctx, lead, fresh)
    own.reserve(ctx, lead, fresh)
    for name, value in own.write(lead, fresh).items():
        setattr(lead, name, value)


def _settle_owner(ctx: Context, values: dict[str, Any]) -> None:
    """Somebody whose leads the maker sees, or nobody."""
    whose = reach_of(ctx, Lead)
    if "owner_id" not in values:
        values["owner_id"] = ctx.actor.owner_id
    elif values["owner_id"] is not None and whose is not None and values["owner_id"] not in whose:
        raise Refused("owner_not_you", field="owner_id")
    elif values["owner_id"] != ctx.actor.id:
        owner_name(ctx, values["owner_id"])


def _check_number(ctx: Context, number: str) -> None:
    """Refuses a number elsewhere that another lead has. Two who bring the same new one at once wait for one another."""
    hold_place(ctx, f"lead.external_id.{number}")
    if ctx.session.execute(select(literal(1)).select_from(Lead).where(Lead.external_id == number)).first():
        raise Refused("external_id_taken", field="external_id")


def _write(ctx: Context, lead: Lead, changes: dict[str, Any]) -> None:
    """Write and tell. The owner's change is told as what it is."""
    owner_id = changes.pop("owner_id", lead.owner_id)
    if changes:
        own.check(ctx, lead, changes)
        own.reserve(ctx, lead, changes)
        for name, value in with_mail_norm(own.write(lead, dict(changes))).items():
            setattr(lead, name, value)
        record(ctx, "lead.edited", lead, fields=sorted(changes), name=lead.name)
        order_score(ctx, lead)
    change_owner(ctx, lead, owner_id)
    ctx.session.flush()  # the answer shows the new version
