"""What the forecast's pages share: which deals an address asks for, and how figures are said and opened as a list."""

from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import request, url_for

from core.base.context import Context
from core.base.days import begins
from core.base.errors import Refused
from core.base.policy import may
from core.base.words import N_
from core.deals.forecast import COUNTED, Figures, Scope
from core.deals.models import FORECASTS
from core.deals.periods import Period, period_of, read_period
from core.deals.pipelines import called, ways
from core.deals.whose import Staff, Whose, check_covered, read_whose, staff
from core.deals.words import FORECAST_LABELS
from core.views.filtering import Filters
from infra import i18n
from web.deals.saying import money
from web.filters import month

SHOWN = 4
MOST_LISTED = 100
HUES = {"won": "green", "commit": "green", "best_case": "blue", "pipeline": "grey", "omitted": "amber"}
COUNTED_LABELS = {"won": N_("Won")} | FORECAST_LABELS


@dataclass(frozen=True)
class Asked:
    """What an address asks for: whose deals, of which pipeline, from which period on. named: whose figures those are where they are
    somebody's."""

    whose: str
    pipeline: str
    first: Period
    scope: Scope
    named: Whose | None

    def args(self, **rest: Any) -> dict[str, Any]:
        """The same again in an address, but for what is said otherwise; None is left out."""
        return {"whose": self.whose or None, "pipeline": self.pipeline or None, "period": self.first.key} | rest

    def on_board(self) -> dict[str, Any]:
        """The same for the board, which has no lanes of years."""
        return self.args() if self.first.kind != "year" else self.args(period=period_of(self.first.first, "quarter").key)


def asked(ctx: Context, known: Staff | None = None, *, kinds: tuple[str, ...] = ("month", "quarter"), usual: str = "month") -> Asked:
    """What the request asks for. whose: "me", user-…, team-…; pipeline: a key; period: 2026-11 or 2026-Q4. Refuses what is none, and
    people of whom the actor does not see all deals."""
    whose, pipeline = request.args.get("whose", ""), request.args.get("pipeline", "")
    first = read_period(request.args["period"]) if request.args.get("period") else period_of(_today(ctx), usual)
    if first.kind not in kinds:
        raise Refused("period_unknown", field="period")
    where = (("pipeline", "eq", pipeline),) if pipeline else ()
    if whose in ("", "all"):
        return Asked("", pipeline, first, Scope(Filters(where=where)), None)
    if whose == "me":
        return Asked(whose, pipeline, first, Scope(Filters(where=where), frozenset((ctx.actor.id,))), Whose(user_id=ctx.actor.id))
    named = read_whose(whose)
    known = known or staff(ctx)
    check_covered(known, named)
    return Asked(whose, pipeline, first, Scope(Filters(where=where), known.people(named)), named)


def _today(ctx: Context) -> date:
    """The workspace's day: what is counted in a period is counted so for everybody."""
    return ctx.now.astimezone(ZoneInfo(ctx.tenant.timezone)).date()


def period_name(ctx: Context, period: Period) -> str:
    """November 2026, Q4 2026, 2026."""
    if period.kind == "month":
        return month(period.first)
    return format_skeleton("yQQQ" if period.kind == "quarter" else "y", period.first, locale=i18n.babel_locale(ctx.locale))


def chosen(ctx: Context, state: Asked, known: Staff) -> dict[str, Any]:
    """Whose deals and which pipeline one may choose, and what is chosen: (text, key) each."""
    mine = [(one, Whose(user_id=one)) for one in known.names if known.reach is None or one in known.reach]
    persons = [(known.names[key], whose.key, 0) for key, whose in sorted(mine, key=lambda one: known.names[one[0]].lower())]
    units = [(one.name, Whose(team_id=one.id).key, one.depth) for one in known.units if known.covers(Whose(team_id=one.id))]
    pipelines = [(called(one.row, ctx.locale), str(one.id)) for one in ways(ctx)]
    name = _(ctx, N_("Mine")) if state.whose == "me" else known.called(state.named) if state.named else ""
    return {"persons": persons, "units": units, "pipelines": pipelines, "whose_name": name, "pipeline_name": dict((key, text) for text, key in pipelines).get(state.pipeline, "")}


def sayer(ctx: Context, own: str = "") -> dict[str, Any]:
    """What the templates ask. own: of which currency whole sums are, where it is not the workspace's of today."""
    own = own or ctx.tenant.currency
    return {
        "money": money, "own": own, "whole": lambda amount: _whole(amount, own), "hues": HUES, "labels": {word: _(ctx, text) for word, text in COUNTED_LABELS.items()},
        "sure": FORECASTS, "counted": COUNTED, "period_name": lambda one: period_name(ctx, one), "can_adjust": may(ctx, "forecasts.adjust"), "can_target": may(ctx, "targets.manage"),
    }


def _whole(amount: Decimal | None, currency: str) -> str:
    """A sum of the workspace's own currency; a dash where a rate is missing."""
    return "–" if amount is None else money(amount, currency)


def list_url(ctx: Context, state: Asked, word: str, period: Period | None, *, people: frozenset | None = None, pipeline: Any = None, undated: bool = False) -> str:
    """The deals that a figure counts: of everybody as the list of deals has them, of some people with what of each is theirs; nothing where
    too many are meant for an address."""
    people, pipeline = people if people is not None else state.scope.people, pipeline or state.pipeline
    if people is not None and (not people or len(people) > MOST_LISTED):
        return ""
    if people is not None:
        return url_for("counted.show", counted=word, period=None if undated else period.key, pipeline=pipeline or None, people=",".join(sorted(map(str, people))))
    args = {"filter[pipeline][eq]": pipeline or None}
    if word == "won":
        zone = ZoneInfo(ctx.tenant.timezone)
        moment = lambda day: begins(day, zone).astimezone(UTC).isoformat()  # noqa: E731
        return url_for("deals.index", **args, **{"filter[state][eq]": "won", "filter[closed_at][gte]": moment(period.first), "filter[closed_at][lt]": moment(period.after)})
    days = {"filter[closes_on][null]": "true"} if undated else {"filter[closes_on][gte]": period.first, "filter[closes_on][lt]": period.after}
    return url_for("deals.index", **args, **{"filter[state][eq]": "open", "filter[forecast][eq]": word}, **days)


def missing_rates(found: list[Figures]) -> list[str]:
    """Currencies whose money is in no sum."""
    return sorted({code for one in found for code in one.unrated})


def _(ctx: Context, text: str) -> str:
    return i18n.gettext(ctx.locale, text)
