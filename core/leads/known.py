"""Who may be known already: the accounts, people and open leads that are likely the one who came. It warns and never blocks."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.base.context import Context
from core.base.policy import has, sees
from core.leads.models import OPEN, Lead
from core.parties.duplicates import Match, likely_duplicates


@dataclass(frozen=True)
class Known:
    """contacts, accounts: the likely ones, the likeliest first, of what the actor reads; one out of his sight comes without a name.
    leads: further open leads with the same mail address, as (id, name)."""

    contacts: list[Match]
    accounts: list[Match]
    leads: list[Any]


def likely(ctx: Context, lead: Lead) -> Known:
    """Of a lead, by the one duplicate call."""
    person = {"type": "contact", "name": lead.name if lead.name != lead.company else None, "mail": lead.mail, "phone": lead.phone, "postcode": lead.postcode, "city": lead.city}
    company = {"type": "account", "name": lead.company, "postcode": lead.postcode, "city": lead.city}
    return Known(
        likely_duplicates(ctx, person) if has(ctx, "contacts.read") else [],
        likely_duplicates(ctx, company) if has(ctx, "accounts.read") and lead.company else [],
        _same_mail(ctx, lead),
    )


def _same_mail(ctx: Context, lead: Lead) -> list[Any]:
    if not lead.mail_norm:
        return []
    query = select(Lead.id, Lead.name).where(Lead.mail_norm == lead.mail_norm, Lead.id != lead.id, Lead.state.in_(OPEN), Lead.deleted_at.is_(None), sees(ctx, Lead))
    return list(ctx.session.execute(query.order_by(Lead.created_at.desc(), Lead.id.desc()).limit(3)))
