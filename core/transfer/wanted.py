"""One list as somebody wants it: a value that is counted, written, said, and kept as JSON until a worker writes it."""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, func, literal, select

from core.activities.queries import LogFilters
from core.base.conditions import of_json
from core.base.context import Context
from core.base.facts import plain
from core.mailings import queries as mailings
from core.transfer import (
    audit_out,
    deals_out,
    exporting,
    leads_out,
    logs_out,
    price_lines_out,
    products_out,
    quotes_out,
)
from core.transfer.audit_out import AuditFilters
from core.transfer.exporting import Filters, Shape, Watch

PERMISSIONS = {"accounts": "accounts.export", "contacts": "contacts.export", "activities": "activities.export", "recipients": "mailings.export", "audit": "audit.export", "price_lines": price_lines_out.PERMISSION, **{room: f"{room}.export" for room in ("products", "deals", "leads", "quotes")}}
OUT = {"products": products_out.OUT, "deals": deals_out.OUT, "leads": leads_out.OUT, "quotes": quotes_out.OUT}


@dataclass(frozen=True, slots=True)
class Wanted:
    """kind: accounts, contacts, products, deals, leads, quotes, activities, recipients, audit or price_lines. keys: of the list only these. log: what narrows the contact log;
    mailing_id, state: whose recipients; audit: what narrows the audit; list_id: the price list whose prices they are."""

    kind: str
    filters: Filters = Filters()
    keys: Sequence[UUID] | None = None
    shape: Shape = Shape()
    log: LogFilters = LogFilters()
    mailing_id: UUID | None = None
    state: str = ""
    audit: AuditFilters = AuditFilters()
    list_id: UUID | None = None

    @property
    def is_text(self) -> bool:
        """Is the file text (CSV, cards) or bytes (XLSX)?"""
        return self.shape.format != "xlsx"

    def as_json(self) -> dict[str, Any]:
        return plain(asdict(self))


def from_json(kept: dict[str, Any]) -> Wanted:
    """What `as_json` gave."""
    groups = kept["filters"].get("either", ())
    filters = kept["filters"] | {"where": of_json(kept["filters"]["where"]), "either": tuple(of_json(group) for group in groups)}
    columns, log = kept["shape"]["columns"], kept["log"]
    days = {name: date.fromisoformat(log[name]) if log[name] else None for name in ("since", "until")}
    records = {name: _key(log[name]) for name in ("account_id", "contact_id")}
    return Wanted(
        kept["kind"], Filters(**filters), None if kept["keys"] is None else [UUID(key) for key in kept["keys"]],
        Shape(**kept["shape"] | {"columns": None if columns is None else tuple(columns)}), LogFilters(**log | days | records), _key(kept["mailing_id"]), kept["state"],
        AuditFilters(**audit | {"person": _key(audit["person"])}) if (audit := kept.get("audit")) else AuditFilters(), _key(kept.get("list_id")),
    )


def _key(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def number_of(ctx: Context, wanted: Wanted, *, most: int | None = None) -> int:
    """How many rows it has; counts no further than `most`. Refuses whatever writing it refuses."""
    return ctx.session.execute(select(func.count()).select_from(_rows(ctx, wanted).limit(most).subquery())).scalar_one()


def _rows(ctx: Context, wanted: Wanted) -> Select | CompoundSelect:
    if wanted.kind == "activities":
        return logs_out.log_query(ctx, wanted.log).with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    if wanted.kind == "recipients":
        mailing = mailings.one(ctx, wanted.mailing_id)
        return logs_out.recipients_query(ctx, mailing, wanted.state).with_only_columns(literal(1), maintain_column_froms=True)
    if wanted.kind == "audit":
        return audit_out.rows_query(ctx, wanted.audit)
    if wanted.kind == "price_lines":
        return price_lines_out.rows_query(ctx, wanted.list_id, wanted.shape).with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    if wanted.kind in OUT:
        return OUT[wanted.kind].rows_query(ctx, wanted.filters, wanted.keys, wanted.shape).with_only_columns(literal(1), maintain_column_froms=True).order_by(None)
    where = exporting.where_of(ctx, wanted.kind, wanted.filters, wanted.keys)
    exporting.check_shape(ctx, wanted.kind, wanted.shape)
    return select(literal(1)).select_from(exporting.MODELS[wanted.kind]).where(*where)


def write(ctx: Context, wanted: Wanted, file: BinaryIO, *, watch: Watch = iter, scratch: Path | None = None) -> int:
    """Write the list; returns how many rows. The file stays open."""
    if not wanted.is_text:
        return _write(ctx, wanted, file, watch, scratch)
    text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
    try:
        return _write(ctx, wanted, text, watch, scratch)
    finally:
        text.detach()  # flushes, and leaves the file open


def _write(ctx: Context, wanted: Wanted, file: Any, watch: Watch, scratch: Path | None) -> int:
    if wanted.kind == "activities":
        return logs_out.write_log(ctx, wanted.log, file, watch=watch)
    if wanted.kind == "recipients":
        return logs_out.write_recipients(ctx, mailings.one(ctx, wanted.mailing_id), wanted.state, file, watch=watch)
    if wanted.kind == "audit":
        return audit_out.write_audit(ctx, wanted.audit, file, watch=watch)
    folder = str(scratch) if scratch else None
    if wanted.kind == "price_lines":
        return price_lines_out.write(ctx, wanted.list_id, wanted.shape, file, watch=watch, scratch=folder)
    if wanted.kind in OUT:
        return OUT[wanted.kind].write(ctx, wanted.filters, wanted.keys, wanted.shape, file, watch=watch, scratch=folder)
    return exporting.write_list(ctx, wanted.kind, wanted.filters, file, keys=wanted.keys, shape=wanted.shape, watch=watch, scratch=folder)


def take_out(ctx: Context, wanted: Wanted, file: BinaryIO) -> int:
    """Write the list, and who took it into the record; returns how many rows."""
    return exporting.write_down(ctx, wanted.kind, said(wanted), write(ctx, wanted, file))


def said(wanted: Wanted) -> dict[str, str]:
    """What narrows it, for the record of exports."""
    if wanted.kind == "recipients":
        return {"mailing": str(wanted.mailing_id)} | ({"state": wanted.state} if wanted.state else {})
    if wanted.kind == "price_lines":
        return {"list": str(wanted.list_id)}
    if wanted.kind == "audit":
        return {name: str(value) for name, value in (("table", wanted.audit.table), ("person", wanted.audit.person)) if value}
    return exporting.said(wanted.log if wanted.kind == "activities" else wanted.filters, wanted.shape)
