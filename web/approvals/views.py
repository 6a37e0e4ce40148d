"""What waits for one's own yes: read in a minute, decided by one key, in one's own place or an absent colleague's."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from wtforms import StringField
from wtforms.validators import Length

from core.approvals import actions, queries
from core.approvals.models import Approval
from core.base.context import Context
from core.base.records import kinds as record_kinds
from core.base.records import may_open, path_of
from core.base.words import N_
from core.identity import queries as people
from web.approvals import saying, settings
from web.editing import version_of_form
from web.forms import Form
from web.guard import needs
from web.nav import NavItem
from web.pages import page, say
from web.redirects import safe_next

bp = Blueprint("approvals", __name__, url_prefix="/approvals")
settings_bp = settings.bp
NAV = [NavItem("approvals.index", "circle-check", N_("Approvals"), "approvals.read", key="g y", group="Sales", order=65, beside="approvals")]


class DecisionForm(Form):
    """Why; a no needs it."""

    note = StringField(N_("Reason"), [Length(max=actions.LONGEST)])


@dataclass(frozen=True)
class Row:
    """A request as the page shows it. href: of its record, for whoever may open it; absent: in whose place one decides."""

    approval: Approval
    reasons: list[Any]
    facts: list[tuple[str, str]]
    form: DecisionForm
    can: bool
    href: str | None
    absent: str


@bp.get("")
@needs("approvals.read")
def index(ctx: Context):
    """The oldest first. show=all: also where others are asked and one may decide."""
    return _index(ctx)


@bp.post("/<uuid:id>/approval")
@needs("approvals.decide")
def create_approval(ctx: Context, id: UUID):
    """Yes."""
    return _decide(ctx, id, yes=True)


@bp.post("/<uuid:id>/refusal")
@needs("approvals.decide")
def create_refusal(ctx: Context, id: UUID):
    """No, and why."""
    return _decide(ctx, id, yes=False)


def _decide(ctx: Context, id: UUID, *, yes: bool):
    form = DecisionForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            made = actions.decide(ctx, id, yes=yes, note=form.note.data, version=version_of_form())
            say(ctx, N_("%(name)s is approved") if yes else N_("%(name)s is not approved"), name=made.title)
            return redirect(safe_next(request.form.get("next") or url_for("approvals.index")), code=303)
    return _index(ctx, (id, form), status=422)


def _index(ctx: Context, refused: tuple[UUID, DecisionForm] | None = None, *, status: int = 200):
    everybody = request.args.get("show") == "all"
    names = people.user_names(ctx)
    rows = [_row(ctx, one, names, refused) for one in queries.waiting(ctx, everybody=everybody)]
    lost = refused[1].problem if refused and refused[0] not in {row.approval.id for row in rows} else None
    return page("approvals/index.html", status=status, rows=rows, names=names, everybody=everybody, problem=lost)


def _row(ctx: Context, approval: Approval, names: dict[UUID, str], refused: tuple[UUID, DecisionForm] | None) -> Row:
    form = refused[1] if refused and refused[0] == approval.id else DecisionForm()
    form.note.id = f"note-{approval.id}"
    record = ctx.session.get(record_kinds()[approval.record_kind].model, approval.record_id)
    absent = next((names.get(key, "") for key in approval.asked_ids if key in ctx.actor.stands_in_for and not ctx.actor.is_program), "") if ctx.actor.id not in approval.asked_ids else ""
    href = path_of(approval.record_kind, approval.record_id) if record is not None and may_open(ctx, record) else None
    return Row(approval, saying.reasons(ctx, approval), saying.facts(ctx, approval), form, record is not None and actions.may_decide(ctx, approval, record), href, absent)
