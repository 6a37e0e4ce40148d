"""Rows of one file that may name the same as an earlier row under another spelling, both of them new: noted before anything is written."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, literal, or_, select

from core.base.context import Context
from core.base.named import folded
from core.base.text import fold
from core.parties.among import Among
from core.transfer.models import ImportRow, ImportRun

SPELLED = "spelled_otherwise"
SIMILAR = 0.3  # names of other rows that share so much with a corrected one are looked at
MOST = 200
Candidates = Sequence[tuple[int, Mapping[str, Any]]]


def look(ctx: Context, among: Among, candidates: Candidates, *, sure: float, telling: set[str]) -> dict[int, tuple[str, int]]:
    """line -> (name, line) of the earlier row that each may be the same as, written otherwise."""
    found = {}
    for line, candidate in candidates:
        match = among.look(ctx, candidate, (candidate["name"], line))
        if match and (match[1] >= sure or telling.intersection(match[2])) and fold(match[0][0]) != fold(candidate["name"]):
            found[line] = match[0]
    return found


def look_again(ctx: Context, run: ImportRun, target: str, names: Collection[str], *, sure: float, telling: set[str]) -> dict[str, tuple[str, int]]:
    """Folded name -> (name, line) likewise, for rows that were corrected: among all that the file says under names like these."""
    if not names:
        return {}
    name = ImportRow.values[target].astext
    alike = or_(*(func.similarity(folded(name), folded(literal(one))) > SIMILAR for one in names))
    rows = select(func.min(ImportRow.line).label("line"), func.min(name)).where(ImportRow.run_id == run.id, ImportRow.plan.in_(("create", "update")), alike)
    said = [tuple(row) for row in ctx.session.execute(rows.group_by(folded(name)).order_by("line").limit(MOST))]
    found = look(ctx, Among("account"), [(line, {"name": text}) for line, text in said], sure=sure, telling=telling)
    wanted = {fold(one) for one in names}
    return {fold(text): found[line] for line, text in said if line in found and fold(text) in wanted}


def note_of(found: tuple[str, int], place: int | None) -> dict[str, Any]:
    """The note of a row."""
    return {"column": place, "code": SPELLED, "params": {"name": found[0], "line": found[1]}}
