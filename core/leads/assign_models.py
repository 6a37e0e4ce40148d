"""Who gets which leads: rules in their order, the people of each, and whose turn it was last. The turn is no part of the rule's own row, so
that no version and no audit entry comes of each lead."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase

WAYS = ("turn", "least")


class LeadAssignment(Record, TenantBase):
    """conditions: all must hold (field, operator, value, as a list's address has them); none: every lead. way: one after the other (turn),
    or to whom the fewest open leads belong (least). needs_language, needs_product: only to somebody who speaks the lead's language, who knows
    what it asks for (core.skills)."""

    __tablename__, ROOM = "lead_assignment", "leads"
    __table_args__ = (CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"), CheckConstraint(f"way IN {WAYS}", name="way"), {"info": {"audit": True}})
    name: Mapped[str]
    conditions: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    way: Mapped[str] = mapped_column(server_default=text("'turn'"), default="turn")
    needs_language: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    needs_product: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    user_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"), default=list)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)


class LeadTurn(TenantBase):
    """Who got the last lead of a rule."""

    __tablename__ = "lead_turn"
    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("lead_assignment.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID]


ASSIGN_HARMLESS = {**{f"lead_assignment.{name}": "words of the workspace" for name in ("name", "conditions")}, "lead_assignment.way": "a word of a list", "lead_assignment.user_ids": "keys of colleagues"}
