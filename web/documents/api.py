"""Print templates for programs."""

from io import BytesIO
from typing import Annotated, Literal
from uuid import UUID

from flask import Response, send_file
from pydantic import Field

from core.base.context import Context
from core.base.errors import NotFound
from core.base.words import N_
from core.documents import actions, queries
from core.documents.models import COLUMNS, FONTS, KINDS, LANGUAGES, LAYOUTS, NARROWEST, PAPERS, WIDEST, PrintTemplate
from core.documents.rules import LONGEST_HEADING, LONGEST_LINES
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("print_templates_api")
Name = Annotated[str, Field(min_length=1, max_length=80)]
Language = Annotated[str, Field(json_schema_extra={"enum": ["", *LANGUAGES]}, max_length=2)]
Colour = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]
Margin = Annotated[int, Field(ge=NARROWEST, le=WIDEST)]
Few = Annotated[str, Field(max_length=LONGEST_LINES)]
Titled = Annotated[str, Field(max_length=120)]
Text = Annotated[str, Field(max_length=4000)]
Terms = Annotated[str, Field(max_length=20_000)]
Shown = Annotated[list[Literal[COLUMNS]], Field(min_length=2, max_length=len(COLUMNS))]
Headings = dict[Literal[COLUMNS], Annotated[str, Field(max_length=LONGEST_HEADING)]]


class TemplateIn(shell.Body):
    """A print template. language: of the documents it is for, empty for all. columns: in their order; name and amount are always among them. Margins in mm."""

    name: Name
    kind: Literal[KINDS] = "quote"
    language: Language = ""
    layout: Literal[LAYOUTS] = "letter"
    colour: Colour = "#1f4e79"
    font: Literal[FONTS] = "serif"
    paper: Literal[PAPERS] = "a4"
    margin_top: Margin = 20
    margin_right: Margin = 20
    margin_bottom: Margin = 20
    margin_left: Margin = 22
    letterhead: Few | None = None
    footer_left: Few | None = None
    footer_middle: Few | None = None
    footer_right: Few | None = None
    columns: Shown = list(COLUMNS)
    headings: Headings = {}
    title: Titled | None = None
    intro: Text | None = None
    closing: Text | None = None
    terms: Terms | None = None
    terms_on_new_page: bool = True
    show_code: bool = True
    show_reasons: bool = True
    show_section_sums: bool = True
    show_option_sum: bool = True


class TemplatePatch(shell.Body):
    """Changes; what is absent stays as it is. The kind stays."""

    name: Name | None = None
    language: Language | None = None
    layout: Literal[LAYOUTS] | None = None
    colour: Colour | None = None
    font: Literal[FONTS] | None = None
    paper: Literal[PAPERS] | None = None
    margin_top: Margin | None = None
    margin_right: Margin | None = None
    margin_bottom: Margin | None = None
    margin_left: Margin | None = None
    letterhead: Few | None = None
    footer_left: Few | None = None
    footer_middle: Few | None = None
    footer_right: Few | None = None
    columns: Shown | None = None
    headings: Headings | None = None
    title: Titled | None = None
    intro: Text | None = None
    closing: Text | None = None
    terms: Terms | None = None
    terms_on_new_page: bool | None = None
    show_code: bool | None = None
    show_reasons: bool | None = None
    show_section_sums: bool | None = None
    show_option_sum: bool | None = None


class LogoIn(shell.Body):
    """picture: PNG, JPEG, GIF or WebP in base64, up to 4 million pixels; null takes the logo off."""

    picture: Annotated[str, Field(max_length=900_000)] | None = None


class TemplateOut(shell.Out):
    """A print template. is_default: taken for its kind and language where nobody chose; its logo is at /print-templates/{id}/logo."""

    id: UUID
    version: int
    kind: str
    name: str
    language: str
    is_default: bool
    layout: str
    colour: str
    font: str
    paper: str
    margin_top: int
    margin_right: int
    margin_bottom: int
    margin_left: int
    logo_id: UUID | None
    letterhead: str | None
    footer_left: str | None
    footer_middle: str | None
    footer_right: str | None
    columns: list[str]
    headings: dict[str, str]
    title: str | None
    intro: str | None
    closing: str | None
    terms: str | None
    terms_on_new_page: bool
    show_code: bool
    show_reasons: bool
    show_section_sums: bool
    show_option_sum: bool
    created_at: shell.Moment
    updated_at: shell.Moment


TEMPLATES = shell.Listing({
    "id": Column(PrintTemplate.id), "kind": Column(PrintTemplate.kind, ops=("eq",), choices=KINDS), "language": Column(PrintTemplate.language, ops=("eq",), choices=("", *LANGUAGES)),
    "name": Column(PrintTemplate.name, sort=True), "created_at": Column(PrintTemplate.created_at, sort=True), "updated_at": Column(PrintTemplate.updated_at, sort=True),
}, default="created_at")


@shell.resource_route(bp, "GET", "/print-templates", "documents.read", listing=TEMPLATES, answer=TemplateOut, summary=N_("List print templates"))
def list_templates(ctx: Context, asked):
    return asked.page(ctx, queries.all_templates(ctx))


@shell.resource_route(bp, "POST", "/print-templates", "documents.manage", body=TemplateIn, answer=TemplateOut, status=201, summary=N_("Make a print template"))
def create_template(ctx: Context, body):
    return actions.create_template(ctx, **body.given())


@shell.resource_route(bp, "GET", "/print-templates/<uuid:id>", "documents.read", answer=TemplateOut, summary=N_("Get a print template"))
def get_template(ctx: Context, id: UUID):
    return queries.one(ctx, id)


@shell.resource_route(bp, "PATCH", "/print-templates/<uuid:id>", "documents.manage", body=TemplatePatch, answer=TemplateOut, versioned=True, summary=N_("Change a print template"))
def change_template(ctx: Context, id: UUID, version: int, body):
    return actions.edit_template(ctx, queries.one(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/print-templates/<uuid:id>", "documents.manage", status=204, versioned=True, summary=N_("Delete a print template"))
def delete_template(ctx: Context, id: UUID, version: int):
    actions.delete_template(ctx, shell.at_version(ctx, queries.one(ctx, id), version, "documents.manage"))


@shell.resource_route(bp, "POST", "/print-templates/<uuid:id>/preference", "documents.manage", answer=TemplateOut, summary=N_("Make a print template the usual one of its kind and language"))
def prefer_template(ctx: Context, id: UUID):
    row = queries.one(ctx, id)
    actions.prefer_template(ctx, row)
    return row


@shell.resource_route(bp, "PUT", "/print-templates/<uuid:id>/logo", "documents.manage", body=LogoIn, answer=TemplateOut, versioned=True, summary=N_("Put a logo on a print template, or take it off"))
def put_logo(ctx: Context, id: UUID, version: int, body):
    row = queries.one(ctx, id)
    return actions.set_logo(ctx, row, actions.decoded(body.picture, "picture"), field="picture", version=version)


@shell.resource_route(bp, "GET", "/print-templates/<uuid:id>/logo", "documents.read", binary=True, summary=N_("Download the logo of a print template"))
def get_logo(ctx: Context, id: UUID) -> Response:
    content = queries.logo(ctx, queries.one(ctx, id).logo_id)
    if content is None:
        raise NotFound()
    return send_file(BytesIO(content), mimetype="image/png", as_attachment=True, download_name="logo.png", max_age=0)
