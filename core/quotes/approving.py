"""A price that conflicts with a colleague's quote which still holds, and a quote to an account whose credit grade wants a release (PRODUCT.md F7), wait
for somebody's yes, with a reason; each decision names its maker.

Whoever holds `quotes.approve` decides, and sends such a quote by himself: then the decision is written down as his. What is approved is
the draft as it stands: new lines need a new yes.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, Refused
from core.base.facts import record
from core.base.policy import has, holds, require, sees
from core.base.text import clean
from core.credit import queries as credit
from core.identity import queries as people
from core.notifications.telling import notify
from core.quotes import offered, queries
from core.quotes.drafting import about
from core.quotes.models import ITEM, Quote, QuoteLine, QuoteVersion


def against(ctx: Context, quote: Quote, draft: QuoteVersion, lines: Sequence[QuoteLine]) -> list[tuple[QuoteLine, offered.Offer]]:
    """(line, the colleague's price that it conflicts with) of a draft; one statement."""
    items = [one for one in lines if one.kind == ITEM and one.product_id]
    before = offered.offers(ctx, quote, [one.product_id for one in items], valid=True)
    return [(one, other) for one in items for other in offered.conflicts(quote, one, draft.gross, draft.currency, before.get(one.product_id, ()))]


def check(ctx: Context, quote: Quote, draft: QuoteVersion, lines: Sequence[QuoteLine]) -> None:
    """Refuse to send what conflicts and is not approved (`quote_conflicts`). Of whoever may approve it is his decision."""
    if draft.approved_at is not None:
        return
    found = against(ctx, quote, draft, lines)
    if not found and not needs_release(ctx, quote):
        return
    if not has(ctx, "quotes.approve"):
        if not found:
            raise Refused("quote_needs_release")
        line, other = found[0]
        raise Refused("quote_conflicts", product=line.name, who=other.who or "?")
    draft.approved_at, draft.approved_by = ctx.now, ctx.actor.id
    record(ctx, _yes(bool(found)), quote, about=about(quote), name=quote.name, note="")


def needs_release(ctx: Context, quote: Quote) -> bool:
    """Does the account's credit grade want somebody's yes to every new quote? What holds is asked, whoever may read the grade."""
    grade = credit.grade_of(ctx, quote.account_id)
    return grade is not None and grade.terms.needs_release


def ask(ctx: Context, quote: Quote, *, note: Any) -> QuoteVersion:
    """Ask those who may approve; why is said."""
    require(ctx, "quotes.edit", quote)
    draft, why = _held(ctx, quote), _reason(note)
    if not needs_release(ctx, quote) and not against(ctx, quote, draft, queries.lines_of(ctx, draft)):
        raise Refused("approval_not_needed")
    draft.asked_at, draft.asked_by, draft.approval_note, draft.approved_at, draft.approved_by = ctx.now, ctx.actor.id, why, None, None
    record(ctx, "quote.approval_asked", quote, about=about(quote), name=quote.name, note=why)
    able = [user.id for user in people.users(ctx) if user.state == "active" and holds(people.actor_of(user), "quotes.approve")]
    notify(ctx, "assigned", able, quote, say="told.quote_asks", excerpt=why[:200])
    ctx.session.flush()  # the answer shows the new version
    return draft


def approve(ctx: Context, quote: Quote, *, note: Any = None, version: int | None = None) -> QuoteVersion:
    """Yes: it may be sent as it stands. version: of the draft, as it was read; another one by now is a conflict."""
    require(ctx, "quotes.approve", quote)
    draft, why = _asked(ctx, quote, version), clean(note, field="note", max_length=500) or ""
    draft.approved_at, draft.approved_by = ctx.now, ctx.actor.id
    return _decided(ctx, quote, draft, _yes(bool(against(ctx, quote, draft, queries.lines_of(ctx, draft)))), "told.quote_approved", why)


def refuse(ctx: Context, quote: Quote, *, note: Any, version: int | None = None) -> QuoteVersion:
    """No, and why. version: as in `approve`."""
    require(ctx, "quotes.approve", quote)
    draft, why = _asked(ctx, quote, version), _reason(note)
    return _decided(ctx, quote, draft, "quote.approval_refused", "told.quote_not_approved", why)


def waiting(ctx: Context, *, limit: int = 100) -> list[Row]:
    """(Quote, QuoteVersion) of what waits for a yes and the actor sees, the oldest first."""
    query = select(Quote, QuoteVersion).join(QuoteVersion, QuoteVersion.quote_id == Quote.id)
    query = query.where(QuoteVersion.state == "draft", QuoteVersion.asked_at.is_not(None), QuoteVersion.approved_at.is_(None), Quote.deleted_at.is_(None), sees(ctx, Quote))
    return list(ctx.session.execute(query.order_by(QuoteVersion.asked_at, Quote.id).limit(limit)))


def _decided(ctx: Context, quote: Quote, draft: QuoteVersion, fact: str, sentence: str, why: str) -> QuoteVersion:
    asker, draft.asked_at = draft.asked_by, None
    record(ctx, fact, quote, about=about(quote), name=quote.name, note=why)
    notify(ctx, "assigned", [asker], quote, say=sentence, excerpt=why[:200])
    ctx.session.flush()  # the answer shows the new version
    return draft


def _held(ctx: Context, quote: Quote) -> QuoteVersion:
    hold(ctx, quote)  # the quote before its versions, everywhere
    draft = queries.draft_of(ctx, quote)
    hold(ctx, draft)
    if draft.state != "draft":
        raise Refused("quote_not_draft")
    return draft


def _yes(conflicting: bool) -> str:
    """What the decision is called: about prices, or a release for an account."""
    return "quote.approved" if conflicting else "quote.released"


def _asked(ctx: Context, quote: Quote, version: int | None) -> QuoteVersion:
    draft = _held(ctx, quote)
    if version is not None and version != draft.version:
        raise Conflict("stale")
    if draft.asked_at is None:
        raise Refused("approval_not_asked")
    return draft


def _reason(note: Any) -> str:
    found = clean(note, field="note", max_length=500)
    if not found:
        raise Refused("required", field="note")
    return found
