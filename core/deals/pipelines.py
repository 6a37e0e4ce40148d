"""Pipelines: which there are for whom, and how somebody who manages them changes them. Their stages: core.deals.staging."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import require, sees_all
from core.deals.models import (
    Deal,
    DealStage,
    Pipeline,
    PipelineTeam,
)
from core.deals.reason_models import LossReason
from core.deals.rules import stage_name
from core.deals.words import STARTER_LABELS
from core.identity.models import Team, TeamMember
from infra import i18n

KEPT, SURE = "deal_pipelines", {"won": 100, "lost": 0}
# (code, kind, probability, colour, days until a deal is marked, forecast)
STARTER = (
    ("new", "open", 10, "grey", 14, "pipeline"), ("qualified", "open", 30, "blue", 14, "pipeline"), ("proposal", "open", 60, "violet", 21, "best_case"),
    ("negotiation", "open", 80, "amber", 21, "commit"), ("won", "won", 100, "green", None, "commit"), ("lost", "lost", 0, "red", None, "omitted"),
)


@dataclass(frozen=True)
class Way:
    """A pipeline with its stages in their order. works: does the actor work in it? reasons: offered for a loss, in all pipelines."""

    row: Pipeline
    stages: tuple[DealStage, ...]
    teams: frozenset[UUID]
    works: bool
    reasons: tuple[str, ...] = ()

    @property
    def id(self) -> UUID:
        return self.row.id

    def first(self) -> DealStage:
        """Where a new deal begins."""
        return next(one for one in self.stages if one.kind == "open")


def called(row: Pipeline | DealStage, locale: str) -> str:
    """What a pipeline or stage is called for a reader of that language."""
    return i18n.gettext(locale, STARTER_LABELS[row.code]) if row.code in STARTER_LABELS else row.name


def make_starter(session: Session) -> None:
    """The pipeline that a workspace begins with; nothing where there is one."""
    if session.execute(select(Pipeline.id).limit(1)).first():
        return
    session.add(way := Pipeline(name=STARTER_LABELS["sales"], code="sales"))
    session.flush()  # its stages name it by key
    session.add_all(_starting(way, place, one) for place, one in enumerate(STARTER))
    session.flush()  # whoever reads them next finds them


def _starting(way: Pipeline, place: int, values: tuple) -> DealStage:
    """A stage as a pipeline begins with it."""
    code, kind, probability, colour, stale, forecast = values
    return DealStage(
        pipeline_id=way.id, name=STARTER_LABELS[code], code=code, kind=kind, position=place, probability=probability, colour=colour, stale_after=stale, forecast=forecast,
    )


def ways(ctx: Context) -> tuple[Way, ...]:
    """Every pipeline that is not put away, in order; one statement for a transaction."""
    kept = ctx.session.info.get(KEPT)
    if kept is None or kept[0] != ctx.actor.id:
        kept = ctx.session.info[KEPT] = (ctx.actor.id, _read(ctx))
    return kept[1]


def working(ctx: Context) -> tuple[Way, ...]:
    """Those in which the actor works."""
    return tuple(one for one in ways(ctx) if one.works)


def forget(ctx: Context) -> None:
    """They have changed: the next look reads them anew."""
    ctx.session.info.pop(KEPT, None)


def stages(ctx: Context) -> dict[UUID, DealStage]:
    """Every stage by its key, also those of pipelines in which the actor does not work: his deals may stand there."""
    return {stage.id: stage for way in ways(ctx) for stage in way.stages}


def one_way(ctx: Context, pipeline_id: UUID) -> Way:
    """A pipeline in which the actor works, or that he manages; NotFound else."""
    found = next((one for one in ways(ctx) if one.id == pipeline_id), None)
    if found is None:
        raise NotFound()
    return found


def stage_of(ctx: Context, stage_id: UUID | None, *, field: str = "stage_id") -> tuple[Way, DealStage]:
    """A stage that the actor may put deals into, with its pipeline; refuses others (`stage_unknown`)."""
    for way in working(ctx):
        for stage in way.stages:
            if stage.id == stage_id:
                return way, stage
    raise Refused("stage_unknown", field=field)


def _read(ctx: Context) -> tuple[Way, ...]:
    teams = func.array(select(PipelineTeam.team_id).where(PipelineTeam.pipeline_id == Pipeline.id).correlate(Pipeline).scalar_subquery())
    mine = select(literal(1)).where(PipelineTeam.pipeline_id == Pipeline.id, PipelineTeam.team_id == TeamMember.team_id, TeamMember.user_id == ctx.actor.id).correlate(Pipeline).exists()
    reasons = func.array(select(LossReason.name).order_by(func.lower(LossReason.name)).scalar_subquery())
    query = select(Pipeline, DealStage, teams.label("teams"), mine.label("mine"), reasons.label("reasons")).join(DealStage, DealStage.pipeline_id == Pipeline.id).where(Pipeline.archived_at.is_(None))
    found: dict[UUID, tuple[Pipeline, list[DealStage], frozenset[UUID], bool, tuple[str, ...]]] = {}
    for row, stage, team_ids, is_mine, offered in ctx.session.execute(query.order_by(Pipeline.position, Pipeline.id, DealStage.position, DealStage.id)):
        found.setdefault(row.id, (row, [], frozenset(team_ids), is_mine, tuple(offered)))[1].append(stage)
    return tuple(Way(row, tuple(some), team_ids, not team_ids or is_mine or sees_all(ctx, Deal), offered) for row, some, team_ids, is_mine, offered in found.values())


def create_pipeline(ctx: Context, *, name: str) -> Pipeline:
    """A further pipeline with one stage of each kind."""
    require(ctx, "pipelines.manage")
    _hold_all(ctx)
    row = Pipeline(name=_free(ctx, stage_name(name, "name")), position=len(ways(ctx)))
    ctx.session.add(row)
    ctx.session.flush()  # its stages name it by key
    for place, one in enumerate((STARTER[0], *STARTER[-2:])):
        ctx.session.add(_starting(row, place, one))
    return changed(ctx, row, "pipeline.created")


def change_pipeline(ctx: Context, row: Pipeline, *, name: str | None = None, team_ids: Iterable[UUID] | None = None) -> Pipeline:
    """Another name; or only these teams work in it (none: everybody)."""
    require(ctx, "pipelines.manage")
    hold(ctx, row)
    if name is not None and (said := stage_name(name, "name")) != called(row, ctx.locale):
        row.name, row.code = _free(ctx, said, but=row.id), None
    if team_ids is not None:
        _set_teams(ctx, row, set(team_ids))
    return changed(ctx, row)


def archive_pipeline(ctx: Context, row: Pipeline) -> None:
    """Put it away: its closed deals stay as they are. Refused for the last one, and while open deals stand in it."""
    require(ctx, "pipelines.manage")
    _hold_all(ctx)
    if len(ways(ctx)) == 1:
        raise Refused("pipeline_last")
    if ctx.session.execute(select(Deal.id).where(Deal.pipeline_id == row.id, Deal.state == "open", Deal.deleted_at.is_(None)).limit(1)).first():
        raise Refused("pipeline_not_empty")
    row.archived_at = ctx.now
    changed(ctx, row, "pipeline.archived")


def _set_teams(ctx: Context, row: Pipeline, team_ids: set[UUID]) -> None:
    known = set(ctx.session.execute(select(Team.id).where(Team.id.in_(team_ids))).scalars())
    if known != team_ids:
        raise Refused("unknown_value", field="team_ids")
    ctx.session.execute(delete(PipelineTeam).where(PipelineTeam.pipeline_id == row.id, PipelineTeam.team_id.not_in(team_ids)))
    there = set(ctx.session.execute(select(PipelineTeam.team_id).where(PipelineTeam.pipeline_id == row.id)).scalars())
    for key in sorted(team_ids - there):
        ctx.session.add(PipelineTeam(pipeline_id=row.id, team_id=key))


def _free(ctx: Context, name: str, *, but: UUID | None = None) -> str:
    taken = select(Pipeline.id).where(func.lower(Pipeline.name) == func.lower(name), Pipeline.archived_at.is_(None), Pipeline.id.is_distinct_from(but))
    if ctx.session.execute(taken).first():
        raise Refused("name_taken_here", field="name")
    return name


def _hold_all(ctx: Context) -> None:
    """Two who add or put away at once wait for one another."""
    ctx.session.execute(update(Pipeline).where(Pipeline.archived_at.is_(None)).values(position=Pipeline.position))
    forget(ctx)


def changed(ctx: Context, row: Pipeline, kind: str = "pipeline.changed") -> Pipeline:
    ctx.session.flush()  # the next look reads it
    forget(ctx)
    record(ctx, kind, row, name=called(row, ctx.tenant.locale))
    return row
