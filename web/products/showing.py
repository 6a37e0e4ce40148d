"""How products stand in lists and in "Details": what their cells say, what is chosen from, what a conflict calls a value."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import g

from core.base.context import Context
from core.base.words import N_
from core.products import queries
from core.products.fields import FIELDS
from core.products.words import LABELS, STATE_LABELS
from infra import i18n
from web.editing import shown
from web.filters import price
from web.parties import history
from web.parties.cells import EDITED_IN, WORD_HUES
from web.parties.conditions import NAMING
from web.parties.listing import PAGES, ListPage
from web.parties.record import PROPS, Props

EDITED = {"code": "text", "price": "text", "cost": "text", "category_id": "select", "unit_id": "select", "tax_code_id": "select", "state": "select", "tags": "text"}
DETAILS = EDITED | {"description": "textarea"}
NAMED = ("category_id", "unit_id", "tax_code_id")
SEGMENTS = ((N_("All"), {"where": ()}), *((text, {"where": (("state", "eq", state),)}) for state, text in STATE_LABELS.items()))


def catalogue(ctx: Context) -> list[tuple[str, UUID, str, bool]]:
    """Everything that products name, read once a request."""
    if "catalogue" not in g:
        g.catalogue = queries.catalogue_names(ctx)
    return g.catalogue


def names(ctx: Context) -> dict[UUID, str]:
    """Key -> name of everything that products name."""
    return {key: name for _field, key, name, _ in catalogue(ctx)}


def choices(ctx: Context, name: str, held: dict[UUID, str] | None = None) -> list[tuple[str, str]]:
    """What a select offers: words of the state, or what is not retired, and nothing of it."""
    if name == "state":
        return [(state, _(ctx, text)) for state, text in STATE_LABELS.items()]
    return [("", ""), *((str(key), text) for field, key, text, retired in catalogue(ctx) if field == name and not retired)]


def said(ctx: Context, record: Any, name: str, called: dict[UUID, str]) -> str:
    """A value as the page shows it."""
    value = getattr(record, name)
    if name in ("price", "cost"):
        return price(value, record.currency)
    return _said(ctx, name, value, called)


def _said(ctx: Context, name: str, value: Any, called: dict[UUID, str]) -> str:
    if name in NAMED:
        return called.get(UUID(str(value)), _(ctx, N_("one that is gone"))) if value else ""
    return _(ctx, STATE_LABELS[value]) if name == "state" else shown(value)


def _of_history(ctx: Context, name: str, value: Any) -> str:
    if name == "successor_id":
        return queries.product_name(ctx, UUID(str(value))) or _(ctx, N_("one that is gone"))
    return _said(ctx, name, value, names(ctx))


def _say(ctx: Context, called: dict[UUID, str]) -> dict[str, Callable[[Any], str]]:
    found: dict[str, Callable[[Any], str]] = {name: lambda value, name=name: _said(ctx, name, value, names(ctx)) for name in (*NAMED, "state")}
    return found | {"successor_id": lambda key: queries.product_name(ctx, UUID(str(key))) or "" if key else ""}


EDITED_IN["products"] = EDITED
WORD_HUES["products", "state"] = {"active": "green", "retired": "grey"}
NAMING["products"] = lambda ctx, name: [(str(key), text) for field, key, text, _retired in catalogue(ctx) if field == name]
PAGES["products"] = ListPage(SEGMENTS, names, (N_("In the category"), queries.category_name), owned=False, priced=True, options=choices)
PROPS["products"] = Props(DETAILS, LABELS, said, choices, names, _say)
history.FIELDS["products"], history.TITLES["products"], history.LABELS_IN["products"], history.SAYS_IN["products"] = FIELDS, N_("Products"), LABELS, _of_history


def _(ctx: Context, text: str) -> str:
    return i18n.gettext(ctx.locale, text)
