"""How deals go through the stages: time, conversion, what became of them; every figure opens its deals."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.deals.periods import MONTHS, period_of
from core.deals.pipelines import called, ways
from core.deals.stage_report import COUNTS, DAY, MOST_DEALS, deals_in, stages_of
from core.deals.staging import one_stage
from core.deals.whose import staff
from core.deals.words import STATE_LABELS
from core.views.filtering import key_of
from infra import i18n
from web.deals.expecting import asked, chosen, sayer
from web.deals.saying import stage_pill
from web.filters import number
from web.guard import needs
from web.pages import page

bp = Blueprint("stage_report", __name__, url_prefix="/deals/stages")
COUNT_LABELS = {"entered": N_("Came in"), "went_on": N_("Went on"), "won": STATE_LABELS["won"], "lost": STATE_LABELS["lost"], "here": N_("Still there")}


@bp.get("")
@needs("deals.read")
def show(ctx: Context):
    """The stages of all pipelines, or of one. period=: in which the deals came into a stage."""
    known = staff(ctx)
    state = asked(ctx, known, kinds=tuple(MONTHS), usual="year")
    found = stages_of(ctx, state.scope, state.first)
    shown = [(called(way.row, ctx.locale), [(stage_pill(ctx, one), one, found[one.id]) for one in way.stages if one.id in found]) for way in ways(ctx) if state.pipeline in ("", str(way.id))]
    kinds = [(kind, url_for("stage_report.show", **state.args(period=period_of(state.first.first, kind).key))) for kind in MONTHS]
    return page(
        "deals/stage_report.html", state=state, pipelines_shown=[one for one in shown if one[1]], kinds=kinds, says=_says(ctx), counts=COUNTS, days=_days,
        opens=lambda stage, name: url_for("stage_report.show_deals", **state.args(stage=stage.id, count=name)), step=lambda by: url_for("stage_report.show", **state.args(period=state.first.next(by).key)),
        **sayer(ctx), **chosen(ctx, state, known),
    )


@bp.get("/deals")
@needs("deals.read")
def show_deals(ctx: Context):
    """The deals behind a figure. stage=, count=: which."""
    state, count = asked(ctx, kinds=tuple(MONTHS), usual="year"), request.args.get("count") or "entered"
    stage = one_stage(ctx, key_of(request.args.get("stage", ""), "stage"))
    if count not in COUNTS:
        raise Refused("unknown_value", field="count")
    rows = deals_in(ctx, state.scope, state.first, stage.id, count)
    words = {word: i18n.gettext(ctx.locale, text) for word, text in STATE_LABELS.items()}
    return page("deals/stage_report_deals.html", state=state, rows=rows, most=MOST_DEALS, name=called(stage, ctx.locale), count=_says(ctx)[count], states=words, days=lambda seconds: _days(Decimal(seconds) / DAY), **sayer(ctx))


def _says(ctx: Context) -> dict[str, str]:
    return {word: i18n.gettext(ctx.locale, text) for word, text in COUNT_LABELS.items()}


def _days(value: Any) -> str:
    """Days with a place behind the point where they are few."""
    return number(value.quantize(Decimal("0.1") if value < 10 else Decimal(1)))
