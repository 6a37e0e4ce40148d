"""Who stands above whom among accounts, and how no circle comes about."""

from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.editing import hold_place
from core.parties.models import Account


def hold_parents(ctx: Context) -> None:
    """One at a time: two people who hang A under B and B under A at once would each find no circle."""
    hold_place(ctx, "account.parents")


def above_all(ctx: Context, keys: set[UUID]) -> dict[UUID, UUID]:
    """account -> parent for these accounts and everything above them."""
    chain = select(Account.id, Account.parent_id).where(Account.id.in_(keys)).cte("chain", recursive=True)
    chain = chain.union(select(Account.id, Account.parent_id).join(chain, Account.id == chain.c.parent_id))
    return {row.id: row.parent_id for row in ctx.session.execute(select(chain)) if row.parent_id}


def stands_under(start: UUID, wanted: UUID, above: dict[UUID, UUID]) -> bool:
    """Is `wanted` the start itself or one of those above it? Then hanging wanted under start closes a circle."""
    key: UUID | None = start
    for _ in range(len(above) + 2):
        if key is None or key == wanted:
            return key == wanted
        key = above.get(key)
    return True
