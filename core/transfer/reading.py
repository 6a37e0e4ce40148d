"""Rows of the file into values and named problems, by the file's layout."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from core.base.context import Context
from core.base.errors import Refused
from core.base.text import clean, fold
from core.custom_fields.fields import is_own
from core.parties.origins import OF
from core.parties.reach_models import ADDRESS_FIELDS
from core.transfer import cells, kinds
from core.transfer.fields import KNOWN_WORDS, TO_NOTES, Field, fields_of, known_words
from core.transfer.headers import custom_key
from core.transfer.models import ImportRun
from core.transfer.own import kept_key
from infra.spreadsheets import Broken, Row, has_strange_bytes
from infra.spreadsheets_out import unsafe_cell


@dataclass(slots=True)
class Staged:
    """One row as it goes into staging. cells: as in the file, for rows that people will look at."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    cells: list[str] | None = None
    choice: str | None = None


class Layout:
    """What each column of a run's file becomes. owner_of: name or mail -> user's key, or None.
    Made in a transaction, used without one."""

    def __init__(self, ctx: Context, run: ImportRun, owner_of: Callable[[str], str | None]):
        zone, fields = ctx.zone, fields_of(ctx, run.kind)
        self.today = ctx.today
        room = kinds.of(run)
        self.needs = [room.whole(group) for group, _ in room.needed] if run.mode != "update" else [room.stands_for(run.key_field)]
        self.finish = [*([Layout._join_names] if {"first_name", "last_name"} & set(run.mapping) else []), *FINISH.get(run.kind, ())]
        self.reading = cells.Reading(run.decimal_mark, run.day_order, run.scale, zone, ctx.today)
        self.plain = cells.Reading(run.decimal_mark, run.day_order, 1, zone, ctx.today)
        self.owner_of = owner_of
        self.width, self.is_text = len(run.header), run.format in ("csv", "rows")
        self.needed = max((index + 1 for index, name in enumerate(run.header) if name), default=0)
        self.columns: list[tuple[int, str, Field | None]] = []
        self.noted = [index for index, target in enumerate(run.mapping) if target == TO_NOTES]
        self.header = run.header
        for index, target in enumerate(run.mapping):
            if target == "custom":
                taken = [name for _, name, field in self.columns if field is None]
                self.columns.append((index, kept_key(ctx, run.kind, custom_key(run.header[index]), taken), None))
            elif target in fields:  # an own field may be gone since it was chosen
                self.columns.append((index, target, fields[target]))

    def read(self, row: Row) -> Staged:
        """Values of one row; every cell that doesn't fit is named, not only the first."""
        staged = Staged(row.line)
        self._check_width(row, staged)
        for index, name, target in self.columns:
            cell = unsafe_cell(row.cells[index]) if index < len(row.cells) else ""
            if not cell or cell.isspace():
                continue
            try:
                self._take(cell, index, name, target, staged)
            except Refused as refusal:
                staged.problems.append({"column": index, "code": refusal.code, "params": {**refusal.params, "cell": cells.shown(cell)}})
        for step in self.finish:
            step(self, staged)
        if self.noted:
            self._add_to_notes(row, staged)
        self._check_needed(staged)
        return staged

    def _check_width(self, row: Row, staged: Staged) -> None:
        """A row of text with too few cells was cut somewhere; a workbook's row just ends with its last full cell."""
        count = len(row.cells)
        if (self.is_text and count < self.needed) or any(cell.strip() for cell in row.cells[self.width :]):
            staged.problems.append({"column": None, "code": "row_width", "params": {"cells": count, "columns": self.width}})

    def _take(self, cell: str, index: int, name: str, target: Field | None, staged: Staged) -> None:
        if isinstance(cell, Broken):
            raise Refused("cell_error", value=cells.shown(cell))
        if has_strange_bytes(cell):
            raise Refused("bad_bytes", value=cells.shown(cell))
        if target is None:
            text = clean(cell, max_length=2000, multiline=True)
            if text is not None:
                staged.values.setdefault("custom", {})[name] = text
            return
        value = target.read(cell, self.reading if target.scaled else self.plain)
        if is_own(name):
            if value is not None:
                staged.values.setdefault("custom", {})[name.removeprefix("custom.")] = value
            return
        if name == "owner_id" and value is not None:
            found = self.owner_of(value)
            if found is None:
                raise Refused("no_such_user", value=cells.shown(cell))
            value = found
        if value is not None:
            staged.values[name] = value
            if name == "mail":
                staged.values["mail_norm"] = value.casefold()
            slip = likely_slip(name, value) if name in KNOWN_WORDS else None
            if slip:
                staged.notes.append({"column": index, "code": "unusual_word", "params": {"value": cells.shown(value), "likely": slip}})

    def _join_names(self, staged: Staged) -> None:
        """First and last name make the one name; Chinese and Korean family names stand first, without a space."""
        first, last = staged.values.pop("first_name", None), staged.values.pop("last_name", None)
        if first or last:
            east = all("\u2e80" <= sign <= "\ud7a3" for sign in (first or "") + (last or ""))
            staged.values["name"] = f"{last or ''}{first or ''}" if east else " ".join(filter(None, (first, last)))

    def _check_address(self, staged: Staged) -> None:
        """A country alone is no address of a person."""
        given = [name for name in ADDRESS_FIELDS if staged.values.get(name)]
        if given and not {"street", "postcode", "city"}.intersection(given):
            staged.notes.append({"column": next(index for index, name, _ in self.columns if name == given[0]), "code": "address_empty", "params": {}})
            for name in given:
                del staged.values[name]

    def _check_noted(self, staged: Staged) -> None:
        """Since when something is known: no day that is still to come."""
        for index, name, _ in self.columns:
            if name in OF and name in staged.values and name.endswith("_noted_on") and date.fromisoformat(staged.values[name]) > self.today:
                staged.problems.append({"column": index, "code": "noted_in_future", "params": {"cell": staged.values[name]}})

    def _add_to_notes(self, row: Row, staged: Staged) -> None:
        """Columns that go into the notes, each with its name before it."""
        lines = [staged.values["notes"]] if staged.values.get("notes") else []
        for index in self.noted:
            cell = unsafe_cell(row.cells[index]) if index < len(row.cells) else ""
            try:
                text = None if isinstance(cell, Broken) or has_strange_bytes(cell) else clean(cell, max_length=2000, multiline=True)
            except Refused as refusal:
                staged.problems.append({"column": index, "code": refusal.code, "params": {**refusal.params, "cell": cells.shown(cell)}})
                continue
            if text:
                lines.append(f"{self.header[index]}: {text}")
        if lines:
            staged.values["notes"] = "\n".join(lines)

    def _check_needed(self, staged: Staged) -> None:
        """A new record needs its name or what stands for it, an existing one the key it is found by."""
        broken = {problem["column"] for problem in staged.problems}
        for group in self.needs:
            columns = [index for index, column, _ in self.columns if column in group]
            if columns and staged.values.keys().isdisjoint(group) and not broken.intersection(columns):
                staged.problems.append({"column": columns[0], "code": "required", "params": {}})


# What is made of a row's values once all its cells are read, beside one name out of its parts.
FINISH: dict[str, tuple[Callable[[Layout, Staged], None], ...]] = {"contacts": (Layout._check_address, Layout._check_noted)}


@lru_cache(maxsize=10_000)
def likely_slip(field: str, value: str) -> str | None:
    """The usual word that this one is nearly, but not: "technolgy" -> "technology". The value itself is kept."""
    folded = fold(value)
    known = known_words(field)
    if folded in known or len(folded) < 5:
        return None
    near = get_close_matches(folded, known, n=1, cutoff=0.88)
    return known[near[0]] if near else None
