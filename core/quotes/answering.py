"""What a customer answers: accepted with what was chosen, declined, or a word about it. By the link alone, or noted by us.

Only the version that counts is accepted, and only while it holds; whoever answers an older one is told which took its place.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from core.approvals.actions import void
from core.base.context import Context
from core.base.errors import Conflict, NotFound, Refused, present
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean
from core.notifications.telling import notify
from core.quotes import queries
from core.quotes.approvable import APPROVAL
from core.quotes.drafting import about
from core.quotes.models import Quote, QuoteLine, QuoteVersion
from core.quotes.rules import sums
from core.quotes.sending import current, end, said

LONGEST_NAME, LONGEST_NOTE = 100, 2000


def by_token(ctx: Context, token: str, *, lock: bool = False) -> tuple[Quote, QuoteVersion]:
    """The quote and version of a customer's link; NotFound for what we never gave out."""
    return _by(ctx, QuoteVersion.token, token, lock)


def by_proof(ctx: Context, proof: str) -> tuple[Quote, QuoteVersion]:
    """Those of the link on a paper."""
    return _by(ctx, QuoteVersion.proof, proof, False)


def newer_than(ctx: Context, version: QuoteVersion) -> int | None:
    """The number of the version that took the place of this one."""
    later = select(QuoteVersion.number).where(QuoteVersion.quote_id == version.quote_id, QuoteVersion.number > version.number, QuoteVersion.state != "draft")
    return ctx.session.execute(later.order_by(QuoteVersion.number.desc()).limit(1)).scalar_one_or_none()


def holds_now(ctx: Context, version: QuoteVersion) -> bool:
    """Can this version be accepted today?"""
    return version.state == "sent" and version.valid_until >= ctx.tenant_today


def state_now(ctx: Context, version: QuoteVersion) -> str:
    """As it stands today: what nobody has closed yet is expired all the same once its day is over."""
    return "expired" if version.state == "sent" and not holds_now(ctx, version) else version.state


def chosen_of(lines: Collection[QuoteLine], given: Collection[str]) -> list[str]:
    """The keys among what was given that are options or alternatives of these lines."""
    return [str(one.id) for one in lines if one.choice and str(one.id) in given]


def accept(ctx: Context, token: str, *, name: Any, address: str, chosen: Collection[str] = (), note: Any = None) -> QuoteVersion:
    """The customer accepts by his link, with the options that he took. address: from where; kept with name and time."""
    require(ctx, "quotes.answer")
    who = clean(name, field="name", max_length=LONGEST_NAME)
    if not who:
        raise Refused("name_needed_to_accept", field="name")
    quote, version = by_token(ctx, token, lock=True)
    _check_open(ctx, version)
    return _accepted(ctx, quote, version, who, address, chosen, clean(note, field="note", max_length=LONGEST_NOTE, multiline=True))


def decline(ctx: Context, token: str, *, name: Any, address: str, note: Any = None) -> QuoteVersion:
    """The customer declines; why, if he says so."""
    require(ctx, "quotes.answer")
    who = clean(name, field="name", max_length=LONGEST_NAME)
    quote, version = by_token(ctx, token, lock=True)
    _check_open(ctx, version)
    return _declined(ctx, quote, version, who or version.customer.get("name", ""), address, clean(note, field="note", max_length=LONGEST_NOTE, multiline=True))


def comment(ctx: Context, token: str, *, name: Any, text: Any) -> None:
    """The customer writes something about it; who answers for it is told."""
    require(ctx, "quotes.answer")
    who, what = clean(name, field="name", max_length=LONGEST_NAME), clean(text, field="note", max_length=LONGEST_NOTE, multiline=True)
    if not what:
        raise Refused("required", field="note")
    quote, version = by_token(ctx, token)
    who = who or version.customer.get("person") or version.customer.get("name", "")
    record(ctx, "quote.commented", quote, about=about(quote), who=who, number=quote.number, text=what)
    _tell(ctx, quote, "told.quote_commented", who, excerpt=what[:200])


def note_accepted(ctx: Context, quote: Quote, *, name: Any, chosen: Collection[str] = (), note: Any = None) -> QuoteVersion:
    """The customer told us that he accepts: in his name, written down by whoever does it."""
    require(ctx, "quotes.send", quote)
    who = clean(name, field="name", max_length=LONGEST_NAME)
    if not who:
        raise Refused("required", field="name")
    version = _mine(ctx, quote)
    return _accepted(ctx, quote, version, who, None, chosen, clean(note, field="note", max_length=LONGEST_NOTE, multiline=True))


def note_declined(ctx: Context, quote: Quote, *, name: Any = None, note: Any = None) -> QuoteVersion:
    """He told us that he does not want it."""
    require(ctx, "quotes.send", quote)
    version, who = _mine(ctx, quote), clean(name, field="name", max_length=LONGEST_NAME)
    return _declined(ctx, quote, version, who or version.customer.get("name", ""), None, clean(note, field="note", max_length=LONGEST_NOTE, multiline=True))


def _mine(ctx: Context, quote: Quote) -> QuoteVersion:
    _hold(ctx, quote)
    return current(ctx, quote)


def _hold(ctx: Context, quote: Quote) -> None:
    ctx.session.execute(select(Quote.id).where(Quote.id == quote.id).with_for_update())
    ctx.session.refresh(quote)


def _by(ctx: Context, column: Any, word: str, lock: bool) -> tuple[Quote, QuoteVersion]:
    if not word or len(word) > 100 or not word.isascii() or not word.isprintable():
        raise NotFound()
    query = select(Quote, QuoteVersion).join(QuoteVersion, QuoteVersion.quote_id == Quote.id).where(column == word)
    found = present(ctx.session.execute(query.with_for_update().execution_options(populate_existing=True) if lock else query).one_or_none())
    return tuple(found)


def _check_open(ctx: Context, version: QuoteVersion) -> None:
    if not holds_now(ctx, version):
        raise Conflict("quote_over")


def _accepted(ctx: Context, quote: Quote, version: QuoteVersion, who: str, address: str | None, chosen: Collection[str], note: str | None) -> QuoteVersion:
    lines = queries.lines_of(ctx, version)
    version.chosen = chosen_of(lines, chosen)
    found = sums(lines, version.currency, gross=version.gross, relief=version.relief, chosen=version.chosen)
    version.accepted_total = found.gross
    version.decided_at, version.decided_name, version.decided_from, version.decided_note = ctx.now, who, address, note
    end(ctx, quote, version, "accepted")
    void(ctx, APPROVAL, quote)  # the next version, where one is written, is sent no more
    quote.net, quote.total = found.net, found.gross
    record(ctx, "quote.accepted", quote, about=about(quote), who=who, number=quote.number, version=version.number, total=said(found.gross, version.currency))
    _tell(ctx, quote, "told.quote_accepted", who)
    ctx.session.flush()  # the answer shows the new version
    return version


def _declined(ctx: Context, quote: Quote, version: QuoteVersion, who: str, address: str | None, note: str | None) -> QuoteVersion:
    version.decided_at, version.decided_name, version.decided_from, version.decided_note = ctx.now, who, address, note
    end(ctx, quote, version, "declined")
    record(ctx, "quote.declined", quote, about=about(quote), who=who, number=quote.number, version=version.number)
    _tell(ctx, quote, "told.quote_declined", who, excerpt=(note or "")[:200])
    return version


def _tell(ctx: Context, quote: Quote, sentence: str, who: str, **more: Any) -> None:
    """Who answers for it hears of it, whoever wrote it down."""
    notify(ctx, "finished", [quote.owner_id], quote, say=sentence, who_answered=who, number=quote.number, **more)
