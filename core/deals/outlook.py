"""On which day a deal is counted in a forecast, as what, and how likely it is."""

from sqlalchemy import ColumnElement, Date, Integer, Text, case, cast, func, select

from core.base.context import Context
from core.deals.models import Deal, DealStage


def outlook() -> ColumnElement[str]:
    """How an open deal is counted: its own word, or its stage's."""
    of_stage = select(DealStage.forecast).where(DealStage.id == Deal.stage_id).correlate(Deal).scalar_subquery()
    return func.coalesce(Deal.forecast, of_stage, type_=Text)


def counted_as(stage: type[DealStage] = DealStage) -> ColumnElement[str]:
    """The same of any deal, where its stage is joined: won, lost, or the word of an open one."""
    return case((Deal.state == "open", func.coalesce(Deal.forecast, stage.forecast)), else_=Deal.state)


def likely(stage: type[DealStage] = DealStage) -> ColumnElement[int]:
    """How likely a deal is won, in percent, where its stage is joined. Its own word counts while it is open; then its stage's, which is
    sure: won is 100, lost is 0."""
    return case((Deal.state == "open", func.coalesce(Deal.probability, stage.probability)), else_=stage.probability)


def effective() -> ColumnElement[int]:
    """The same where its stage is not joined."""
    of_stage = select(DealStage.probability).where(DealStage.id == Deal.stage_id).correlate(Deal).scalar_subquery()
    return case((Deal.state == "open", func.coalesce(Deal.probability, of_stage, type_=Integer)), else_=of_stage)


def day_of(ctx: Context) -> ColumnElement:
    """The day by which a deal is counted: when it was closed by the workspace's calendar, or is expected to be."""
    return case((Deal.state == "open", Deal.closes_on), else_=cast(func.timezone(ctx.tenant.timezone, Deal.closed_at), Date))
