"""By which rules leads are scored, and what each came to. A score is made anew by jobs, so it is no part of the lead's own row: no version
and no audit entry of a lead comes of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase

RULE_KINDS = ("condition", "complete", "free_mail", "age")
MOST_POINTS = 100


class LeadRule(Record, TenantBase):
    """condition: points where all of its conditions hold (field, operator, value, as a list's address has them). complete: points by how much
    is filled in. free_mail: points for an address of a free mail provider. age: points for every so many days. code: made by us, and called
    in its reader's language until somebody renames it."""

    __tablename__, ROOM = "lead_rule", "leads"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"), CheckConstraint(f"kind IN {RULE_KINDS}", name="kind"),
        CheckConstraint(f"points BETWEEN -{MOST_POINTS} AND {MOST_POINTS}", name="points"), CheckConstraint("(kind = 'age') = (days IS NOT NULL)", name="days"),
        CheckConstraint("days BETWEEN 1 AND 365", name="days_range"),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    code: Mapped[str | None]
    kind: Mapped[str]
    conditions: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    points: Mapped[int] = mapped_column(Integer)
    days: Mapped[int | None] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)


class LeadScore(TenantBase):
    """What a lead came to. why: [{"rule": key, "points": n}] of each rule that gave or took any."""

    __tablename__ = "lead_score"
    __table_args__ = (Index("ix_lead_score_score", text("score DESC"), "lead_id"),)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True)
    score: Mapped[int] = mapped_column(Integer)
    why: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    at: Mapped[datetime]


SCORE_HARMLESS = {**{f"lead_rule.{name}": "words of the workspace" for name in ("name", "code", "conditions")}, "lead_rule.kind": "a word of a list", "lead_score": "numbers and keys of rules"}
