"""A document as PDF, as pictures of its pages, and as XLSX: by the template that somebody chose, else by the usual one."""

from core.base.context import Context
from core.base.errors import Refused
from core.base.outbox import defer
from core.documents import queries
from core.documents.design import Design
from core.documents.models import PrintTemplate
from core.documents.paper import Paper
from core.documents.sheet import sheet
from infra import pdf as press

TEMPLATE, STANDARD = "document", "ua-1"  # PDF/UA: tagged, with title and language, so that everybody can have it read out


class FontsComing(Refused):
    """Fonts are being fetched; a minute later the document is there."""

    status = 503


def pdf(ctx: Context, paper: Paper, template: PrintTemplate | None = None) -> bytes:
    """The document as PDF. Refused (`print_fonts_coming`) while fonts that its text needs are not here."""
    return pdf_of(paper, queries.design_for(ctx, paper.kind, paper.language, template))


def xlsx(ctx: Context, paper: Paper, template: PrintTemplate | None = None) -> bytes:
    """The same document as a workbook with living formulas."""
    from core.documents.workbook import workbook

    return workbook(paper, queries.design_for(ctx, paper.kind, paper.language, template))


def pdf_of(paper: Paper, design: Design) -> bytes:
    """The same by values, without a session."""
    try:
        return press.render(TEMPLATE, sheet(paper, design), standard=STANDARD)
    except press.FontsMissing:
        raise FontsComing("print_fonts_coming") from None


def pictures_of(paper: Paper, design: Design) -> list[bytes]:
    """The pages of that very document as PNG."""
    try:
        return press.pictures(TEMPLATE, sheet(paper, design))
    except press.FontsMissing:
        raise FontsComing("print_fonts_coming") from None


def have_fonts_brought(ctx: Context) -> None:
    """A worker brings the fonts, asked at most once a minute."""
    defer(ctx, "documents.fonts", queue="bulk", dedupe=f"fonts:{ctx.now:%Y%m%d%H%M}")
