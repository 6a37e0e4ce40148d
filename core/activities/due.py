"""Next contacts that are due: the list of the day, what a reminder needs; and whom a line about one may mean."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Row, Select, case, func, null, select

from core.activities.lines import names_of
from core.activities.models import Activity
from core.base.context import Context
from core.base.field_rights import shown
from core.base.policy import has, sees
from core.identity.models import User
from core.parties import queries as parties
from core.parties.models import Account, Contact

MOST_DUE, MOST_WAYS, MOST_MEANT = 50, 4, 5


def due(ctx: Context, *, days: int = 1) -> list[Row]:
    """The actor's own open next contacts up to tomorrow, overdue ones first, with whom they are (names that he sees) and the account's
    external key, where he may know it."""
    return list(ctx.session.execute(open_until(ctx, days).order_by(Activity.next_contact_on, Activity.next_contact_at.nulls_last(), Activity.id).limit(MOST_DUE)))


def open_until(ctx: Context, days: int) -> Select:
    """All of them, in no order."""
    keys = [column.label("account_key") for column in shown(ctx, "accounts", (Account.external_id,))] or [null().label("account_key")]
    numbers = func.coalesce(*shown(ctx, "contacts", (Contact.mobile, Contact.phone)))
    query = select(
        Activity.id, func.coalesce(Activity.next_contact_kind, Activity.kind).label("kind"), Activity.body, Activity.next_contact_on, Activity.next_contact_at, Activity.next_contact_note, Activity.next_contact_minutes,
        Activity.account_id, Activity.contact_id, case((sees(ctx, Account), Account.name)).label("account_name"),
        case((sees(ctx, Contact), Contact.name)).label("contact_name"), case((sees(ctx, Contact), numbers)).label("phone"), *keys,
    ).join(Account, Account.id == Activity.account_id, isouter=True).join(Contact, Contact.id == Activity.contact_id, isouter=True)
    return query.where(
        Activity.owner_id == ctx.actor.id, Activity.next_contact_on.is_not(None), Activity.done_at.is_(None), Activity.deleted_at.is_(None),
        Activity.next_contact_on <= ctx.today + timedelta(days=days), Account.deleted_at.is_(None), Contact.deleted_at.is_(None),
    )


def to_remind(ctx: Context, activity_id: UUID) -> tuple[Activity, User, str] | None:
    """(entry under lock, who is to make the contact, with whom) while it is open, alive and its owner works here."""
    activity = ctx.session.execute(select(Activity).where(Activity.id == activity_id).with_for_update()).scalar_one_or_none()
    if activity is None or activity.deleted_at or activity.done_at or activity.next_contact_on is None:
        return None
    owner = ctx.session.execute(select(User).where(User.id == activity.owner_id, User.state == "active")).scalar_one_or_none()
    account = ctx.session.get(Account, activity.account_id) if activity.account_id else None
    contact = ctx.session.get(Contact, activity.contact_id) if activity.contact_id else None
    if owner is None or any(party is not None and party.deleted_at for party in (account, contact)):
        return None
    return activity, owner, ", ".join(party.name for party in (contact, account) if party is not None)


def whom(ctx: Context, who: str) -> list[Row]:
    """(kind, id, name, note) of the people and accounts that a line may mean, people first; the ways in which their name may be kept are
    tried in turn, and only the first that finds somebody counts."""
    for name in names_of(who)[:MOST_WAYS]:
        people = parties.quick_contacts(ctx, name, limit=MOST_MEANT) if has(ctx, "contacts.read") else []
        accounts = parties.quick_accounts(ctx, name, limit=MOST_MEANT) if has(ctx, "accounts.read") else []
        if people or accounts:
            return [*people, *accounts]
    return []
