"""What holds for correspondence: the workspace's rules, and how each colleague wants his own."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean
from core.identity.rules import normal_mail
from core.mail import tokens
from core.mail.models import PRIVACIES, TELLINGS, MailPreference, MailRules

SIGNATURE, MOST_BLOCKED, MOST_SECONDS = 2000, 500, 120


def workspace(ctx: Context) -> MailRules:
    """The workspace's rules; made with what they begin with where nobody decided anything yet."""
    found = ctx.session.execute(select(MailRules)).scalar_one_or_none()
    if found is None:
        ctx.session.execute(insert(MailRules).values(created_at=ctx.now, updated_at=ctx.now).on_conflict_do_nothing())
        found = ctx.session.execute(select(MailRules)).scalar_one()
    return found


def peek(ctx: Context) -> MailRules:
    """The same for pages, which write nothing."""
    return ctx.session.execute(select(MailRules)).scalar_one_or_none() or MailRules(privacy="private", told="metadata", undo_seconds=10, blocked=[], dropped=0)


def own(ctx: Context, user_id: UUID | None = None) -> MailPreference:
    """How somebody, the actor where nobody else is named, wants his; an empty one where he never said."""
    query = select(MailPreference).where(MailPreference.user_id == (user_id or ctx.actor.id))
    return ctx.session.execute(query).scalar_one_or_none() or MailPreference(user_id=user_id or ctx.actor.id, signature="")


def beginning(ctx: Context, user_id: UUID | None) -> tuple[str, str]:
    """(privacy, what others are told) that his conversations begin with."""
    held, mine = peek(ctx), own(ctx, user_id) if user_id else MailPreference()
    return mine.privacy or held.privacy, mine.told or held.told


def change_workspace(ctx: Context, *, privacy: Any, told: Any, undo_seconds: Any, reply_address: Any, blocked: str | Iterable[str] | None) -> MailRules:
    """Decide how conversations begin, how long a mail can be stopped, where answers go, and whose mail is not taken."""
    require(ctx, "mail.manage")
    row = workspace(ctx)
    row.privacy, row.told = word(PRIVACIES, privacy, "privacy"), word(TELLINGS, told, "told")
    row.undo_seconds, row.reply_address, row.blocked = _seconds(undo_seconds), _reply_address(reply_address), _domains(blocked)
    if ctx.session.is_modified(row):
        record(ctx, "mail.rules_changed", row)
    ctx.session.flush()
    return row


def change_own(ctx: Context, *, signature: Any = None, privacy: Any = None, told: Any = None) -> MailPreference:
    """The actor's own signature and how private his conversations begin."""
    require(ctx, "mail.write")
    row = own(ctx)
    row.signature = clean(signature, field="signature", max_length=SIGNATURE, multiline=True) or ""
    row.privacy, row.told = word(PRIVACIES, privacy, "privacy") if privacy else None, word(TELLINGS, told, "told") if told else None
    ctx.session.add(row)
    ctx.session.flush()
    return row


def word(known: tuple[str, ...], value: Any, field: str) -> Any:
    """One of a list."""
    if value not in known:
        raise Refused("unknown_value", field=field)
    return value


def _seconds(value: Any) -> int:
    try:
        found = int(str(value).strip())
    except ValueError:
        found = -1
    if not 0 <= found <= MOST_SECONDS:
        raise Refused("not_whole", field="undo_seconds", low=0, high=MOST_SECONDS)
    return found


def _reply_address(value: Any) -> str | None:
    """Refuses an address that the token would make too long."""
    typed = clean(value, field="reply_address", max_length=254)
    if typed is None:
        return None
    mail, _ = normal_mail(typed, field="reply_address")
    if len(mail.rpartition("@")[0]) > tokens.LONGEST_BASE or "+" in mail or not mail.isascii():
        raise Refused("reply_address_long", field="reply_address", max=tokens.LONGEST_BASE)
    return mail.casefold()


def _domains(value: str | Iterable[str] | None) -> list[str]:
    parts = value.replace(",", " ").split() if isinstance(value, str) else list(value or ())
    found = sorted({one.strip().lstrip("@").rstrip(".").casefold() for one in parts} - {""})
    if len(found) > MOST_BLOCKED:
        raise Refused("too_long", field="blocked", max=MOST_BLOCKED)
    for one in found:
        normal_mail(f"x@{one}", field="blocked")
    return found
