"""Who may do what: one table per room, asked by the guard and again by the use case (HOUSE 11).

A room's policy.py holds PERMISSIONS = {"accounts.edit": Rule(WRITE, is_visible), …}. The actor's role lists the
permissions he has; the conditions look at the record; the effect is what the rented plan may withhold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, any_, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Actor, Context
from core.base.errors import Forbidden, NotFound, ReadOnly
from core.base.rooms import permissions_off

READ, WRITE, SEND, ALWAYS = "read", "write", "send", "always"


@dataclass(frozen=True)
class Rule:
    """effect: what it does to the tenant's data. conditions: (ctx, record) -> bool, all must hold."""

    effect: str = WRITE
    conditions: tuple[Callable[[Context, Any], bool], ...] = ()

    def __init__(self, effect: str = WRITE, *conditions: Callable[[Context, Any], bool]):
        object.__setattr__(self, "effect", effect)
        object.__setattr__(self, "conditions", conditions)


def permissions() -> dict[str, Rule]:
    """Every permission of every room, by name."""
    from core.base.registry import collect_permissions

    return collect_permissions()


def has(ctx: Context, permission: str) -> bool:
    """Does the actor's role hold the permission, and is its room on? Says nothing of a single record."""
    return holds(ctx.actor, permission) and permission not in permissions_off(ctx.tenant.rooms_off)


def present(ctx: Context) -> dict[str, Rule]:
    """The permissions that there are in this workspace: without those of rooms that are off."""
    away = permissions_off(ctx.tenant.rooms_off)
    return {name: rule for name, rule in permissions().items() if name not in away}


def holds(actor: Actor, permission: str) -> bool:
    """As `has`, where there is no context (any more)."""
    return "*" in actor.permissions or permission in actor.permissions


def tables_beyond(ctx: Context) -> list[str]:
    """The tables that say by themselves which permission reading them takes (core.base.model), and that the actor may not
    read: what was changed in them is not for him either."""
    from core.base.model import TenantBase

    return [table.name for table in TenantBase.metadata.tables.values() if "permission" in table.info and not has(ctx, table.info["permission"])]


def may(ctx: Context, permission: str, record: Any = None) -> bool:
    """Would `require` let it pass? For showing or hiding a button."""
    rule = permissions()[permission]
    if not has(ctx, permission) or not ctx.entitlements.allows(rule.effect):
        return False
    return record is None or all(condition(ctx, record) for condition in rule.conditions)


def require(ctx: Context, permission: str, record: Any = None) -> None:
    """Refuse unless the actor may. Unseen and of a room that is off is 404, seen but not allowed 403, withheld by the plan 402."""
    rule = permissions()[permission]
    if permission in permissions_off(ctx.tenant.rooms_off):
        raise NotFound()
    if record is not None and not is_visible(ctx, record):
        raise NotFound()
    if not has(ctx, permission):
        raise Forbidden(permission=permission)
    if record is not None and not all(condition(ctx, record) for condition in rule.conditions):
        raise Forbidden(permission=permission)
    if not ctx.entitlements.allows(rule.effect):
        raise ReadOnly(access=ctx.entitlements.access)


# How far somebody's records reach: what names him (his own, and what is shared with him), that and the shared pool, … to
# everybody's. "all" includes what belongs to nobody's team.
WIDTHS = ("named", "own", "team", "branch", "all")


def room_of(record: Any) -> str:
    """The room whose permissions a model or record stands under: "accounts" of an Account. Models say it as ROOM."""
    return getattr(record, "ROOM", "")


def width(actor: Actor, room: str) -> tuple[str, str]:
    """(how far he sees there, how far he changes); he never changes what he does not see."""
    sees_, changes = actor.scopes.get(room, (actor.visibility, actor.changing))
    return sees_, min(sees_, changes, key=WIDTHS.index)


def sees_all(ctx: Context, model: Any) -> bool:
    """Does the actor see every record of that kind, whoever owns it?"""
    return width(ctx.actor, room_of(model))[0] == "all"


