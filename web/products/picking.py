"""A product that a form names."""

from flask import request

from core.base.context import Context
from core.base.errors import Refused
from core.products import queries
from web.forms import keys_of


def picked_product(ctx: Context, field: str) -> str:
    """A key chosen from the list, or (without script) the product of the name or code that was typed. Refuses one that names none, or several."""
    key, text = request.form.get(field, ""), request.form.get(f"{field}_text")
    if text is None:
        return key
    text = " ".join(text.split())
    chosen_key = next(iter(keys_of([key])), None)
    if not text or (chosen_key is not None and queries.product_name(ctx, chosen_key) == text):
        return key if text else ""
    found = queries.products_named(ctx, text)
    if len(found) != 1:
        raise Refused("product_unknown", field=field)
    return str(found[0])
