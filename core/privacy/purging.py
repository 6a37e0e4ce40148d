"""The end of the recycle bin: what was deleted long ago goes for good, with what hangs on it, by the declarations of the rooms."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid as Key
from sqlalchemy import and_, any_, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.personal import Personal, personal
from core.base.policy import require, visible
from core.base.registry import collect_children
from core.base.words import N_
from core.deals.models import Deal
from core.leads.models import Lead
from core.parties.models import Account, Contact
from core.privacy import rows
from core.privacy.erasing import Erased, former_rows, redact_audit, redact_facts, redact_ledger
from core.privacy.models import Retention
from core.privacy.rows import Person, table_of
from core.quotes.models import Quote
from infra import i18n
from infra.storage import storage

DAYS, LEAST, MOST, AT_ONCE = 90, 7, 365, 100
MODELS: dict[str, Any] = {"accounts": Account, "contacts": Contact, "deals": Deal, "leads": Lead, "quotes": Quote}


def bin_days(ctx: Context) -> int:
    """How many days the recycle bin keeps."""
    return ctx.session.execute(select(Retention.bin_days)).scalar_one_or_none() or DAYS


def change_bin_days(ctx: Context, days: int | None) -> None:
    """Keep it longer or shorter. What is then over goes in the night, so the page says how much that is."""
    require(ctx, "privacy.manage")
    if days is None or not LEAST <= days <= MOST:
        raise Refused("bin_days_range", field="bin_days", min=LEAST, max=MOST)
    row = ctx.session.execute(select(Retention).with_for_update()).scalar_one_or_none()
    before = row.bin_days if row else DAYS
    if row is None:
        row = Retention(bin_days=days)
        ctx.session.add(row)
    row.bin_days = days
    if before != days:
        record(ctx, "retention.changed", row, days=days, before=before)


def goes_on(deleted_at: datetime, days: int) -> datetime:
    """When a deleted record goes for good: in the night after this moment."""
    return deleted_at + timedelta(days=days)


def would_go(ctx: Context, days: int | None = None) -> dict[str, int]:
    """Room -> how many records the next night would take, if that many days were kept. Nothing is changed."""
    until = ctx.now - timedelta(days=days or bin_days(ctx))
    return {room: ctx.session.execute(select(func.count()).select_from(model).where(*_over(model, until))).scalar_one() for room, model in MODELS.items()}


def has_old(session: Session, now: datetime) -> bool:
    """Is there anything that could be over?"""
    return any(session.execute(select(model.id).where(model.deleted_at < now - timedelta(days=LEAST)).limit(1)).first() for model in MODELS.values())


def purge(ctx: Context, key: bytes) -> dict[str, int]:
    """The oldest of what is over, people before companies; says how many. Two at once take different ones. key: of the audit's chain."""
    until, gone = ctx.now - timedelta(days=bin_days(ctx)), {}
    for room in ("leads", "quotes", "deals", "contacts", "accounts"):
        model = MODELS[room]
        old = select(model.id).where(*_over(model, until)).order_by(model.deleted_at).limit(AT_ONCE).with_for_update(skip_locked=True)
        keys = set(ctx.session.execute(old).scalars())
        if keys:
            take_away(ctx, key, model, keys)
        gone[room] = len(keys)
    return gone


def delete_for_good(ctx: Context, key: bytes, room: str, record_id: UUID) -> None:
    """One record out of the recycle bin, now. Refuses a restricted person: his data are to be kept."""
    model = MODELS[room]
    found = ctx.session.execute(visible(ctx, model).where(model.id == record_id, model.deleted_at.is_not(None)).with_for_update()).scalar_one_or_none()
    if found is None:
        raise NotFound()
    require(ctx, "privacy.manage")
    require(ctx, f"{room}.delete", found)
    if getattr(found, "restricted_at", None) is not None:
        raise Refused("contact_restricted")
    take_away(ctx, key, model, {found.id})


def take_away(ctx: Context, key: bytes, model: Any, keys: Collection[UUID]) -> Erased:
    """The records, and those that were merged into them, with all that is theirs alone; what hangs on another record too stays
    there without them."""
    merged = ctx.session.execute(select(model.id).where(model.merged_into.in_(keys))).scalars() if hasattr(model, "merged_into") else ()
    keys = {*keys, *merged}
    person = Person(ids=set(keys), mark=i18n.gettext(ctx.tenant.locale, N_("deleted")))
    done = Erased(mine=former_rows(ctx, person))
    for one in personal().values():
        if one.purged != "keep" and one.table != model.__tablename__:
            _take(ctx, one, person, done)
    redact_ledger(ctx, person, done)  # while its lines still say whose they are
    _unlink(ctx, person)
    ctx.session.execute(delete(model.__table__).where(model.id == any_(_keys(keys))))
    redact_facts(ctx, person, done)
    redact_audit(ctx, key, person, done)
    ctx.session.expire_all()
    for name in done.files:
        storage().remove(ctx.tenant.id, name)
    return done


def _take(ctx: Context, one: Personal, person: Person, done: Erased) -> None:
    table, mine = table_of(one.table), rows.hung(one, person)
    if one.table in ("contact", "account"):
        return
    if one.purged == "clear":
        values = {name: rows.blank(table.c[name], person.mark) for name in one.cleared}
        ctx.session.execute(update(table).where(mine).values(**values, **rows.stamped(table, ctx.now)))
        return
    if one.purged != "unlink":
        alone = mine if one.purged == "delete" else and_(mine, ~_hangs_elsewhere(one, person))
        back = [table.c[name] for name in (*(["id"] if "id" in table.c else []), *one.files)] or [literal(1)]
        for row in ctx.session.execute(delete(table).where(alone).returning(*back)).mappings():
            done.mine |= {row["id"]} if "id" in row else set()
            done.files += [row[name] for name in one.files if row[name]]
    for name in one.by if one.purged in ("null", "unlink") else ():
        ctx.session.execute(update(table).where(table.c[name] == any_(_keys(person.ids))).values(**{name: None}, **rows.stamped(table, ctx.now)))


def _hangs_elsewhere(one: Personal, person: Person) -> Any:
    table = table_of(one.table)
    return or_(*(and_(table.c[name].is_not(None), table.c[name] != func.all(_keys(person.ids))) for name in (*one.by, *one.beside)))


def _unlink(ctx: Context, person: Person) -> None:
    """People of a company that goes stay, and so do companies below it: without it."""
    for child in collect_children():
        if child.table in ("contact", "account"):
            table = table_of(child.table)
            ctx.session.execute(update(table).where(table.c[child.column] == any_(_keys(person.ids))).values(**{child.column: None}, **rows.stamped(table, ctx.now)))


def _over(model: Any, until: datetime) -> tuple:
    held = (Contact.restricted_at.is_(None),) if model is Contact else ()
    return (model.deleted_at < until, *held)


def _keys(keys: Collection[UUID]) -> Any:
    return literal(sorted(keys), ARRAY(Key))
