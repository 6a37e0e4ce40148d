"""What of some accounts and contacts an actor still sees: a device that kept their pages asks."""

from collections.abc import Collection
from uuid import UUID

from core.base.context import Context
from core.base.policy import has, visible
from core.parties.models import Account, Contact


def still_seen(ctx: Context, accounts: Collection[UUID], contacts: Collection[UUID]) -> set[UUID]:
    """Those of the keys whose records the actor may open now; deleted, handed over or forbidden ones are left out."""
    return {key for model, room, keys in ((Account, "accounts", accounts), (Contact, "contacts", contacts)) if keys and has(ctx, f"{room}.read") for key in _seen(ctx, model, keys)}


def _seen(ctx: Context, model: type[Account] | type[Contact], keys: Collection[UUID]) -> list[UUID]:
    query = visible(ctx, model).with_only_columns(model.id).where(model.id.in_(keys), model.deleted_at.is_(None))
    return list(ctx.session.execute(query).scalars())
