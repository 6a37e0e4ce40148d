"""Starter sets: what a workspace of an industry sensibly begins with, previewed, made once, taken back while untouched."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require
from core.base.rooms import switches
from core.base.text import fold
from core.custom_fields import actions as defining
from core.custom_fields.counting import has_loose_values
from core.custom_fields.fields import alive
from core.custom_fields.models import CustomField
from core.identity import queries as people
from core.identity import roles
from core.identity.models import Role, StarterSet
from core.identity.seats import count_alone
from core.views import actions as views
from core.views.models import SavedView
from infra import i18n
from tenants import rooms
from tenants.industries import SETS, NewField, NewRole, NewView, Starter

APPLY = "starters.apply"


@dataclass(frozen=True)
class Kind:
    """One kind of thing that sets make. make: (ctx, what) -> the record, None where there is one already. model: of that
    record; take: (ctx, record) takes it away again; used: is it in use by now, so that it stays?"""

    model: Any
    make: Callable[[Context, Any], Any]
    take: Callable[[Context, Any], None]
    used: Callable[[Context, Any], bool]


def _make_view(ctx: Context, one: NewView) -> SavedView:
    return views.save_view(ctx, room=one.room, name=_free_name(ctx, one), query=_said(ctx, one.query), audience="everyone")


def _free_name(ctx: Context, one: NewView) -> str:
    """The view's name, with a number where one of that name is there."""
    name = i18n.gettext(ctx.locale, one.name)
    mine = select(SavedView.name).where(SavedView.user_id == ctx.actor.id, SavedView.room == one.room, SavedView.deleted_at.is_(None))
    taken = {found.casefold() for found in ctx.session.execute(mine).scalars()}
    return next(said for n in range(1, len(taken) + 2) if (said := name if n == 1 else f"{name} {n}").casefold() not in taken)


def _said(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """A query whose tag is a word of the reader's language."""
    return {name: i18n.gettext(ctx.locale, value) if name == "tag" else value for name, value in query.items()}


def _make_role(ctx: Context, one: NewRole) -> Role:
    like, name = roles.one_role(ctx, one.like), i18n.gettext(ctx.locale, one.name)
    taken = {found.name.casefold() for found in people.roles(ctx)}
    name = next(said for n in range(1, len(taken) + 2) if (said := name if n == 1 else f"{name} {n}").casefold() not in taken)
    return roles.create_role(ctx, **{field: getattr(like, field) for field in roles.ROLE_FIELDS if field != "name"}, name=name)


def _make_field(ctx: Context, one: NewField) -> CustomField | None:
    """The field, with its label in every language; none where a field of that name is there already."""
    labels = {lang: i18n.gettext(lang, one.name) for lang in i18n.LANGUAGES}
    label = labels.get(ctx.locale, one.name)
    if fold(label) in {fold(found.label) for found in alive(ctx, one.room)}:
        return None
    options = [{"label": said} for said in one.options]
    return defining.create_field(ctx, room=one.room, kind=one.kind, label=label, labels={lang: said for lang, said in labels.items() if said != label}, options=options)


def _is_filled(ctx: Context, field: CustomField) -> bool:
    """Does a record, in the recycle bin too, hold something under it?"""
    return has_loose_values(ctx, field.room, field.key)


# What is made, in this order.
KINDS: dict[str, Kind] = {
    "fields": Kind(CustomField, _make_field, defining.archive_field, _is_filled),
    "views": Kind(SavedView, _make_view, views.delete_view, lambda ctx, view: view.deleted_at is not None),
    "roles": Kind(Role, _make_role, roles.delete_role, lambda ctx, role: bool(roles.holders(ctx).get(role.id))),
}


def applied(ctx: Context) -> StarterSet | None:
    """The set that this workspace began with; None where none was chosen, or it was taken back."""
    require(ctx, "settings.manage")
    return ctx.session.execute(select(StarterSet).where(StarterSet.undone_at.is_(None))).scalar_one_or_none()


def starter(code: str) -> Starter:
    """A set by its code; refuses one that there is not."""
    if code not in SETS:
        raise Refused("unknown_value", field="set")
    return SETS[code]


def apply(ctx: Context, code: str) -> StarterSet:
    """Make what the set holds, beside what is there. Once: refused (`starter_applied`) where a set stands."""
    require(ctx, "settings.manage")
    count_alone(ctx)
    chosen = starter(code)
    if applied(ctx) is not None:
        raise Refused("starter_applied")
    made: dict[str, Any] = {}
    for name, kind in KINDS.items():
        found = [done for one in getattr(chosen, name) if (done := kind.make(ctx, one)) is not None]
        ctx.session.flush()  # a version stands once it is written
        made[name] = {str(one.id): one.version for one in found}
    made["rooms"] = list(rooms.switch_rooms(ctx, off=[room for room in chosen.off if room in switches() and room not in ctx.tenant.rooms_off]))
    row = StarterSet(code=code, made=made)
    ctx.session.add(row)
    record(ctx, "workspace.starter_applied", row, set=chosen.text)
    return row


def order(ctx: Context, code: str, owner_id: UUID) -> None:
    """Leave the order to apply it as the owner; how a sign-up does."""
    starter(code)
    defer(ctx, APPLY, dedupe="first", user_id=owner_id, code=code, locale=ctx.tenant.locale)


def touched(ctx: Context, row: StarterSet) -> list[str]:
    """Kinds of what somebody has changed or uses since; empty while all is as it was made."""
    found = [name for name, kind in KINDS.items() if any(_is_touched(ctx, kind, key, version) for key, version in row.made.get(name, {}).items())]
    return found + (["rooms"] if set(row.made.get("rooms", ())) - rooms.rooms_off(ctx) else [])


def _is_touched(ctx: Context, kind: Kind, key: str, version: int) -> bool:
    one = ctx.session.get(kind.model, UUID(key))
    return one is None or one.version != version or kind.used(ctx, one)


def undo(ctx: Context) -> None:
    """Take all of it back. Refused (`starter_touched`) once something of it was changed or is in use."""
    require(ctx, "settings.manage")
    count_alone(ctx)
    row = applied(ctx)
    if row is None:
        raise Refused("starter_none")
    if touched(ctx, row):
        raise Refused("starter_touched")
    for name, kind in KINDS.items():
        for key in row.made.get(name, {}):
            kind.take(ctx, ctx.session.get_one(kind.model, UUID(key)))
    row.undone_at = ctx.now
    record(ctx, "workspace.starter_undone", row, set=SETS[row.code].text if row.code in SETS else row.code)
    ctx.session.flush()  # what can fail, fails before the rooms are switched
    rooms.switch_rooms(ctx, on=[room for room in row.made.get("rooms", ()) if room in switches()])
