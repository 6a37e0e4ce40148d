"""Mailboxes for programs: how they stand, and looking now. Passwords are typed by people alone and never leave."""

from uuid import UUID

from core.base.context import Context
from core.base.words import N_
from core.mailboxes import actions, queries
from web.api import shell
from web.api.listing import Page

bp = shell.api_blueprint("mailboxes_api")


class MailboxOut(shell.Out):
    """A mailbox that the owner of the token has to do with. error: a word, or null where all is well. open: mails that wait for a person."""

    id: UUID
    name: str
    way: str
    purpose: str
    shared: bool
    owner_id: UUID
    state: str
    looked_at: shell.Moment | None
    mail_at: shell.Moment | None
    looking: bool
    error: str | None
    open: int


@shell.resource_route(bp, "GET", "/mailboxes", "mailboxes.use", paged=True, answer=MailboxOut, summary=N_("List your mailboxes, and the shared ones for whoever manages them"))
def list_mailboxes(ctx: Context):
    return Page([_out(one) for one in queries.standings(ctx)], None)


@shell.resource_route(bp, "GET", "/mailboxes/<uuid:id>", "mailboxes.use", answer=MailboxOut, summary=N_("Get a mailbox"))
def get_mailbox(ctx: Context, id: UUID):
    return _out(queries.standing(ctx, id))


@shell.resource_route(bp, "POST", "/mailboxes/<uuid:id>/looks", "mailboxes.use", answer=MailboxOut, status=202, summary=N_("Look into a mailbox now"))
def look_now(ctx: Context, id: UUID):
    actions.look_now(ctx, queries.one(ctx, id))
    return _out(queries.standing(ctx, id))


def _out(one: queries.Standing) -> MailboxOut:
    mailbox, state = one.mailbox, one.state
    own = {name: getattr(mailbox, name) for name in ("id", "name", "way", "purpose", "shared", "owner_id", "state")}
    return MailboxOut(**own, **{name: getattr(state, name) for name in ("looked_at", "mail_at", "looking", "error")}, open=one.open)
