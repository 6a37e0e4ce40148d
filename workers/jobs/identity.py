"""Jobs about people who sign in: write invitations, find one's workspaces by mail, tidy up at night."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from core.identity import inviting, pruning
from core.identity.models import User
from core.post import actions as post
from infra import crypto
from infra.config import settings
from tenants import entry
from tenants.models import MailIndex
from workers.job import job


@job("identity.index_mail", steps=True, always=True)
def index_mail(door, *, user_id: str) -> None:
    """Enter a user's address, as a keyed hash, where "find my workspaces" looks; take it out once he is disabled."""
    with door() as ctx:
        user, tenant_id = ctx.session.get(User, UUID(user_id)), ctx.tenant.id
        mail, active = (user.mail_norm, user.state == "active") if user is not None else (None, False)
    if mail is None:
        return
    values = {"mail_hash": bytes.fromhex(crypto.sign(settings().data_key("mail-index"), mail)), "tenant_id": tenant_id}
    with entry.control() as session:
        if active:
            session.execute(insert(MailIndex).values(values).on_conflict_do_nothing())
        else:
            session.execute(delete(MailIndex).filter_by(**values))


@job("identity.mail_invitation")
def mail_invitation(ctx, *, invitation_id: str) -> None:
    """Write the letter of an invitation that still waits, in the workspace's language. Its link is made here: neither
    the order nor the invitation holds it, and the letter forgets it once sent."""
    found = inviting.letter_of(ctx, UUID(invitation_id))
    if found is not None:
        post.hand_in(ctx, template="invitation", lang=ctx.tenant.locale, timezone=ctx.tenant.timezone, **found)


@job("identity.prune", always=True)
def prune(ctx) -> dict:
    """Ended sessions, old answers, done orders."""
    return pruning.prune(ctx)
