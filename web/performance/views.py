"""Performance by person, team, branch and period, ranked, beside the period before; every figure opens exactly its records."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for

from core.activities.words import KIND_LABELS
from core.base.context import Context
from core.base.errors import Refused
from core.base.places import read_place
from core.base.policy import may, require
from core.base.words import N_
from core.deals.periods import MONTHS, Period, period_of, read_period
from core.deals.whose import Whose, check_covered, read_whose, staff
from core.deals.words import STATE_LABELS
from core.identity import queries as people
from core.performance import behind
from core.performance.measures import MEASURES, MONEY, SOURCES, rounded, taken_out
from core.performance.queries import BY, figure, table
from core.performance.words import BY_LABELS, MEASURE_LABELS
from core.quotes.words import STATE_LABELS as QUOTE_STATES
from infra import i18n
from web.deals.expecting import period_name
from web.deals.saying import money
from web.filters import number
from web.guard import needs
from web.nav import NavItem
from web.pages import page
from web.transfer.files import table_answer

bp = Blueprint("performance", __name__, url_prefix="/performance")
NAV = [NavItem("performance.show", "chart-bar", N_("Performance"), "deals.read", group="Sales", order=60)]
SHOWS = {"contacts": None, "visits": None, "sent": "quotes.show", "accepted": "quotes.show", "margin": "quotes.show", "won": "deals.show", "revenue": "deals.show", "cycle": "deals.show", "conversion": "deals.show"}

TITLE = N_("Performance")
# Which route takes out the records of a source: each has the guard of their room.
TAKES_OUT = {"log": "performance.export_log", "sent": "performance.export_quotes", "accepted": "performance.export_quotes", "closed": "performance.export"}


@bp.get("")
@needs("deals.read")
def show(ctx: Context):
    """period=: a month, quarter or year. by=: person, team, branch. rank=: by which figure."""
    period, by = _period(ctx), request.args.get("by") or "person"
    if by not in BY:
        raise Refused("unknown_value", field="by")
    found = table(ctx, period, by=by, rank=_rank())
    args = {"by": by, "rank": request.args.get("rank")}
    return page(
        "performance/show.html", found=found, by=by, period=period, period_name=lambda one: period_name(ctx, one), args=args, rank=_rank() if _rank() in found.measures else found.measures[0], labels=_labels(ctx), said=lambda name, value: said(ctx, name, value),
        kinds=[(kind, url_for("performance.show", period=period_of(period.first, kind).key, **args)) for kind in MONTHS], ways=[(way, i18n.gettext(ctx.locale, BY_LABELS[way])) for way in BY],
        opens=lambda name, line: url_for("performance.show_records", measure=name, whose=line.whose.key, period=period.key), change=_change, can_export=may(ctx, "deals.export"), own=ctx.tenant.currency,
    )


@bp.get("/records")
@needs("deals.read")
def show_records(ctx: Context):
    """The records behind a figure. measure=, whose=, period=. after=: behind which place the list goes on."""
    name, whose, period, among, name_of = _asked(ctx)
    rows, older = behind.page(ctx, name, period, among, after=read_place(request.args.get("after"), "after"))
    value, sums = figure(ctx, name, period, among)
    return page(
        "performance/records.html", rows=rows, measure=name, label=_labels(ctx)[name], whose=whose, whose_name=name_of, period=period, period_name=lambda one: period_name(ctx, one), names=people.user_names(ctx), page_of=SHOWS[name],
        states=_states(ctx), money=money, most=behind.MOST, older=older, first="after" not in request.args, whole=said(ctx, name, value), sums=_sums(ctx, sums), days=_days, takes_out=TAKES_OUT[MEASURES[name][0]] if name in taken_out(ctx) else "",
    )


@bp.post("/exports")
@needs("deals.export", fresh=True, file=True)
def export(ctx: Context):
    """The table, as far as its figures are the reader's to take out, or (measure=) the deals behind a figure, as CSV or XLSX."""
    if request.form.get("measure"):
        return _records_out(ctx)
    period, mine = _period(ctx, request.form), taken_out(ctx)
    found, labels = table(ctx, period, by=request.form.get("by") or "person", rank=request.form.get("rank") or "revenue"), _labels(ctx)
    before = i18n.gettext(ctx.locale, N_("before"))
    heads = [i18n.gettext(ctx.locale, N_("Name")), *(text for name in mine for text in (labels[name], f"{labels[name]} ({before})"))]
    whole = i18n.gettext(ctx.locale, N_("All together"))
    rows = ([line.name or whole, *(rounded(ctx, name, side[name]) for name in mine for side in (line.now, line.before))] for line in [*found.lines, found.whole])
    return table_answer(ctx, f"performance-{period.key}", TITLE, heads, rows)


