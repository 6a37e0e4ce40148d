"""The draft of a quote as it is written: its lines in one form that works by keyboard and without script, and what it says beside them.

Enter saves and goes on in an empty line; totals, reasons and what the customer was quoted before come with the answer.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, request

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.policy import require
from core.base.words import N_
from core.products import queries as products
from core.products import rating, relations
from core.quotes import drafting, lining, queries
from core.quotes.models import ITEM, Quote, QuoteLine, QuoteVersion
from core.quotes.rules import MOST_LINES
from core.quotes.words import VERSION_STATE_LABELS
from web.editing import shown, typed_value, version_of_form
from web.forms import keys_of, small_int
from web.guard import needs
from web.line_forms import rearrange, take_by_line
from web.pages import page, say, see_other
from web.parties.cells import plain_number
from web.quotes.forms import DraftForm, LineForm
from web.quotes.showing import document, pill, tax_said
from web.quotes.waiting import standing_of

bp = Blueprint("quote_draft", __name__, url_prefix="/quotes")
NUMBERS = ("quantity", "unit_price", "discount")
VALUES = ("description", *NUMBERS, "tax_code_id", "choice")


@bp.get("/<uuid:id>/lines")
@needs("quotes.edit")
def edit_lines(ctx: Context, id: UUID):
    """The draft to be written. next=: the cursor stands in a new line."""
    quote = queries.one_quote(ctx, id)
    require(ctx, "quotes.edit", quote)
    return _editor(ctx, quote, queries.draft_of(ctx, quote))


@bp.post("/<uuid:id>/lines")
@needs("quotes.edit")
def update_lines(ctx: Context, id: UUID):
    """Save the lines. up=, gone=: a line's place, to be moved up or taken away; add=: a product that goes with one, as a further line; back: to the page of the quote."""
    quote = queries.one_quote(ctx, id)
    require(ctx, "quotes.edit", quote)
    draft = queries.draft_of(ctx, quote)
    forms = [LineForm(request.form, prefix=f"l{place}-") for place in range(min(small_int(request.form.get("rows")) or 0, MOST_LINES + 1))]
    there = {str(one.id): one for one in queries.lines_of(ctx, draft)}
    rows = [(form, row) for form in forms if (row := _row(ctx, form, there)) is not None]
    rearrange(rows, forms)
    rows += [(LineForm(prefix=f"l{len(forms)}-"), {"kind": ITEM, "product_id": str(key)}) for key in keys_of([request.form.get("add", "")])]
    problem = None
    try:
        with ctx.session.begin_nested():
            lining.save_lines(ctx, quote, [row for _, row in rows], version=version_of_form())
        return see_other("quotes.show", id=id) if "back" in request.form else see_other("quote_draft.edit_lines", id=id, next=1)
    except Refused as refusal:
        if refusal.status != 422 and not isinstance(refusal, Conflict):
            raise
        problem = take_by_line(refusal, [form for form, _ in rows])
        return _editor(ctx, quote, draft, forms=forms, problem=problem, status=refusal.status)


@bp.post("/<uuid:id>/draft")
@needs("quotes.edit")
def update_draft(ctx: Context, id: UUID):
    """Save what the draft says beside its lines."""
    quote = queries.one_quote(ctx, id)
    require(ctx, "quotes.edit", quote)
    form = DraftForm(request.form)
    if form.validate():
        try:
            with form.attempt(ctx):
                drafting.edit_draft(ctx, quote, version=version_of_form(), **{field.name: typed_value(field) for field in form})
                say(ctx, N_("%(name)s saved"), name=quote.name)
                return see_other("quote_draft.edit_lines", id=id, _anchor="texts")
        except Conflict as conflict:  # nothing that was typed is lost: it stands in the form, over what is there now
            form.take(conflict)
            return _editor(ctx, quote, queries.draft_of(ctx, quote), draft_form=form, status=409)
    return _editor(ctx, quote, queries.draft_of(ctx, quote), draft_form=form, status=422)


def _row(ctx: Context, form: LineForm, there: dict[str, QuoteLine]) -> dict[str, Any] | None:
    """A line as the use case takes it; None of one in which nothing was written."""
    text = " ".join(request.form.get(f"{form.product_id.name}_text", "").split())
    line = there.get(form.id.data or "")
    values = {name: form[name].data for name in VALUES}
    if line is None and not text and not any((values["unit_price"], values["description"], form.product_id.data)):
        return None
    found = {"id": str(line.id) if line is not None else None, "kind": form.kind.data or ITEM, "name": text, **values}
    if found["kind"] == ITEM:
        found["product_id"] = _product(ctx, form.product_id.data, text, line)
        if found["product_id"] and not form.product_id.data:  # found by its code or name, it is called as it is called
            found["name"] = ""
    return {name: value for name, value in found.items() if value not in ("", None)}


def _product(ctx: Context, key: str | None, text: str, line: QuoteLine | None) -> str | None:
    """Chosen from the list by key, or (without script) by the name or code that was typed."""
    keys = keys_of([key or ""])
    if keys:
        return str(keys[0])
    if not text or (line is not None and line.product_id is None and line.name == text):
        return None
    found = products.products_named(ctx, text)
    return str(found[0]) if len(found) == 1 else None


def _editor(ctx: Context, quote: Quote, draft: QuoteVersion, *, forms: list[LineForm] | None = None, draft_form: DraftForm | None = None, problem: str | None = None, status: int = 200):
    shown_document = document(ctx, quote, draft)
    rows = {str(row.line.id): row for row in shown_document.rows}
    forms = _loaded([row.line for row in shown_document.rows]) if forms is None else forms
    codes = [(str(one.id), one.name) for one in products.tax_codes(ctx) if not one.retired]
    for form in forms:
        held = rows.get(form.id.data or "")
        gone = held is not None and held.line.tax_name and str(held.line.tax_code_id) not in dict(codes)
        form.tax_code_id.choices = [("", ""), *codes, *([(str(held.line.tax_code_id or ""), held.line.tax_name)] if gone else [])]
    texts = [request.form.get(f"{form.product_id.name}_text") if request.method == "POST" and problem else rows[form.id.data].line.name if form.id.data in rows else "" for form in forms]
    given = draft_form or DraftForm(data={name: getattr(draft, name) for name in ("valid_until", "currency", "language", "gross", "relief", "intro", "closing", "terms")} | {"relief": draft.relief or ""})
    given.currency.choices = [(code, code) for code in rating.currencies(ctx)]
    return page(
        "quotes/lines.html", status=status, goes_with=relations.goes_with(ctx, [row.line.product_id for row in shown_document.rows]), waits=standing_of(ctx, quote, draft), quote=quote, draft=draft, lines=list(zip(forms, texts, [rows.get(form.id.data or "") for form in forms], strict=True)), doc=shown_document,
        draft_form=given, problem=problem, goes_on=bool(request.args.get("next")) or not rows, state_pill=pill(draft.state), state_words=VERSION_STATE_LABELS, tax_said=lambda one: tax_said(ctx, one),
    )


def _loaded(lines: list[QuoteLine]) -> list[LineForm]:
    """A form for each line, and an empty one behind them."""
    found = []
    for place, line in enumerate(lines):
        data = {name: shown(plain_number(getattr(line, name))) for name in ("id", "kind", "product_id", *VALUES)}
        found.append(LineForm(prefix=f"l{place}-", data=data | {"discount": data["discount"] if line.discount else ""}))
    return [*found, LineForm(prefix=f"l{len(lines)}-")]
