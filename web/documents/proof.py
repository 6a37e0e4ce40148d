"""What the editor shows beside the form: the pages of a document, printed by the values at hand."""

import base64
from typing import Any

from flask import request

from core.base import editing
from core.base.context import Context
from core.base.errors import Gathered
from core.documents import queries, rendering
from core.documents.design import Design
from core.documents.models import PrintTemplate
from core.documents.paper import Paper
from core.documents.rules import FIELDS
from core.documents.samples import RECORDS, sample
from core.documents.words import LABELS
from infra import i18n, limits
from web.forms import keys_of
from web.words import say_refusal

OFTEN, SECONDS, MOST_PAGES = 120, 60, 8
STATES = ("draft", "superseded")


def proof(ctx: Context, row: PrintTemplate, tried: dict[str, Any] | None) -> dict[str, Any]:
    """pages: pictures as data addresses. tried: values that are not saved; what is wrong with them is said, and the saved value stands there.
    Without them nothing is drawn: the editor asks for it when it stands, so that the form does not wait for the printer."""
    if tried is None:
        return {"records": _offered(ctx, row), "with_": request.values.get("with", ""), "wrong": [], "pages": [], "more": 0, "fonts_coming": False, "drawn": False}
    limits.hit("print_preview", str(ctx.tenant.id), OFTEN, SECONDS)
    wrong = Gathered()
    good = editing.cleaned(FIELDS, tried, wrong)
    found = {"records": _offered(ctx, row), "with_": request.values.get("with", ""), "wrong": _said(ctx, wrong), "pages": [], "more": 0, "fonts_coming": False, "drawn": True}
    try:
        pages = rendering.pictures_of(shown_with(ctx, row, good.get("language")), Design.of(row, queries.logo(ctx, row.logo_id), **good))
    except rendering.FontsComing:
        rendering.have_fonts_brought(ctx)
        return found | {"fonts_coming": True}
    shown = [f"data:image/png;base64,{base64.b64encode(one).decode()}" for one in pages[:MOST_PAGES]]
    return found | {"pages": shown, "more": len(pages) - len(shown)}


def shown_with(ctx: Context, row: PrintTemplate, language: str | None = None) -> Paper:
    """The document to look at: a record that the reader sees, where he chose one, else a sample of ours."""
    chosen, records = request.values.get("with", ""), RECORDS.get(row.kind)
    if records is not None and (keys := keys_of([chosen])):
        return records.paper(ctx, keys[0])
    code = row.language if language is None else language
    return sample(ctx, row.kind, code or ctx.tenant.locale, chosen if chosen in STATES else "sent")


def _offered(ctx: Context, row: PrintTemplate) -> list[tuple[str, str]]:
    records = RECORDS.get(row.kind)
    return [(str(key), text) for key, text in records.offered(ctx)] if records is not None else []


def _said(ctx: Context, wrong: Gathered) -> list[str]:
    """Field and refusal, in the reader's words."""
    return [f"{i18n.gettext(ctx.locale, LABELS.get(one.field or '', ''))}: {say_refusal(one, ctx.locale)}" for one in wrong.errors]
