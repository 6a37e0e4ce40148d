"""What was held back: a person lets it in or throws it away, and can take that back. And what the sender reads on his page."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from core.base.context import Context, as_actor, system
from core.base.editing import hold
from core.base.errors import NotFound, Refused, present
from core.base.facts import record
from core.base.field_rights import hidden
from core.base.policy import has, is_visible, require, visible
from core.base.text import clean
from core.intake import links, receiving
from core.intake.models import Enquiry, WebForm
from core.leads.clock import stop
from core.leads.models import Lead
from core.post.actions import hand_in

SHOWN = ("held", "waiting", "discarded")
MOST, LONGEST_REPLY = 200, 2000


def enquiries(ctx: Context, state: str = "held") -> list[Row]:
    """(Enquiry, form's name, form's fields) in a state, the newest first. What became a lead is seen on the lead, by whoever sees that."""
    require(ctx, "enquiries.decide")
    if state not in SHOWN:
        raise Refused("unknown_value", field="state")
    query = visible(ctx, Enquiry).add_columns(WebForm.name.label("form_name"), WebForm.fields.label("asked")).join(WebForm, WebForm.id == Enquiry.form_id).where(Enquiry.state == state)
    return list(ctx.session.execute(query.order_by(Enquiry.created_at.desc(), Enquiry.id.desc()).limit(MOST)))


def open_enquiries(ctx: Context) -> Select:
    """All that have not become a lead, for whoever reads them page by page."""
    require(ctx, "enquiries.decide")
    return visible(ctx, Enquiry).where(Enquiry.state.in_(SHOWN))


def forms_of(ctx: Context, form_ids: Collection[UUID]) -> dict[UUID, Row]:
    """Form -> its name, and the fields that it asks for in their order (asked)."""
    require(ctx, "enquiries.decide")
    query = select(WebForm.id, WebForm.name, WebForm.fields.label("asked")).where(WebForm.id.in_(form_ids))
    return {row.id: row for row in ctx.session.execute(query)}


def told(ctx: Context, enquiry: Enquiry, asked: Sequence[dict[str, Any]]) -> list[tuple[str, Any]]:
    """(field, what was typed), in the form's order, without the fields of leads that the actor must not know."""
    order, away = [one["name"] for one in asked], hidden(ctx, "leads")
    names = sorted(enquiry.said, key=lambda name: order.index(name) if name in order else len(order))
    return [(name, enquiry.said[name]) for name in names if name not in away]


def lead_seen(ctx: Context, enquiry: Enquiry) -> UUID | None:
    """The lead that it became, where the actor sees it."""
    lead = receiving.lead_of(ctx, enquiry) if has(ctx, "leads.read") else None
    return lead.id if lead is not None and is_visible(ctx, lead) else None


def one_enquiry(ctx: Context, enquiry_id: UUID) -> Enquiry:
    """One that has not become a lead; NotFound otherwise."""
    return present(ctx.session.execute(open_enquiries(ctx).where(Enquiry.id == enquiry_id)).scalar_one_or_none())


def let_in(ctx: Context, enquiry: Enquiry) -> bool:
    """It is no spam: it goes on as if nothing had been suspicious, so a lead is made of it, or its sender is asked to confirm (state
    "waiting"). False: it is held back still, and `held_for` says why."""
    require(ctx, "enquiries.decide")
    _held(ctx, enquiry)
    form, mine = ctx.session.get_one(WebForm, enquiry.form_id), ctx.actor
    enquiry.decided_at = ctx.now
    ours = as_actor(ctx, system("a web form"))
    try:
        done = receiving.let_in(ours, form, enquiry)
    finally:
        as_actor(ctx, mine)
    if done:
        record(ctx, "enquiry.let_in", enquiry, about=(enquiry.lead_id,), form=form.name)
    else:
        enquiry.decided_at = None
    return done


def discard(ctx: Context, enquiry: Enquiry) -> None:
    """Thrown away; it can be brought back until it is gone for good."""
    require(ctx, "enquiries.decide")
    _held(ctx, enquiry)
    enquiry.state, enquiry.decided_at = "discarded", ctx.now
    record(ctx, "enquiry.discarded", enquiry)


def bring_back(ctx: Context, enquiry: Enquiry) -> None:
    """Held back again."""
    require(ctx, "enquiries.decide")
    hold(ctx, enquiry)
    if enquiry.state != "discarded":
        raise Refused("enquiry_decided")
    enquiry.state, enquiry.held_for, enquiry.decided_at = "held", enquiry.held_for or "refused", None
    record(ctx, "enquiry.brought_back", enquiry)


def of_lead(ctx: Context, lead: Lead) -> list[Row]:
    """(Enquiry, form's name) of a lead that the actor sees, the newest first."""
    if not is_visible(ctx, lead):
        raise NotFound()
    query = select(Enquiry, WebForm.name.label("form_name")).join(WebForm, WebForm.id == Enquiry.form_id).where(Enquiry.lead_id == lead.id, Enquiry.state == "taken")
    return list(ctx.session.execute(query.order_by(Enquiry.created_at.desc(), Enquiry.id.desc()).limit(20)))


def lead_of(ctx: Context, enquiry_id: UUID) -> UUID:
    """The key of the lead that an enquiry became; NotFound where there is none. Who may see the lead is asked with it."""
    found = present(ctx.session.execute(visible(ctx, Enquiry).where(Enquiry.id == enquiry_id, Enquiry.state == "taken", Enquiry.lead_id.is_not(None))).scalar_one_or_none())
    return found.lead_id


def reply(ctx: Context, lead: Lead, enquiry_id: UUID, text: str | None) -> Enquiry:
    """What the sender reads on his page from now on; nothing: no more. A letter tells him that there is something to read."""
    require(ctx, "leads.edit", lead)
    found = present(ctx.session.execute(select(Enquiry).where(Enquiry.id == enquiry_id, Enquiry.lead_id == lead.id, Enquiry.state == "taken").with_for_update()).scalar_one_or_none())
    said = clean(text, field="reply", max_length=LONGEST_REPLY, multiline=True)
    if said == found.reply:
        return found
    found.reply, found.replied_at = said, ctx.now if said else None
    record(ctx, "enquiry.replied" if said else "enquiry.reply_gone", found, about=(lead.id,), name=lead.name)
    if said:
        stop(ctx, lead, "reply")
        _tell_sender(ctx, found)
    return found


def _held(ctx: Context, enquiry: Enquiry) -> None:
    hold(ctx, enquiry)
    if enquiry.state not in ("held", "waiting"):
        raise Refused("enquiry_decided")


def _tell_sender(ctx: Context, enquiry: Enquiry) -> None:
    to = enquiry.said.get("mail")
    if to:
        place = f"{ctx.tenant.url}/enquiry/{links.token(ctx, enquiry.id)}?lang={enquiry.lang}"
        params = {"workspace": ctx.tenant.name, "link": place}
        hand_in(ctx, template="enquiry_replied", to=to, lang=enquiry.lang, timezone=ctx.tenant.timezone, params=params, about=enquiry, dedupe=f"enquiry_replied:{enquiry.id}:{ctx.now.isoformat()}")
