"""Models fitted to what became of a workspace's own leads: every one that was tried, which was used from when to when, and what the one in use
says of each lead. A model is plain numbers and words that many leads share; nothing of one lead stands in it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal

MODEL_STATES = ("running", "done", "failed", "cancelled")
VERDICTS = ("better", "worse_order", "worse_chance")
ENDED_BY = ("person", "refit", "switched_to")


class LeadModel(Record, TenantBase):
    """One fit. closed, converted: the leads it was made of. model: weights by field and category (core.leads.features); report: what it is
    worth on the newest leads, which it never saw, beside the rules; verdict: whether it may be used. by_clock: nobody asked for it."""

    __tablename__, ROOM = "lead_model", "leads"
    __table_args__ = (
        CheckConstraint(f"state IN {MODEL_STATES}", name="state"), CheckConstraint(f"verdict IN {VERDICTS}", name="verdict"),
        CheckConstraint("(state = 'done') = (verdict IS NOT NULL)", name="verdict_done"), CheckConstraint("(state = 'running') = (finished_at IS NULL)", name="finished"),
        CheckConstraint("share BETWEEN 0 AND 100", name="share"),
        Index("uq_lead_model_running", text("(true)"), unique=True, postgresql_where=text("state = 'running'")),
        Index("ix_lead_model_created_at", text("created_at DESC"), text("id DESC")),
    )
    state: Mapped[str] = mapped_column(server_default=text("'running'"), default="running")
    round: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    share: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    by_clock: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    closed: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    converted: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    model: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    report: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    verdict: Mapped[str | None]
    failure: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class LeadModelUse(Timed, TenantBase):
    """From when to when a model was used. created_by: who switched it on, nobody where a refit took the place of the one before;
    ended_by: what ended it (a person, a refit, another model), ended_user_id: who."""

    __tablename__ = "lead_model_use"
    __table_args__ = (
        CheckConstraint(f"ended_by IN {ENDED_BY}", name="ended_by"), CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index("uq_lead_model_use_open", text("(true)"), unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_lead_model_use_model_id", "model_id"),
        {"info": {"audit": True}},
    )
    model_id: Mapped[UUID] = mapped_column(ForeignKey("lead_model.id", ondelete="CASCADE"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    ended_user_id: Mapped[UUID | None]


class LeadChance(TenantBase):
    """What the model in use says of a lead, in per cent. why: [{"field": name, "at": place of the category, "points": n}], the largest first."""

    __tablename__ = "lead_chance"
    __table_args__ = (CheckConstraint("chance BETWEEN 0 AND 100", name="chance"), Index("ix_lead_chance_chance", text("chance DESC"), "lead_id"), Index("ix_lead_chance_model_id", "model_id"))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[UUID] = mapped_column(ForeignKey("lead_model.id", ondelete="CASCADE"))
    chance: Mapped[int] = mapped_column(Integer)
    why: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    at: Mapped[datetime]


# Of a person whose lead is erased no chance is left; a model's words are those that many leads share.
MODEL_PERSONAL = (Personal("lead_chance", through=(("lead_id", "lead"),), gone=True),)
MODEL_HARMLESS = {
    **{f"lead_model.{name}": "a word of a list" for name in ("state", "verdict", "failure")}, "lead_model.model": "numbers, and words that ten leads and more share", "lead_model.report": "numbers alone",
    "lead_model_use.ended_by": "a word of a list", "lead_chance.why": "names of fields, places in a list and numbers",
}
