"""The stage of an account: as a pill with its reason, its history, and the form that sets it by hand."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, g, request, url_for
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from core.base.context import Context
from core.base.field_rights import protected
from core.base.policy import may
from core.base.words import N_
from core.parties import queries, staging
from core.parties.models import Account
from core.parties.words import STAGE_LABELS, STAGE_RULES
from infra import i18n
from web.editing import typed_value
from web.filters import day
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.parties.cells import stage_pill

bp = Blueprint("stages", __name__, url_prefix="/accounts")
USUALLY = timedelta(days=90)


class StageForm(Form):
    """A stage set by hand."""

    stage = SelectField(N_("Stage"), validate_choice=False)
    note = StringField(N_("Why"), [Length(max=200)])
    until = DateField(N_("Until"))

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        self.stage.choices = [SelectChoice(value, _(text)) for value, text in STAGE_LABELS.items()]


@bp.get("/<uuid:id>/stage")
@needs("accounts.read")
def show(ctx: Context, id: UUID):
    """The stage, why it is that, and how it came to it."""
    return _page(ctx, queries.one_account(ctx, id))


@bp.post("/<uuid:id>/stage")
@needs("accounts.edit")
def update(ctx: Context, id: UUID):
    """Set it by hand, until a day."""
    account, form = queries.one_account(ctx, id), StageForm(request.form)
    by_rule = account.stage_until is None  # then taking it back is leaving it to the rule
    with form.attempt(ctx):
        staging.set_stage(ctx, account, **{field.name: typed_value(field) for field in form})
        say(ctx, N_("Stage set"), undo=url_for("stages.release", id=id) if by_rule else None)
        return see_other("accounts.show", id=id)
    return _page(ctx, account, form, status=422)


@bp.post("/<uuid:id>/stage/rule")
@needs("accounts.edit")
def release(ctx: Context, id: UUID):
    """Let the rule say it again."""
    staging.release_stage(ctx, queries.one_account(ctx, id))
    say(ctx, N_("The rule says the stage again"))
    return see_other("stages.show", id=id)


def stage_of_page(ctx: Context, account: Account) -> dict[str, Any]:
    """The pill of an account's page, with why."""
    return {"pill": stage_pill(account.stage), "why": why_said(account.stage_why, account.stage_until)}


def why_said(why: dict[str, Any], until: date | None = None) -> str:
    """Why a stage is that, as a sentence."""
    if "note" in why:
        return _(N_("By hand until %(until)s: %(note)s"), until=day(until), note=why["note"])
    return _(STAGE_RULES[why.get("rule", "nothing")], on=day(date.fromisoformat(why["on"])) if "on" in why else "")


def _page(ctx: Context, account: Account, form: StageForm | None = None, *, status: int = 200):
    rows = [
        {"at": row.StageChange.created_at, "was": stage_pill(row.StageChange.from_stage), "now": stage_pill(row.StageChange.to_stage), "who": row.by_name, "why": why_said(row.StageChange.why, row.StageChange.until)}
        for row in staging.changes_of(ctx, account)
    ]
    form = form or StageForm(data={"stage": account.stage, "until": ctx.today + USUALLY})
    can_set = may(ctx, "accounts.edit", account) and "stage" not in protected(ctx, "accounts")
    stage = stage_of_page(ctx, account)
    return page("parties/stage.html", status=status, account=account, form=form, rows=rows, can_set=can_set, stage=stage, release_url=url_for("stages.release", id=account.id) if account.stage_until and can_set else "")


def _(text: str, **params: Any) -> str:
    return i18n.gettext(g.get("lang", "en"), text, **params)
