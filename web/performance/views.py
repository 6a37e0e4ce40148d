"""Performance by person, team, branch and period, ranked, beside the period before; every figure opens exactly its records."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for

from core.activities.words import KIND_LABELS
from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import may
from core.base.words import N_
from core.deals.periods import MONTHS, Period, period_of, read_period
from core.deals.whose import Whose, check_covered, read_whose, staff
from core.deals.words import STATE_LABELS
from core.identity import queries as people
from core.performance.measures import MEASURES, MONEY
from core.performance.queries import BY, MOST, rates_of, records, table
from core.performance.words import BY_LABELS, MEASURE_LABELS
from core.quotes.words import STATE_LABELS as QUOTE_STATES
from infra import i18n
from infra.spreadsheets_out import write_rows
from infra.workbooks_out import write_workbook
from web.deals.expecting import period_name
from web.deals.saying import money
from web.filters import number
from web.guard import needs
from web.nav import NavItem
from web.pages import page
from web.transfer.files import TYPES, file_answer

bp = Blueprint("performance", __name__, url_prefix="/performance")
NAV = [NavItem("performance.show", "chart-bar", N_("Performance"), "deals.read", group="Sales", order=60)]
SHOWS = {"contacts": None, "visits": None, "sent": "quotes.show", "accepted": "quotes.show", "margin": "quotes.show", "won": "deals.show", "revenue": "deals.show", "cycle": "deals.show", "conversion": "deals.show"}


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
    """The records behind a figure. measure=, whose=, period=."""
    name, whose, period, rows, name_of = _asked(ctx)
    return page(
        "performance/records.html", rows=rows, measure=name, label=_labels(ctx)[name], whose=whose, whose_name=name_of, period=period, period_name=lambda one: period_name(ctx, one), names=people.user_names(ctx), page_of=SHOWS[name],
        states=_states(ctx), money=money, most=MOST, whole=said(ctx, name, _whole(ctx, name, rows, period)), days=lambda seconds: number((Decimal(seconds) / 86_400).quantize(Decimal("0.1"), ROUND_HALF_UP)), can_export=may(ctx, "deals.export"),
    )


@bp.post("/exports")
@needs("deals.export", fresh=True, file=True)
def export(ctx: Context):
    """The table, or (measure=) the records behind a figure, as CSV or XLSX."""
    if request.form.get("measure"):
        return _file(ctx, *_records_out(ctx))
    period = _period(ctx, request.form)
    found, labels = table(ctx, period, by=request.form.get("by") or "person", rank=request.form.get("rank") or "revenue"), _labels(ctx)
    before = i18n.gettext(ctx.locale, N_("before"))
    heads = [i18n.gettext(ctx.locale, N_("Name")), *(text for name in found.measures for text in (labels[name], f"{labels[name]} ({before})"))]
    whole = i18n.gettext(ctx.locale, N_("All together"))
    rows = ([line.name or whole, *(_plain(name, side[name]) for name in found.measures for side in (line.now, line.before))] for line in [*found.lines, found.whole])
    return _file(ctx, f"performance-{period.key}", heads, rows)


def said(ctx: Context, name: str, value: Any) -> str:
    """A figure as the page shows it; a dash where there is none."""
    if value is None:
        return "–"
    if name in MONEY:
        return money(value, ctx.tenant.currency)
    if name in ("cycle", "conversion"):
        return number(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)) + (" %" if name == "conversion" else "")
    return number(value)


def _whole(ctx: Context, name: str, rows: list[Any], period: Period) -> Any:
    """What the rows come to: the figure again, from what is shown."""
    if name in MONEY:
        rates = rates_of(ctx, period)
        if any(row.amount is not None and row.currency not in (rates.base, *rates.per_base) for row in rows):
            return None
        return sum((row.amount / rates.of(row.currency) for row in rows if row.amount is not None), Decimal(0))
    if name == "cycle":
        return Decimal(sum(row.seconds for row in rows)) / 86_400 / len(rows) if rows else None
    if name == "conversion":
        return Decimal(sum(row.state == "won" for row in rows)) * 100 / len(rows) if rows else None
    return len(rows)


def _asked(ctx: Context, args: Any = None) -> tuple[str, Whose, Period, list[Any], str]:
    args = request.args if args is None else args
    name, whose, known = args.get("measure", ""), read_whose(args.get("whose")), staff(ctx)
    if name not in MEASURES:
        raise Refused("unknown_value", field="measure")
    if whose != Whose():
        check_covered(known, whose)
    period = _period(ctx, args)
    return name, whose, period, records(ctx, name, period, known.people(whose) if whose != Whose() else known.reach), known.called(whose)


def _records_out(ctx: Context) -> tuple[str, list[str], Iterable[list[Any]]]:
    name, _, period, rows, _ = _asked(ctx, request.form)
    names, states = people.user_names(ctx), _states(ctx)
    heads = [i18n.gettext(ctx.locale, text) for text in (N_("Name"), N_("Day"), N_("Who"), N_("State"), N_("Amount"), N_("Currency"), N_("Days"))]
    lines = ([row.name, row.at.astimezone(ctx.zone).replace(tzinfo=None, microsecond=0), names.get(row.whose, ""), states.get(row.state, row.state), row.amount, row.currency, round(Decimal(row.seconds) / 86_400, 1) if row.seconds is not None else None] for row in rows)
    return f"performance-{name}-{period.key}", heads, lines


def _file(ctx: Context, name: str, heads: list[str], rows: Iterable[list[Any]]):
    kind = "xlsx" if request.form.get("format") == "xlsx" else "csv"
    ending, mimetype = TYPES[kind]
    write = (lambda file: write_workbook(file, i18n.gettext(ctx.locale, N_("Performance")), heads, rows)) if kind == "xlsx" else (lambda file: write_rows(file, heads, rows))
    return file_answer(f"{name}.{ending}", mimetype, write, text=kind == "csv")


def _plain(name: str, value: Any) -> Any:
    return value if value is None or isinstance(value, int) else value.quantize(Decimal("0.01") if name in MONEY else Decimal("0.1"), ROUND_HALF_UP)


def _change(line: Any, name: str) -> str:
    """By how much a figure grew, in percent; nothing where there was none before."""
    now, before = line.now[name], line.before[name]
    if not before or now is None:
        return ""
    share = int(((Decimal(now) - Decimal(before)) * 100 / abs(Decimal(before))).to_integral_value(ROUND_HALF_UP))
    return f"{'+' if share > 0 else ''}{share} %"


def _period(ctx: Context, args: Any = None) -> Period:
    args = request.args if args is None else args
    return read_period(args["period"]) if args.get("period") else period_of(ctx.now.astimezone(ZoneInfo(ctx.tenant.timezone)).date(), "month")


def _rank() -> str:
    return request.args.get("rank") or "revenue"


def _labels(ctx: Context) -> dict[str, str]:
    return {name: i18n.gettext(ctx.locale, text) for name, text in MEASURE_LABELS.items()}


def _states(ctx: Context) -> dict[str, str]:
    return {word: i18n.gettext(ctx.locale, text) for word, text in {**KIND_LABELS, **QUOTE_STATES, **STATE_LABELS}.items()}
