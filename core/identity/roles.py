"""Use cases about roles: make, change, put back as they were, take away, give.

Nobody hands out more than he has: neither a permission nor a reach that his own roles lack, nor what rooms above let a role do beside these (their
`granting.py`: `check(ctx, role)` refuses, `begin(ctx, role, before)` arranges what a role that gains permissions begins with).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused, present
from core.base.facts import record
from core.base.hiding import known, may_be_hidden
from core.base.policy import WIDTHS, holds, permissions, require, width
from core.base.registry import collect_granting
from core.base.rooms import permissions_off
from core.base.text import clean_needed
from core.identity import seats
from core.identity.models import SCOPED_ROOMS, Invitation, Role, User, UserRole
from core.identity.policy import BUILT_IN_ROLES
from core.identity.queries import is_person
from core.identity.rights import ALL, RoleRights

FIXED = "admin"


def role_name(value: Any, field: str) -> str:
    """What a role is called: one line."""
    return clean_needed(value, field=field, max_length=60)


def allowed(value: Any, field: str) -> list[str]:
    """Permissions by name, sorted; whoever may do something in a room may read there. Refuses unknown ones."""
    names = {str(name) for name in value or ()}
    known = permissions()
    for name in names:
        if name not in known:
            raise Refused("unknown_permission", field=field, name=name[:60])
    return sorted(names | {read for name in names if (read := f"{name.partition('.')[0]}.read") in known})


def wide(value: Any, field: str) -> str:
    """own, team, branch or all."""
    if value not in WIDTHS:
        raise Refused("unknown_value", field=field)
    return value


def wide_or_usual(value: Any, field: str) -> str:
    """The same for one room; empty for what the role says of all."""
    return wide(value, field) if value else ""


def hideable(value: Any, field: str) -> list[str]:
    """Fields that may be hidden, by name ("contacts.birthday"), sorted."""
    return _fields(value, field, may_be_hidden)


def protectable(value: Any, field: str) -> list[str]:
    """Fields that may be protected, by name, sorted."""
    return _fields(value, field, known)


def _fields(value: Any, field: str, accepted: Callable[[str], bool]) -> list[str]:
    names = sorted({str(name) for name in value or ()})
    if not all(accepted(name) for name in names):
        raise Refused("unknown_value", field=field)
    return names


ROLE_FIELDS = {"hidden": hideable, "protected": protectable, "name": role_name, "permissions": allowed, "visibility": wide, "changing": wide} | {
    f"{verb}_{room}": wide_or_usual for room in SCOPED_ROOMS for verb in ("sees", "changes")
}

# With these a role may become a partner's, or cease to be one.
REACH = frozenset({"visibility", *(f"sees_{room}" for room in SCOPED_ROOMS)})


def one_role(ctx: Context, code: str) -> Role:
    """A role by its code; NotFound otherwise."""
    return present(ctx.session.execute(select(Role).where(Role.code == code)).scalar_one_or_none())


def role_of(ctx: Context, role_id: UUID) -> Role:
    """A role by its key; NotFound otherwise."""
    return present(ctx.session.get(Role, role_id))


def create_role(ctx: Context, *, name: str, **given: Any) -> Role:
    """A new role: ROLE_FIELDS by name, own records and no permission where nothing is said. Refuses a taken name
    (`role_name_taken`) and what the maker does not have himself (`beyond_yours`, and what rooms above refuse)."""
    require(ctx, "roles.manage")
    values = editing.cleaned(ROLE_FIELDS, {"permissions": (), "visibility": "own", "changing": "own", **given, "name": name})
    _check_name(ctx, values["name"], None)
    role = Role(code=_free_code(ctx), scopes={})
    for field, value in values.items():
        setattr(role, field, value)
    check_grant(ctx, role)
    ctx.session.add(role)
    ctx.session.flush()  # what rooms above say of it names it by key
    _begin_above(ctx, role, ())
    check_grant(ctx, role)
    record(ctx, "role.created", role, name=role.name)
    return role


def edit_role(ctx: Context, role: Role, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> Role:
    """Change a role for all who have it, at once. The administrator's stays what it is (`role_fixed`): somebody must be
    able to mend the others. version and original: what the form was loaded with. Permissions of rooms that are off are
    neither given nor taken (`unknown_permission`): they come back with their room."""
    check_there(ctx, given)
    return _edit_role(ctx, role, version=version, original=original, **given)


def _edit_role(ctx: Context, role: Role, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> Role:
    require(ctx, "roles.manage")
    _check_fixed(role)
    check_grant(ctx, role)
    mine, before = (_with_kept(ctx, role, one) for one in (editing.cleaned(ROLE_FIELDS, given), editing.cleaned_as_was(ROLE_FIELDS, original)))
    if not REACH.isdisjoint(mine):
        seats.count_alone(ctx)  # before the row, as whoever takes a starter set back: none waits for another in a circle
    changes = editing.changes(ctx, role, mine, version=version, original=before)
    if "name" in changes:
        _check_name(ctx, changes["name"], role)
    until_now = tuple(role.permissions)
    _write(ctx, role, changes)
    _begin_above(ctx, role, until_now)
    check_grant(ctx, role)
    if changes:
        record(ctx, "role.edited", role, name=role.name, fields=sorted(changes))
    return role


def _write(ctx: Context, role: Role, changes: Mapping[str, Any]) -> None:
    """With it, all who have the role may become partners or cease to be: refused (`seats_full`) where the plan lacks seats of that kind."""
    apart = RoleRights.of(role).names_alone
    for name, value in changes.items():
        setattr(role, name, value)
    if RoleRights.of(role).names_alone != apart:
        ctx.session.flush()  # the seats are counted as they are from now on
        seats.check_room(ctx, partners=not apart)


def reset_role(ctx: Context, role: Role) -> Role:
    """Put a built-in role back to what it was delivered as."""
    require(ctx, "roles.manage")
    _check_fixed(role)
    if role.code not in BUILT_IN_ROLES:
        raise Refused("role_not_built_in")
    name, held, sees, changes = BUILT_IN_ROLES[role.code]
    usual = {f"{verb}_{room}": "" for room in SCOPED_ROOMS for verb in ("sees", "changes")}
    return _edit_role(ctx, role, name=name, permissions=sorted(held), visibility=sees, changing=changes, hidden=(), protected=(), **usual)


def check_there(ctx: Context, given: Mapping[str, Any]) -> None:
    """Refuses permissions of rooms that are off like such that never were."""
    for name in permissions_off(ctx.tenant.rooms_off) & {str(one) for one in given.get("permissions") or ()}:
        raise Refused("unknown_permission", field="permissions", name=name)


def _with_kept(ctx: Context, role: Role, values: dict[str, Any] | None) -> dict[str, Any] | None:
    """The same with the role's permissions and fields of rooms that are off, which nobody sees now."""
    away = ctx.tenant.rooms_off
    kept = {"permissions": permissions_off(away) & set(role.permissions)}
    kept |= {name: {one for one in getattr(role, name) or () if one.partition(".")[0] in away} for name in ("hidden", "protected")}
    return values and {**values, **{name: sorted(found | set(values[name])) for name, found in kept.items() if found and name in values}}


