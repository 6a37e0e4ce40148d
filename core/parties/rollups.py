"""What accounts and contacts sum up over a tree of accounts."""

from typing import Any

from sqlalchemy import Select, func, select

from core.base.context import Context
from core.base.policy import has, sees
from core.base.words import N_
from core.parties.family import RollUp
from core.parties.models import Contact


def people(ctx: Context, keys: Select) -> Any:
    """How many people there are."""
    if not has(ctx, "contacts.read"):
        return None
    return select(func.count()).select_from(Contact).where(Contact.account_id.in_(keys), Contact.deleted_at.is_(None), sees(ctx, Contact)).scalar_subquery()


ROLL_UPS = (RollUp("people", N_("People"), "number", people),)
