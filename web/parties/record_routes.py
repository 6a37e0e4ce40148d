"""The routes that every kept record has alike: who sees it, its history, one value edited in place, the recycle bin."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for

from core.base.context import Context
from core.base.words import N_
from web.guard import needs
from web.pages import say, see_other
from web.parties.history import history_page, put_value_back
from web.parties.record import edit_in_place, sight_page


def add_record_routes(bp: Blueprint, one: Callable[..., Any], *, fields: Collection[str], edit: Callable[..., Any], delete: Callable[..., Any] | None, restore: Callable[..., Any], owned: bool = True) -> None:
    """Give the blueprint of a room (its name is the room's) these routes, each behind the room's own permission.

    one: (ctx, id, deleted=False) -> a record that the actor sees. fields: what may be edited in place. edit, delete, restore: the use
    cases; no `delete`: the room's own route says more. owned: are its records somebody's, so that who sees them can be asked?
    """
    if owned:
        _add_sight(bp, one)
    _add_values(bp, one, fields, edit)
    _add_bin(bp, one, delete, restore)


def _add_sight(bp: Blueprint, one: Callable[..., Any]) -> None:
    @bp.get("/<uuid:id>/sight")
    @needs(f"{bp.name}.read")
    def sight(ctx: Context, id: UUID):
        """Who can see this, and why."""
        return sight_page(ctx, one(ctx, id))


def _add_values(bp: Blueprint, one: Callable[..., Any], fields: Collection[str], act: Callable[..., Any]) -> None:
    @bp.get("/<uuid:id>/history")
    @needs(f"{bp.name}.read")
    def history(ctx: Context, id: UUID):
        """Who changed what, from what to what."""
        return history_page(ctx, one(ctx, id))

    @bp.post("/<uuid:id>/history/<uuid:entry>")
    @needs(f"{bp.name}.edit")
    def put_back(ctx: Context, id: UUID, entry: UUID):
        """One field as it was before that change."""
        return put_value_back(ctx, one(ctx, id), entry, act)

    @bp.post("/<uuid:id>/fields")
    @needs(f"{bp.name}.edit")
    def update_field(ctx: Context, id: UUID):
        """One value, edited where it stands."""
        return edit_in_place(ctx, one(ctx, id), fields, act)


def _add_bin(bp: Blueprint, one: Callable[..., Any], delete_it: Callable[..., Any] | None, restore_it: Callable[..., Any]) -> None:
    if delete_it is not None:

        @bp.post("/<uuid:id>/deletion")
        @needs(f"{bp.name}.delete")
        def delete(ctx: Context, id: UUID):
            """Into the recycle bin, with a way back on the next page."""
            record = one(ctx, id)
            delete_it(ctx, record)
            say(ctx, N_("%(name)s deleted"), undo=url_for(f"{bp.name}.restore", id=id), name=record.name)
            return see_other(f"{bp.name}.index")

    @bp.post("/<uuid:id>/restoration")
    @needs(f"{bp.name}.delete")
    def restore(ctx: Context, id: UUID):
        """Out of it again."""
        record = one(ctx, id, deleted=True)
        restore_it(ctx, record)
        say(ctx, N_("%(name)s is back"), name=record.name)
        return see_other(f"{bp.name}.show", id=id)
