"""How pages say what a deal is: its stage as a pill, its money, its next step."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import g
from markupsafe import Markup

from core.base.context import Context
from core.base.words import N_
from core.deals.models import DealStage
from core.deals.pipelines import called, stages, ways
from infra import i18n
from web.filters import money_of as money
from web.filters import number
from web.parties.cells import MAKERS


def stage_pill(ctx: Context, stage: DealStage | None) -> Markup | str:
    """A stage as a pill in its colour; nothing of one that was put away."""
    return Markup('<span class="pill h-{}">{}</span>').format(stage.colour, called(stage, ctx.locale)) if stage is not None else ""


def _stage_cells(ctx: Context, name: str) -> Callable[[Any], Any]:
    pills = {key: stage_pill(ctx, stage) for key, stage in stages(ctx).items()}
    return lambda row: pills.get(row.stage_id, "")


def _pipeline_cells(ctx: Context, name: str) -> Callable[[Any], Any]:
    names = {way.id: called(way.row, ctx.locale) for way in ways(ctx)}
    return lambda row: names.get(row.pipeline_id, "")


MAKERS |= {
    "deal_stage": _stage_cells, "pipeline": _pipeline_cells, "money": lambda ctx, name: lambda row: money(row.amount, row.currency), "my_share": lambda ctx, name: lambda row: money(row.my_share, row.currency),
    "days": lambda ctx, name: lambda row: number(getattr(row, name)),
    "percent": lambda ctx, name: lambda row: f"{row.probability} %" if row.probability is not None else "",
}


def step_state(ctx: Context, on: date | None) -> tuple[str, str]:
    """(hue, words) of a next step: overdue, today, later, or none yet."""
    if on is None:
        return "amber", _(N_("No next step"))
    if on < ctx.today:
        return "red", _(N_("Overdue"))
    return ("green", _(N_("Today"))) if on == ctx.today else ("grey", _(N_("Planned")))


def days_since(ctx: Context, when: Any) -> int:
    """Whole days by the reader's calendar."""
    return (ctx.today - when.astimezone(ctx.zone).date()).days


def is_stale(ctx: Context, stage: DealStage | None, since: Any) -> bool:
    """Has a deal stood in an open stage for longer than that stage wants?"""
    return bool(stage is not None and stage.kind == "open" and stage.stale_after and days_since(ctx, since) >= stage.stale_after)


def _(text: str) -> str:
    return i18n.gettext(g.get("lang", "en"), text)
