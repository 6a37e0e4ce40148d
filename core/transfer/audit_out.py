"""The audit as CSV: changes of records, as far as the actor may know of their fields, and sign-ins, in one order of time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from typing import IO, Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, literal, union_all

from core.audit import queries as audit
from core.audit.models import AuditEntry
from core.audit.words import SIGN_INS, TABLES
from core.audit.words import WORDS as ACTIONS
from core.base.context import Context
from core.base.policy import require
from core.base.words import N_
from core.identity import queries as people
from core.identity import sign_in_log
from core.identity.models import SignInEvent
from core.identity.words import WAYS
from core.transfer.exporting import Watch, clock
from infra import i18n
from infra.spreadsheets_out import write_rows

HEADER = (N_("When"), N_("Person"), N_("Kind of record"), N_("Record"), N_("What"), N_("Changes"), N_("Network"))
CHUNK = 500


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """table: of one kind of record, or "sign_in"; person: of one person."""

    table: str = ""
    person: UUID | None = None


def statements(ctx: Context, filters: AuditFilters) -> list[Select]:
    """What the filters want: changes, sign-ins or both. Refuses an actor who does not take the audit out."""
    require(ctx, "audit.export")
    found = []
    if filters.table != SIGN_INS:
        found.append(audit.entries_query(ctx, table=filters.table or None, actor_id=filters.person))
    if filters.table in ("", SIGN_INS):
        found.append(sign_in_log.events_query(ctx, user_id=filters.person))
    return found


def rows_query(ctx: Context, filters: AuditFilters) -> CompoundSelect:
    """One row for each, to be counted."""
    return union_all(*(query.with_only_columns(literal(1), maintain_column_froms=True).order_by(None) for query in statements(ctx, filters)))


def write_audit(ctx: Context, filters: AuditFilters, file: IO[str], *, watch: Watch = iter) -> int:
    """Write it row by row, newest first; returns how many."""
    said = {text: i18n.gettext(ctx.locale, text) for text in (*HEADER, *TABLES.values(), *ACTIONS.values(), *WAYS.values(), SIGN_IN, SIGNED_IN, FAILED, OUTSIDE)}
    found = (ctx.session.execute(query.execution_options(yield_per=CHUNK)).scalars() for query in statements(ctx, filters))
    names, newest_first = people.actor_names(ctx), merge(*found, key=lambda one: (one.at, one.id), reverse=True)
    return write_rows(file, [said[text] for text in HEADER], watch(_rows(ctx, newest_first, names, said)))


SIGN_IN, SIGNED_IN, FAILED, OUTSIDE = N_("Sign-in"), N_("Signed in"), N_("Failed"), N_("not one of the workspace")


def _rows(ctx: Context, found: Iterator[Any], names: dict[UUID, str], said: dict[str, str]) -> Iterator[list[Any]]:
    for one in found:
        if isinstance(one, SignInEvent):
            yield [clock(ctx, one.at), names.get(one.user_id, ""), said[SIGN_IN], "", said[SIGNED_IN if one.succeeded else FAILED], said[WAYS[one.way]], f"{one.network}, {said[OUTSIDE]}" if one.outside else one.network]
        else:
            kind = TABLES.get(one.table_name)
            yield [clock(ctx, one.at), names.get(one.actor_id, ""), said[kind] if kind else one.table_name, one.row_id, said[ACTIONS[f"audit.{one.action}"]], _changes(one), ""]


def _changes(entry: AuditEntry) -> str:
    """Each field with what it was and what it became, as JSON; what a deletion held."""
    kept = {name: value for name, value in (entry.changes or {}).items() if name not in ("version", "updated_at")}
    return json.dumps(kept, ensure_ascii=False) if kept else ""
