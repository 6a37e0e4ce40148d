"""Whom a mail is from and to: people and accounts by all their addresses, an account by a domain that it alone has.

It is asked for the workspace, not for somebody: whose mail it is decides nothing of who is known. Who is told is asked where it is shown.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.hiding import unhidden
from core.identity.models import User
from core.leads.models import OPEN, Lead
from core.mail.rules import domain_of
from core.parties.models import Account, Contact
from core.parties.reach_models import ContactPoint
from infra.free_mail import FREE_MAIL

MOST = 100  # a mail of ours has at most 60 people


@dataclass(frozen=True)
class Matched:
    """contacts: address in small letters -> keys of the people who have it. account_id, lead_id: of the one who wrote, where one alone it can be."""

    contacts: dict[str, list[UUID]]
    account_id: UUID | None = None
    lead_id: UUID | None = None

    def one(self, mail: str) -> UUID | None:
        """The person who alone has an address."""
        found = self.contacts.get(mail.casefold(), [])
        return found[0] if len(found) == 1 else None

    @property
    def is_known(self) -> bool:
        return bool(any(self.contacts.values()) or self.account_id or self.lead_id)


def match(ctx: Context, other: str, addresses: Iterable[str]) -> Matched:
    """Whom these addresses belong to; other: of the one on the other side."""
    keys = sorted({one.casefold() for one in (other, *addresses) if one})[:MOST]
    with unhidden(ctx.session):
        contacts = _contacts(ctx, keys)
        person = contacts.get(other.casefold(), [])
        account = _account_of(ctx, person) or _account_with(ctx, other.casefold()) or _account_by_domain(ctx, domain_of(other))
        return Matched(contacts, account, None if person else _lead(ctx, other.casefold()))


def colleagues(ctx: Context, addresses: Collection[str]) -> dict[str, UUID]:
    """Address in small letters -> the active user whose it is."""
    query = select(User.mail_norm, User.id).where(User.mail_norm == _any(addresses), User.state == "active")
    return dict(ctx.session.execute(query).all())


def _any(addresses: Iterable[str]):
    return any_(literal(sorted({one.casefold() for one in addresses}), ARRAY(Text)))


def _contacts(ctx: Context, keys: list[str]) -> dict[str, list[UUID]]:
    alive = (Contact.deleted_at.is_(None), Contact.erased_at.is_(None))
    own = select(Contact.mail_norm, Contact.id).where(Contact.mail_norm == _any(keys), *alive)
    further = select(ContactPoint.key, Contact.id).join(Contact, Contact.id == ContactPoint.contact_id).where(ContactPoint.kind == "mail", ContactPoint.key == _any(keys), ContactPoint.deleted_at.is_(None), *alive)
    found: dict[str, list[UUID]] = {}
    for mail, key in ctx.session.execute(own.union(further).limit(MOST * 4)):
        found.setdefault(mail, []).append(key)
    return found


def _account_of(ctx: Context, people: list[UUID]) -> UUID | None:
    query = select(Account.id).join(Contact, Contact.account_id == Account.id).where(Contact.id.in_(people), Account.deleted_at.is_(None)).distinct().limit(2)
    return _alone(list(ctx.session.execute(query).scalars()))


def _account_with(ctx: Context, mail: str) -> UUID | None:
    further = select(ContactPoint.account_id).where(ContactPoint.kind == "mail", ContactPoint.key == mail, ContactPoint.deleted_at.is_(None))
    query = select(Account.id).where(or_(Account.mail_norm == mail, Account.id.in_(further)), Account.deleted_at.is_(None)).limit(2)
    return _alone(list(ctx.session.execute(query).scalars()))


def _account_by_domain(ctx: Context, domain: str) -> UUID | None:
    """The account at which alone people, or which itself, have addresses of this domain; none of a provider's for everybody."""
    if not domain or domain in FREE_MAIL:
        return None
    of_people = select(Contact.account_id).where(func.split_part(Contact.mail_norm, "@", 2) == domain, Contact.deleted_at.is_(None), Contact.account_id.is_not(None))
    own = select(Account.id).where(func.split_part(Account.mail_norm, "@", 2) == domain, Account.deleted_at.is_(None))
    either = own.union(of_people).subquery()
    return _alone(list(ctx.session.execute(select(Account.id).where(Account.id.in_(select(either.c[0])), Account.deleted_at.is_(None)).limit(2)).scalars()))


def _lead(ctx: Context, mail: str) -> UUID | None:
    query = select(Lead.id).where(Lead.mail_norm == mail, Lead.state.in_(OPEN), Lead.deleted_at.is_(None)).limit(2)
    return _alone(list(ctx.session.execute(query).scalars()))


def _alone(found: list[UUID]) -> UUID | None:
    return found[0] if len(found) == 1 else None
