"""Of whom an entry of the contact log may be told, wherever entries are counted or shown: what is about somebody out of the actor's
sight stays out, unless the entry is his own."""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from core.activities.models import Activity
from core.base.context import Context
from core.base.policy import sees, sees_all
from core.parties.models import Account, Contact

PERSON, FIRM = aliased(Contact), aliased(Account)  # made once: making an alias costs more than the query


def person_seen(ctx: Context, entry: Any = Activity, *, person: Any = None) -> list[ColumnElement[bool]]:
    """Conditions on entries of an account that the actor sees: about nobody, about a person whom he sees, or his own. person: the contact of the
    entry, where the statement has him beside it already."""
    if sees_all(ctx, Contact):
        return []
    seen = _sees_one(ctx, PERSON, entry, entry.contact_id) if person is None else sees(ctx, person)
    return [or_(entry.contact_id.is_(None), entry.owner_id == ctx.actor.id, seen)]


def about_seen(ctx: Context, entry: Any = Activity) -> list[ColumnElement[bool]]:
    """Conditions on entries of whatever account: about a person whom the actor sees, about an account alone that he sees, or his own."""
    if sees_all(ctx, Contact) and sees_all(ctx, Account):
        return []
    account = or_(entry.account_id.is_(None), _sees_one(ctx, FIRM, entry, entry.account_id))
    return [or_(entry.owner_id == ctx.actor.id, _sees_one(ctx, PERSON, entry, entry.contact_id), and_(entry.contact_id.is_(None), account))]


def _sees_one(ctx: Context, model: Any, entry: Any, key: Any) -> ColumnElement[bool]:
    return select(model.id).where(model.id == key, sees(ctx, model)).correlate(entry).exists()