def delete_role(ctx: Context, role: Role) -> None:
    """Take a role away that nobody has any more (`role_in_use`); programs that have it end. Built-in ones stay."""
    require(ctx, "roles.manage")
    editing.hold(ctx, role)
    if role.code in BUILT_IN_ROLES:
        raise Refused("role_built_in")
    if holders(ctx).get(role.id):
        raise Refused("role_in_use")
    if ctx.session.execute(select(Invitation.id).where(Invitation.role_id == role.id, Invitation.state == "waiting")).first():
        raise Refused("role_invited")
    _end_programs(ctx, role)
    record(ctx, "role.deleted", role, name=role.name)
    ctx.session.delete(role)


def _end_programs(ctx: Context, role: Role) -> None:
    """Programs end with their role: their tokens go by the database, their names stay on what they did."""
    mine = select(User).where(User.state == "program", User.role_id == role.id)
    for user in ctx.session.execute(mine).scalars().all():
        user.role_id = one_role(ctx, "reader").id
        record(ctx, "program.ended", user, name=user.name)


def holders(ctx: Context) -> dict[UUID, int]:
    """Role's key -> how many people have it, first or further, whether they sign in or not."""
    first = select(User.role_id.label("role_id"), User.id.label("user_id")).where(is_person())
    further = select(UserRole.role_id, UserRole.user_id)
    each = first.union(further).subquery()
    return dict(ctx.session.execute(select(each.c.role_id, func.count()).group_by(each.c.role_id)).all())


