"""Where a row of a file says that a deal stands. Of a new deal it must name a stage in which the actor may put one; of one that is there it may
say as much or as little as it likes, as long as that is where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.importing import Incoming
from core.base.text import fold
from core.deals.models import DealStage, Pipeline
from core.deals.pipelines import Way, called, working
from core.deals.words import STATE_LABELS
from infra import i18n

# What a file says of where a deal stands, and what is its stage's word where the deal says nothing else.
STANDING, USUAL = ("pipeline_id", "stage_id", "state"), ("probability", "forecast")
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True)
class Steps:
    """ways: in which the actor works. every: all stages with their pipelines, those put away too."""

    ways: tuple[Way, ...]
    every: Mapping[UUID, tuple[Pipeline, DealStage]]

    def of(self, row: Incoming) -> tuple[Way | None, DealStage | None]:
        """Where a new deal would begin."""
        way = next((one for one in self.ways if str(one.id) == row.values.get("pipeline_id")), None)
        return way, next((one for one in way.stages if str(one.id) == row.values.get("stage_id")), None) if way else None

    def wrong(self, stage_id: UUID, said: Mapping[str, Any]) -> str | None:
        """What of that does not say where a deal stands that stands there."""
        pipeline, stage = self.every[stage_id]
        if "pipeline_id" in said and fold(said["pipeline_id"]) not in _names(pipeline):
            return "pipeline_id"
        if "stage_id" in said and fold(said["stage_id"]) not in _names(stage) and not self._is_kind(stage, fold(said["stage_id"])):
            return "stage_id"
        return "state" if said.get("state", stage.kind) != stage.kind else None

    def _is_kind(self, stage: DealStage, word: str) -> bool:
        """Is it called by its state, where no stage beside it has that name?"""
        named = (one for _, one in self.every.values() if one.pipeline_id == stage.pipeline_id and word in _names(one))
        return next(named, None) is None and word in {stage.kind, *_words(STATE_LABELS[stage.kind])}


def steps_of(ctx: Context) -> Steps:
    """All that a row may name, in one statement beside the pipelines that are read anyway."""
    pairs = ctx.session.execute(select(Pipeline, DealStage).join(DealStage, DealStage.pipeline_id == Pipeline.id))
    return Steps(working(ctx), {stage.id: (pipeline, stage) for pipeline, stage in pairs})


def stand(ctx: Context, steps: Steps, row: Incoming) -> None:
    """Pipeline, stage and state together become a stage; the words are kept for a deal that is there. And when a closed one was closed."""
    typed = {name: row.values.pop(name) for name in STANDING if name in row.values}
    said = typed | {name: row.values[name] for name in USUAL if name in row.values}
    if said:
        row.values.setdefault("said", {}).update(said)
    if typed:
        found = new_stage(steps.ways, typed)
        if isinstance(found, DealStage):
            row.values |= {"pipeline_id": str(found.pipeline_id), "stage_id": str(found.id), "state": found.kind}
        elif all(steps.wrong(key, typed) for key in steps.every):
            refuse(row, found)
    if row.values.get("state", "open") == "open":
        row.values.pop("closed_at", None)
    else:
        _close(ctx, row)


Refusal = tuple[str, str, str]


def refuse(row: Incoming, refusal: Refusal) -> None:
    """The row stays out for what names no stage."""
    target, code, value = refusal
    row.refuse(target, code, value=value, cell=(row.values.get("said") or {}).get(target, value))


def new_stage(ways: tuple[Way, ...], typed: Mapping[str, str]) -> DealStage | Refusal:
    """The stage of a new deal, or (target, code, text) of what names none."""
    if "pipeline_id" in typed:
        ways = tuple(way for way in ways if fold(typed["pipeline_id"]) in _names(way.row))
        if not ways:
            return "pipeline_id", "pipeline_not_named", typed["pipeline_id"]
    if not ways:
        return "stage_id", "no_pipeline", ""
    there = [stage for way in ways for stage in way.stages]
    kind = typed.get("state")
    if "stage_id" in typed:
        said = fold(typed["stage_id"])
        named = [stage for stage in there if said in _names(stage)] or [stage for stage in there if said == stage.kind or said in _words(STATE_LABELS[stage.kind])]
        if not named:
            return "stage_id", "stage_not_named", typed["stage_id"]
        return next((stage for stage in named if kind in (None, stage.kind)), ("state", "stage_of_other_state", typed["stage_id"]))
    return next(stage for stage in there if stage.kind == (kind or "open"))


def forget_usual(row: Incoming, stage: DealStage, kept: Any = None) -> None:
    """What the stage says anyway is no word of the deal's own; kept: a deal that is there, whose own word is changed."""
    said = row.values.get("said") or {}
    for name in USUAL:
        if name in said:
            row.values[name] = said[name]
        if row.values.get(name) == getattr(stage, name) and (kept is None or getattr(kept, name) is None):
            row.values.pop(name, None)


def _names(row: Any) -> set[str]:
    return {fold(row.name), *(fold(called(row, language)) for language in i18n.LANGUAGES)}


def _words(text: str) -> set[str]:
    return {fold(i18n.gettext(language, text)) for language in i18n.LANGUAGES}


def _close(ctx: Context, row: Incoming) -> None:
    """The day that is said, at noon where the reader is; else the day on which it was to close, where that is past; else now."""
    said = row.values.pop("closed_at", None)
    due = row.values.get("closes_on")
    text = said or (due if due and date.fromisoformat(due) <= ctx.today else None)
    if text is None:
        return
    moment = datetime.combine(date.fromisoformat(text), time(12), ctx.zone) if len(text) == 10 else datetime.fromisoformat(text)
    if moment.date() < EARLIEST:
        return row.refuse("closed_at" if said else "closes_on", "not_a_date", value=text, cell=text)
    moment = min(moment, ctx.now) if moment.astimezone(ctx.zone).date() == ctx.today else moment
    if moment > ctx.now:
        row.refuse("closed_at", "closed_in_future", cell=text)
    row.values |= {"closed_at": moment.isoformat(), "stage_since": moment.isoformat()}
