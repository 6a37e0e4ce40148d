"""Who reads which conversation. Every query of this room starts here.

Read in full: by its owner and who takes part; where it says so by the owner's team, or by all who may open a record that it hangs on.
Whoever may open such a record and may not read it, is told that there is one: of when and of whom, and its subject if it says so.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, literal, or_, select, true, type_coerce
from sqlalchemy import Uuid as Key
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.errors import NotFound
from core.base.hiding import in_table
from core.base.records import kinds, readable, with_titles
from core.files.links import FURTHER
from core.identity.models import Team, TeamMember
from core.identity.viewing import VIEWING
from core.mail.models import KINDS, MailAttachment, MailLink, MailMessage, MailParticipant, MailThread


def reads(ctx: Context) -> ColumnElement[bool]:
    """The conversations that the actor reads in full."""
    if ctx.actor.kind == "system":
        return true()
    shared = (MailThread.privacy == "record") & _hangs_on_readable(ctx)
    if ctx.actor.reason == VIEWING:
        return shared  # nobody's own mails are read through his eyes
    return or_(mine(ctx), _of_team(ctx), shared)


def mine(ctx: Context) -> ColumnElement[bool]:
    """Those that are his, or that he takes part in."""
    part = select(literal(1)).where(MailParticipant.thread_id == MailThread.id, MailParticipant.user_id == ctx.actor.id).correlate(MailThread).exists()
    return or_(MailThread.owner_id == ctx.actor.id, part)


def told(ctx: Context) -> ColumnElement[bool]:
    """Those of which the actor is told that they are: the ones he reads, and the ones on records that he may open."""
    return or_(reads(ctx), _hangs_on_readable(ctx))


def _of_team(ctx: Context) -> ColumnElement[bool]:
    """Of everybody in his teams and those below them (as core.identity.queries.colleagues has it), and of those for whom he stands in; in the
    statement itself, so that no record's page needs one more."""
    # Without its foreign key: each column of a subquery that has one costs half a millisecond.
    below = select(type_coerce(TeamMember.team_id, Key).label("id")).where(TeamMember.user_id == ctx.actor.id).cte(recursive=True, nesting=True)
    below = below.union(select(Team.id).join(below, Team.parent_id == below.c.id))
    team = select(TeamMember.user_id).join(below, TeamMember.team_id == below.c.id)
    for_them = sorted(ctx.actor.stands_in_for)
    return (MailThread.privacy == "team") & or_(MailThread.owner_id.in_(team), *([MailThread.owner_id == any_(literal(for_them, ARRAY(Key)))] if for_them else []))


def _hangs_on_readable(ctx: Context) -> ColumnElement[bool]:
    return select(literal(1)).where(MailLink.thread_id == MailThread.id, on_record(ctx)).correlate(MailThread).exists()


def on_record(ctx: Context) -> ColumnElement[bool]:
    """Links to records that the actor may open."""
    known = kinds()
    there = ((name, select(literal(1)).select_from(known[name].model).where(known[name].model.id == MailLink.record_id, readable(ctx, known[name])).exists()) for name in KINDS)
    return or_(*(and_(MailLink.record_kind == name, one) for name, one in there))


def threads(ctx: Context) -> Select:
    """Where every query of conversations starts."""
    return select(MailThread).where(reads(ctx))


def one_thread(ctx: Context, thread_id: UUID) -> MailThread:
    """A conversation that the actor reads; NotFound otherwise, whether there is one or not."""
    found = ctx.session.execute(threads(ctx).where(MailThread.id == thread_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def messages(ctx: Context) -> Select:
    """Mails of conversations that the actor reads. What somebody is still writing is his alone."""
    own = MailMessage.state.in_(("sent", "received"))
    if ctx.actor.reason != VIEWING:  # nobody's drafts are read through his eyes
        own = own | (MailMessage.author_id == ctx.actor.id)
    return select(MailMessage).join(MailThread, MailThread.id == MailMessage.thread_id).where(reads(ctx), own)


def one_message(ctx: Context, message_id: UUID) -> MailMessage:
    """A mail that the actor reads; NotFound otherwise."""
    found = ctx.session.execute(messages(ctx).where(MailMessage.id == message_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def one_attachment(ctx: Context, attachment_id: UUID) -> MailAttachment:
    """A file of a mail that the actor reads; NotFound otherwise."""
    query = messages(ctx).with_only_columns(MailAttachment).join(MailAttachment, MailAttachment.message_id == MailMessage.id).where(MailAttachment.id == attachment_id)
    found = ctx.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def raw_of(ctx: Context, message: MailMessage) -> str | None:
    """The key of a mail's bytes as they came, where the actor may have them. They name everybody: nobody gets them from whom addresses are hidden; of what a colleague
    sent, its hidden copies stand in them too, so its writer alone."""
    its_writer = message.author_id == ctx.actor.id and ctx.actor.reason != VIEWING
    if in_table(ctx.session, "mail_message") or (message.direction == "out" and not its_writer):
        return None
    return message.raw_key


def is_reader(ctx: Context, thread: MailThread) -> bool:
    """The twin of `reads` for one that is loaded."""
    return ctx.session.execute(select(literal(1)).where(MailThread.id == thread.id, reads(ctx))).first() is not None


def record_links(ctx: Context, thread_id: UUID) -> list[Any]:
    """(record_kind, record_id, title) of the records that it hangs on and the actor may open."""
    query, title, there = with_titles(ctx, select(MailLink.record_kind, MailLink.record_id), MailLink.record_kind, MailLink.record_id)
    query = query.add_columns(title.label("title")).where(MailLink.thread_id == thread_id, there)
    return list(ctx.session.execute(query.order_by(MailLink.created_at, MailLink.id)))


# What a mail brought is handed out as files of records are: by the host of files, after the same question.
FURTHER.append(lambda ctx, key: ctx.session.get(MailAttachment, key))
