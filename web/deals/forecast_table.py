"""The forecast of one period as a table, and what is set and said about somebody's figures there: targets, adjustments."""

from typing import Any

from flask import Blueprint, request, url_for
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.deals import targets
from core.deals.forecast import Scope
from core.deals.forecast_table import WAYS, Line, table
from core.deals.periods import MONTHS, Period, period_of, read_period
from core.deals.whose import Whose, check_covered, read_whose, staff
from infra import i18n
from web.deals.expecting import Asked, asked, chosen, list_url, missing_rates, sayer
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.parties.cells import plain_number

bp = Blueprint("figures", __name__, url_prefix="/deals/forecast")
WAY_LABELS = {"owner_id": N_("By person"), "team": N_("By team"), "branch": N_("By branch"), "pipeline": N_("By pipeline")}


class TargetForm(Form):
    """What somebody is to win."""

    amount = StringField(N_("Target"), [Length(max=30)])


class AdjustmentForm(Form):
    """What a manager adds to a forecast or takes off it, and why."""

    amount = StringField(N_("More or less than the deals say"), [Length(max=30)])
    reason = TextAreaField(N_("Why"), [Length(max=500)])


@bp.get("/table")
@needs("deals.read")
def show_table(ctx: Context):
    """One period, a line for each person, team, branch or pipeline (by=)."""
    state, by = asked(ctx, kinds=tuple(MONTHS)), request.args.get("by") or "owner_id"
    if by not in WAYS:
        raise Refused("unknown_value", field="by")
    found = table(ctx, state.scope, state.first, by)
    kinds = [(kind, url_for("figures.show_table", **state.args(period=period_of(state.first.first, kind).key, by=by))) for kind in MONTHS]
    ways = [(way, i18n.gettext(ctx.locale, text)) for way, text in WAY_LABELS.items() if way not in ("team", "branch") or any(way == "team" or one.is_branch for one in found.staff.units)]
    return page(
        "deals/forecast_table.html", state=state, found=found, by=by, kinds=kinds, ways=ways, unrated=missing_rates([found.whole.figures]), opens=lambda word, line: _opens(ctx, state, word, line),
        step=lambda by_: url_for("figures.show_table", **state.args(period=state.first.next(by_).key, by=by)), **sayer(ctx), **chosen(ctx, state, found.staff),
    )


@bp.get("/whose")
@needs("deals.read")
def show_whose(ctx: Context):
    """Somebody's figures of one period: target, what managers said, history of that. whose=: user-…, team-… or all."""
    return _whose(ctx, read_whose(request.args.get("whose")), asked(ctx, kinds=tuple(MONTHS)).first)


@bp.post("/targets")
@needs("targets.manage")
def set_target(ctx: Context):
    """A target set, or taken away where nothing was written."""
    whose, period, form = *_meant(request.form), TargetForm(request.form)
    with form.attempt(ctx):
        row = targets.target_of(ctx, whose, period)
        if (form.amount.data or "").strip() or row is None:
            targets.set_target(ctx, whose, period, form.amount.data)
            say(ctx, N_("Target saved"))
        else:
            targets.remove_target(ctx, row)
            say(ctx, N_("Target taken away"))
        return see_other("figures.show_whose", whose=whose.key, period=period.key)
    return _whose(ctx, whose, period, target=form, status=422)


@bp.post("/adjustments")
@needs("forecasts.adjust")
def adjust(ctx: Context):
    """A manager's word on what is expected."""
    whose, period, form = *_meant(request.form), AdjustmentForm(request.form)
    with form.attempt(ctx):
        targets.adjust(ctx, whose, period, form.amount.data, form.reason.data)
        say(ctx, N_("Forecast changed"))
        return see_other("figures.show_whose", whose=whose.key, period=period.key)
    return _whose(ctx, whose, period, adjustment=form, status=422)


def _meant(args: Any) -> tuple[Whose, Period]:
    return read_whose(args.get("whose")), read_period(args.get("period"))


def _whose(ctx: Context, whose: Whose, period: Period, *, target: TargetForm | None = None, adjustment: AdjustmentForm | None = None, status: int = 200):
    known = staff(ctx)
    check_covered(known, whose)
    state = Asked("" if whose == Whose() else whose.key, "", period, Scope(people=known.people(whose)), whose)
    line = targets_line(ctx, state, whose)
    row = targets.target_of(ctx, whose, period)
    return page(
        "deals/forecast_whose.html", status=status, state=state, whose=whose, period=period, line=line, name=known.called(whose) or ctx.tenant.name,
        words=targets.said_of(ctx, whose, period), target=target or TargetForm(data={"amount": plain_number(row.amount) if row else ""}), adjustment=adjustment or AdjustmentForm(),
        opens=lambda word: list_url(ctx, state, word, period), unrated=line.figures.unrated, **sayer(ctx),
    )


def targets_line(ctx: Context, state: Asked, whose: Whose) -> Line:
    """The one line of the table that is about them."""
    found = table(ctx, state.scope, state.first, "team" if whose.team_id else "owner_id")
    return found.whole if whose == Whose() else next((line for line in found.lines if line.whose == whose), Line("", found.whole.figures, whose))


def _opens(ctx: Context, state: Asked, word: str, line: Line) -> str:
    if line.whose is None and line.key is None and line.people is None and line.name == "":
        return ""
    return list_url(ctx, state, word, state.first, people=line.people, pipeline=line.key if line.whose is None else None)
