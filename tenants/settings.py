"""What a workspace says of itself: name, hue, and the language and zone that new people start with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import array

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import Fact, FactSubject, record
from core.base.formats import FORMAT_FIELDS
from core.base.policy import require
from core.base.text import clean_needed
from core.identity import rules
from infra import places
from tenants import entry, registry
from tenants.models import Tenant

# Hues whose contrast is checked for every token in both themes (GUIDE 5); sign-up takes from the same.
HUES = (262, 210, 190, 160, 130, 25, 330, 290)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace as the subject of a fact: its row lies in the directory, not in its own schema."""

    id: UUID
    __tablename__ = "workspace"


@dataclass(frozen=True, slots=True)
class Stated:
    """What people say of their workspace, and the version of that."""

    name: str
    hue: int
    currency: str
    locale: str
    timezone: str
    date_format: str
    clock: str
    number_format: str
    first_day: str
    version: int


def workspace(ctx: Context) -> Stated:
    """The workspace as it stands now, whatever this process remembers of it."""
    require(ctx, "settings.manage")
    with entry.control() as session:
        return _of(session.get_one(Tenant, ctx.tenant.id))


def change_workspace(ctx: Context, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> None:
    """Change what the workspace is called and how it looks, as far as given; people keep their own language and zone.

    version and original: what the form was loaded with; two people at once are merged, the same field raises Conflict.
    Refuses an empty name, a hue that is not offered, an unknown language or zone, by field.
    """
    require(ctx, "settings.manage")
    mine, before = editing.cleaned(FIELDS, given), editing.cleaned_as_was(FIELDS, original)
    with entry.control(actor_id=ctx.actor.id) as session:
        row = session.get_one(Tenant, ctx.tenant.id, with_for_update=True)
        theirs = {name: getattr(row, name) for name in mine}
        write = editing.settle(mine, theirs, stands=row.settings_version, version=version, original=before)
        for name, value in write.items():
            setattr(row, name, value)
        row.settings_version += bool(write)
    if write:
        record(ctx, "workspace.changed", Workspace(ctx.tenant.id), changes={name: [theirs[name], value] for name, value in write.items()})
    registry.forget()


def last_change(ctx: Context, fields: Collection[str]) -> tuple[str, datetime] | None:
    """(name of who, when) changed any of these last; None where nobody has."""
    require(ctx, "settings.manage")
    query = select(Fact.actor_name, Fact.at).join(FactSubject, FactSubject.fact_id == Fact.id).where(FactSubject.subject_id == ctx.tenant.id)
    query = query.where(Fact.kind == "workspace.changed", Fact.params["changes"].has_any(array(list(fields))))
    found = ctx.session.execute(query.order_by(FactSubject.at.desc(), FactSubject.fact_id.desc()).limit(1)).one_or_none()
    return (found.actor_name or "", found.at) if found else None


def _of(row: Tenant) -> Stated:
    return Stated(row.name or "", row.hue, row.currency, row.locale, row.timezone, *(getattr(row, one) for one in FORMAT_FIELDS), row.settings_version)


def _company(value: Any, field: str) -> str:
    return clean_needed(value, field=field, max_length=120)


def _hue(value: Any, field: str) -> int:
    found = int(value) if str(value).isascii() and str(value).isdigit() and len(str(value)) < 4 else None
    if found not in HUES:
        raise Refused("unknown_value", field=field)
    return found


def _currency(value: Any, field: str) -> str:
    if value not in places.currencies():
        raise Refused("unknown_value", field=field)
    return value


FIELDS = {"name": _company, "hue": _hue, "currency": _currency, "locale": rules.language, "timezone": rules.timezone, **FORMAT_FIELDS}
