"""Roles at other accounts that a file of contacts brings: added where they are not there, named where the account is not to be found."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, column, func, select
from sqlalchemy.dialects.postgresql import JSONB

from core.base.context import Context
from core.base.named import named, usual
from core.base.sets import given_rows, record_all
from core.parties import reach_many
from core.parties.models import Account, Contact
from core.transfer import cells, further, noting
from core.transfer.further import OTHER_ROLES
from core.transfer.models import ImportRun
from core.transfer.noting import Notes, note_of


def doubts(ctx: Context, run: ImportRun, rows: Sequence[Any]) -> Notes:
    """line -> notes of the accounts that none or several are called so; what the file itself brings will be there."""
    coming = {str(row.values["account"]).casefold() for row in rows if row.values.get("account")}
    return _resolved(ctx, run, rows, coming)[1]


def give(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """Note the roles of these lines' people; which ones are new is kept in the row, whose account is not there in its notes."""
    rows = further.written(ctx, run, first, last, [OTHER_ROLES])
    if not rows:
        return
    wanted, notes = _resolved(ctx, run, rows, set())
    noting.renew(ctx, run, [OTHER_ROLES], [row.line for row in rows], notes)
    made: dict[Any, list[str]] = {}
    new = reach_many.affiliate_many(ctx, wanted)
    for one in new:
        made.setdefault(one.contact_id, []).append(str(one.id))
    kept = [{"line": row.line, "further": made[row.record_id], "was": None} for row in rows if row.record_id in made]
    if kept:
        further.keep(ctx, run, kept)
        _tell(ctx, [{"id": one.contact_id, "account_id": one.account_id} for one in new])


def _resolved(ctx: Context, run: ImportRun, rows: Sequence[Any], coming: set[str]) -> tuple[list[dict[str, Any]], Notes]:
    """(the roles with keys in place of names, notes of those whose account is unknown or not one alone)."""
    said = [(row, role) for row in rows for role in row.values.get(OTHER_ROLES) or ()]
    known = named(ctx, Account, {role["account"] for _, role in said}, usual(Account))
    found, notes = [], {}
    for row, role in said:
        keys = known.get(role["account"], {})
        if len(keys) == 1:
            days = {name: role[name] and date.fromisoformat(role[name]) for name in ("since", "until")}
            found.append({**role, **days, "contact_id": row.record_id, "account_id": UUID(next(iter(keys)))})
        elif role["account"].casefold() not in coming:
            text = cells.shown(role["account"])
            notes.setdefault(row.line, []).append(note_of(run, OTHER_ROLES, "link_not_one" if keys else "link_not_found", value=text, cell=text))
    return found, notes


def _tell(ctx: Context, rows: list[dict[str, Any]]) -> None:
    given = given_rows(rows, (column("id", Uuid()), column("account_id", Uuid())))
    facts = select(Contact.id.label("subject_id"), given.c.account_id.label("about_id"), func.jsonb_build_object("name", Contact.name, type_=JSONB()).label("params"))
    record_all(ctx, "affiliation.added", "contact", facts.join(given, given.c.id == Contact.id))
