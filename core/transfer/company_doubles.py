"""Companies that contacts name and that are not there under that very name: noted where one like them is, for a person to say
which is meant. Nothing is linked by likeness alone."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Text, column, func, literal, select

from core.base.context import Context
from core.base.policy import sees
from core.base.stepping import Door, in_pages
from core.base.text import fold
from core.parties.duplicates import FIELDS, Match, likely_for_many
from core.parties.models import Account
from core.transfer import noting
from core.transfer.fields import COMPANY
from core.transfer.matching import folded
from core.transfer.models import ImportRow, ImportRun

AT_ONCE = 1000
SURE = 0.75  # of what only sounds alike
TELLING = {"mail", "phone", "vat_id", "website"}
KNOWN, KNOWN_HIDDEN = "company_may_be_known", "company_may_be_known_hidden"


def note_companies(door: Door, run_id: UUID, round: int) -> None:
    """Note them chunk by chunk, each company looked for once; noting a row again changes nothing."""
    in_pages(door, ImportRun, run_id, round, "checking", permission="imports.run", step=partial(note_some, asked={}))


def names_companies(run: ImportRun) -> bool:
    return run.kind == "contacts" and "account" in run.mapping


def note_some(ctx: Context, run: ImportRun, after: int = 0, lines: list[int] | None = None, asked: dict[str, Match | None] | None = None) -> int | None:
    """One chunk behind a line, or some lines; the last line of it, None at the end. asked: what was found of companies before."""
    if not names_companies(run):
        return None
    query = select(ImportRow.line, ImportRow.values).where(ImportRow.run_id == run.id, ImportRow.line > after, ImportRow.plan.in_(("create", "update")), ImportRow.values.has_key("account"))
    query = query.limit(AT_ONCE) if lines is None else query.where(ImportRow.line.in_(lines))
    rows = list(ctx.session.execute(query.order_by(ImportRow.line)))
    known = _likely(ctx, rows, {} if asked is None else asked)
    found = {row.line: match for row in rows if (match := known.get(fold(row.values["account"])))}
    place = run.mapping.index("account")
    noting.add(ctx, run, {line: said(match, KNOWN, KNOWN_HIDDEN, place) for line, match in found.items()}, (KNOWN, KNOWN_HIDDEN))
    return rows[-1].line if rows and lines is None else None


def _likely(ctx: Context, rows: Sequence[Row], asked: dict[str, Match | None]) -> dict[str, Match | None]:
    """Folded name -> the account that it may be; what a company's first row says of it counts."""
    firsts: dict[str, dict[str, Any]] = {}
    for row in rows:
        firsts.setdefault(fold(row.values["account"]), row.values)
    new = [values for name, values in firsts.items() if name not in asked]
    exact = _exact(ctx, [values["account"] for values in new])
    new = [values for values in new if values["account"] not in exact]
    asked |= {fold(name): None for name in exact}
    candidates = [{"name": values["account"], **{name: values.get(target) for target, name in COMPANY.items() if name in FIELDS}} for values in new]
    for values, matches in zip(new, likely_for_many(ctx, "account", candidates), strict=True):
        asked[fold(values["account"])] = surest(matches, TELLING)
    return asked


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
