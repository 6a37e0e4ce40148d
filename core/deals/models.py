"""What may be sold: deals, the stages through which they go, and since when each stood in which.

A stage's kind (open, won, lost) is the deal's state, held together by one foreign key: no deal is won in a stage of
those that are lost. A row of deal_stay is an interval; a deal has one that is open, and the next begins when it ends.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED, SOON, TRIGRAMS
from core.base.hiding import Guarded, fact_tells, guard, mirror
from core.base.model import Keyed, Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.records import RecordKind
from core.base.registry import Child
from core.custom_fields.columns import FIND
from core.custom_fields.fields import Customised, Taking, take_part
from core.deals.forecast_models import (  # noqa: F401 (one door to all tables)
    FORECAST_HARMLESS,
    FORECAST_PERSONAL,
    ForecastAdjustment,
    ForecastDay,
    ForecastLine,
    SalesTarget,
)
from core.deals.part_models import (  # noqa: F401
    PART_HARMLESS,
    PART_PERSONAL,
    Competitor,
    DealCompetitor,
    DealLine,
    DealMember,
)
from core.deals.reason_models import REASON_HARMLESS, LossReason  # noqa: F401
from core.tagging.models import Tagged, found_by_tags, settled

KINDS = ("open", "won", "lost")
# How sure it is that a deal comes in its period; omitted: it is counted in no forecast.
FORECASTS = ("commit", "best_case", "pipeline", "omitted")
# The hues of the design guide.
COLOURS = ("grey", "blue", "cyan", "violet", "amber", "green", "red", "pink")
# What a stage may ask for before a deal leaves it; see core.deals.rules.
CRITERIA = ("account_id", "contact_id", "amount", "closes_on", "next_step_on", "source")
ALIVE = "deleted_at IS NULL"


class Pipeline(Record, TenantBase):
    """A way of selling. code: it was made by us and is called in its reader's language until somebody renames it.
    archived_at: it was put away."""

    __tablename__, ROOM = "pipeline", "pipelines"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="name"),
        Index("uq_pipeline_name", text("lower(name)"), unique=True, postgresql_where=text("archived_at IS NULL")),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    code: Mapped[str | None]
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    archived_at: Mapped[datetime | None]


class PipelineTeam(Timed, TenantBase):
    """A team that works in a pipeline; one without any is everybody's."""

    __tablename__ = "pipeline_team"
    __table_args__ = (Index("uq_pipeline_team", "pipeline_id", "team_id", unique=True), Index("ix_pipeline_team_team_id", "team_id"), {"info": {"audit": True}})
    pipeline_id: Mapped[UUID] = mapped_column(ForeignKey("pipeline.id", ondelete="CASCADE"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))


class DealStage(Record, TenantBase):
    """A step of a pipeline. probability: in percent, how likely deals in it are won. criteria: what a deal must have before it
    goes further. stale_after: days without a move after which a deal in it is marked."""

    __tablename__ = "deal_stage"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="name"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"), CheckConstraint(f"colour IN {COLOURS}", name="colour"), CheckConstraint(f"forecast IN {FORECASTS}", name="forecast"),
        CheckConstraint("CASE kind WHEN 'won' THEN probability = 100 WHEN 'lost' THEN probability = 0 ELSE probability BETWEEN 0 AND 100 END", name="probability"),
        CheckConstraint("stale_after BETWEEN 1 AND 999", name="stale_after"),
        UniqueConstraint("id", "pipeline_id", "kind", name="uq_deal_stage_whole"),
        Index("ix_deal_stage_pipeline_id", "pipeline_id", "position"),
        Index("uq_deal_stage_name", "pipeline_id", text("lower(name)"), unique=True),
        {"info": {"audit": True}},
    )
    pipeline_id: Mapped[UUID] = mapped_column(ForeignKey("pipeline.id", ondelete="CASCADE"))
    name: Mapped[str]
    code: Mapped[str | None]
    kind: Mapped[str] = mapped_column(server_default=text("'open'"), default="open")
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    probability: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    colour: Mapped[str] = mapped_column(server_default=text("'grey'"), default="grey")
    forecast: Mapped[str] = mapped_column(server_default=text("'pipeline'"), default="pipeline")
    stale_after: Mapped[int | None] = mapped_column(Integer)
    criteria: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list)


