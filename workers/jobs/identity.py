"""Jobs about people who sign in: find one's workspaces by mail, tidy up at night."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from core.identity import pruning
from core.identity.models import User
from infra import crypto
from infra.config import settings
from tenants import entry
from tenants.models import MailIndex
from workers.job import job


@job("identity.index_mail", steps=True, always=True)
def index_mail(door, *, user_id: str) -> None:
    """Enter a user's address, as a keyed hash, where "find my workspaces" looks."""
    with door() as ctx:
        user, tenant_id = ctx.session.get(User, UUID(user_id)), ctx.tenant.id
        mail = user.mail_norm if user is not None and user.state == "active" else None
    if mail is None:
        return
    with entry.control() as session:
        values = {"mail_hash": bytes.fromhex(crypto.sign(settings().data_key("mail-index"), mail)), "tenant_id": tenant_id}
        session.execute(insert(MailIndex).values(values).on_conflict_do_nothing())


@job("identity.prune", always=True)
def prune(ctx) -> dict:
    """Ended sessions, old answers, done orders."""
    return pruning.prune(ctx)
