"""One search over all rooms: accounts, contacts, what was said to them and about them, mailings, tags. Each room says what the actor may find."""

from sqlalchemy import DateTime, Row, Select, Text, Uuid, null, select

from core.activities import queries as log
from core.base.context import Context
from core.base.finding import first_of_each
from core.discussions import queries as discussions
from core.mailings import queries as mailings
from core.parties import queries as parties
from core.parties import tagging

# In the order in which they are shown.
KINDS = ("account", "contact", "activity", "comment", "mailing", "tag")
PLACE = {"at": DateTime(timezone=True), "about": Text(), "about_id": Uuid()}


def everything(ctx: Context, search: str, *, limit: int = 8) -> list[Row]:
    """(kind, id, name, note, at, about, about_id): the best of each kind, kind by kind, in one statement; empty for
    nothing typed. at, about, about_id: of an entry of the contact log or a comment, when it was and on whose page it stands."""
    parts = [part for room in (parties, log, discussions, mailings, tagging) for part in room.quick(ctx, search, limit=limit)]
    return first_of_each(ctx.session, [_placed(part) for part in parts], KINDS, limit)


def _placed(part: Select) -> Select:
    """A part with the columns that only what stands on another record's page fills."""
    missing = [null().cast(kind).label(name) for name, kind in PLACE.items() if name not in part.selected_columns]
    return select(*part.subquery().c, *missing) if missing else part
