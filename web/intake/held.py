"""What was held back: a person lets it in or throws it away. And what he writes on a sender's page."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.words import N_
from core.intake import deciding
from core.intake.forms import offered
from core.intake.models import Enquiry
from core.intake.words import HELD_LABELS, HELD_NUMBERS
from core.leads.queries import one_lead
from infra import i18n
from web.guard import needs
from web.intake.building import called
from web.pages import page, say, see_other

bp = Blueprint("enquiries", __name__, url_prefix="/enquiries")
reply_bp = Blueprint("enquiry_reply", __name__, url_prefix="/leads/enquiries")
STILL_HELD = {
    "refused": N_("A rule of your workspace does not let it be saved: look at the own fields of leads."),
    "unconfirmed": N_("Its sender is to confirm, and no letter can reach him. Let it in once more to take it without his confirmation."),
    "letters": N_("Its sender is to confirm, and this address gets no further letter within a day. Try again tomorrow."),
}
TABS = {"held": N_("Held back"), "waiting": N_("Waiting for confirmation"), "discarded": N_("Thrown away")}


@bp.get("")
@needs("enquiries.decide")
def index(ctx: Context):
    """What looks like spam, with the reason; what waits for its sender; what was thrown away."""
    state = request.args.get("state", "held")
    rows = [(row.Enquiry, row.form_name, [(label, _plain(value)) for _, label, value in lines_of(ctx, row.Enquiry, row.asked)], reason_of(ctx, row.Enquiry)) for row in deciding.enquiries(ctx, state)]
    tabs = [{"text": i18n.gettext(ctx.locale, text), "href": url_for("enquiries.index", state=code), "current": code == state} for code, text in TABS.items()]
    return page("intake/enquiries.html", rows=rows, tabs=tabs, state=state)


@bp.post("/<uuid:id>/admission")
@needs("enquiries.decide")
def let_in(ctx: Context, id: UUID):
    """It becomes a lead."""
    enquiry = deciding.one_enquiry(ctx, id)
    if not deciding.let_in(ctx, enquiry):
        say(ctx, STILL_HELD[enquiry.held_for], kind="error")
        return see_other("enquiries.index")
    say(ctx, N_("Its sender is asked to confirm") if enquiry.state == "waiting" else N_("It is a lead now"))
    return see_other("enquiries.index")


@bp.post("/<uuid:id>/discarding")
@needs("enquiries.decide")
def discard(ctx: Context, id: UUID):
    """Thrown away."""
    enquiry = deciding.one_enquiry(ctx, id)
    deciding.discard(ctx, enquiry)
    say(ctx, N_("Thrown away"), undo=url_for("enquiries.bring_back", id=id))
    return see_other("enquiries.index")


@bp.post("/<uuid:id>/restoration")
@needs("enquiries.decide")
def bring_back(ctx: Context, id: UUID):
    """Held back again."""
    deciding.bring_back(ctx, deciding.one_enquiry(ctx, id))
    say(ctx, N_("It is held back again"))
    return see_other("enquiries.index")


@reply_bp.post("/<uuid:id>/reply")
@needs("leads.edit")
def create_reply(ctx: Context, id: UUID):
    """What the sender reads on his page."""
    lead = deciding.lead_of(ctx, id)
    deciding.reply(ctx, one_lead(ctx, lead), id, request.form.get("reply"))
    say(ctx, N_("The sender's page says so now"))
    return see_other("leads.show", id=lead)


def lines_of(ctx: Context, enquiry: Enquiry, asked: list[dict[str, Any]]) -> list[tuple[str, str, Any]]:
    """(field, what it is called, what was typed), under the names of the fields as far as they are there still."""
    there = offered(ctx)
    return [(name, called(ctx, name) if name in there else name, value) for name, value in deciding.told(ctx, enquiry, asked)]


def reason_of(ctx: Context, enquiry: Enquiry) -> str:
    """Why it is held back, in the reader's language; nothing where it is not."""
    return i18n.gettext(ctx.locale, HELD_LABELS[enquiry.held_for], **HELD_NUMBERS.get(enquiry.held_for, {})) if enquiry.held_for else ""


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
