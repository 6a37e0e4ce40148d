"""Next contacts on days, those that were made too."""

from collections.abc import Iterable

from sqlalchemy import Select, and_, case, func, or_, select, union_all

from core.activities.models import Activity
from core.activities.queries import places_of
from core.activities.together import answers_of, guests_said, mine, other_names, taken_part_in
from core.base import planned
from core.base.context import Context
from core.base.planned import Asked, Entry
from core.base.policy import changes_of, has
from core.parties.models import Account, Contact


def next_contacts(ctx: Context, asked: Asked) -> Iterable[Entry]:
    """Those that stand on timelines that the actor may open, his own, and those in which he takes part; of people also those in which they do."""
    if not has(ctx, "activities.read"):
        return
    query = _planned(ctx, asked)
    if asked.people is not None:  # two that each find their rows by an index
        own, joined = Activity.owner_id.in_(asked.people), and_(Activity.id.in_(taken_part_in(user_ids=asked.people)), or_(Activity.owner_id.is_(None), Activity.owner_id.not_in(asked.people)))
        query = union_all(query.where(own), query.where(joined))
    query = query.order_by("next_contact_on", "id").limit(planned.MOST + 1)
    editable = has(ctx, "activities.edit")
    for row in ctx.session.execute(query):
        about = " · ".join(name for name in (row.contact_name, row.account_name) if name)
        path = f"/contacts/{row.contact_id}" if row.contact_id else f"/accounts/{row.account_id}" if row.account_id else ""
        said = answers_of(row)
        yield Entry(
            "activity", row.id, row.kind, row.next_contact_note or "", about, row.next_contact_on, path, row.owner_id, row.version, row.next_contact_at, row.next_contact_minutes, row.done_at is not None,
            editable and row.done_at is None and changes_of(ctx, "activities", row.owner_id), row.place or "", tuple(row.others or ()), said.counts, said.behind,
        )


def _planned(ctx: Context, asked: Asked) -> Select:
    on_account, on_contact = places_of(ctx)
    query = select(
        Activity.id, Activity.version, func.coalesce(Activity.next_contact_kind, Activity.kind).label("kind"), Activity.next_contact_on, Activity.next_contact_at, Activity.next_contact_minutes,
        Activity.next_contact_note, Activity.place, Activity.owner_id, Activity.done_at, case((on_account, Activity.account_id)).label("account_id"), case((on_contact, Activity.contact_id)).label("contact_id"),
        case((on_account, Account.name)).label("account_name"), case((on_contact, Contact.name)).label("contact_name"), other_names(ctx).label("others"), guests_said(ctx).label("guests"),
    ).join(Account, Account.id == Activity.account_id, isouter=True).join(Contact, Contact.id == Activity.contact_id, isouter=True)
    his = and_(mine(ctx), Account.deleted_at.is_(None), Contact.deleted_at.is_(None))
    query = query.where(Activity.next_contact_on >= asked.first, Activity.next_contact_on < asked.after, Activity.deleted_at.is_(None), or_(on_account, on_contact, his))
    for wanted, condition in ((asked.open_only, Activity.done_at.is_(None)), (asked.only is not None, Activity.id == asked.only)):
        query = query.where(condition) if wanted else query
    return query


AGENDA = (next_contacts,)
