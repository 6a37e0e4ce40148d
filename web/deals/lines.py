"""The products of a deal as they are written: one form that works by keyboard and without script. Enter saves and goes on in an empty line."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.policy import has
from core.deals import lines, queries
from core.deals.models import Deal, DealLine
from core.products import queries as products
from core.products.bundle_queries import in_line
from web.deals.part_forms import DealLineForm
from web.editing import shown, version_of_form
from web.forms import keys_of, small_int
from web.guard import needs
from web.line_forms import rearrange, take_by_line
from web.pages import page, see_other
from web.parties.cells import plain_number

bp = Blueprint("deal_lines", __name__, url_prefix="/deals")
VALUES = ("quantity", "unit_price", "discount", "recurs", "times")


@bp.get("/<uuid:id>/lines")
@needs("deals.edit")
def edit(ctx: Context, id: UUID):
    """The products to be written. next=: the cursor stands in a new line."""
    return _editor(ctx, queries.one_deal(ctx, id))


@bp.post("/<uuid:id>/lines")
@needs("deals.edit")
def update(ctx: Context, id: UUID):
    """Save them. up=, gone=: a line's place, to be moved up or taken away; back: to the page of the deal."""
    deal = queries.one_deal(ctx, id)
    there = {str(one.id): one for one in lines.lines_to_write(ctx, deal)}
    forms = [DealLineForm(request.form, prefix=f"l{place}-") for place in range(min(small_int(request.form.get("rows")) or 0, lines.MOST + 1))]
    rows = [(form, row) for form in forms if (row := _row(ctx, form, there)) is not None]
    rearrange(rows, forms)
    try:
        with ctx.session.begin_nested():
            lines.save_lines(ctx, deal, [row for _, row in rows], version=version_of_form())
        return see_other("deals.show", id=id) if "back" in request.form else see_other("deal_lines.edit", id=id, next=1)
    except Refused as refusal:
        if refusal.status != 422 and not isinstance(refusal, Conflict):
            raise
        return _editor(ctx, deal, forms=forms, problem=take_by_line(refusal, [form for form, _ in rows]), status=refusal.status)


def _row(ctx: Context, form: DealLineForm, there: dict[str, DealLine]) -> dict[str, Any] | None:
    """A line as the use case takes it; None of one in which nothing was written."""
    text = " ".join(request.form.get(f"{form.product_id.name}_text", "").split())
    line = there.get(form.id.data or "")
    values = {name: form[name].data for name in VALUES}
    if line is None and not text and not any((values["unit_price"], form.product_id.data)):
        return None
    product = _product(ctx, form.product_id.data, text, line)
    found = {"id": str(line.id) if line is not None else None, "product_id": product, "name": text if not product or form.product_id.data else "", **values}
    if line is not None and product != (str(line.product_id) if line.product_id else None) and values["unit_price"] == shown(plain_number(line.unit_price)):
        found["unit_price"] = None  # another product at its own price
    return {name: value for name, value in found.items() if value not in ("", None)}


def _product(ctx: Context, key: str | None, text: str, line: DealLine | None) -> str | None:
    """Chosen from the list by key, or (without script) by the name or code that was typed."""
    keys = keys_of([key or ""])
    if keys:
        return str(keys[0])
    if not text or not has(ctx, "products.read") or (line is not None and line.product_id is None and line.name == text):
        return None
    found = products.products_named(ctx, text)
    return str(found[0]) if len(found) == 1 else None


def _editor(ctx: Context, deal: Deal, *, forms: list[DealLineForm] | None = None, problem: str | None = None, status: int = 200):
    kept = lines.lines_to_write(ctx, deal)
    rows = {str(one.id): one for one in kept}
    forms = _loaded(kept) if forms is None else forms
    texts = [request.form.get(f"{form.product_id.name}_text") if problem else rows[form.id.data].name if form.id.data in rows else "" for form in forms]
    return page(
        "deals/lines.html", status=status, deal=deal, lines=list(zip(forms, texts, [rows.get(form.id.data or "") for form in forms], strict=True)), problem=problem,
        in_line=in_line, total=sum(one.amount for one in kept) if kept else None, goes_on=bool(request.args.get("next")) or not rows, picks=has(ctx, "products.read"),
    )


def _loaded(kept: list[DealLine]) -> list[DealLineForm]:
    """A form for each line, and an empty one behind them."""
    found = []
    for place, line in enumerate(kept):
        data = {name: shown(plain_number(getattr(line, name))) for name in ("id", "product_id", *VALUES)}
        found.append(DealLineForm(prefix=f"l{place}-", data=data | {"discount": data["discount"] if line.discount else "", "times": data["times"] if line.times > 1 else ""}))
    return [*found, DealLineForm(prefix=f"l{len(kept)}-")]
