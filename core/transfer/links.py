"""Cells that name another record: an own field's account or person, who referred a contact. Looked up for many rows at once, by number
elsewhere, mail address or name, among what the actor sees."""

from typing import Any

from core.base.context import Context
from core.base.named import named, usual
from core.base.text import fold
from core.custom_fields.fields import is_own
from core.parties.models import Account, Contact
from core.transfer import cells, own
from core.transfer.models import ImportRun
from core.transfer.reading import Staged

MODELS: dict[str, Any] = {"account": Account, "contact": Contact}


def settle_links(ctx: Context, run: ImportRun, staged: list[Staged]) -> list[Staged]:
    """Keys in place of the names in these rows. A name that none or several have is a problem of its cell; of who referred somebody
    only a note, for he may come in later. Returns the rows that have a problem or a note since."""
    owns = own.importable(ctx, run.kind)
    links = {name: owns[name].kind for name in run.mapping if name in owns and owns[name].kind in MODELS}
    links |= {"referred_by_id": "contact"} if "referred_by_id" in run.mapping and run.kind == "contacts" else {}
    out: list[Staged] = []
    for name, kind in links.items():
        where = [(_values(row, name), row) for row in staged]
        known = named(ctx, MODELS[kind], {values[key] for (values, key), _ in where if values.get(key)}, usual(MODELS[kind]))
        for (values, key), row in where:
            if values.get(key):
                typed = values.pop(key)
                found = known.get(typed, {})
                if len(found) == 1 and not (name == "referred_by_id" and fold(typed) == fold(str(row.values.get("name", "")))):
                    values[key] = next(iter(found))
                else:
                    _tell(run, row, name, typed, "link_not_one" if len(found) > 1 else "link_not_found")
                    out.append(row)
    return out


def _values(row: Staged, name: str) -> tuple[dict[str, Any], str]:
    """Where the value of a field stands in a row."""
    return (row.values.get("custom", {}), own.key_of(name)) if is_own(name) else (row.values, name)


def _tell(run: ImportRun, row: Staged, name: str, typed: str, code: str) -> None:
    kept = row.notes if name == "referred_by_id" else row.problems
    kept.append({"column": run.mapping.index(name), "code": code, "params": {"value": cells.shown(typed), "cell": cells.shown(typed)}})
