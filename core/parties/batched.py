"""Bulk edits of accounts and contacts (core.bulk finds this by its name)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Uuid, all_, and_, literal, null
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.batches import Batched, Chain, LeftOut
from core.base.context import Context
from core.parties import actions, queries, restricting, rules
from core.parties.models import Account, Contact
from core.parties.origins import ORIGINS, TYPED, beside_old
from core.parties.pool import protects
from core.parties.tree import above_all, hold_parents

# The owner is an operation of its own, told as what it is; the number elsewhere is unique to a record.
# Where a value is known from is entered with it.
APART = frozenset({"owner_id", "external_id", *TYPED})


def _people(ctx: Context, filters: queries.Filters) -> list:
    """A restricted person is not worked with."""
    return [*queries.contacts_where(ctx, filters), restricting.free()]


def _protected(ctx: Context, operation: str, values: Mapping[str, Any]) -> list[LeftOut]:
    """Accounts of others, where their owners are protected: who may not reassign hands over his own and the pool's."""
    if operation != "owner" or not protects(ctx):
        return []
    mine = sorted(ctx.actor.stands_in_for | {ctx.actor.id})
    return [(and_(Account.owner_id.is_not(None), Account.owner_id != all_(literal(mine, ARRAY(Uuid)))), "not_yours")]


def _restricted(ctx: Context, operation: str, values: Mapping[str, Any]) -> list[LeftOut]:
    return [(~restricting.free(), "not_yours")]


def _origin(name: str) -> tuple[str, ...]:
    """The columns beside a field that say where its value is known from."""
    return ORIGINS.get(name, ())


def _known_from(ctx: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    """What stands beside the new values, where they are new: entered by the actor today."""
    table, found = Contact.__table__, {}
    for name, value in values.items():
        if _origin(name) and value is None:
            found |= dict.fromkeys(_origin(name), null())
        elif _origin(name):
            found |= beside_old(ctx, table, name, literal(value, table.c[name].type), null(), null())
    return found


def _settle(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    return rules.with_mail_norm(values)




BATCHES = (
    Batched(
        "accounts", "account", Account, rules.ACCOUNT_FIELDS, queries.accounts_where, lambda ctx, values: actions.check_links(ctx, Account, values), apart=APART, settle=_settle,
        chains={"parent_id": Chain(hold_parents, above_all)}, left_out=_protected,
    ),
    Batched(
        "contacts", "contact", Contact, rules.CONTACT_FIELDS, _people, lambda ctx, values: actions.check_links(ctx, Contact, values), apart=APART, settle=_settle, hung=("account_id",),
        beside=_origin, stamped=_known_from, left_out=_restricted,
    ),
)
