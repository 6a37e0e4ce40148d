"""Who works with whom, and who stands in for whom. All in the tenant's own schema."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase, Timed


class Team(Record, TenantBase):
    """A team in the tree of teams. is_branch: a place of business; "branch" as a reach is what lies below the nearest."""

    __tablename__ = "team"
    __table_args__ = (
        CheckConstraint("parent_id <> id", name="parent"),
        Index("uq_team_name", "parent_id", text("lower(name)"), unique=True),
        Index("uq_team_top_name", text("lower(name)"), unique=True, postgresql_where=text("parent_id IS NULL")),
        Index("ix_team_parent_id", "parent_id"),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    is_branch: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class TeamMember(Timed, TenantBase):
    """Who belongs to a team; one may belong to several. leads: speaks for it."""

    __tablename__ = "team_member"
    __table_args__ = (Index("uq_team_member_user_team", "user_id", "team_id", unique=True), Index("ix_team_member_team_id", "team_id"), {"info": {"audit": True}})
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    leads: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class Absence(Record, TenantBase):
    """Days on which a user is away (both included, in his time zone), and who sees and changes his own records then."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="days"), CheckConstraint("deputy_id <> user_id", name="deputy"),
        Index("ix_absence_deputy_id", "deputy_id", "ends_on"), Index("ix_absence_user_id", "user_id", "ends_on"), {"info": {"audit": True}},
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    deputy_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
