"""One search over all rooms: accounts, contacts, deals, leads, quotes, products, what was said to them and about them, mailings, tags. Each room says what the actor may find."""

from sqlalchemy import DateTime, Row, Select, Text, Uuid, null

from core.activities import queries as log
from core.base.context import Context
from core.base.finding import first_of_each
from core.deals import queries as deals
from core.discussions import queries as discussions
from core.leads import queries as leads
from core.mail import queries as mails
from core.mailings import queries as mailings
from core.parties import queries as parties
from core.products import queries as products
from core.quotes import queries as quotes
from core.tagging import queries as tagging

# In the order in which they are shown.
CALLED = ("account", "contact")
KINDS = (*CALLED, "deal", "lead", "quote", "product", "activity", "comment", "mail_thread", "mailing", "tag")
MOST_NEAR = 40
PLACE = {"at": DateTime(timezone=True), "about": Text(), "about_id": Uuid()}


def everything(ctx: Context, search: str, *, limit: int = 8) -> list[Row]:
    """(kind, id, name, note, at, about, about_id): the best of each kind, kind by kind, in one statement; empty for
    nothing typed. at, about, about_id: of an entry of the contact log or a comment, when it was and on whose page it stands.
    Where no account and no contact is found, those whose names differ by a slip of the finger come from a second statement."""
    parts = [part for room in (parties, deals, leads, quotes, products, log, discussions, mails, mailings, tagging) for part in room.quick(ctx, search, limit=limit)]
    found = first_of_each(ctx.session, [_placed(part) for part in parts], KINDS, limit)
    if not parts or any(row.kind in CALLED for row in found):
        return found
    near = parties.really_near(search, first_of_each(ctx.session, [_placed(part) for part in parties.slips(ctx, search)], CALLED, MOST_NEAR))
    return [row for kind in CALLED for row in [one for one in near if one.kind == kind][:limit]] + found


def _placed(part: Select) -> Select:
    """A part with the columns that only what stands on another record's page fills."""
    missing = [null().cast(kind).label(name) for name, kind in PLACE.items() if name not in part.selected_columns]
    return part.add_columns(*missing)
