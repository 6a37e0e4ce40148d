"""Why somebody was chosen out of a ranking, for whoever may see rankings: the fact on the timeline says only who was."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import TenantBase, Timed
from core.base.personal import Personal


class RankingChoice(Timed, TenantBase):
    """fact_id: the fact that tells the choice. user_id: who was chosen; none where that was not kept yet. place of so many people, with so many points
    of at most `most`; reasons: [{code, points, of, the figures of its sentence}] of then."""

    __tablename__ = "ranking_choice"
    __table_args__ = (
        CheckConstraint("place BETWEEN 1 AND people", name="place"), Index("uq_ranking_choice_fact_id", "fact_id", unique=True), Index("ix_ranking_choice_user_id", "user_id"),
        {"info": {"permission": "deals.assign"}},
    )
    fact_id: Mapped[UUID] = mapped_column(ForeignKey("fact.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column(Integer)
    people: Mapped[int] = mapped_column(Integer)
    points: Mapped[int] = mapped_column(Integer)
    most: Mapped[int] = mapped_column(Integer)
    reasons: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)


PERSONAL = (Personal("ranking_choice", told=("reasons",)),)
