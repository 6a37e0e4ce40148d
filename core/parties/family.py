"""The tree of an account: what stands above it and below it, and figures over all below, as far as the actor sees.

A room sums up its own: `ROLL_UPS = (RollUp("open_deals", N_("Open deals"), "number", figure),)` in its rollups.py, where
figure(ctx, keys) gives a scalar subquery over the accounts in `keys`, or None for whom it is not. All are one statement.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.policy import has, sees
from core.base.registry import modules
from core.parties.models import Account, Contact

SHOWN, DEEPEST = 25, 30
BRANCH, ABOVE = aliased(Account), aliased(Account)  # made once: making an alias costs more than the query


@dataclass(frozen=True)
class RollUp:
    """shown: how its value is written (number, date)."""

    name: str
    label: str
    shown: str
    figure: Callable[[Context, Select], Any]


@dataclass(frozen=True)
class Tree:
    """rows: (id, name, depth, people) from the account itself on, each branch below its parent, by name. total: how many
    there are with it."""

    rows: list[Row]
    total: int


def below(ctx: Context, account_id: UUID) -> Select:
    """The keys of an account and of all below it that the actor sees; a circle ends by itself."""
    keys = select(Account.id).where(Account.id == account_id, Account.deleted_at.is_(None), sees(ctx, Account)).cte("below", recursive=True)
    keys = keys.union(select(BRANCH.id).where(BRANCH.parent_id == keys.c.id, BRANCH.deleted_at.is_(None), sees(ctx, BRANCH)))
    return select(keys.c.id)


def ancestors(ctx: Context, account: Account) -> list[Row]:
    """(id, name) of those above it, the topmost first, up to the first one that the actor does not see."""
    if account.parent_id is None:
        return []
    chain = _step_up(ctx, literal(1)).where(ABOVE.id == account.parent_id).cte("chain", recursive=True)
    chain = chain.union_all(_step_up(ctx, chain.c.height + 1).where(ABOVE.id == chain.c.parent_id, chain.c.height < DEEPEST))
    return list(ctx.session.execute(select(chain.c.id, chain.c.name).where(chain.c.id != account.id).order_by(chain.c.height.desc())))


def _step_up(ctx: Context, height: Any) -> Select:
    return select(ABOVE.id, ABOVE.name, ABOVE.parent_id, height.label("height")).where(ABOVE.deleted_at.is_(None), sees(ctx, ABOVE))


def tree(ctx: Context, account: Account, *, limit: int = SHOWN) -> Tree:
    """The account and its branches as far as a page shows them, and how many there are in all; one statement."""
    path = array([Account.id])
    start = select(Account.id, Account.name, literal(0).label("depth"), path.label("path"), array([Account.name_fold]).label("names"))
    branches = start.where(Account.id == account.id).cte("branches", recursive=True)
    deeper = select(BRANCH.id, BRANCH.name, branches.c.depth + 1, func.array_append(branches.c.path, BRANCH.id), func.array_append(branches.c.names, BRANCH.name_fold))
    deeper = deeper.where(BRANCH.parent_id == branches.c.id, BRANCH.deleted_at.is_(None), sees(ctx, BRANCH), BRANCH.id != func.all(branches.c.path), branches.c.depth < DEEPEST)
    branches = branches.union_all(deeper)
    few = select(branches, func.count().over().label("total")).order_by(branches.c.names, branches.c.path).limit(limit + 1).subquery("few")
    people = select(func.count()).where(Contact.account_id == few.c.id, Contact.deleted_at.is_(None), sees(ctx, Contact)).scalar_subquery()
    shown = people if has(ctx, "contacts.read") else literal(None)
    rows = list(ctx.session.execute(select(few.c.id, few.c.name, few.c.depth, few.c.total, shown.label("people")).order_by(few.c.names, few.c.path)))
    return Tree(rows[: limit + 1], rows[0].total if rows else 0)


def figures(ctx: Context, account_id: UUID) -> list[tuple[RollUp, Any]]:
    """(what, value) of every room's figure over the account and all below it, in one statement; what has no value is left out."""
    keys = below(ctx, account_id)
    found = [(one, figure) for module in modules("rollups") for one in module.ROLL_UPS if (figure := one.figure(ctx, keys)) is not None]
    if not found:
        return []
    row = ctx.session.execute(select(*(figure.label(one.name) for one, figure in found))).one()
    return [(one, value) for (one, _), value in zip(found, row, strict=True) if value is not None]

