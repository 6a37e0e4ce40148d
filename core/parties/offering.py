"""What is offered while somebody types, and what changed last: a few rows of accounts and contacts."""

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, literal, or_, select, union_all

from core.base.context import Context
from core.base.field_rights import shown
from core.base.finding import LONGEST, MOST_LOOKED_AT, first_of_each, folded
from core.base.policy import has, sees
from core.parties.finding import found_by, sought_in
from core.parties.models import Account, Contact
from core.parties.naming import bare_form, spellings
from core.parties.nearby import LOOKED_AT, once_called, read_so, really_near, slipped, widen
from core.parties.reach_finding import also_found, is_number

LAST_LETTER = "\U0010ffff"


def quick(ctx: Context, search: str, *, limit: int = 8) -> list[Select]:
    """(kind, id, name, note, name_fold, rank) of accounts and contacts, as parts of a search over everything: names that
    begin with what was typed first. None for nothing typed."""
    parts = _quick(ctx, Account, Account.city, search, limit) if has(ctx, "accounts.read") else []
    return parts + (_quick(ctx, Contact, Contact.mail, search, limit) if has(ctx, "contacts.read") else [])


def slips(ctx: Context, search: str) -> list[Select]:
    """The same rows with names that share much with what was typed, as parts of a search of their own for when the first one found
    nobody; `nearby.really_near` says which of them are meant."""
    widen(ctx.session)
    return [part for model, note in ((Account, Account.city), (Contact, Contact.mail)) if has(ctx, f"{model.ROOM}.read") for part in _slipped(ctx, model, note, search)]


def quick_accounts(ctx: Context, search: str, *, limit: int = 8) -> list[Row]:
    """The same rows of accounts alone, one statement, and one more where nobody is found: what a picker offers."""
    return _offered(ctx, Account, Account.city, search, limit)


def quick_contacts(ctx: Context, search: str, *, limit: int = 8) -> list[Row]:
    """The same of people."""
    return _offered(ctx, Contact, Contact.job_title, search, limit)


def _offered(ctx: Context, model: Any, note: Any, search: str, limit: int) -> list[Row]:
    kind = model.__tablename__
    found = first_of_each(ctx.session, _quick(ctx, model, note, search, limit), [kind], limit)
    if found:
        return found
    widen(ctx.session)
    return really_near(search, first_of_each(ctx.session, _slipped(ctx, model, note, search), [kind], LOOKED_AT))[:limit]


def _slipped(ctx: Context, model: Any, note: Any, search: str) -> list[Select]:
    part = slipped(search, model, (*_columns(ctx, model, note), literal(4).label("rank")), _alive(ctx, model))
    return [part] if part is not None else []


def _columns(ctx: Context, model: Any, note: Any) -> tuple[Any, ...]:
    (note,) = shown(ctx, model.ROOM, (note,))
    return (literal(model.__tablename__).label("kind"), model.id, model.name, note.label("note"), model.name_fold)


def _alive(ctx: Context, model: Any) -> tuple[Any, ...]:
    return (model.deleted_at.is_(None), sees(ctx, model), *((Contact.erased_at.is_(None),) if model is Contact else ()))


def _quick(ctx: Context, model: Any, note: Any, search: str, limit: int) -> list[Select]:
    """Names that begin so, from the list's index; and names that hold every word, of which a thousand are looked at."""
    also, by_number = also_found(ctx, model, search), is_number(search)
    found = found_by(search, model, *sought_in(ctx, model), also=None if by_number else also)
    if found is None:
        return []
    columns, alive = _columns(ctx, model, note), _alive(ctx, model)
    start = folded(" ".join(search[:LONGEST].split()))
    begins = select(*columns, literal(0).label("rank")).where(*alive, model.name_fold >= start, model.name_fold < start.concat(LAST_LETTER))
    hits = select(*columns, literal(1).label("rank")).where(*alive, found).limit(MOST_LOOKED_AT).subquery()
    parts = [begins.order_by(model.name_fold, model.id).limit(limit), select(*hits.c).order_by(hits.c.name_fold, hits.c.id).limit(limit)]
    if by_number and also is not None:  # behind the names that hold these digits: many numbers have any four of them
        parts.append(select(*columns, literal(2).label("rank")).where(*alive, also).order_by(model.name_fold, model.id).limit(limit))
    for meant in (_as_meant(search, model), read_so(search[:LONGEST], model)):
        if meant is not None:
            parts.append(select(*columns, literal(3).label("rank")).where(*alive, meant).limit(limit))
    return parts


def _as_meant(search: str, model: Any) -> ColumnElement[bool] | None:
    """Names that hold what may have been meant: in other letters, on another keyboard, without the legal form (from three
    letters on, which the search index finds), or what a merged record was called."""
    typed, once = search[:LONGEST], once_called(search[:LONGEST], model)
    ways = [] if once is None else [once]
    ways += [found for one in dict.fromkeys([*spellings(typed), bare_form(typed).lower()]) if len(one) >= 3 and one != typed.lower() and (found := found_by(one, model)) is not None]
    return or_(*ways) if ways else None


def recent_part(ctx: Context, *, limit: int = 8) -> Select | None:
    """(kind, id, name, note, updated_at) of what changed last among what the actor sees, newest first, as a part of a larger statement; None for who reads neither accounts nor people."""
    parts = []
    for model, kind, note in ((Account, "account", Account.city), (Contact, "contact", Contact.job_title)):
        if has(ctx, f"{kind}s.read"):
            (note,) = shown(ctx, model.ROOM, (note,))
            query = select(literal(kind).label("kind"), model.id, model.name, note.label("note"), model.updated_at)
            query = query.where(model.deleted_at.is_(None), sees(ctx, model))
            parts.append(query.order_by(model.updated_at.desc(), model.id.desc()).limit(limit))
    if not parts:
        return None
    both = union_all(*parts).subquery()
    return select(both).order_by(both.c.updated_at.desc(), both.c.id.desc()).limit(limit)
