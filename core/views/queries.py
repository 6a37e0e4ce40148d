"""Reads about saved views: what somebody finds in a list, one of them, his teams to share with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, and_, any_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from core.base.context import Context
from core.base.errors import NotFound
from core.identity.models import Team, TeamMember, User
from core.identity.queries import beside_sign_in
from core.views.models import ListHabit, SavedView


@dataclass(frozen=True, slots=True)
class Views:
    """What a list offers somebody. views: those he finds, his own first. columns, default, widths, pinned: his habits of that list."""

    views: tuple[SavedView, ...] = ()
    makers: dict[UUID, str] | None = None
    columns: tuple[str, ...] | None = None
    default: UUID | None = None
    widths: Mapping[str, int] = field(default_factory=dict)
    pinned: tuple[UUID, ...] = ()

    def one(self, key: str | UUID | None) -> SavedView | None:
        """The view of that key, if it is among them."""
        return next((view for view in self.views if str(view.id) == str(key)), None)


def found_by(ctx: Context) -> ColumnElement[bool]:
    """The views that the actor finds: his own, everyone's, those of his teams."""
    mine = select(TeamMember.team_id).where(TeamMember.user_id == ctx.actor.id)
    shared = or_(SavedView.audience == "everyone", and_(SavedView.audience == "team", SavedView.team_id.in_(mine)))
    return and_(SavedView.deleted_at.is_(None), or_(SavedView.user_id == ctx.actor.id, shared))


def views_of(ctx: Context, room: str) -> Views:
    """The views of a list and how it opens, in one statement."""
    me = select(User.id).where(User.id == ctx.actor.id).subquery("me")
    habit = and_(ListHabit.user_id == me.c.id, ListHabit.room == room)
    query = select(SavedView, User.name, ListHabit.columns, ListHabit.view_id, ListHabit.widths, ListHabit.pinned).select_from(me).outerjoin(ListHabit, habit)
    query = query.outerjoin(SavedView, and_(SavedView.room == room, found_by(ctx))).outerjoin(User, User.id == SavedView.user_id)
    rows = list(ctx.session.execute(query.order_by(SavedView.user_id != ctx.actor.id, func.lower(SavedView.name), SavedView.id)))
    if not rows:
        return Views()
    found = tuple(row.SavedView for row in rows if row.SavedView is not None)
    makers = {row.SavedView.user_id: row.name for row in rows if row.SavedView is not None}
    return Views(found, makers, None if rows[0].columns is None else tuple(rows[0].columns), rows[0].view_id, rows[0].widths or {}, tuple(rows[0].pinned or ()))


def pinned_beside() -> ColumnElement:
    """Beside a User: [[key, room, name]] of the views that he pinned and still finds, by name, as JSON."""
    teams = select(TeamMember.team_id).where(TeamMember.user_id == User.id).correlate(User)
    found = or_(SavedView.user_id == User.id, SavedView.audience == "everyone", and_(SavedView.audience == "team", SavedView.team_id.in_(teams)))
    one = func.jsonb_build_array(SavedView.id, SavedView.room, SavedView.name)
    query = select(func.jsonb_agg(aggregate_order_by(one, func.lower(SavedView.name), SavedView.id))).select_from(ListHabit).join(SavedView, SavedView.id == any_(ListHabit.pinned))
    return query.where(ListHabit.user_id == User.id, SavedView.deleted_at.is_(None), found).correlate(User).scalar_subquery()


beside_sign_in("pinned", pinned_beside)


def one_view(ctx: Context, view_id: UUID, *, deleted: bool = False) -> SavedView:
    """A view that the actor finds; of the deleted ones his own. NotFound otherwise."""
    mine = and_(SavedView.deleted_at.is_not(None), SavedView.user_id == ctx.actor.id)
    found = ctx.session.execute(select(SavedView).where(SavedView.id == view_id, mine if deleted else found_by(ctx))).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def my_teams(ctx: Context) -> list[tuple[UUID, str]]:
    """(key, name) of the teams that the actor belongs to."""
    query = select(Team.id, Team.name).join(TeamMember, TeamMember.team_id == Team.id).where(TeamMember.user_id == ctx.actor.id)
    return [tuple(row) for row in ctx.session.execute(query.order_by(func.lower(Team.name)))]
