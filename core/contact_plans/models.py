"""How often customers of which kind are to hear from us."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase

MOST_A_YEAR = 52


class ContactPlan(Record, TenantBase):
    """conditions: all must hold of an account (field, operator, value, as a list's address has them); none: every account. times_a_year: how
    often; 0: not at all, which keeps such accounts out of the plans below. The first plan in the order of position that fits an account holds.
    code: it was made by us and is called in its reader's language until somebody renames it."""

    __tablename__, ROOM = "contact_plan", "contact_plans"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"), CheckConstraint(f"times_a_year BETWEEN 0 AND {MOST_A_YEAR}", name="times_a_year"),
        Index("uq_contact_plan_name", text("lower(name)"), unique=True), {"info": {"audit": True}},
    )
    name: Mapped[str]
    code: Mapped[str | None]
    conditions: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    times_a_year: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)


HARMLESS = {f"contact_plan.{name}": "words of the workspace" for name in ("name", "code", "conditions")}
