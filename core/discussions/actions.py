"""Use cases of comments in the order of their life: comment, edit, delete, bring back. Who has to do with it follows."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.base import editing
from core.base.context import Context
from core.base.errors import Conflict, Forbidden, Refused
from core.base.facts import record as fact
from core.base.policy import has, require
from core.base.records import check_open, find, kind_of
from core.base.text import clean
from core.discussions import queries
from core.discussions.models import LONGEST, Comment, Mention
from core.discussions.rules import Found, Person, mentions
from core.identity.models import User
from core.identity.seeing import who_sees
from core.notifications import telling
from core.notifications.following import begin_to_follow, listeners


def add_comment(ctx: Context, record: Any, body: str | None) -> Comment:
    """Say something to one's colleagues about a record. Whoever is mentioned hears of it, and whoever follows the record.
    Refuses nothing at all, more than 10,000 characters, a mention of somebody who does not see the record
    (`mention_unseen`) and a name that several have (`mention_unclear`)."""
    require(ctx, "comments.write")
    check_open(ctx, record)
    text = _cleaned(body)
    found = _mentioned(ctx, record, text)
    comment = Comment(record_kind=kind_of(record), record_id=record.id, author_id=ctx.actor.id, body=text)
    ctx.session.add(comment)
    ctx.session.flush()  # its mentions and what people are told name it by key
    _write_mentions(ctx, comment, found)
    fact(ctx, "comment.added", comment, about=(record.id,))
    begin_to_follow(ctx, record, [ctx.actor.id, getattr(record, "owner_id", None), *(one.id for one in found)])
    told = set(_tell_mentioned(ctx, record, comment, {one.id for one in found}))
    telling.notify(ctx, "commented", [one for one in listeners(ctx, record) if one not in told | {one.id for one in found}], record, source_id=comment.id, excerpt=text)
    return comment


def edit_comment(ctx: Context, comment: Comment, body: str | None, *, version: int | None = None) -> Comment:
    """Say it otherwise; it is shown as edited, and the audit keeps what it was. Only who is mentioned anew hears of it.
    Refuses what `add_comment` refuses, anybody but its author, and a text that was changed in another window."""
    record = _record_of(ctx, comment)
    require(ctx, "comments.write", comment)
    text = _cleaned(body)
    editing.hold(ctx, comment)
    if version is not None and version != comment.version:
        raise Conflict("stale")
    if text == comment.body:
        return comment
    found, before = _mentioned(ctx, record, text), queries.mentioned_in(ctx, comment)
    comment.body, comment.edited_at = text, ctx.now
    ctx.session.flush()  # the version rises before anybody is told
    _write_mentions(ctx, comment, found)
    fact(ctx, "comment.edited", comment, about=(record.id,))
    telling.amend(ctx, comment.id, text)
    new = {one.id for one in found} - before
    begin_to_follow(ctx, record, new)
    _tell_mentioned(ctx, record, comment, new)
    return comment


def may_edit(ctx: Context, comment: Comment) -> None:
    """Refuse anybody but its author, before he begins to write."""
    require(ctx, "comments.write", comment)


def delete_comment(ctx: Context, comment: Comment) -> None:
    """Take one's own comment away, or as a moderator anybody's; what people were told of it disappears with it."""
    record = _record_of(ctx, comment)
    _may_take_away(ctx, comment)
    editing.hold(ctx, comment)
    comment.deleted_at, comment.deleted_by = ctx.now, ctx.actor.id
    fact(ctx, "comment.deleted", comment, about=(record.id,))
    telling.retract(ctx, comment.id)


def restore_comment(ctx: Context, comment: Comment) -> None:
    """Bring a comment back: whoever took it away may, and a moderator."""
    record = _record_of(ctx, comment)
    _may_take_away(ctx, comment)
    if comment.deleted_by != ctx.actor.id and not has(ctx, "comments.moderate"):
        raise Forbidden()
    comment.deleted_at = comment.deleted_by = None
    fact(ctx, "comment.restored", comment, about=(record.id,))
    telling.reinstate(ctx, comment.id)


def _may_take_away(ctx: Context, comment: Comment) -> None:
    require(ctx, "comments.moderate" if comment.author_id != ctx.actor.id else "comments.write")


def _record_of(ctx: Context, comment: Comment) -> Any:
    """The record that it is about; NotFound where the actor may not open it."""
    return find(ctx, comment.record_kind, comment.record_id)


def _cleaned(body: str | None) -> str:
    text = clean(body, field="body", max_length=LONGEST, multiline=True)
    if text is None:
        raise Refused("comment_empty", field="body")
    return text


def _mentioned(ctx: Context, record: Any, text: str) -> list[Found]:
    """Whom the text mentions, all of whom see the record."""
    if "@" not in text:
        return []
    rows = ctx.session.execute(select(User.id, User.name, User.mail).where(User.state == "active")).all()
    found, unclear = mentions(text, [Person(*row) for row in rows])
    if unclear:
        raise Refused("mention_unclear", field="body", name=unclear[0])
    seeing = {one.user_id for one in who_sees(ctx, record)} if found else set()
    for one in found:
        if one.id not in seeing:
            raise Refused("mention_unseen", field="body", name=next(row.name for row in rows if row.id == one.id))
    return found


def _write_mentions(ctx: Context, comment: Comment, found: list[Found]) -> None:
    ctx.session.execute(delete(Mention).where(Mention.comment_id == comment.id))
    if found:
        rows = [{"comment_id": comment.id, "user_id": one.id, "said": one.said, "created_at": ctx.now, "created_by": ctx.actor.id} for one in found]
        ctx.session.execute(insert(Mention).values(rows))


def _tell_mentioned(ctx: Context, record: Any, comment: Comment, people: set[UUID]) -> list[UUID]:
    return telling.notify(ctx, "mentioned", people, record, source_id=comment.id, excerpt=comment.body)
