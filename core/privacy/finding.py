"""Who a person is here, and in which rows of all rooms he stands."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Text, and_, any_, case, delete, func, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.personal import Personal, personal
from core.privacy import rows
from core.privacy.models import SubjectHit, SubjectRequest
from core.privacy.rows import Person, table_of

MOST = 500  # of one table; beyond that the name is too common to be looked for
OURS = ("subject_request", "subject_hit")
RECORDS = ("contact", "account")
REACHED = ("mail", "phone")
NAMES, SURE = ("name",), ("mail", "mail_norm", "phone", "mobile")


def search(ctx: Context, request: SubjectRequest) -> int:
    """Write down every row in which the person of a request may stand, anew; returns how many. Ticked beforehand is what is his
    for sure: his record, what hangs on it, what holds his address."""
    ctx.session.execute(delete(SubjectHit).where(SubjectHit.request_id == request.id))
    person = asked_for(request)
    sure = person.sure | {one.lower() for one in person.sure}
    records = [row for name in RECORDS for row in _records(ctx, name, sure, person)]
    person.ids = {row["id"] for row in records if row["belongs"]}
    known = known_as(ctx, person)
    hits = [{key: value for key, value in row.items() if key != "id"} for row in records]
    taken = {(row["table_name"], row["row_key"]) for row in hits}
    for one in personal().values():
        if one.table not in OURS:
            hits += [hit for hit in _hits(ctx, one, known) if (hit["table_name"], hit["row_key"]) not in taken]
    if hits:
        ctx.session.execute(insert(SubjectHit), [hit | {"request_id": request.id} for hit in hits])
    return len(hits)


def asked_for(request: SubjectRequest) -> Person:
    """What a request says of its person."""
    also = {one for one in request.also or [] if one}
    sure = {one for one in ({request.mail} | also) if one and ("@" in one or sum(map(str.isdigit, one)) >= 6)}
    return Person(sure=sure, names={one for one in {request.who} | also if one} - sure)


def known_as(ctx: Context, person: Person) -> Person:
    """The same person with all that his records say of him now, and have said: a former name stands in old texts."""
    found = Person(set(person.ids), set(person.sure), set(person.names), dict(person.rows), person.mark)
    for name in RECORDS:  # what was merged into his record is his
        table = table_of(name)
        found.ids |= set(ctx.session.execute(select(table.c.id).where(table.c.merged_into.in_(found.ids))).scalars())
    for name in RECORDS:
        table = table_of(name)
        columns = [table.c[one] for one in (*NAMES, *SURE) if one in table.c]
        for row in ctx.session.execute(select(*columns).where(table.c.id.in_(found.ids))).mappings():
            _add(found, row)
    points = table_of("contact_point")
    his = or_(points.c.contact_id.in_(found.ids), points.c.account_id.in_(found.ids))
    found.sure |= set(ctx.session.execute(select(points.c.value).where(his, points.c.kind.in_(REACHED))).scalars())
    for values in _said_before(ctx, RECORDS, found.ids):
        _add(found, values)
    for values in _said_before(ctx, ("contact_point",), select(points.c.id).where(his, points.c.kind.in_(REACHED))):
        _add(found, {"mail": values.get("value")})
    return found


def _said_before(ctx: Context, tables: tuple[str, ...], keys: Any) -> Iterator[dict[str, Any]]:
    """What stood in these rows before their changes and after, as the audit knows it."""
    entry = table_of("audit_entry")
    query = select(entry.c.changes).where(entry.c.row_id.in_(keys), entry.c.table_name.in_(tables), entry.c.changes.is_not(None))
    for changes in ctx.session.execute(query).scalars():
        for name, both in changes.items():
            yield from ({name: value} for value in (both if isinstance(both, list) else [both]))


def _add(person: Person, values: Any) -> None:
    for name, value in values.items():
        if isinstance(value, str) and value.strip(" *"):
            (person.names if name in NAMES else person.sure if name in SURE else set()).add(value)


def _records(ctx: Context, name: str, sure: set[str], person: Person) -> list[dict]:
    """His own records: a contact, or an account that is a private person."""
    table, points = table_of(name), table_of("contact_point")
    digits = [key for key in ("".join(filter(str.isdigit, one))[-9:] for one in sure if "@" not in one) if len(key) >= 6]
    folded = [func.lower(func.ext.immutable_unaccent(literal(one, Text))) for one in person.names]
    mails = [one.lower() for one in sure if "@" in one]
    by_mail, by_number = (table.c.id.in_(select(points.c[f"{name}_id"]).where(points.c.key == any_(literal(keys, ARRAY(Text))))) for keys in (mails, digits))
    by_mail = or_(by_mail, table.c.mail_norm == any_(literal(mails, ARRAY(Text))))
    by_number = or_(by_number, *(table.c[key] == any_(literal(digits, ARRAY(Text))) for key in ("phone_key", "mobile_key") if key in table.c))
    called = or_(*(table.c.name_fold == one for one in folded)) if folded else literal(False)
    certain = or_(by_mail, and_(by_number, called))  # a number alone may be a family's, or that of a whole company
    query = select(table.c.id, table.c.name, certain.label("certain")).where(or_(by_mail, by_number, called)).order_by(table.c.id).limit(MOST)
    if name == "account":
        query = query.where(table.c.kind == "person")
    return [
        {"id": row.id, "table_name": name, "row_key": str(row.id), "why": "record", "said": row.name, "belongs": bool(row.certain)} for row in ctx.session.execute(query)
    ]


def _hits(ctx: Context, one: Personal, person: Person) -> list[dict]:
    table = table_of(one.table)
    columns = [name for name in one.columns if name not in one.files]
    mine, certain, called = rows.own(one, person), rows.names(table, columns, person.sure), rows.names(table, columns, person.names, words=not one.passing)
    why = case((mine, "linked"), (certain, "address"), else_="name")
    query = select(rows.row_key(table).label("key"), why.label("why"), func.left(func.translate(rows.told(table, columns), '{}[]"', ""), 200).label("said")).where(or_(mine, certain, called)).limit(MOST)
    # Another person's record that names him, or shares a number with him, is that person's.
    ticked = {"linked"} if one.table == "contact" else {"linked", "address", *(["name"] if one.passing else [])}
    return [{"table_name": one.table, "row_key": row.key, "why": row.why, "said": row.said or "", "belongs": row.why in ticked} for row in ctx.session.execute(query)]
