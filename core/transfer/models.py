"""Imports and exports: a run, its staged rows, remembered mappings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, Integer, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.finding import FOLDED
from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.records import RecordKind

PARTIES = ("accounts", "contacts")
KINDS = (*PARTIES, "products", "leads", "deals", "price_lines")  # what is brought in
LISTS = (*PARTIES, "deals", "leads", "quotes", "activities", "recipients", "audit", "products", "price_lines")  # what is taken out
MODES = ("create", "update", "both")
STATES = ("draft", "checking", "checked", "running", "done", "failed", "cancelled", "undoing", "undone")
ON_PROBLEM = ("skip", "stop")
FORMATS = ("csv", "workbook", "vcard", "ldif", "rows")  # rows: those that failed in another import
PLANS = ("create", "update", "skip", "duplicate", "problem")
OUTCOMES = ("created", "updated", "skipped", "duplicate", "failed", "undone", "kept")
# A correction of no cell but of the whole row, and what it may say besides "update:<key>".
WHOLE_ROW, LEFT_OUT, AS_NEW = -1, "skip", "create"
# In these a worker is at it, and pages ask again.
MOVING = ("checking", "running", "undoing")
STEPS = ("taken", "fetched")
EXPORT_STATES = ("waiting", "running", "ready", "fetched", "failed", "cancelled", "expired")
EXPORT_FORMATS = ("csv", "xlsx", "vcard")
EXPORTING = ("waiting", "running")
EMPTY = text("'{}'::jsonb")


class ImportRun(Record, TenantBase):
    """One file on its way in. `position` is the last line that a committed chunk has dealt with: a killed worker
    goes on behind it; `round` tells an order from an older one. goes_on: asked (by a program) to run after the check without
    a further yes. counts: outcome -> rows. header: names as in the file, mapping: a target for each. table_key: the rows of a
    file that is no CSV (core.transfer.opening), sheet: which of a workbook's. fills_accounts: what a row says of a company
    also goes into empty fields of one that is there. follows_id: the import whose failed rows these are (core.transfer.again)."""

    __tablename__, ROOM = "import_run", "imports"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"mode IN {MODES}", name="mode"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"on_problem IN {ON_PROBLEM}", name="on_problem"),
        CheckConstraint(f"format IN {FORMATS}", name="format"),
        Index("uq_import_run_follows_id", "follows_id", unique=True, postgresql_where=text("state <> 'undone'")),
        Index("ix_import_run_created_at", text("created_at DESC"), text("id DESC")),
        {"info": {"audit": True}},
    )
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'draft'"), default="draft")
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    file_key: Mapped[str]
    file_name: Mapped[str]
    file_size: Mapped[int] = mapped_column(BigInteger)
    encoding: Mapped[str]
    delimiter: Mapped[str]
    format: Mapped[str] = mapped_column(server_default=text("'csv'"), default="csv")
    table_key: Mapped[str | None]
    sheets: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    sheet: Mapped[str] = mapped_column(server_default=text("''"), default="")
    header_row: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    fills_accounts: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    decimal_mark: Mapped[str] = mapped_column(server_default=text("'.'"), default=".")
    day_order: Mapped[str] = mapped_column(server_default=text("'dmy'"), default="dmy")
    scale: Mapped[int] = mapped_column(BigInteger, server_default=text("1"), default=1)
    header: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    mapping: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    mode: Mapped[str] = mapped_column(server_default=text("'create'"), default="create")
    key_field: Mapped[str] = mapped_column(server_default=text("'name'"), default="name")
    on_problem: Mapped[str] = mapped_column(server_default=text("'skip'"), default="skip")
    goes_on: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    rows_done: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    rows_total: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    position: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    round: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    failure: Mapped[dict[str, Any] | None]
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("import_run.id", ondelete="SET NULL"))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def is_tidied(self) -> bool:
        """Are its file and staged rows gone (core.transfer.tidying)? Then it can only be looked at."""
        return not self.file_key

    @property
    def has_written(self) -> bool:
        """Are there records that it created or changed?"""
        return bool(self.counts.get("created") or self.counts.get("updated"))

    @property
    def has_begun(self) -> bool:
        """Was anything to be written by it? Then each row has come to something, or was not reached."""
        return self.state in ("running", "done", "cancelled", "undoing", "undone") or self.broke_off_while in ("running", "undoing")

    @property
    def broke_off_while(self) -> str | None:
        """The state in which its work broke off for good (core.transfer.breaking); None where it did not."""
        return (self.failure or {}).get("while") if self.state == "failed" else None

    @property
    def can_be_undone(self) -> bool:
        """Has it written anything that can be taken back now? One whose undoing broke off goes on with that."""
        ended = self.state in ("done", "cancelled") or self.broke_off_while == "running"
        return ended and self.has_written and not self.is_tidied


class ImportRow(TenantBase):
    """One record of the file, staged: its cells stay in the file, `line` leads to them. values: what they mean;
    problems: [{column, code, params}] that keep it out, notes likewise that don't; key: what duplicates are found by,
    folded as names are where it is one; cells: as in the file with what was corrected, for rows that people look at;
    choice: what a person said of the row ("skip", "create", "update:<key>"); account_before: what a company had; further: keys of the further mails and numbers that it brought; number: its external id where that is not the key; record_id: the row it met or became; before: what an update replaced."""

    __tablename__ = "import_row"
    __table_args__ = (
        PrimaryKeyConstraint("run_id", "line"),
        CheckConstraint(f"plan IN {PLANS}", name="plan"),
        CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        Index("ix_import_row_key", "run_id", "key", "line", postgresql_where=text("key IS NOT NULL")),
        Index("ix_import_row_number", "run_id", "number", "line", postgresql_where=text("number IS NOT NULL")),
        Index("ix_import_row_problem", "run_id", "line", postgresql_where=text("problems IS NOT NULL")),
        Index("ix_import_row_record_id", "record_id", postgresql_where=text("record_id IS NOT NULL")),
    )
    run_id: Mapped[UUID] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    line: Mapped[int]
    values: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY)
    problems: Mapped[list[Any] | None]
    notes: Mapped[list[Any] | None]
    key_text: Mapped[str | None]
    folds: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    key: Mapped[str | None] = mapped_column(Computed(f"CASE WHEN folds THEN {FOLDED.format(column='key_text')} ELSE key_text END", persisted=True))
    number: Mapped[str | None]
    plan: Mapped[str | None]
    outcome: Mapped[str | None]
    record_id: Mapped[UUID | None]
    parent: Mapped[str | None]
    made_account: Mapped[UUID | None]
    before: Mapped[dict[str, Any] | None]
    left_version: Mapped[int | None]
    cells: Mapped[list[Any] | None]
    choice: Mapped[str | None]
    account_before: Mapped[dict[str, Any] | None]
    further: Mapped[list[Any] | None]


class ImportFix(TenantBase):
    """What a person corrected in a file before it ran: the text of a cell, or (column -1) what becomes of the whole row."""

    __tablename__ = "import_fix"
    __table_args__ = (PrimaryKeyConstraint("run_id", "line", "column"),)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    line: Mapped[int]
    column: Mapped[int]
    text: Mapped[str]


class ImportMapping(Record, TenantBase):
    """What a person chose for files with these columns; the next such file starts with it."""

    __tablename__ = "import_mapping"
    signature: Mapped[str] = mapped_column(unique=True)
    mapping: Mapped[list[Any]]
    choices: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)


class ExportRun(Timed, TenantBase):
    """A list taken out: who, when, which filters, how many rows. step: "taken" when it was written, "fetched" when the file of
    one that was prepared was downloaded."""

    __tablename__ = "export_run"
    __table_args__ = (
        CheckConstraint(f"kind IN {LISTS}", name="kind"), CheckConstraint(f"step IN {STEPS}", name="step"),
        {"info": {"append_only": True, "audit": True, "secret": ["filters"]}},
    )
    kind: Mapped[str]
    filters: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY)
    rows: Mapped[int]
    step: Mapped[str] = mapped_column(server_default=text("'taken'"), default="taken")


class PreparedExport(Record, TenantBase):
    """A long list that a worker writes into a file, for whoever asked for it and for nobody else. wanted: which list, as JSON
    (core.transfer.wanted). file_key: where it lies, known before it is written, so that nothing is left behind by a worker
    that dies. sight: how far its owner saw when it was written; who sees otherwise now does not get it. expires_at: until then it
    can be fetched, once."""

    __tablename__, ROOM = "prepared_export", "exports"
    __table_args__ = (
        CheckConstraint(f"kind IN {LISTS}", name="kind"), CheckConstraint(f"state IN {EXPORT_STATES}", name="state"), CheckConstraint(f"format IN {EXPORT_FORMATS}", name="format"),
        Index("ix_prepared_export_owner_id", "owner_id", text("created_at DESC")),
        Index("ix_prepared_export_open", "state", postgresql_where=text("state IN ('waiting', 'running', 'ready')")),
    )
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"), default="waiting")
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    file_name: Mapped[str]
    format: Mapped[str]
    wanted: Mapped[dict[str, Any]]
    rows_done: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    rows_total: Mapped[int] = mapped_column(Integer, server_default=text("0"), default=0)
    size: Mapped[int | None] = mapped_column(BigInteger)
    round: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    file_key: Mapped[str | None]
    sight: Mapped[str | None]
    failure: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    downloaded_at: Mapped[datetime | None]


RECORD_KINDS = (
    RecordKind(ImportRun, "imports.read", "/imports/{id}", title="file_name"), RecordKind(PreparedExport, "profile.edit", "/exports/{id}", title="file_name"),
)

_CELLS = ("values", "problems", "notes", "key_text", "number", "parent", "before", "cells", "account_before")
PERSONAL = (
    Personal("import_row", by=("record_id",), cleared=_CELLS, told=_CELLS, purged="clear"),
    Personal("import_run", told=("file_name", "failure"), files=("file_key", "table_key")), Personal("import_fix", told=("text",)), Personal("export_run", told=("filters",)),
    Personal("prepared_export", told=("wanted", "failure")),
)
HARMLESS = {
    **{f"import_row.{name}": "a word of a list" for name in ("plan", "outcome", "choice")}, "import_row.further": "keys alone", "export_run.kind": "a word of a list", "export_run.step": "a word of a list",
    **{f"prepared_export.{name}": "a word of a list, or a key" for name in ("kind", "state", "format", "file_key", "sight")}, "prepared_export.file_name": "the name of a list and a day",
    "import_mapping": "names of columns",
    **{f"import_run.{name}": "how a file is read" for name in (
        "kind", "state", "format", "sheets", "sheet", "encoding", "delimiter", "decimal_mark", "day_order", "header", "mapping", "mode", "key_field", "on_problem", "counts",
    )},
}
