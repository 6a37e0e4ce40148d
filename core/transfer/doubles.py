"""Rows that may be somebody who is there already: noted, for a person to say what becomes of them."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.stepping import Door, in_pages
from core.base.text import fold
from core.parties.among import Among
from core.parties.duplicates import FIELDS, Match, likely_for_many
from core.transfer import beside_each_other, company_doubles, noting, settling
from core.transfer.beside_each_other import SPELLED
from core.transfer.company_doubles import said, surest
from core.transfer.models import ImportRow, ImportRun

AT_ONCE = 200
TYPES = {"accounts": "account", "contacts": "contact"}
TELLING = {"mail", "phone", "vat_id"}
KNOWN, KNOWN_HIDDEN = "may_be_known", "may_be_known_hidden"


def matches_of(ctx: Context, kind: str, candidates: Sequence[dict[str, Any]]) -> list[Match | None]:
    """For each candidate the most likely record that the actor sees, else one that he does not see, or None."""
    return [surest(known, TELLING) for known in likely_for_many(ctx, TYPES[kind], candidates)]


def note_doubles(door: Door, run_id: UUID, round: int) -> None:
    """Note them chunk by chunk, and the companies that contacts name; noting a row again changes nothing."""
    company_doubles.note_companies(door, run_id, round)
    in_pages(door, ImportRun, run_id, round, "checking", permission="imports.run", step=partial(note_some, among=Among("account")))


def note_some(ctx: Context, run: ImportRun, after: int = 0, lines: list[int] | None = None, among: Among | None = None) -> int | None:
    """One chunk behind a line, or some lines; the last line of it, None at the end. Of some lines the companies too. among: the
    accounts that the file has named so far."""
    if lines is not None:
        company_doubles.note_some(ctx, run, lines=lines)
    if run.mode == "update":
        return None
    if run.kind not in TYPES:
        return settling.note_known(ctx, run, after, lines, AT_ONCE)
    query = select(ImportRow.line, ImportRow.values).where(ImportRow.run_id == run.id, ImportRow.plan == "create", ImportRow.line > after, ImportRow.choice.is_(None))
    query = query.limit(AT_ONCE) if lines is None else query.where(ImportRow.line.in_(lines))
    rows = list(ctx.session.execute(query.order_by(ImportRow.line)))
    candidates = [{name: values.get(name) for name in ("name", *FIELDS)} for _, values in rows]
    found = {line: match for (line, _), match in zip(rows, matches_of(ctx, run.kind, candidates), strict=True) if match}
    notes = {line: said(match, KNOWN, KNOWN_HIDDEN) for line, match in found.items()}
    if run.kind == "accounts":
        notes |= _beside(ctx, run, [(line, one) for (line, _), one in zip(rows, candidates, strict=True) if line not in found], among)
    noting.add(ctx, run, notes, (KNOWN, KNOWN_HIDDEN, SPELLED))
    return rows[-1].line if rows and lines is None else None


def _beside(ctx: Context, run: ImportRun, lone: list[tuple[int, dict[str, Any]]], among: Among | None) -> dict[int, dict[str, Any]]:
    """Notes of the rows that may be an account which an earlier row brings under another spelling."""
    telling = company_doubles.TELLING
    if among is not None:
        found = beside_each_other.look(ctx, among, lone, sure=company_doubles.SURE, telling=telling)
    else:
        again = beside_each_other.look_again(ctx, run, "name", [one["name"] for _, one in lone], sure=company_doubles.SURE, telling=telling)
        found = {line: again[name] for line, one in lone if (name := fold(one["name"])) in again}
    return {line: beside_each_other.note_of(match, None) for line, match in found.items()}
