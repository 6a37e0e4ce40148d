"""What was expected of a period on some day, and what came of it."""

from typing import Any

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.deals import predictions
from core.deals.forecast import COUNTED
from core.deals.periods import MONTHS
from core.deals.predictions import OUTCOMES, Prediction
from core.deals.rules import FIELDS
from core.deals.whose import staff
from core.deals.words import STATE_LABELS
from infra import i18n
from web.deals.expecting import asked, chosen, sayer
from web.guard import needs
from web.pages import page

bp = Blueprint("past", __name__, url_prefix="/deals/forecast/past")
OUTCOME_LABELS = {
    "won": STATE_LABELS["won"], "won_elsewhere": N_("Won in another period"), "lost": STATE_LABELS["lost"], "slipped": N_("Slipped to later"), "open": N_("Still to come"),
    "undated": N_("Without a day to come"), "deleted": N_("Deleted since"),
}


@bp.get("")
@needs("deals.read")
def show(ctx: Context):
    """A period as it was expected on a day (day=, or the last kept one before it) and what came."""
    known = staff(ctx)
    state = asked(ctx, known, kinds=tuple(MONTHS))
    wanted = _day() or min(state.first.first, ctx.today)
    first, last = predictions.days(ctx, until=wanted)
    day = last or first
    found = predictions.predicted(ctx, state.scope, day, state.first) if day else None
    return page(
        "deals/forecast_past.html", state=state, wanted=wanted, day=day, first=first, found=found, opens=lambda counted="", outcome="": _opens(state, day, counted, outcome),
        shown=_shown(found), says={word: i18n.gettext(ctx.locale, text) for word, text in OUTCOME_LABELS.items()}, step=lambda by: url_for("past.show", **state.args(period=state.first.next(by).key)),
        **sayer(ctx, found.currency if found else ""), **chosen(ctx, state, known),
    )


@bp.get("/deals")
@needs("deals.read")
def show_deals(ctx: Context):
    """The deals behind a figure of that page. counted=, outcome=: which."""
    state, day = asked(ctx, kinds=tuple(MONTHS)), _day()
    counted, outcome = request.args.get("counted", ""), request.args.get("outcome", "")
    if day is None or counted not in ("", *COUNTED) or outcome not in ("", *OUTCOMES):
        raise Refused("unknown_value", field="day")
    rows = predictions.deals_of(ctx, state.scope, day, state.first, counted, outcome)
    return page("deals/forecast_past_deals.html", state=state, day=day, rows=rows, most=predictions.MOST_DEALS, counted_as=counted, outcome=outcome, says={word: i18n.gettext(ctx.locale, text) for word, text in OUTCOME_LABELS.items()}, **sayer(ctx))


def _day() -> Any:
    return FIELDS["closes_on"](request.args.get("day"), "day")


def _shown(found: Prediction | None) -> list[str]:
    """The outcomes that there are, in their order."""
    return [word for word in OUTCOMES if found and found.outcome(word).number]


def _opens(state: Any, day: Any, counted: str, outcome: str) -> str:
    return url_for("past.show_deals", **state.args(day=day.isoformat(), counted=counted or None, outcome=outcome or None))