def people_with(ctx: Context, role: Role) -> set[UUID]:
    """Keys of those who have it as a further role."""
    return set(ctx.session.execute(select(UserRole.user_id).where(UserRole.role_id == role.id)).scalars())


def give_further_roles(ctx: Context, user: User, codes: Iterable[str]) -> list[Role]:
    """These roles and no others beside his first one. Refuses the administrator's, which is only ever the first,
    and a partner what would need a seat like everybody's where none is free (`seats_full`)."""
    require(ctx, "users.manage", user)
    editing.hold(ctx, user)
    first, before = ctx.session.get_one(Role, user.role_id), set(further_roles(ctx, user))
    wanted = {one_role(ctx, code) for code in codes} - {first}
    if any(role.code == FIXED for role in wanted):
        raise Refused("unknown_value", field="further")
    seats.change_seat(ctx, user, (first, *before), (first, *wanted))
    for role in wanted - before:
        check_grant(ctx, role)
        ctx.session.add(UserRole(user_id=user.id, role_id=role.id))
    gone = [role.id for role in before - wanted]
    ctx.session.execute(delete(UserRole).where(UserRole.user_id == user.id, UserRole.role_id.in_(gone)))
    if wanted != before:
        names = sorted(role.name for role in wanted)
        record(ctx, "user.roles_changed", user, name=user.name, roles=", ".join(names))
    return sorted(wanted, key=lambda role: role.name)


def further_roles(ctx: Context, user: User) -> list[Role]:
    query = select(Role).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == user.id).order_by(Role.name)
    return list(ctx.session.execute(query).scalars())


def check_grant(ctx: Context, role: Role) -> None:
    """Refuses to hand out what one does not have oneself (`beyond_yours`, and what rooms above refuse)."""
    check_rights(ctx, role)
    for module in collect_granting():
        module.check(ctx, role)


def _begin_above(ctx: Context, role: Role, before: Collection[str]) -> None:
    """Rooms above arrange what a role that was made or changed begins with."""
    for module in collect_granting():
        module.begin(ctx, role, before)


def check_rights(ctx: Context, role: Role) -> None:
    """Refuses a role that may or sees what the actor may or sees not (`beyond_yours`)."""
    if holds(ctx.actor, ALL):
        return
    beyond = [name for name in role.permissions if not holds(ctx.actor, name)]
    for room in SCOPED_ROOMS:
        sees, changes = RoleRights.of(role).reach(room)
        mine = width(ctx.actor, room)
        if WIDTHS.index(sees) > WIDTHS.index(mine[0]) or WIDTHS.index(min(sees, changes, key=WIDTHS.index)) > WIDTHS.index(mine[1]):
            beyond.append(room)
    if beyond or _shows_more(ctx, RoleRights.of(role)):
        raise Refused("beyond_yours", field="permissions")


def _shows_more(ctx: Context, rights: RoleRights) -> bool:
    """Does the role give a field that the actor himself must not read, or not write?"""
    reads = (name for name in ctx.actor.hidden - rights.hidden if rights.reads(name.partition(".")[0]))
    writes = (name for name in ctx.actor.protected - rights.protected if rights.writes(name.partition(".")[0]))
    return any(reads) or any(writes)


def _check_fixed(role: Role) -> None:
    if role.code == FIXED:
        raise Refused("role_fixed")


def _check_name(ctx: Context, name: str, but: Role | None) -> None:
    query = select(Role.id).where(func.lower(Role.name) == func.lower(name))
    if but is not None:
        query = query.where(Role.id != but.id)
    if ctx.session.execute(query).first():
        raise Refused("role_name_taken", field="name")


def _free_code(ctx: Context) -> str:
    """Short, and never the code of a role that there is or was."""
    taken = ctx.session.execute(select(func.count()).select_from(Role)).scalar_one()
    codes = set(ctx.session.execute(select(Role.code)).scalars()) | set(BUILT_IN_ROLES)
    return next(code for n in range(taken, taken + 10_000) if (code := f"role-{n}") not in codes)
