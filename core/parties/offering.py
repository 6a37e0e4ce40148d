"""What is offered while somebody types, and what changed last: a few rows of accounts and contacts."""

from typing import Any

from sqlalchemy import Row, Select, Text, func, literal, select, union_all

from core.base.context import Context
from core.base.field_rights import shown
from core.base.finding import LONGEST, MOST_LOOKED_AT, first_of_each
from core.base.policy import has, sees
from core.parties.finding import found_by, sought_in
from core.parties.models import Account, Contact

LAST_LETTER = "\U0010ffff"


def quick(ctx: Context, search: str, *, limit: int = 8) -> list[Select]:
    """(kind, id, name, note, name_fold, rank) of accounts and contacts, as parts of a search over everything: names that
    begin with what was typed first. None for nothing typed."""
    parts = _quick(ctx, Account, Account.city, search, limit) if has(ctx, "accounts.read") else []
    return parts + (_quick(ctx, Contact, Contact.mail, search, limit) if has(ctx, "contacts.read") else [])


def quick_accounts(ctx: Context, search: str, *, limit: int = 8) -> list[Row]:
    """The same rows of accounts alone, one statement: what a picker offers."""
    return first_of_each(ctx.session, _quick(ctx, Account, Account.city, search, limit), ["account"], limit)


def quick_contacts(ctx: Context, search: str, *, limit: int = 8) -> list[Row]:
    """The same of contacts alone."""
    return first_of_each(ctx.session, _quick(ctx, Contact, Contact.mail, search, limit), ["contact"], limit)


def _quick(ctx: Context, model: Any, note: Any, search: str, limit: int) -> list[Select]:
    """Names that begin so, from the list's index; and names that hold every word, of which a thousand are looked at."""
    found = found_by(search, model, *sought_in(ctx, model))
    if found is None:
        return []
    (note,) = shown(ctx, model.ROOM, (note,))
    columns = (literal(model.__tablename__).label("kind"), model.id, model.name, note.label("note"), model.name_fold)
    alive = (model.deleted_at.is_(None), sees(ctx, model))
    folded = func.lower(func.ext.immutable_unaccent(literal(" ".join(search[:LONGEST].split()), Text)))
    begins = select(*columns, literal(0).label("rank")).where(*alive, model.name_fold >= folded, model.name_fold < folded.concat(LAST_LETTER))
    hits = select(*columns, literal(1).label("rank")).where(*alive, found).limit(MOST_LOOKED_AT).subquery()
    parts = (begins.order_by(model.name_fold, model.id).limit(limit), select(*hits.c).order_by(hits.c.name_fold, hits.c.id).limit(limit))
    return [select(*part.subquery().c) for part in parts]


def recent(ctx: Context, *, limit: int = 8) -> list[Row]:
    """(kind, id, name, note, updated_at) of what changed last among what the actor sees."""
    parts = []
    for model, kind, note in ((Account, "account", Account.city), (Contact, "contact", Contact.job_title)):
        if has(ctx, f"{kind}s.read"):
            (note,) = shown(ctx, model.ROOM, (note,))
            query = select(literal(kind).label("kind"), model.id, model.name, note.label("note"), model.updated_at)
            query = query.where(model.deleted_at.is_(None), sees(ctx, model))
            part = query.order_by(model.updated_at.desc(), model.id.desc()).limit(limit).subquery()
            parts.append(select(*part.c))
    if not parts:
        return []
    both = union_all(*parts).subquery()
    return list(ctx.session.execute(select(both).order_by(both.c.updated_at.desc(), both.c.id.desc()).limit(limit)))
