"""The stages of a pipeline: added, changed, moved, taken away by somebody who manages pipelines."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, NotFound, Refused
from core.base.ordering import one_step, put_in_order
from core.base.policy import require
from core.custom_fields.fields import alive
from core.deals.models import COLOURS, CRITERIA, FORECASTS, KINDS, Deal, DealStage, DealStay, Pipeline
from core.deals.pipelines import SURE, called, changed, forget, one_way, stages
from core.deals.rules import MOST_STAGES, stage_name
from core.parties.rules import whole_number


def add_stage(ctx: Context, row: Pipeline, *, name: str, kind: str = "open", **given: Any) -> DealStage:
    """A further stage behind the last of its kind."""
    require(ctx, "pipelines.manage")
    hold(ctx, row)
    if kind not in KINDS:
        raise Refused("unknown_value", field="kind")
    all_ = list(one_way(ctx, row.id).stages)
    if len(all_) >= MOST_STAGES:
        raise Refused("too_many_stages", field="name", max=MOST_STAGES)
    place = max(number for number, one in enumerate(all_) if one.kind == kind) + 1
    stage = DealStage(pipeline_id=row.id, kind=kind, name=_free_stage(ctx, row, stage_name(name, "name")), **_values(ctx, kind, given))
    ctx.session.add(stage)
    put_in_order([*all_[:place], stage, *all_[place:]])
    changed(ctx, row)
    return stage


def change_stage(ctx: Context, stage: DealStage, *, version: int | None = None, **given: Any) -> DealStage:
    """Another name, probability, colour, criteria, or days until a deal in it is marked. Its kind stays."""
    require(ctx, "pipelines.manage")
    hold(ctx, stage)
    if version is not None and version != stage.version:
        raise Conflict("stale")
    row = ctx.session.get_one(Pipeline, stage.pipeline_id)
    name = given.pop("name", None)
    if name is not None and (said := stage_name(name, "name")) != called(stage, ctx.locale):
        stage.name, stage.code = _free_stage(ctx, row, said, but=stage.id), None
    for field, value in _values(ctx, stage.kind, given).items():
        setattr(stage, field, value)
    changed(ctx, row)
    return stage


def move_stage(ctx: Context, stage: DealStage, by: int) -> None:
    """One place up (-1) or down (1) among those of its kind; nothing at the end."""
    require(ctx, "pipelines.manage")
    row = ctx.session.get_one(Pipeline, stage.pipeline_id)
    hold(ctx, row)
    forget(ctx)
    if one_step(one_way(ctx, row.id).stages, stage, by, among="kind"):
        changed(ctx, row)


def remove_stage(ctx: Context, stage: DealStage) -> None:
    """Take a stage away in which no deal ever stood; one of each kind stays."""
    require(ctx, "pipelines.manage")
    row = ctx.session.get_one(Pipeline, stage.pipeline_id)
    hold(ctx, row)
    if sum(one.kind == stage.kind for one in one_way(ctx, row.id).stages) == 1:
        raise Refused("stage_needed")
    used = select(DealStay.id).where(DealStay.stage_id == stage.id).limit(1)
    if ctx.session.execute(used).first() or ctx.session.execute(select(Deal.id).where(Deal.stage_id == stage.id).limit(1)).first():
        raise Refused("stage_not_empty")
    ctx.session.delete(stage)
    changed(ctx, row)


def one_stage(ctx: Context, stage_id: UUID) -> DealStage:
    """A stage by its key; NotFound where there is none."""
    found = stages(ctx).get(stage_id)
    if found is None:
        raise NotFound()
    return found


def _values(ctx: Context, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given for a stage, clean."""
    found: dict[str, Any] = {}
    if "probability" in given or kind in SURE:
        found["probability"] = SURE.get(kind, whole_number(0, 100)(given.get("probability"), "probability") or 0)
    if "stale_after" in given:
        found["stale_after"] = whole_number(1, 999)(given["stale_after"], "stale_after")
    for name, known in (("colour", COLOURS), ("forecast", FORECASTS)):
        if name in given and given[name] not in known:
            raise Refused("unknown_value", field=name)
    found |= {name: given[name] for name in ("colour", "forecast") if name in given}
    if "criteria" in given:
        found["criteria"] = _criteria(ctx, given["criteria"] or ()) if kind == "open" else []
    return found


def _criteria(ctx: Context, names: Sequence[str]) -> list[str]:
    known = {*CRITERIA, *(one.name for one in alive(ctx, "deals"))}
    if any(name not in known for name in names):
        raise Refused("unknown_value", field="criteria")
    return list(dict.fromkeys(names))


def _free_stage(ctx: Context, row: Pipeline, name: str, *, but: UUID | None = None) -> str:
    taken = select(DealStage.id).where(DealStage.pipeline_id == row.id, func.lower(DealStage.name) == func.lower(name), DealStage.id.is_distinct_from(but))
    if ctx.session.execute(taken).first():
        raise Refused("name_taken_here", field="name")
    return name