@bp.post("/exports/contact-log")
@needs("activities.export", fresh=True, file=True)
def export_log(ctx: Context):
    """The entries of the contact log behind a figure (measure=)."""
    return _records_out(ctx)


@bp.post("/exports/quotes")
@needs("quotes.export", fresh=True, file=True)
def export_quotes(ctx: Context):
    """The quotes behind a figure (measure=)."""
    return _records_out(ctx)


def said(ctx: Context, name: str, value: Any) -> str:
    """A figure as the page shows it; a dash where there is none."""
    if value is None:
        return "–"
    if name in MONEY:
        return money(rounded(ctx, name, value), ctx.tenant.currency)
    if name in ("cycle", "conversion"):
        return number(rounded(ctx, name, Decimal(value))) + (" %" if name == "conversion" else "")
    return number(value)


def _sums(ctx: Context, sums: dict[str, Decimal]) -> list[str]:
    """What a figure is made of, where that is not the workspace's currency alone."""
    return [money(amount, currency) for currency, amount in sorted(sums.items())] if set(sums) - {ctx.tenant.currency} else []


def _days(seconds: Any) -> str:
    return "–" if seconds is None else number((Decimal(seconds) / 86_400).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _asked(ctx: Context, args: Any = None) -> tuple[str, Whose, Period, frozenset[UUID] | None, str]:
    """(measure, whose, period, the people that means, what they are called)."""
    args = request.args if args is None else args
    name, whose, known = args.get("measure", ""), read_whose(args.get("whose")), staff(ctx)
    if name not in MEASURES:
        raise Refused("unknown_value", field="measure")
    if whose != Whose():
        check_covered(known, whose)
    period = _period(ctx, args)
    return name, whose, period, known.people(whose) if whose != Whose() else known.reach, known.called(whose)


def _records_out(ctx: Context):
    name, _, period, among, _ = _asked(ctx, request.form)
    for needed in ("deals.read", SOURCES[MEASURES[name][0]].export):
        require(ctx, needed)
    rows = behind.records(ctx, name, period, among, free_only=True)
    names, states = people.user_names(ctx), _states(ctx)
    heads = [i18n.gettext(ctx.locale, text) for text in (N_("Name"), N_("Day"), N_("Who"), N_("State"), N_("Amount"), N_("Currency"), N_("Days"), *((N_("Share of the amount"),) if MEASURES[name][0] == "closed" else ()))]
    lines = ([row.name, row.at.astimezone(ctx.zone).replace(tzinfo=None, microsecond=0), names.get(row.whose, ""), states.get(row.state, row.state), row.amount, row.currency, round(Decimal(row.seconds) / 86_400, 1) if row.seconds is not None else None, *((row.theirs,) if MEASURES[name][0] == "closed" else ())] for row in rows)
    return table_answer(ctx, f"performance-{name}-{period.key}", TITLE, heads, lines)


def _change(line: Any, name: str) -> str:
    """By how much a figure grew, in percent; nothing where there was none before."""
    now, before = line.now[name], line.before[name]
    if not before or now is None:
        return ""
    share = int(((Decimal(now) - Decimal(before)) * 100 / abs(Decimal(before))).to_integral_value(ROUND_HALF_UP))
    sign = "+" if share > 0 else "\N{MINUS SIGN}" if share < 0 else ""
    return f"{sign}{number(abs(share))}\xa0%"


def _period(ctx: Context, args: Any = None) -> Period:
    args = request.args if args is None else args
    return read_period(args["period"]) if args.get("period") else period_of(ctx.now.astimezone(ZoneInfo(ctx.tenant.timezone)).date(), "month")


def _rank() -> str:
    return request.args.get("rank") or "revenue"


def _labels(ctx: Context) -> dict[str, str]:
    return {name: i18n.gettext(ctx.locale, text) for name, text in MEASURE_LABELS.items()}


def _states(ctx: Context) -> dict[str, str]:
    return {word: i18n.gettext(ctx.locale, text) for word, text in {**KIND_LABELS, **QUOTE_STATES, **STATE_LABELS}.items()}
