"""Use cases of switching rooms on and off. What is off is kept in the directory, beside the workspace's other settings."""

from collections.abc import Collection
from datetime import datetime

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.base.rooms import switches
from tenants import entry, registry
from tenants.models import Tenant
from tenants.settings import Workspace, last_change


def rooms_off(ctx: Context) -> frozenset[str]:
    """What is off as it stands now, whatever this process remembers of it."""
    require(ctx, "settings.manage")
    with entry.control() as session:
        return frozenset(session.get_one(Tenant, ctx.tenant.id).rooms_off) & switches().keys()


def switch_rooms(ctx: Context, *, on: Collection[str] = (), off: Collection[str] = ()) -> tuple[str, ...]:
    """Switch these rooms on and those off, the others stay; returns the names of what changed. Nothing of their data is
    touched. Refuses a room that can't be off (`unknown_value`)."""
    require(ctx, "settings.manage")
    if not {*on, *off} <= switches().keys() or set(on) & set(off):
        raise Refused("unknown_value", field="rooms")
    with entry.control(actor_id=ctx.actor.id) as session:
        row = session.get_one(Tenant, ctx.tenant.id, with_for_update=True)
        before, after = set(row.rooms_off), (set(row.rooms_off) - set(on)) | set(off)
        if before != after:
            row.rooms_off = sorted(after)
            row.settings_version += 1
    changed = tuple(sorted(before ^ after))
    if changed:
        record(ctx, "workspace.changed", Workspace(ctx.tenant.id), changes={"rooms_off": [sorted(before), sorted(after)]})
        registry.forget()
    return changed


def last_switch(ctx: Context) -> tuple[str, datetime] | None:
    """(name of who, when) switched a room last; None where nobody has."""
    return last_change(ctx, ("rooms_off",))
