"""Use cases of print templates: make, copy, change, choose the usual one, delete, bring back; and their logos."""

import base64
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, exists, select

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.documents.models import COLUMNS, KINDS, PrintLogo, PrintTemplate
from core.documents.rules import FIELDS
from infra import i18n, pictures

COPIED = (*FIELDS, "kind", "logo_id")
MOST_LOGO_BYTES, MOST_LOGO_PIXELS = 2_000_000, 4_000_000


def create_template(ctx: Context, *, kind: str = "quote", **given: Any) -> PrintTemplate:
    """A further template; the usual one at once where its kind and language have none."""
    require(ctx, "documents.manage")
    if kind not in KINDS:
        raise Refused("unknown_value", field="kind")
    values = editing.cleaned(FIELDS, {"name": None, "columns": list(COLUMNS)} | given)
    _hold_all(ctx)
    made = PrintTemplate(kind=kind, **values)
    made.is_default = not _has_default(ctx, kind, values.get("language", ""))
    ctx.session.add(made)
    record(ctx, "print_template.created", made, name=made.name)
    return made


def copy_template(ctx: Context, template: PrintTemplate, name: str) -> PrintTemplate:
    """Another one that looks the same, under its own name; never the usual one by itself."""
    require(ctx, "documents.manage")
    values = {one: getattr(template, one) for one in COPIED} | editing.cleaned(FIELDS, {"name": name})
    made = PrintTemplate(**values)
    ctx.session.add(made)
    record(ctx, "print_template.created", made, name=made.name)
    return made


def edit_template(ctx: Context, template: PrintTemplate, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> PrintTemplate:
    """Change the given values; its kind stays. In another language it is no longer the usual one, unless that has none."""
    require(ctx, "documents.manage", template)
    mine = editing.cleaned(FIELDS, given)
    changes = editing.changes(ctx, template, mine, version=version, original=editing.cleaned_as_was(FIELDS, original))
    if "language" in changes:
        _hold_all(ctx)
        template.is_default = not _has_default(ctx, template.kind, changes["language"], but=template)
    for name, value in changes.items():
        setattr(template, name, value)
    if changes:
        record(ctx, "print_template.edited", template, name=template.name, fields=sorted(changes))
    ctx.session.flush()  # the answer shows the new version
    return template


def prefer_template(ctx: Context, template: PrintTemplate) -> None:
    """From now on the usual one of its kind and language."""
    require(ctx, "documents.manage", template)
    _hold_all(ctx)
    editing.hold(ctx, template)
    if template.is_default:
        return
    for other in ctx.session.execute(select(PrintTemplate).where(PrintTemplate.kind == template.kind, PrintTemplate.language == template.language, PrintTemplate.is_default)).scalars():
        other.is_default = False
    ctx.session.flush()  # one at a time is the usual one
    template.is_default = True
    record(ctx, "print_template.preferred", template, name=template.name)
    ctx.session.flush()


def delete_template(ctx: Context, template: PrintTemplate) -> None:
    """Documents are no longer printed by it; it can be brought back. Refused for the last of its kind."""
    require(ctx, "documents.manage", template)
    _hold_all(ctx)
    editing.hold(ctx, template)
    others = select(PrintTemplate.id).where(PrintTemplate.kind == template.kind, PrintTemplate.deleted_at.is_(None), PrintTemplate.id != template.id)
    if ctx.session.execute(others.limit(1)).first() is None:
        raise Refused("print_template_last")
    template.deleted_at, template.is_default = ctx.now, False
    record(ctx, "print_template.deleted", template, name=template.name)


def restore_template(ctx: Context, template: PrintTemplate) -> None:
    """Bring it back; the usual one only where there is no other."""
    require(ctx, "documents.manage", template)
    _hold_all(ctx)
    template.deleted_at = None
    template.is_default = not _has_default(ctx, template.kind, template.language)
    record(ctx, "print_template.restored", template, name=template.name)


def set_logo(ctx: Context, template: PrintTemplate, content: bytes | None, *, field: str = "logo", version: int | None = None) -> PrintTemplate:
    """A picture at the head of the documents, or none. It is encoded anew: no byte of what was brought is kept. Refuses what is no picture
    (`print_logo_kind`) and more than four million pixels, read off its head before one of them is decoded."""
    require(ctx, "documents.manage", template)
    editing.changes(ctx, template, {}, version=version, original=None)
    before, made = template.logo_id, _drawn(ctx, content, field) if content is not None else None
    template.logo_id = made
    record(ctx, "print_template.edited", template, name=template.name, fields=["logo"])
    ctx.session.flush()
    if before:
        used = exists().where(PrintTemplate.logo_id == PrintLogo.id)
        ctx.session.execute(delete(PrintLogo).where(PrintLogo.id == before, ~used))
    return template


def decoded(text: str | None, field: str) -> bytes | None:
    """A picture that travels as text."""
    try:
        return None if text is None else base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("print_logo_kind", field=field) from None


def name_of_copy(ctx: Context, template: PrintTemplate) -> str:
    """What a copy is called at first."""
    return i18n.gettext(ctx.locale, "%(name)s (copy)", name=template.name[:60])


def _drawn(ctx: Context, content: bytes, field: str) -> Any:
    if len(content) > MOST_LOGO_BYTES:
        raise Refused("too_large", field=field, max="2 MB")
    try:
        drawn = pictures.emblem(content, MOST_LOGO_PIXELS)
    except pictures.PictureRefused:
        raise Refused("print_logo_pixels", field=field, max=MOST_LOGO_PIXELS // 1_000_000) from None
    if drawn is None:
        raise Refused("print_logo_kind", field=field)
    row = PrintLogo(content=drawn[0], width=drawn[1], height=drawn[2], created_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()  # the template names it by key
    return row.id


def _has_default(ctx: Context, kind: str, language: str, but: PrintTemplate | None = None) -> bool:
    query = select(PrintTemplate.id).where(PrintTemplate.kind == kind, PrintTemplate.language == language, PrintTemplate.is_default)
    return ctx.session.execute(query.where(PrintTemplate.id != but.id) if but is not None else query).first() is not None


def _hold_all(ctx: Context) -> None:
    """Two who make, prefer or delete at once wait for one another."""
    editing.hold_place(ctx, "print_template")
