"""The list of quotes taken out: the rows that the actor sees under the list's filters, as CSV or XLSX."""

from typing import Any

from sqlalchemy import Select, select

from core.base.context import Context
from core.base.words import N_
from core.identity import queries as people
from core.parties.models import Account, Contact
from core.quotes.models import Quote
from core.quotes.words import LABELS, STATE_LABELS
from core.transfer.room_out import RoomOut, with_names, word

NAMES = ("number", "name", "state", "account_id", "contact_id", "net", "total", "currency", "valid_until", "owner_id", "sent_at", "closed_at", "created_at", "notes")


def _base(ctx: Context) -> Select:
    """(Quote, its account's name, its contact's)."""
    return with_names(ctx, select(Quote), (Account, Quote.account_id), (Contact, Quote.contact_id))


def _sayer(ctx: Context):
    names = people.user_names(ctx)

    def say(quote: Quote, account: str | None, contact: str | None) -> dict[str, Any]:
        return {"account_id": account, "account": account, "contact_id": contact, "state": word(ctx, STATE_LABELS, quote.state), "owner_id": names.get(quote.owner_id, "")}

    return say


OUT = RoomOut(Quote, N_("Quotes"), NAMES, LABELS, _base, _sayer, ("sent_at", "closed_at", "created_at", "updated_at"))
