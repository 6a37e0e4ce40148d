"""What somebody owns that can be given to a colleague: of each kind the records that are not over yet."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from core.activities.models import Activity
from core.base.context import Context
from core.base.field_rights import hidden, protected
from core.base.policy import changes, has
from core.deals.models import Deal
from core.leads.models import OPEN as OPEN_LEADS
from core.leads.models import Lead
from core.parties.models import Account, Contact
from core.parties.restricting import free
from core.quotes.handing import OPEN as OPEN_QUOTES
from core.quotes.handing import answered_anew
from core.quotes.models import Quote


@dataclass(frozen=True)
class Owned:
    """open: what is not over; order: in which they stand; links: to whose account or person it goes along; after: what else is done where
    they have got another owner."""

    model: Any
    open: tuple[ColumnElement[bool], ...]
    order: tuple[Any, ...]
    links: tuple[Any, ...] = ()
    after: Callable[[Context, Collection[UUID]], None] | None = None

    @property
    def table(self) -> Any:
        return self.model.__table__


OWNED = {
    "accounts": Owned(Account, (Account.deleted_at.is_(None),), (Account.name_fold, Account.id)),
    "contacts": Owned(Contact, (Contact.deleted_at.is_(None), free()), (Contact.name_fold, Contact.id), (Contact.account_id,)),
    "deals": Owned(Deal, (Deal.deleted_at.is_(None), Deal.state == "open"), (Deal.name_fold, Deal.id), (Deal.account_id, Deal.contact_id)),
    "leads": Owned(Lead, (Lead.deleted_at.is_(None), Lead.state.in_(OPEN_LEADS)), (Lead.created_at, Lead.id), (Lead.account_id, Lead.contact_id)),
    "quotes": Owned(Quote, (Quote.deleted_at.is_(None), Quote.state.in_(OPEN_QUOTES)), (Quote.name_fold, Quote.id), (Quote.account_id, Quote.contact_id), answered_anew),
    "activities": Owned(Activity, (Activity.deleted_at.is_(None), Activity.next_contact_on.is_not(None), Activity.done_at.is_(None)), (Activity.next_contact_on, Activity.id), (Activity.account_id, Activity.contact_id)),
}


def kinds_here(ctx: Context) -> list[str]:
    """The kinds that the actor may give away."""
    return [kind for kind in OWNED if has(ctx, f"{kind}.edit") and "owner_id" not in hidden(ctx, kind) | protected(ctx, kind)]


def of(ctx: Context, kind: str, user_id: UUID) -> list[ColumnElement[bool]]:
    """What somebody owns of a kind, is not over, and the actor changes."""
    one = OWNED[kind]
    return [one.model.owner_id == user_id, *one.open, changes(ctx, one.model)]
