"""Ways to reach many records at once, for exports and imports: what stands beside their own fields, first addresses, marks.

Writes no facts: whoever brings many tells of it himself.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, and_, any_, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from core.base.context import Context
from core.base.field_rights import check_writes, hidden
from core.base.hiding import unhidden
from core.base.policy import changes, require, sees
from core.base.sets import among, given_rows, insert_many
from core.parties import reach_rules
from core.parties.models import Account, Contact
from core.parties.reach_access import PARENTS, kinds_shown, parent_of
from core.parties.reach_models import ADDRESS_FIELDS, FIELDS_OF, Affiliation, ContactPoint, PostalAddress, ReachMark
from core.parties.reach_rules import AFFILIATION_FIELDS
from core.parties.restricting import free
from core.post import actions as post
from core.post import queries as suppressions

MARKS, PLACES, ROLES = ReachMark.__table__, PostalAddress.__table__, Affiliation.__table__
OPTED_OUT = "opted_out"


def further_of(ctx: Context, room: str, keys: Sequence[UUID]) -> dict[UUID, list[tuple[str, str, str]]]:
    """Record -> (kind, label, value) of its further mails and phones, in their order; none of a kind that is hidden from the actor.
    The caller has seen the records."""
    parent, found = parent_of(ContactPoint, room), {}
    kinds = [kind for kind in kinds_shown(ctx, room) if kind in ("mail", "phone")]
    query = select(parent, ContactPoint.kind, ContactPoint.label, ContactPoint.value).where(among(parent, keys), ContactPoint.deleted_at.is_(None), ContactPoint.kind.in_(kinds))
    with unhidden(ctx.session):  # the kinds that are hidden are left out
        for key, *row in ctx.session.execute(query.order_by(parent, ContactPoint.position, ContactPoint.id)):
            found.setdefault(key, []).append(tuple(row))
    return found


def messengers_of(ctx: Context, room: str, keys: Sequence[UUID]) -> dict[UUID, list[tuple[str, str, str]]]:
    """Record -> (service, label, value) of its messengers, in their order; none where they are hidden from the actor, who has seen the
    records."""
    if "messenger" not in kinds_shown(ctx, room):
        return {}
    parent, found = parent_of(ContactPoint, room), {}
    query = select(parent, ContactPoint.service, ContactPoint.label, ContactPoint.value).where(among(parent, keys), ContactPoint.deleted_at.is_(None), ContactPoint.kind == "messenger")
    with unhidden(ctx.session):  # asked above
        for key, *row in ctx.session.execute(query.order_by(parent, ContactPoint.position, ContactPoint.id)):
            found.setdefault(key, []).append(tuple(row))
    return found


def roles_of(ctx: Context, keys: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """Contact -> (contact_id, name of the account, title, department, since, until, is_former) of his roles at other accounts that the
    actor sees. The caller has seen the contacts, and asked whether titles are hidden."""
    query = select(ROLES.c.contact_id, Account.name, *(ROLES.c[name] for name in AFFILIATION_FIELDS)).join(Account, Account.id == ROLES.c.account_id)
    query = query.where(among(ROLES.c.contact_id, keys), ROLES.c.deleted_at.is_(None), Account.deleted_at.is_(None), sees(ctx, Account))
    found: dict[UUID, list[Row]] = {}
    for row in ctx.session.execute(query.order_by(ROLES.c.contact_id, ROLES.c.is_former, Account.name_fold, ROLES.c.id)):
        found.setdefault(row.contact_id, []).append(row)
    return found


def affiliate_many(ctx: Context, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Roles of many people at once: {"contact_id", "account_id", and what AFFILIATION_FIELDS may hold}. Passed over is an account where
    the person is already, one that the actor does not see, and a person whom he may not change. Gives (id, contact_id, account_id) of the new ones."""
    if not rows:
        return []
    require(ctx, "contacts.edit")
    check_writes(ctx, "contacts", ["account_id", "job_title"])
    people = select(Contact.id, Contact.account_id).where(among(Contact.id, [row["contact_id"] for row in rows]), Contact.deleted_at.is_(None), changes(ctx, Contact), free())
    at = dict(tuple(row) for row in ctx.session.execute(people))
    seen = select(Account.id).where(among(Account.id, [row["account_id"] for row in rows]), Account.deleted_at.is_(None), sees(ctx, Account))
    there = set(ctx.session.execute(seen).scalars())
    stamped = {"created_at": ctx.now, "updated_at": ctx.now, "created_by": ctx.actor.id}
    fit = [row for row in rows if row["contact_id"] in at and row["account_id"] in there and at[row["contact_id"]] != row["account_id"]]
    new = [{"contact_id": row["contact_id"], "account_id": row["account_id"], **stamped, **{name: row.get(name) for name in AFFILIATION_FIELDS}, "is_former": bool(row.get("is_former"))} for row in fit]
    if not new:
        return []
    return list(ctx.session.execute(insert_many(ROLES, new).on_conflict_do_nothing().returning(ROLES.c.id, ROLES.c.contact_id, ROLES.c.account_id)))


