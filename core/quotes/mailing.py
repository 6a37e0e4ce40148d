"""A quote goes to the customer by mail: a letter in its language with the link. Whoever answers for it gets the replies."""

from typing import Any

from sqlalchemy import select

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.money import Money
from core.base.policy import require
from core.base.text import clean
from core.post.actions import hand_in
from core.post.models import OutgoingMail
from core.quotes.drafting import about
from core.quotes.models import Quote
from core.quotes.sending import current, link_of

LONGEST, SHOWN = 5000, 10


def mail_quote(ctx: Context, quote: Quote, *, to: Any, message: Any = None) -> OutgoingMail:
    """The version that waits for an answer, to this address, with a few words of one's own. Refuses no address and what is none, and a quote
    without a version that waits. What nobody may write to any more (a bounced address, an erased person's) is stopped where letters leave."""
    require(ctx, "quotes.send", quote)
    address, words = clean(to, field="to", max_length=320), clean(message, field="message", max_length=LONGEST, multiline=True) or ""
    if not address:
        raise Refused("required", field="to")
    version = current(ctx, quote)
    answers = version.answers_for
    letter = hand_in(
        ctx, template="quote", to=address, to_name=version.customer.get("person") or version.customer.get("name", ""), lang=version.language, about=quote, reply_to=answers.get("mail"), timezone=ctx.tenant.timezone,
        params={"number": quote.number, "subject": quote.name, "words": words, "total": Money(version.total, version.currency), "until": version.valid_until, "who": answers.get("name", ""), "link": link_of(ctx, version)},
    )
    record(ctx, "quote.mailed", quote, about=about(quote), number=quote.number, version=version.number, to=letter.to_mail)
    ctx.session.flush()  # the page shows how it stands
    return letter


def letters_of(ctx: Context, quote: Quote) -> list[OutgoingMail]:
    """The letters about a quote that the actor sees, the newest first: to whom, and what became of them."""
    require(ctx, "quotes.read", quote)
    query = select(OutgoingMail).where(OutgoingMail.about_id == quote.id, OutgoingMail.template == "quote")
    return list(ctx.session.execute(query.order_by(OutgoingMail.created_at.desc(), OutgoingMail.id.desc()).limit(SHOWN)).scalars())
