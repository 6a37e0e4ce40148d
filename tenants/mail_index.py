"""Where an address signs in: control.mail_index holds a keyed hash of every active user's address, and no address.

It is kept by orders: of each change of a user, of a restore, and once for the tenants that were there before. "Find my
workspaces" asks it; the answer goes to the address itself and to nobody else.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.base.outbox import WAITED_FOR, defer_row
from core.identity.models import User
from core.identity.rules import normal_mail
from core.identity.sealing import sealed_mail
from infra import crypto
from infra.config import settings
from tenants import entry
from tenants.models import ControlOrder, MailIndex, Tenant

# A tenant that is being deleted is found no more.
FOUND = ("active", "moving", "restoring")


def mail_hash(mail_norm: str) -> bytes:
    """What stands for an address."""
    return bytes.fromhex(crypto.sign(settings().data_key("mail-index"), mail_norm))


def put(tenant_id: UUID, mail_norm: str, *, active: bool) -> None:
    """Enter an address of a tenant, or take it out. Doing so twice changes nothing."""
    values = {"mail_hash": mail_hash(mail_norm), "tenant_id": tenant_id}
    with entry.control() as session:
        session.execute(insert(MailIndex).values(values).on_conflict_do_nothing() if active else delete(MailIndex).filter_by(**values))


def refill(tenant: Tenant) -> int:
    """Make a tenant's part anew from its people; returns how many they are. For after a restore, and for the first time."""
    with entry.enter(tenant) as session:
        hashes = [mail_hash(mail) for mail in session.execute(select(User.mail_norm).where(User.state == "active")).scalars()]
    with entry.control() as session:
        session.execute(delete(MailIndex).where(MailIndex.tenant_id == tenant.id, MailIndex.mail_hash.not_in(hashes)))
        if hashes:
            session.execute(insert(MailIndex).values([{"mail_hash": one, "tenant_id": tenant.id} for one in hashes]).on_conflict_do_nothing())
    return len(hashes)


def order_refill(session: Session, tenant_id: UUID, now: datetime) -> None:
    """Leave the order of it, in the transaction that makes it necessary."""
    defer_row(session, ControlOrder, "identity.fill_mail_index", now=now, due_at=None, queue=None, dedupe=None, asked_by=None, args={"tenant_id": tenant_id})


def ask(mail: str, lang: str, now: datetime) -> None:
    """Somebody wants to know his workspaces: leave the order of the letter, whoever he is. It holds no readable address.
    Refuses what is no address (`not_a_mail`)."""
    _, mail_norm = normal_mail(mail)
    sealed = sealed_mail(mail_norm)
    with entry.control() as session:
        args = {"sealed": sealed, "lang": lang}
        defer_row(session, ControlOrder, "identity.mail_workspaces", now=now, due_at=None, queue=WAITED_FOR, dedupe=None, asked_by=None, args=args)


def workspaces_of(session: Session, mail_norm: str) -> list[tuple[str, str]]:
    """(name, address) of every workspace that knows this mail address, by name."""
    query = select(Tenant.name, Tenant.slug).join(MailIndex, MailIndex.tenant_id == Tenant.id).where(MailIndex.mail_hash == mail_hash(mail_norm), Tenant.state.in_(FOUND))
    return [(name or "", settings().tenant_url(slug)) for name, slug in session.execute(query.order_by(Tenant.name, Tenant.id)) if slug]