def first_addresses(ctx: Context, keys: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Contact -> the parts of its first postal address that are not hidden from the actor, who has seen the contacts."""
    away = hidden(ctx, "accounts")
    shown = [PLACES.c[name] for name in ADDRESS_FIELDS if name not in away]
    query = select(PLACES.c.contact_id, *shown).ext(distinct_on(PLACES.c.contact_id)).where(among(PLACES.c.contact_id, keys), PLACES.c.deleted_at.is_(None))
    return {row.contact_id: dict(row._mapping) for row in ctx.session.execute(query.order_by(PLACES.c.contact_id, PLACES.c.position, PLACES.c.id))}


def marks_of(ctx: Context, values: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[bool, str | None]]:
    """(kind, value as records keep it) -> (no advertising or no calls, why it is no good any more) of those that are marked. For
    values that the actor may know."""
    typed = {(kind, value): reach_rules.key_of(kind, value) for kind, value in values}
    keys = {kind: [key for (one, _), key in typed.items() if one == kind] for kind in ("mail", "phone")}
    same = or_(*(and_(MARKS.c.kind == kind, MARKS.c.key == any_(literal(some, ARRAY(Text)))) for kind, some in keys.items()))
    with unhidden(ctx.session):  # asked of values that are known
        marked = {(row.kind, row.key): row for row in ctx.session.execute(select(MARKS.c.kind, MARKS.c.key, MARKS.c.opted_out_at, MARKS.c.invalid).where(same))}
    no_ads = suppressions.reasons(ctx, [value for kind, value in typed if kind == "mail"], kept=True)
    found = {}
    for (kind, value), key in typed.items():
        row = marked.get((kind, key))
        out = bool(no_ads.get(value)) if kind == "mail" else bool(row and row.opted_out_at)
        if out or (row and row.invalid):
            found[kind, value] = (out, row.invalid if row else None)
    return found


def put_addresses(ctx: Context, rows: Mapping[UUID, Mapping[str, Any]]) -> dict[UUID, tuple[str, Any]]:
    """Contact -> its first postal address: made where there is none, else the parts that are given are put into it. Passed over is a
    person whom the actor may not change, and an address that somebody changes at this moment. Gives for each that was written ("added", key) or ("changed", what it was, with id and version)."""
    if not rows:
        return {}
    require(ctx, "contacts.edit")
    check_writes(ctx, "accounts", sorted({name for given in rows.values() for name in given}))
    mine = select(Contact.id).where(among(Contact.id, list(rows)), Contact.deleted_at.is_(None), changes(ctx, Contact), free())
    ours = set(ctx.session.execute(mine).scalars())
    known, changed, new = _known_addresses(ctx, ours), {}, []
    for key in (key for key in rows if key in ours):
        if key not in known:
            new.append({"contact_id": key, "label": "other", "created_at": ctx.now, "updated_at": ctx.now, "created_by": ctx.actor.id, **{name: rows[key].get(name) for name in ADDRESS_FIELDS}})
        elif parts := {name: value for name, value in rows[key].items() if value is not None and value != known[key][name]}:
            changed[key] = parts
    done = _change_addresses(ctx, known, changed) if changed else {}
    if new:
        made = ctx.session.execute(insert_many(PLACES, new).returning(PLACES.c.contact_id, PLACES.c.id))
        done |= {contact: ("added", str(key)) for contact, key in made}
    return done


def _known_addresses(ctx: Context, keys: set[UUID]) -> dict[UUID, Mapping[str, Any]]:
    query = select(PLACES).ext(distinct_on(PLACES.c.contact_id)).where(among(PLACES.c.contact_id, list(keys)), PLACES.c.deleted_at.is_(None))
    with unhidden(ctx.session):  # only what the actor writes is compared
        return {row.contact_id: row._mapping for row in ctx.session.execute(query.order_by(PLACES.c.contact_id, PLACES.c.position, PLACES.c.id))}


def _change_addresses(ctx: Context, known: Mapping[UUID, Mapping[str, Any]], changed: Mapping[UUID, Mapping[str, Any]]) -> dict[UUID, tuple[str, Any]]:
    """All of them by one statement, which names the parts alone that are written somewhere: the others may be hidden."""
    parts = [PLACES.c[name] for name in ADDRESS_FIELDS if any(name in each for each in changed.values())]
    given = given_rows([{"id": known[key]["id"], "version": known[key]["version"], **each} for key, each in changed.items()], [PLACES.c.id, PLACES.c.version, *parts])
    values = {one.name: func.coalesce(given.c[one.name], one) for one in parts}
    as_read = (PLACES.c.id == given.c.id, PLACES.c.version == given.c.version)
    written = ctx.session.execute(update(PLACES).where(*as_read).values(**values, updated_at=ctx.now, version=PLACES.c.version + 1).returning(PLACES.c.id))
    ours = set(written.scalars())
    told = {key: {"id": str(known[key]["id"]), "version": known[key]["version"] + 1, "was": {name: known[key][name] for name in each}} for key, each in changed.items()}
    return {key: ("changed", was) for key, was in told.items() if known[key]["id"] in ours}


def mark_many(ctx: Context, room: str, rows: Sequence[tuple[UUID, str, bool, str | None]]) -> int:
    """(record, its own field, no advertising or no calls, why no good any more): what the record has in that field is marked so. Nothing
    is unmarked here, and nothing of a record that the actor may not change is marked. Returns how many values were new to a mark."""
    if not rows:
        return 0
    require(ctx, f"{room}.edit")
    check_writes(ctx, room, sorted({name for _, field, _, _ in rows for name in FIELDS_OF[_kind(field)] if room == "contacts" or name != "mobile"}))
    model = PARENTS[room]
    fields = ("mail", "phone", "mobile") if model is Contact else ("mail", "phone")
    mine = [among(model.id, [key for key, *_ in rows]), model.deleted_at.is_(None), changes(ctx, model), *([free()] if model is Contact else [])]
    with unhidden(ctx.session):  # nothing is told; which fields the actor may write was asked
        have = {row.id: row._mapping for row in ctx.session.execute(select(model.id, *(getattr(model, name) for name in fields)).where(*mine))}
        marks: dict[tuple[str, str], dict[str, Any]] = {}
        number = 0
        for key, field, out, invalid in rows:
            value = have[key][field] if key in have else None
            if value:
                number += _note(ctx, marks, _kind(field), value, out, invalid)
        return number + _write_marks(ctx, list(marks.values()))


def _kind(field: str) -> str:
    return "mail" if field == "mail" else "phone"


def _note(ctx: Context, marks: dict, kind: str, value: str, out: bool, invalid: str | None) -> int:
    """Into `marks` what stands there; who wants no advertising goes to core.post at once."""
    if invalid or (out and kind == "phone"):
        one = marks.setdefault((kind, reach_rules.key_of(kind, value)), {"kind": kind, "key": reach_rules.key_of(kind, value), "opted_out_at": None, "opted_out_by": None, "invalid": None, "invalid_at": None, "invalid_by": None})
        if out and kind == "phone":
            one.update(opted_out_at=ctx.now, opted_out_by=ctx.actor.id)
        if invalid:
            one.update(invalid=invalid, invalid_at=ctx.now, invalid_by=ctx.actor.id)
    return int(out and kind == "mail" and post.suppress(ctx, value, "marketing", OPTED_OUT))


def _write_marks(ctx: Context, marks: list[dict[str, Any]]) -> int:
    """What is marked so already stays as it is, with who marked it and when."""
    if not marks:
        return 0
    stamped = {"created_at": ctx.now, "created_by": ctx.actor.id, "updated_at": ctx.now}
    statement = upsert(MARKS).values([mark | stamped for mark in marks])
    new = statement.excluded
    kept = {name: func.coalesce(MARKS.c[name], new[name]) for name in ("opted_out_at", "opted_out_by", "invalid", "invalid_at", "invalid_by")}
    more = or_(and_(MARKS.c.opted_out_at.is_(None), new.opted_out_at.is_not(None)), and_(MARKS.c.invalid.is_(None), new.invalid.is_not(None)))
    change = statement.on_conflict_do_update(index_elements=["kind", "key"], set_={**kept, "updated_at": ctx.now, "version": MARKS.c.version + 1}, where=more)
    return len(ctx.session.execute(change.returning(MARKS.c.id)).all())
