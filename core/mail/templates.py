"""Use cases of templates: write one, change it, take it away. What they hold is words and names of merge fields, never code."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from core.base.context import Context
from core.base.editing import read_anew
from core.base.errors import Conflict, NotFound, Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean, clean_needed
from core.identity.rules import language
from core.mail import filling
from core.mail.models import MailTemplate

LONGEST_BODY, MOST = 20_000, 200


def all_templates(ctx: Context) -> list[MailTemplate]:
    """Those of the workspace, by name."""
    query = alive(ctx).order_by(func.lower(MailTemplate.name), MailTemplate.language, MailTemplate.id)
    return list(ctx.session.execute(query.limit(MOST)).scalars())


def alive(ctx: Context) -> Select:
    """Where every query of templates starts."""
    require(ctx, "mail.read")
    return select(MailTemplate).where(MailTemplate.deleted_at.is_(None))


def one_template(ctx: Context, key: UUID, *, deleted: bool = False) -> MailTemplate:
    """One of them; NotFound otherwise."""
    require(ctx, "mail.read")
    found = ctx.session.get(MailTemplate, key)
    if found is None or (found.deleted_at is not None) is not deleted:
        raise NotFound()
    return found


def create_template(ctx: Context, *, name: Any, language: Any, subject: Any, body: Any) -> MailTemplate:
    """A new one. Refuses unknown merge fields, and a name that there is in that language."""
    require(ctx, "mail.manage")
    row = MailTemplate()
    _write(ctx, row, name=name, language=language, subject=subject, body=body)
    ctx.session.add(row)
    record(ctx, "mail_template.created", row, name=row.name)
    return row


def change_template(ctx: Context, row: MailTemplate, *, version: int | None = None, **given: Any) -> MailTemplate:
    """Other words. Refuses one that was changed in another window."""
    require(ctx, "mail.manage")
    read_anew(ctx, row)
    if version is not None and version != row.version:
        raise Conflict("stale")
    held = {name: getattr(row, name) for name in ("name", "language", "subject", "body")}
    _write(ctx, row, **(held | given))
    record(ctx, "mail_template.changed", row, name=row.name)
    ctx.session.flush()
    return row


def delete_template(ctx: Context, row: MailTemplate) -> None:
    """Not offered any more; it can be brought back."""
    require(ctx, "mail.manage")
    row.deleted_at = ctx.now
    record(ctx, "mail_template.deleted", row, name=row.name)


def restore_template(ctx: Context, row: MailTemplate) -> None:
    """Offer it again. Refuses where its name is taken by now."""
    require(ctx, "mail.manage")
    _check_free(ctx, row.name, row.language, but=row.id)
    row.deleted_at = None
    record(ctx, "mail_template.restored", row, name=row.name)


def _write(ctx: Context, row: MailTemplate, **given: Any) -> None:
    row.name, row.language = clean_needed(given["name"], field="name"), language(given["language"], "language")
    row.subject = filling.MERGE.check(clean_needed(given["subject"], field="subject", max_length=300), field="subject")
    body = clean(given["body"], field="body", max_length=LONGEST_BODY, multiline=True)
    if body is None:
        raise Refused("required", field="body")
    row.body = filling.MERGE.check(body, field="body")
    with ctx.session.no_autoflush:
        _check_free(ctx, row.name, row.language, but=row.id)


def _check_free(ctx: Context, name: str, code: str, *, but: UUID | None) -> None:
    same = select(MailTemplate.id).where(func.lower(MailTemplate.name) == func.lower(name), MailTemplate.language == code, MailTemplate.deleted_at.is_(None), MailTemplate.id.is_distinct_from(but))
    if ctx.session.execute(same).first() is not None:
        raise Refused("mail_template_taken", field="name")
