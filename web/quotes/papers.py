"""A version of a quote on paper: as PDF by the tenant's template, and the same as a workbook with living formulas."""

from uuid import UUID

from flask import Blueprint, Response, g, request

from core.base.context import Context
from core.base.errors import NotFound
from core.base.words import N_
from core.documents import rendering
from core.quotes import answering, queries
from core.quotes.models import Quote, QuoteVersion
from core.quotes.paper import paper_of
from core.quotes.printing import RECORDS  # noqa: F401 (quotes are offered where print templates are looked at)
from infra import limits
from web.forms import small_int
from web.guard import needs, stranger
from web.pages import quiet, say, see_other

bp = Blueprint("quote_papers", __name__)
PRINTS, WINDOW = 12, 60  # of strangers, in so many seconds, by one network
KINDS = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
COMING = N_("The fonts for Chinese and Korean are being fetched. Try again in a minute.")


@bp.get("/quotes/<uuid:id>/document.pdf")
@needs("quotes.read")
def show_pdf(ctx: Context, id: UUID):
    """As the customer would get it; a draft says that it is one. version=: another one than the newest."""
    quote, version = _asked(ctx, id)
    try:
        return _file(rendering.pdf(ctx, paper_of(ctx, version)), quote, version, "pdf")
    except rendering.FontsComing:
        rendering.have_fonts_brought(ctx)
        say(ctx, COMING, kind="error")
        return see_other("quotes.show", id=id, version=version.number)


@bp.get("/quotes/<uuid:id>/document.xlsx")
@needs("quotes.read")
def show_xlsx(ctx: Context, id: UUID):
    """The same as a workbook."""
    quote, version = _asked(ctx, id)
    return _file(rendering.xlsx(ctx, paper_of(ctx, version)), quote, version, "xlsx")


@bp.get("/quote/<token>/document.pdf")
@stranger("quotes.answer")
def show_to_customer(ctx: Context, token: str):
    """By the customer's link: the version that the link is of."""
    limits.hit("quote_print", f"{ctx.tenant.id}:{limits.network(request.remote_addr)}", PRINTS, WINDOW)
    quote, version = answering.by_token(ctx, token)
    if version.state == "withdrawn":
        raise NotFound()
    try:
        return quiet(_file(rendering.pdf(ctx, paper_of(ctx, version)), quote, version, "pdf"))
    except rendering.FontsComing:
        rendering.have_fonts_brought(ctx)
        return quiet(see_other("quote_page.show", token=token, lang=g.lang))


def _asked(ctx: Context, id: UUID) -> tuple[Quote, QuoteVersion]:
    quote, number = queries.one_quote(ctx, id), small_int(request.args.get("version"))
    return quote, queries.newest(ctx, quote) if number is None else queries.version_numbered(ctx, quote, number)


def _file(content: bytes, quote: Quote, version: QuoteVersion, kind: str) -> Response:
    """Called by its number and version; nothing that somebody typed stands in the name."""
    name = f"{quote.number or 'draft'}-{version.number}.{kind}"
    return Response(content, mimetype=KINDS[kind], headers={"Content-Disposition": f"{'inline' if kind == 'pdf' else 'attachment'}; filename={name}", "Cache-Control": "private, no-store"})
