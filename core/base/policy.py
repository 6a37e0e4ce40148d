"""Who may do what: one table per room, asked by the guard and again by the use case (HOUSE 11).

A room's policy.py holds PERMISSIONS = {"accounts.edit": Rule(WRITE, is_visible), …}. The actor's role lists the
permissions he has; the conditions look at the record; the effect is what the rented plan may withhold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, true

from core.base.context import Actor, Context
from core.base.errors import Forbidden, NotFound, ReadOnly

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
    """Does the actor's role hold the permission? Says nothing of a single record."""
    return holds(ctx.actor, permission)


def holds(actor: Actor, permission: str) -> bool:
    """As `has`, where there is no context (any more)."""
    return "*" in actor.permissions or permission in actor.permissions


def may(ctx: Context, permission: str, record: Any = None) -> bool:
    """Would `require` let it pass? For showing or hiding a button."""
    rule = permissions()[permission]
    if not has(ctx, permission) or not ctx.entitlements.allows(rule.effect):
        return False
    return record is None or all(condition(ctx, record) for condition in rule.conditions)


def require(ctx: Context, permission: str, record: Any = None) -> None:
    """Refuse unless the actor may. Unseen is 404, seen but not allowed 403, withheld by the plan 402."""
    rule = permissions()[permission]
    if record is not None and not is_visible(ctx, record):
        raise NotFound()
    if not has(ctx, permission):
        raise Forbidden(permission=permission)
    if record is not None and not all(condition(ctx, record) for condition in rule.conditions):
        raise Forbidden(permission=permission)
    if not ctx.entitlements.allows(rule.effect):
        raise ReadOnly(access=ctx.entitlements.access)


def is_visible(ctx: Context, record: Any) -> bool:
    """The record-level twin of `visible`: same rule, one record already loaded."""
    owner = getattr(record, "owner_id", None)
    return ctx.actor.visibility == "all" or owner is None or owner == ctx.actor.id


def sees(ctx: Context, model: Any) -> ColumnElement[bool]:
    """The one SQL predicate of record visibility: own rows, rows of the shared pool, or all."""
    if ctx.actor.visibility == "all" or not hasattr(model, "owner_id"):
        return true()
    return or_(model.owner_id == ctx.actor.id, model.owner_id.is_(None))


def visible(ctx: Context, model: Any) -> Select:
    """Where every query of a room starts: the rows that this actor may know of."""
    return select(model).where(sees(ctx, model))
