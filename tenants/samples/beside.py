"""What stands in a workspace beside its samples: whether anybody has begun to work with it."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select

from core.activities.models import Activity
from core.base.context import Context
from core.base.hiding import unhidden
from core.parties.models import Account, Contact

PREFIX = "sample:"
SAMPLE = f"{PREFIX}%"


def is_sample(key: str | None) -> bool:
    """Is it the external key of a sample?"""
    return (key or "").startswith(PREFIX)


def has_logged(ctx: Context) -> bool:
    """Has anybody logged a contact that is no sample's?"""
    query = select(Activity.id).join(Account, Account.id == Activity.account_id, isouter=True).join(Contact, Contact.id == Activity.contact_id, isouter=True)
    return _any(ctx, query.where(_own(Account), _own(Contact)))


def has_parties(ctx: Context) -> bool:
    """Is there an account or a contact that is no sample?"""
    return any(_any(ctx, select(model.id).where(_own(model), model.deleted_at.is_(None))) for model in (Account, Contact))


def are_there(ctx: Context) -> bool:
    """Are there samples?"""
    return _any(ctx, select(Account.id).where(Account.external_id.like(SAMPLE), Account.deleted_at.is_(None)))


def _own(model: Any) -> ColumnElement[bool]:
    return or_(model.external_id.is_(None), model.external_id.not_like(SAMPLE))


def _any(ctx: Context, query: Any) -> bool:
    with unhidden(ctx.session):  # says yes or no, and nothing of any record
        return ctx.session.execute(query.limit(1)).first() is not None