def owners(ctx: Context, wide: str) -> frozenset[UUID] | None:
    """Whose records "own", "team" or "branch" means for the actor; None for everybody's. Asked once a transaction."""
    if wide == "all":
        return None
    kept = ctx.session.info.setdefault("owners", {})
    found = kept.get((ctx.actor.id, wide))
    if found is None:
        found = ctx.actor.stands_in_for | ({ctx.actor.id} if ctx.actor.id else frozenset())
        if wide not in ("named", "own") and ctx.actor.colleagues and ctx.actor.id:
            found |= ctx.actor.colleagues(ctx.session, ctx.actor.id, wide)
        kept[ctx.actor.id, wide] = found
    return found


def reach_of(ctx: Context, model: Any) -> frozenset[UUID] | None:
    """Whose records of that kind the actor sees, beside the shared pool; None for everybody's."""
    return owners(ctx, width(ctx.actor, room_of(model))[0])


def is_visible(ctx: Context, record: Any) -> bool:
    """The record-level twin of `visible`: same rule, one record already loaded."""
    if not hasattr(record, "owner_id"):
        return True
    if hasattr(record, "is_narrowed") and not record.is_narrowed(ctx):
        return False
    return _within(ctx, record.owner_id, width(ctx.actor, room_of(record))[0]) or record.id in shared_keys(ctx.actor, record)


def is_changeable(ctx: Context, record: Any) -> bool:
    """A condition of rules: does the actor's role reach so far for changes, or is it shared with him for that? What belongs
    to nobody, all may change but those who see only what names them."""
    return _within(ctx, getattr(record, "owner_id", None), width(ctx.actor, room_of(record))[1]) or record.id in shared_keys(ctx.actor, record, writing=True)


def changes_of(ctx: Context, room: str, owner_id: UUID | None) -> bool:
    """The same for a row that names only its owner."""
    return _within(ctx, owner_id, width(ctx.actor, room)[1])


def _within(ctx: Context, owner_id: UUID | None, wide: str) -> bool:
    return wide == "all" or (owner_id is None and wide != "named") or owner_id in owners(ctx, wide)


def shared_keys(actor: Actor, model: Any, *, writing: bool = False) -> frozenset[UUID]:
    """The records of a kind that are shared with the actor beyond his role: all of them, or those he may change."""
    held = actor.shares.get(getattr(model, "__tablename__", ""), {}) if actor.shares else {}
    return frozenset(key for key, level in held.items() if level == "write" or not writing)


def sees_only_named(actor: Actor) -> bool:
    """Is he one who sees only what names him: a partner, who does not belong to the company?"""
    return actor.visibility == "named"


def sees(ctx: Context, model: Any) -> ColumnElement[bool]:
    """The one SQL predicate of record visibility: rows of those whose records the actor sees, the shared pool, what is shared. A kind that is seen by
    fewer (a draft by its author alone) says so itself: `narrowed` and, for one record, `is_narrowed`."""
    within = _reach(ctx, model, width(ctx.actor, room_of(model))[0], shared_keys(ctx.actor, model))
    return and_(within, model.narrowed(ctx)) if hasattr(model, "narrowed") else within


def changes(ctx: Context, model: Any) -> ColumnElement[bool]:
    """The SQL twin of `is_changeable`."""
    return _reach(ctx, model, width(ctx.actor, room_of(model))[1], shared_keys(ctx.actor, model, writing=True))


def _reach(ctx: Context, model: Any, wide: str, shared: frozenset[UUID] = frozenset()) -> ColumnElement[bool]:
    if wide == "all" or not hasattr(model, "owner_id"):
        return true()
    whose = owners(ctx, wide)
    # One text for any number of people, so that the database prepares it once.
    among = model.owner_id == next(iter(whose)) if len(whose) == 1 else model.owner_id == any_(literal(sorted(whose), ARRAY(Uuid)))
    pool = [] if wide == "named" else [model.owner_id.is_(None)]
    return or_(among, *pool, *([model.id == any_(literal(sorted(shared), ARRAY(Uuid)))] if shared else []))


def visible(ctx: Context, model: Any) -> Select:
    """Where every query of a room starts: the rows that this actor may know of."""
    return select(model).where(sees(ctx, model))