class Deal(Tagged, Customised, Record, TenantBase):
    """Something that an account may buy. state: the kind of its stage. probability, forecast: NULL is the stage's. stage_since: when it
    came into its stage; closed_at: when it was won or lost. loss_reason: why it was lost; kept when it is opened again.
    campaign, first_touch, last_touch: of the lead that it was (core.leads)."""

    __tablename__, ROOM = "deal", "deals"
    __table_args__ = (
        CheckConstraint(f"state IN {KINDS}", name="state"),
        CheckConstraint("amount >= 0", name="amount"), CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability"), CheckConstraint(f"forecast IN {FORECASTS}", name="forecast"),
        CheckConstraint("state <> 'lost' OR loss_reason IS NOT NULL", name="loss_reason"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at"),
        CheckConstraint("next_step IS NULL OR next_step_on IS NOT NULL", name="next_step"),
        ForeignKeyConstraint(("stage_id", "pipeline_id", "state"), ("deal_stage.id", "deal_stage.pipeline_id", "deal_stage.kind"), name="fk_deal_stage"),
        Index("ix_deal_list", "name_fold", "id", postgresql_where=text(ALIVE)),
        Index("ix_deal_own", "owner_id", "name_fold", "id", postgresql_where=text(ALIVE)),
        Index("ix_deal_changed", text("updated_at DESC"), text("id DESC"), postgresql_where=text(ALIVE)),
        Index("ix_deal_stage_id", "stage_id", "next_step_on", "id", postgresql_where=text(ALIVE)),
        Index("ix_deal_closes_on", "closes_on", "id", postgresql_where=text(ALIVE)),
        Index("ix_deal_account_id", "account_id", postgresql_where=text("account_id IS NOT NULL")),
        Index("ix_deal_contact_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index("ix_deal_find", "name_fold", postgresql_using="gin", postgresql_with=SOON, postgresql_ops={"name_fold": TRIGRAMS}, postgresql_where=text(ALIVE)),
        Index("ix_deal_east_asian", text(f"({EAST_ASIAN.format(folded='name_fold')})"), postgresql_using="gin", postgresql_where=text(ALIVE)),
        Index("ix_deal_custom", "custom", postgresql_using="gin", postgresql_ops={"custom": "jsonb_path_ops"}, postgresql_where=text(ALIVE)),
        Index("ix_deal_custom_find", "custom_find", postgresql_using="gin", postgresql_ops={"custom_find": "ext.gin_trgm_ops"}, postgresql_where=text(f"{ALIVE} AND custom_find IS NOT NULL")),
        Index("ix_deal_deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        Index("uq_deal_external_id", "external_id", unique=True, postgresql_where=text("external_id IS NOT NULL")), found_by_tags("deal"),
        {"info": {"audit": True, "ddl": settled("deal")}},
    )
    name: Mapped[str]
    name_fold: Mapped[str] = mapped_column(Computed(FOLDED.format(column="name"), persisted=True))
    pipeline_id: Mapped[UUID]
    stage_id: Mapped[UUID]
    state: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    currency: Mapped[str]
    probability: Mapped[int | None] = mapped_column(Integer)
    forecast: Mapped[str | None]
    closes_on: Mapped[date | None]
    next_step: Mapped[str | None]
    next_step_on: Mapped[date | None]
    source: Mapped[str | None]
    campaign: Mapped[str | None]
    first_touch: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    last_touch: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    loss_reason: Mapped[str | None]
    notes: Mapped[str | None]
    external_id: Mapped[str | None]
    stage_since: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    custom: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    custom_find: Mapped[str | None] = mapped_column(Computed(FIND, persisted=True), deferred=True)
    deleted_at: Mapped[datetime | None]


class DealStay(Keyed, TenantBase):
    """That a deal stood in a stage from one moment to another (NULL: it stands there now). entered_by: who put it there."""

    __tablename__ = "deal_stay"
    __table_args__ = (
        CheckConstraint("left_at >= entered_at", name="left_at"),
        Index("uq_deal_stay_open", "deal_id", unique=True, postgresql_where=text("left_at IS NULL")),
        Index("ix_deal_stay_deal_id", "deal_id", "entered_at", "id"), Index("ix_deal_stay_stage_id", "stage_id", "entered_at"),
        Index("ix_deal_stay_entered_at", "entered_at"),
    )
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    stage_id: Mapped[UUID] = mapped_column(ForeignKey("deal_stage.id"))
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    entered_by: Mapped[UUID | None]


_TOUCHES = ("campaign", "first_touch", "last_touch")
_TOLD = ("name", "next_step", "source", *_TOUCHES, "loss_reason", "notes", "external_id", "custom")
CHILDREN = tuple(Child("deal", f"{parent}_id", parent, owner="owner_id", personal=("name", "next_step", "notes")) for parent in ("account", "contact"))
# The company's deal stays when its person, or the company itself, goes: what was won is counted.
PERSONAL = (*FORECAST_PERSONAL, *PART_PERSONAL, Personal("deal", by=("contact_id", "account_id"), cleared=("notes", "next_step", "tags", "custom", "first_touch", "last_touch"), told=_TOLD, purged="unlink"),)
HARMLESS = {
    **FORECAST_HARMLESS, **REASON_HARMLESS, **PART_HARMLESS, "deal.state": "a word of a list", "deal.forecast": "a word of a list", "deal.currency": "a currency", "deal_stay": "keys and moments", "pipeline_team": "keys alone",
    **{f"{table}.{name}": "words of the workspace" for table in ("pipeline", "deal_stage") for name in ("name", "code")},
    **{f"deal_stage.{name}": "a word of a list" for name in ("kind", "colour", "criteria", "forecast")}, "deal.name_fold": "the name again, made by the database", "deal.custom_find": "the own values again, made by the database",
}
RECORD_KINDS = (RecordKind(Deal, "deals.read", "/deals/{id}", discussed=True),)

# Field -> the columns that tell it. What a deal is called and where it stands is everybody's who sees it.
guard(Guarded("deals", Deal, {
    **{name: (name,) for name in ("amount", "currency", "probability", "forecast", "closes_on", "next_step", "next_step_on", "source", "loss_reason", "notes", "external_id", "tags", "account_id", "contact_id", "owner_id")},
    "campaign": _TOUCHES,
}, visible=frozenset({"currency", "forecast", "next_step", "next_step_on", "account_id", "contact_id", "owner_id"})))
mirror("deals", "amount", DealLine, "unit_price", "discount", "amount")
mirror("deals", "amount", ForecastLine, "amount", "parts")
mirror("deals", "probability", ForecastLine, "probability")
mirror("deals", "closes_on", ForecastLine, "day")
fact_tells("deal.lost", "reason", "deals.loss_reason")


def _labels() -> dict[str, str]:
    from core.deals.words import LABELS

    return {name: LABELS[name] for name in _asked()}


def _asked() -> dict[str, Any]:
    """What an own field's condition may ask of a deal; the rules stand above the models."""
    from core.deals.rules import FIELDS

    return {name: FIELDS[name] for name in ("amount", "source", "probability", "closes_on")}


take_part(Taking("deals", Deal, _labels, _asked))
