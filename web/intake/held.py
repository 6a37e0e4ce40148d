"""What was held back: a person lets it in or throws it away. And what he writes on a sender's page."""

from uuid import UUID

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.words import N_
from core.intake import deciding
from core.intake.forms import offered
from core.intake.models import Enquiry
from core.intake.words import HELD_LABELS
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
    rows = [(row.Enquiry, row.form_name, _lines(ctx, row.Enquiry, [one["name"] for one in row.asked]), i18n.gettext(ctx.locale, HELD_LABELS[row.Enquiry.held_for]) if row.Enquiry.held_for else "") for row in deciding.enquiries(ctx, state)]
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


def _lines(ctx: Context, enquiry: Enquiry, asked: list[str]) -> list[tuple[str, str]]:
    """What was typed, in the form's order, under the names of the fields as far as they are there still."""
    names = sorted(enquiry.said, key=lambda name: asked.index(name) if name in asked else len(asked))
    known = {name: called(ctx, name) for name in names if name in offered(ctx)}
    return [(known.get(name, name), ", ".join(map(str, value)) if isinstance(value, list) else str(value)) for name in names for value in [enquiry.said[name]]]
