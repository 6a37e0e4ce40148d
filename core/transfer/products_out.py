"""The list of products taken out: the rows that the actor sees under the list's filters, as CSV or XLSX."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.words import N_
from core.products import queries as products
from core.products.models import Product
from core.products.variant_queries import COUNT
from core.products.variants_in import CODE, SAID
from core.products.words import LABELS, STATE_LABELS
from core.transfer.room_out import RoomOut, word

NAMES = ("code", "name", "category_id", "unit_id", "tax_code_id", "price", "currency", "cost", "state", "successor_id", "template", "values", "tags", "description")
NAMED = ("category_id", "unit_id", "tax_code_id")
SUCCESSOR = aliased(Product)


def _base(ctx: Context) -> Select:
    """(Product, code of its successor, of a variant the code of its product, values, how many variants)."""
    return select(Product, SUCCESSOR.code, CODE, SAID, COUNT).join(SUCCESSOR, SUCCESSOR.id == Product.successor_id, isouter=True)


def _sayer(ctx: Context):
    names = {key: name for _field, key, name, _retired in products.catalogue_names(ctx)}

    def say(found: Product, successor: str | None, template: str | None, values: str | None, variants: int | None) -> dict[str, Any]:
        told = {"successor_id": successor, "template": template, "values": values, "variants": variants}
        return {name: names.get(getattr(found, name)) for name in NAMED} | told | {"state": word(ctx, STATE_LABELS, found.state)}

    return say


OUT = RoomOut(Product, N_("Products"), NAMES, LABELS, _base, _sayer)
