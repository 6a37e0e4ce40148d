"""The deals behind a figure of somebody's forecast, beside each what of it is his; and the same as a file."""

from typing import Any

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import may
from core.base.words import N_
from core.deals import counted_deals as behind
from core.deals.forecast import COUNTED, Scope
from core.deals.periods import Period, read_period
from core.deals.whose import Whose, check_covered, staff
from core.identity import queries as people
from core.views.filtering import Filters
from infra import i18n
from web.deals.expecting import MOST_LISTED, sayer
from web.forms import keys_of
from web.guard import needs
from web.pages import page
from web.transfer.files import table_answer

bp = Blueprint("counted", __name__, url_prefix="/deals/forecast/deals")
HEADS = (N_("Name"), N_("Amount"), N_("Share of the amount"), N_("Currency"), N_("Day"), N_("Owner"))


@bp.get("")
@needs("deals.read")
def show(ctx: Context):
    """counted=, period= (none: without a closing date), pipeline=, people=: whose parts."""
    scope, period, word = _asked(ctx, request.args)
    found, names = behind.come_to(ctx, scope, period, word), people.user_names(ctx)
    rows = list(behind.counted_deals(ctx, scope, period, word, limit=behind.MOST))
    whose = sorted(names[key] for key in scope.people or () if key in names)
    return page(
        "deals/forecast_deals.html", rows=rows, most=behind.MOST, word=word, period=period, names=names, whose=whose, amount=found.amount(word), sums=found.sums[word], number=found.numbers[word],
        asked=dict(request.args), back=url_for("figures.show_table", period=period.key if period else None), can_export=may(ctx, "deals.export"), **sayer(ctx),
    )


@bp.post("/exports")
@needs("deals.export", fresh=True, file=True)
def export(ctx: Context):
    """All of them as CSV or XLSX."""
    scope, period, word = _asked(ctx, request.form)
    names = people.user_names(ctx)
    heads = [i18n.gettext(ctx.locale, text) for text in HEADS]
    lines = ([one.name, one.amount, one.theirs, one.currency, one.on, names.get(one.owner_id, "")] for one in behind.counted_deals(ctx, scope, period, word))
    return table_answer(ctx, f"forecast-{word}-{period.key if period else 'open'}", N_("Forecast"), heads, lines)


def _asked(ctx: Context, args: Any) -> tuple[Scope, Period | None, str]:
    """What an address asks for; refuses people of whom the actor does not see all deals, but for himself."""
    keys, pipeline, word = args.get("people", "").split(","), args.get("pipeline"), args.get("counted", "commit")
    who = frozenset(keys_of(keys[:MOST_LISTED]))
    if args.get("people") and (len(who) != len(keys) or len(keys) > MOST_LISTED):
        raise Refused("unknown_value", field="people")
    if word not in COUNTED:
        raise Refused("unknown_value", field="counted")
    others = who - {ctx.actor.id}
    known = staff(ctx) if others else None
    for key in sorted(others):
        check_covered(known, Whose(user_id=key), "people")
    where = (("pipeline", "eq", pipeline),) if pipeline else ()
    return Scope(Filters(where=where), who if args.get("people") else None), read_period(args["period"]) if args.get("period") else None, word
