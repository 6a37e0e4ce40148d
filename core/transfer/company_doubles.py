"""Companies that contacts name and that are not there under that very name: noted where one like them is, for a person to say
which is meant. Nothing is linked by likeness alone."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Text, column, func, literal, select

from core.base.context import Context
from core.base.named import folded
from core.base.policy import sees
from core.base.stepping import Door, in_pages
from core.base.text import fold
from core.parties.among import Among
from core.parties.duplicates import FIELDS, Match, likely_for_many
from core.parties.models import Account
from core.transfer import beside_each_other, noting
from core.transfer.beside_each_other import SPELLED
from core.transfer.fields import COMPANY
from core.transfer.models import ImportRow, ImportRun

AT_ONCE = 1000
SURE = 0.75  # of what only sounds alike
TELLING = {"mail", "phone", "vat_id", "website"}
KNOWN, KNOWN_HIDDEN = "company_may_be_known", "company_may_be_known_hidden"
Asked = dict[str, Match | tuple[str, int] | None]


def note_companies(door: Door, run_id: UUID, round: int) -> None:
    """Note them chunk by chunk, each company looked for once; noting a row again changes nothing."""
    in_pages(door, ImportRun, run_id, round, "checking", permission="imports.run", step=partial(note_some, asked={}, among=Among("account")))


def names_companies(run: ImportRun) -> bool:
    return run.kind == "contacts" and "account" in run.mapping


def note_some(ctx: Context, run: ImportRun, after: int = 0, lines: list[int] | None = None, asked: Asked | None = None, among: Among | None = None) -> int | None:
    """One chunk behind a line, or some lines; the last line of it, None at the end. asked, among: what was found of companies before,
    and what the file has said of new ones."""
    if not names_companies(run):
        return None
    query = select(ImportRow.line, ImportRow.values).where(ImportRow.run_id == run.id, ImportRow.line > after, ImportRow.plan.in_(("create", "update")), ImportRow.values.has_key("account"))
    query = query.limit(AT_ONCE) if lines is None else query.where(ImportRow.line.in_(lines))
    rows = list(ctx.session.execute(query.order_by(ImportRow.line)))
    known = _likely(ctx, run, rows, {} if asked is None else asked, among)
    found = {row.line: match for row in rows if (match := known.get(fold(row.values["account"])))}
    place = run.mapping.index("account")
    notes = {line: said(match, KNOWN, KNOWN_HIDDEN, place) if isinstance(match, Match) else beside_each_other.note_of(match, place) for line, match in found.items()}
    noting.add(ctx, run, notes, (KNOWN, KNOWN_HIDDEN, SPELLED))
    return rows[-1].line if rows and lines is None else None


def _likely(ctx: Context, run: ImportRun, rows: Sequence[Row], asked: Asked, among: Among | None) -> Asked:
    """Folded name -> the account that it may be, else the earlier row that names it otherwise; what a company's first row says of it
    counts."""
    firsts: dict[str, Row] = {}
    for row in rows:
        firsts.setdefault(fold(row.values["account"]), row)
    new = {name: row for name, row in firsts.items() if name not in asked}
    exact = {fold(name) for name in _exact(ctx, [row.values["account"] for row in new.values()])}
    asked |= dict.fromkeys(exact)
    candidates = {name: _candidate(row.values) for name, row in new.items() if name not in exact}
    for name, matches in zip(candidates, likely_for_many(ctx, "account", list(candidates.values())), strict=True):
        asked[name] = surest(matches, TELLING)
    lone = {name: (new[name].line, candidate) for name, candidate in candidates.items() if asked[name] is None}
    if among is None:
        return asked | beside_each_other.look_again(ctx, run, "account", [candidate["name"] for _, candidate in lone.values()], sure=SURE, telling=TELLING)
    found = beside_each_other.look(ctx, among, list(lone.values()), sure=SURE, telling=TELLING)
    asked |= {name: found[line] for name, (line, _) in lone.items() if line in found}
    return asked


def _candidate(values: dict[str, Any]) -> dict[str, Any]:
    return {"name": values["account"], **{name: values.get(target) for target, name in COMPANY.items() if name in FIELDS}}


def _exact(ctx: Context, names: list[str]) -> set[str]:
    """Those that are there under that very name, as far as the actor sees: they are linked."""
    typed = func.unnest(literal(names, ARRAY(Text))).table_valued(column("name", Text)).render_derived("typed")
    there = select(Account.id).where(Account.name_fold == folded(typed.c.name), Account.deleted_at.is_(None), sees(ctx, Account)).correlate(typed)
    return set(ctx.session.execute(select(typed.c.name).where(there.exists())).scalars()) if names else set()


def surest(matches: Sequence[Match], telling: set[str]) -> Match | None:
    """Of those that are sure, or that one of the `telling` reasons speaks for, the first that the actor sees, else that there is one."""
    sure = [one for one in matches if one.score >= SURE or telling.intersection(one.reasons)]
    return next((one for one in sure if not one.hidden), sure[0] if sure else None)


def said(match: Match, code: str, hidden_code: str, place: int | None = None) -> dict[str, Any]:
    """The note of a row, at a column or of the whole row. Of a record that he does not see he hears that there is one, and nothing
    else (DECISIONS 2)."""
    if match.hidden:
        return {"column": place, "code": hidden_code, "params": {}}
    return {"column": place, "code": code, "params": {"name": match.name, "id": str(match.id)}}
