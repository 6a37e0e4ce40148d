"""Print templates: how the documents of a workspace look. All of it is values, none of it is run."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, deferred, mapped_column

from core.base.model import Keyed, Record, TenantBase

KINDS = ("quote",)
LANGUAGES = ("en", "es", "zh", "ko", "ru")
LAYOUTS = ("letter", "modern", "compact")
FONTS = ("serif", "sans", "book")
PAPERS = ("a4", "letter")
COLUMNS = ("position", "sku", "name", "quantity", "unit", "unit_price", "discount", "taxes", "amount")
NEEDED_COLUMNS = ("name", "amount")
SIDES = ("margin_top", "margin_right", "margin_bottom", "margin_left")
NARROWEST, WIDEST = 8, 60  # mm of a margin
TICKS = ("terms_on_new_page", "show_code", "show_reasons", "show_section_sums", "show_option_sum")


class PrintLogo(Keyed, TenantBase):
    """A logo, encoded anew by us; never changed, so that templates and their copies may share it."""

    __tablename__ = "print_logo"
    __table_args__ = (
        CheckConstraint("octet_length(content) BETWEEN 1 AND 1048576", name="content"),
        CheckConstraint("width BETWEEN 1 AND 1200 AND height BETWEEN 1 AND 1200", name="size"),
    )
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    width: Mapped[int] = mapped_column(SmallInteger)
    height: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime]


class PrintTemplate(Record, TenantBase):
    """language: of the documents it is for, empty for all. is_default: taken for its kind and language where nobody chose.
    columns: those of the table, in their order; headings: words of its own for some of them. title, intro, closing and terms may hold
    placeholders out of a closed list ({number}); what a document brings itself takes their place."""

    __tablename__ = "print_template"
    __table_args__ = (
        CheckConstraint(f"kind IN ('{KINDS[0]}')", name="kind"),
        CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name"),
        CheckConstraint(f"language IN {('', *LANGUAGES)}", name="language"),
        CheckConstraint(f"layout IN {LAYOUTS}", name="layout"),
        CheckConstraint(f"font IN {FONTS}", name="font"),
        CheckConstraint(f"paper IN {PAPERS}", name="paper"),
        CheckConstraint("colour ~ '^#[0-9a-f]{6}$'", name="colour"),
        *(CheckConstraint(f"{side} BETWEEN {NARROWEST} AND {WIDEST}", name=side) for side in SIDES),
        CheckConstraint(f"columns <@ ARRAY{list(COLUMNS)} AND columns @> ARRAY{list(NEEDED_COLUMNS)} AND cardinality(columns) <= {len(COLUMNS)}", name="columns"),
        CheckConstraint("NOT is_default OR deleted_at IS NULL", name="is_default"),
        Index("uq_print_template_default", "kind", "language", unique=True, postgresql_where=text("is_default")),
        Index("ix_print_template_logo_id", "logo_id", postgresql_where=text("logo_id IS NOT NULL")),
        {"info": {"audit": True}},
    )
    kind: Mapped[str] = mapped_column(server_default=KINDS[0], default=KINDS[0])
    name: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="", default="")
    is_default: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    layout: Mapped[str] = mapped_column(server_default="letter", default="letter")
    colour: Mapped[str] = mapped_column(server_default="#1f4e79", default="#1f4e79")
    font: Mapped[str] = mapped_column(server_default="serif", default="serif")
    paper: Mapped[str] = mapped_column(server_default="a4", default="a4")
    margin_top: Mapped[int] = mapped_column(SmallInteger, server_default=text("20"), default=20)
    margin_right: Mapped[int] = mapped_column(SmallInteger, server_default=text("20"), default=20)
    margin_bottom: Mapped[int] = mapped_column(SmallInteger, server_default=text("20"), default=20)
    margin_left: Mapped[int] = mapped_column(SmallInteger, server_default=text("22"), default=22)
    logo_id: Mapped[UUID | None] = mapped_column(ForeignKey("print_logo.id"))
    letterhead: Mapped[str | None]
    footer_left: Mapped[str | None]
    footer_middle: Mapped[str | None]
    footer_right: Mapped[str | None]
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=f"{{{','.join(COLUMNS)}}}")
    headings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    title: Mapped[str | None]
    intro: Mapped[str | None]
    closing: Mapped[str | None]
    terms: Mapped[str | None]
    terms_on_new_page: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    show_code: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    show_reasons: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    show_section_sums: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    show_option_sum: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    deleted_at: Mapped[datetime | None]


SHAPES = (
    "kind", "name", "language", "layout", "colour", "font", "paper", "letterhead", "footer_left", "footer_middle", "footer_right", "columns", "headings", "title", "intro", "closing", "terms",
)
HARMLESS = {f"print_template.{name}": "how the workspace's documents look" for name in SHAPES} | {"print_logo": "the company's own logo", "print_logo.content": "the company's own logo"}
