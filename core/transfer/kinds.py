"""The kinds of records that come in from a file: accounts and contacts here, and what other rooms declare (core.base.importing)."""

from typing import Any

from sqlalchemy import case, select

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.importing import Importable, Tree, importables
from core.base.named import folded
from core.base.policy import has, sees
from core.base.rooms import is_off
from core.base.words import N_
from core.parties.models import Account, Contact
from core.parties.restricting import free
from core.parties.tree import above_all, hold_parents
from core.transfer.models import KINDS


def _own_currency(ctx: Context, values: Any) -> dict[str, Any]:
    """An amount without its currency is in the workspace's own."""
    return {"currency": case((values.has_key("annual_revenue"), ctx.tenant.currency))}


def _named_parent(ctx: Context, name: Any) -> list[Any]:
    """By its number elsewhere, else by its name."""
    seen = (Account.deleted_at.is_(None), sees(ctx, Account))
    number = [] if "external_id" in hidden(ctx, "accounts") else [select(Account.id).where(Account.external_id == name, *seen)]
    return [*number, select(Account.id).where(Account.name_fold == folded(name), *seen).order_by(Account.id).limit(1)]


ACCOUNTS = Importable(
    "accounts", "account", N_("Accounts"), Account, {}, {"external_id": "external_id", "vat_id": "vat_id", "mail": "mail_norm", "name": "name_fold"},
    fallback="name", also={"owner_id": ("owner_id",)}, presets=_own_currency, tree=Tree("parent", "parent_id", hold_parents, above_all, _named_parent, "parent_not_found", "parent_in_circle"),
)
CONTACTS = Importable(
    "contacts", "contact", N_("Contacts, with their accounts"), Contact, {}, {"external_id": "external_id", "mail": "mail_norm", "name": "name_fold"},
    needed=((("name", "last_name"), "import_needs_name"),), also={"owner_id": ("owner_id",), "account_id": ("account",), "name": ("first_name", "last_name")},
    fallback="name", about=lambda columns: columns.account_id, free=free,
)
# Code of a note "this may be …" -> the room of the record that it names; None: the kind of the import itself.
MAY_BE: dict[str, str | None] = {"may_be_known": None, "company_may_be_known": "accounts"} | {code: room for one in importables().values() for code, room in one.may_be.items()}
IMPORTS: dict[str, Importable] = {"accounts": ACCOUNTS, "contacts": CONTACTS} | importables()


def of(run: Any) -> Importable:
    """What an import, or a word for a kind, brings."""
    return IMPORTS[run if isinstance(run, str) else run.kind]


def offered(ctx: Context) -> list[Importable]:
    """The kinds of which the actor may bring something in here."""
    there = (IMPORTS[kind] for kind in KINDS if not is_off(ctx, kind))
    return [one for one in there if has(ctx, one.needs("create")) or has(ctx, one.needs("edit"))]
