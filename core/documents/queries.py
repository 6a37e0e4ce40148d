"""Reads of print templates: the list, one of them, and which one a document is printed by."""

from uuid import UUID

from sqlalchemy import Select, case, select

from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import has, require
from core.documents.design import Design
from core.documents.models import PrintLogo, PrintTemplate


def all_templates(ctx: Context) -> Select:
    """Where lists start."""
    require(ctx, "documents.read")
    return select(PrintTemplate).where(PrintTemplate.deleted_at.is_(None))


def templates(ctx: Context, kind: str | None = None) -> list[PrintTemplate]:
    """All of them, or those of a kind; by kind, language and name."""
    query = all_templates(ctx).where(PrintTemplate.kind == kind if kind else PrintTemplate.kind.is_not(None))
    return list(ctx.session.execute(query.order_by(PrintTemplate.kind, PrintTemplate.language, PrintTemplate.is_default.desc(), PrintTemplate.name, PrintTemplate.id)).scalars())


def one(ctx: Context, template_id: UUID, *, deleted: bool = False) -> PrintTemplate:
    """A template; NotFound where there is none, or the actor may not know of it."""
    side = PrintTemplate.deleted_at.is_not(None) if deleted else PrintTemplate.deleted_at.is_(None)
    found = ctx.session.execute(select(PrintTemplate).where(PrintTemplate.id == template_id, side)).scalar_one_or_none()
    if found is None or not has(ctx, "documents.read"):
        raise NotFound()
    return found


def usual(ctx: Context, kind: str, language: str) -> PrintTemplate | None:
    """By which a document is printed where nobody chose: of its language first, then one for all languages, then any; the default of
    these first. Whoever may print the document may have it printed so."""
    near = case((PrintTemplate.language == language, 0), (PrintTemplate.language == "", 1), else_=2)
    query = select(PrintTemplate).where(PrintTemplate.kind == kind, PrintTemplate.deleted_at.is_(None))
    return ctx.session.execute(query.order_by(near, PrintTemplate.is_default.desc(), PrintTemplate.created_at, PrintTemplate.id).limit(1)).scalar_one_or_none()


def logo(ctx: Context, logo_id: UUID | None) -> bytes | None:
    """The picture of a template."""
    return ctx.session.execute(select(PrintLogo.content).where(PrintLogo.id == logo_id)).scalar_one_or_none() if logo_id else None


def design_for(ctx: Context, kind: str, language: str, template: PrintTemplate | None = None) -> Design:
    """How a document of that kind and language looks: by the template named, else by the usual one; plain where there is none."""
    row = template or usual(ctx, kind, language)
    return Design.of(row, logo(ctx, row.logo_id)) if row else Design()
