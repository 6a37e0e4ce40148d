"""Use cases about saved views: save, change, delete, bring back; and how a list opens."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from core.base import editing
from core.base.context import Context
from core.base.errors import Forbidden, Refused
from core.base.facts import record
from core.base.policy import has, require
from core.base.text import clean_needed
from core.identity.models import TeamMember
from core.views.models import AUDIENCES, ListHabit, SavedView
from core.views.queries import found_by
from core.views.rules import checked_width, clean_query

MOST_VIEWS, MOST_PINNED = 100, 10


def save_view(ctx: Context, *, room: str, name: str, query: Mapping[str, Any], audience: str = "me", team_id: UUID | None = None, widths: Mapping[str, int] | None = None) -> SavedView:
    """Keep a list as it is under a name. Refuses a name of another own view there, a hundred and first view, and for
    others' eyes whoever may not share (`views.share`) or a team that is not his."""
    require(ctx, "profile.edit")
    if ctx.actor.is_program:
        raise Refused("program_owns_nothing")
    name = clean_needed(name, field="name", max_length=60)
    _hold_names(ctx)
    _check_name(ctx, room, name, None)
    mine = select(func.count()).select_from(SavedView).where(SavedView.user_id == ctx.actor.id, SavedView.room == room, SavedView.deleted_at.is_(None))
    if ctx.session.execute(mine).scalar_one() >= MOST_VIEWS:
        raise Refused("too_many_views", field="name", max=MOST_VIEWS)
    view = SavedView(user_id=ctx.actor.id, room=room, name=name, query=clean_query(query), widths=dict(widths or {}), **_shared(ctx, audience, team_id))
    ctx.session.add(view)
    record(ctx, "view.saved", view, name=name)
    return view


def change_view(
    ctx: Context, view: SavedView, *, name: str | None = None, query: Mapping[str, Any] | None = None, audience: str | None = None, team_id: UUID | None = None
) -> SavedView:
    """Rename it, show it to others, or keep what the list shows now. One's own; another's that is everyone's takes views.share."""
    _require(ctx, view)
    editing.hold(ctx, view)
    if name is not None:
        name = clean_needed(name, field="name", max_length=60)
        _hold_names(ctx)
        _check_name(ctx, view.room, name, view)
        view.name = name
    if query is not None:
        view.query = clean_query(query)
    if audience is not None:
        for field, value in _shared(ctx, audience, team_id).items():
            setattr(view, field, value)
    record(ctx, "view.changed", view, name=view.name)
    return view


def delete_view(ctx: Context, view: SavedView) -> None:
    """Away from everybody's lists; its maker can bring it back."""
    _require(ctx, view)
    view.deleted_at = ctx.now
    record(ctx, "view.deleted", view, name=view.name)


def restore_view(ctx: Context, view: SavedView) -> None:
    """Bring a deleted view of one's own back; refused where its name is taken by now."""
    require(ctx, "profile.edit")
    _hold_names(ctx)
    _check_name(ctx, view.room, view.name, view)
    view.deleted_at = None
    record(ctx, "view.restored", view, name=view.name)


def open_with(ctx: Context, room: str, view: SavedView | None) -> None:
    """Let the list open with that view from now on; None: with everything."""
    _keep(ctx, room, {"view_id": view.id if view else None})


def pin(ctx: Context, view: SavedView) -> None:
    """Put a view into one's own side bar; refuses an eleventh of that list."""
    habit = select(ListHabit.pinned).where(ListHabit.user_id == ctx.actor.id, ListHabit.room == view.room)
    there = ctx.session.execute(habit.with_for_update()).scalar_one_or_none() or []
    if view.id in there:
        return
    here = set(ctx.session.execute(select(SavedView.id).where(SavedView.id.in_(there), found_by(ctx))).scalars())
    kept = [key for key in there if key in here]  # what is gone takes no place
    if len(kept) >= MOST_PINNED:
        raise Refused("too_many_pins", max=MOST_PINNED)
    _keep(ctx, view.room, {"pinned": [*kept, view.id]})


def unpin(ctx: Context, view: SavedView) -> None:
    """Out of one's own side bar."""
    _keep(ctx, view.room, {"pinned": []}, {"pinned": func.array_remove(ListHabit.pinned, view.id)})


def choose_columns(ctx: Context, room: str, columns: Sequence[str] | None) -> None:
    """Let the list show these columns where no view says others; None: the usual ones. The list has checked them."""
    _keep(ctx, room, {"columns": None if columns is None else list(columns)})


def set_width(ctx: Context, room: str, column: str, width: int | None, view: SavedView | None = None) -> None:
    """Let a column be that wide from now on, in the view where he may change it, else in this list for him alone. None: as wide
    as what is in it. The list has checked the column."""
    width = checked_width(width)
    if view is not None and may_change(ctx, view):
        editing.hold(ctx, view)
        view.widths = {**{name: kept for name, kept in view.widths.items() if name != column}, **({} if width is None else {column: width})}
        return
    changed = ListHabit.widths.op("-")(column) if width is None else ListHabit.widths.op("||")(func.jsonb_build_object(column, width))
    _keep(ctx, room, {"widths": {} if width is None else {column: width}}, {"widths": changed})


def _keep(ctx: Context, room: str, values: dict[str, Any], changed: dict[str, Any] | None = None) -> None:
    """values: of a first habit of that list; changed: of the one that is there, where that differs."""
    require(ctx, "profile.edit")
    made = insert(ListHabit).values(user_id=ctx.actor.id, room=room, created_at=ctx.now, created_by=ctx.actor.id, **values)
    ctx.session.execute(made.on_conflict_do_update(index_elements=["user_id", "room"], set_=changed or values))


def may_change(ctx: Context, view: SavedView) -> bool:
    """One's own; another's that is everyone's with views.share."""
    return view.user_id == ctx.actor.id or (view.audience == "everyone" and has(ctx, "views.share"))


def _require(ctx: Context, view: SavedView) -> None:
    require(ctx, "profile.edit")
    if not may_change(ctx, view):
        raise Forbidden(permission="views.share")


def _shared(ctx: Context, audience: str, team_id: UUID | None) -> dict[str, Any]:
    if audience not in AUDIENCES:
        raise Refused("unknown_value", field="audience")
    if audience != "me":
        require(ctx, "views.share")
    if audience != "team":
        return {"audience": audience, "team_id": None}
    belongs = select(TeamMember.id).where(TeamMember.user_id == ctx.actor.id, TeamMember.team_id == team_id)
    if team_id is None or ctx.session.execute(belongs).first() is None:
        raise Refused("view_team_unknown", field="team_id")
    return {"audience": audience, "team_id": team_id}


def _hold_names(ctx: Context) -> None:
    """One at a time: two saves of one name would meet in the database."""
    editing.hold_place(ctx, f"views.{ctx.actor.id}")


def _check_name(ctx: Context, room: str, name: str, but: SavedView | None) -> None:
    whose = but.user_id if but is not None else ctx.actor.id
    query = select(SavedView.id).where(SavedView.user_id == whose, SavedView.room == room, func.lower(SavedView.name) == func.lower(name), SavedView.deleted_at.is_(None))
    if but is not None:
        query = query.where(SavedView.id != but.id)
    if ctx.session.execute(query).first():
        raise Refused("view_name_taken", field="name")
