"""Enquiries for programs: what was held back, what waits for its sender, what was thrown away; and what becomes of it."""

from collections.abc import Iterable
from uuid import UUID

from core.base.context import Context
from core.base.words import N_
from core.intake import deciding
from core.intake.models import HELD_FOR, Enquiry
from web.api import shell
from web.api.listing import Page
from web.api.shell import Column
from web.intake.api_bodies import EnquiryAnswerOut, EnquiryOut
from web.intake.held import lines_of, reason_of

bp = shell.api_blueprint("enquiries_api")
SAME = ("id", "version", "form_id", "state", "held_for", "confirmed_at", "decided_at", "created_at", "updated_at")
ENQUIRIES = shell.Listing({
    "id": Column(Enquiry.id), "state": Column(Enquiry.state, ops=("eq", "in"), choices=deciding.SHOWN), "form_id": Column(Enquiry.form_id), "held_for": Column(Enquiry.held_for, choices=HELD_FOR, ops=("eq", "ne", "in", "null")),
    "confirmed_at": Column(Enquiry.confirmed_at), "created_at": Column(Enquiry.created_at, sort=True), "updated_at": Column(Enquiry.updated_at, sort=True),
}, default="-created_at")


@shell.resource_route(
    bp, "GET", "/enquiries", "enquiries.decide", listing=ENQUIRIES, answer=EnquiryOut, summary=N_("List enquiries that were held back, wait for their sender's confirmation, or were thrown away"),
    description=N_("What became a lead is read there, by whoever sees that lead."),
)
def list_enquiries(ctx: Context, asked):
    found = asked.page(ctx, deciding.open_enquiries(ctx))
    return Page(_out(ctx, found.data), found.next_cursor)


@shell.resource_route(bp, "GET", "/enquiries/<uuid:id>", "enquiries.decide", answer=EnquiryOut, summary=N_("Get an enquiry that has not become a lead"))
def get_enquiry(ctx: Context, id: UUID):
    return _out(ctx, [deciding.one_enquiry(ctx, id)])[0]


@shell.resource_route(
    bp, "POST", "/enquiries/<uuid:id>/admission", "enquiries.decide", answer=EnquiryOut, summary=N_("Let an enquiry in"),
    description=N_("The state says what became of it: taken (it is a lead), waiting (its sender is asked to confirm first), or held still, and held_for says why. One that waits becomes a lead without its sender's word; to what he agreed does not count then."),
)
def admit_enquiry(ctx: Context, id: UUID):
    enquiry = deciding.one_enquiry(ctx, id)
    deciding.let_in(ctx, enquiry)
    return _decided(ctx, enquiry)


@shell.resource_route(bp, "POST", "/enquiries/<uuid:id>/discarding", "enquiries.decide", answer=EnquiryOut, summary=N_("Throw an enquiry away"), description=N_("It can be brought back until it is deleted, after 90 days."))
def discard_enquiry(ctx: Context, id: UUID):
    enquiry = deciding.one_enquiry(ctx, id)
    deciding.discard(ctx, enquiry)
    return _decided(ctx, enquiry)


@shell.resource_route(bp, "POST", "/enquiries/<uuid:id>/restoration", "enquiries.decide", answer=EnquiryOut, summary=N_("Bring back an enquiry that was thrown away"))
def bring_enquiry_back(ctx: Context, id: UUID):
    enquiry = deciding.one_enquiry(ctx, id)
    deciding.bring_back(ctx, enquiry)
    return _decided(ctx, enquiry)


def _decided(ctx: Context, enquiry: Enquiry) -> EnquiryOut:
    ctx.session.flush()  # the answer names the version
    return _out(ctx, [enquiry])[0]


def _out(ctx: Context, rows: Iterable[Enquiry]) -> list[EnquiryOut]:
    """With their forms, in one statement for all of them."""
    found = list(rows)
    forms = deciding.forms_of(ctx, {one.form_id for one in found})
    return [_one(ctx, one, forms[one.form_id].name, forms[one.form_id].asked) for one in found]


def _one(ctx: Context, enquiry: Enquiry, form_name: str, asked: list[dict]) -> EnquiryOut:
    said = [EnquiryAnswerOut(field=field, label=label, value=value) for field, label, value in lines_of(ctx, enquiry, asked)]
    own = {name: getattr(enquiry, name) for name in SAME}
    return EnquiryOut(**own, form_name=form_name, reason=reason_of(ctx, enquiry) or None, said=said, language=enquiry.lang, lead_id=deciding.lead_seen(ctx, enquiry))
