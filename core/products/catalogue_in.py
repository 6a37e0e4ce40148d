"""Categories, units and tax codes as a file names them."""

from collections.abc import Mapping

from core.base.context import Context
from core.base.importing import Incoming
from core.base.text import fold
from core.products import queries

NAMED = {"category_id": "category_unknown", "unit_id": "unit_unknown", "tax_code_id": "tax_code_unknown"}


def called(ctx: Context) -> dict[str, dict[str, set[str]]]:
    """field -> folded name -> keys; a category by its whole path, and by its last name alone."""
    found: dict[str, dict[str, set[str]]] = {name: {} for name in NAMED}
    for field, key, name, _ in queries.catalogue_names(ctx):
        for said in {path(name), *([path(name.rpartition(" / ")[2])] if field == "category_id" else [])}:
            found[field].setdefault(said, set()).add(str(key))
    for field, key, name, _ in queries.catalogue_names(ctx):
        found[field][path(name)] = {str(key)}  # the whole path comes before a last name
    return found


def path(typed: str) -> str:
    """"Drinks>Tea" and "drinks / tea" are the same."""
    return "/".join(" ".join(fold(part).split()) for part in typed.replace(">", "/").split("/"))


def name_key(row: Incoming, name: str, code: str, called: Mapping[str, set[str]]) -> None:
    """The key in place of the name; a name that none or several have is a problem of its cell."""
    typed = str(row.values.pop(name))
    keys = called.get(path(typed), set())
    if len(keys) == 1:
        row.values[name] = next(iter(keys))
    else:
        row.refuse(name, "category_not_one" if keys else code, value=typed, cell=typed)
