"""A version of a quote as the print templates get it."""

from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.base.context import Context
from core.base.words import N_
from core.documents.paper import ITEM, SECTION, Paper, PaperLine, PaperParty, PaperTax
from core.documents.queries import design_for
from core.documents.rules import filled
from core.documents.sheet import placeholders
from core.documents.wording import Say
from core.products.bundle_queries import in_line
from core.products.taxing import TAXED, ZERO, with_rate
from core.products.words import REASONS
from core.quotes import queries
from core.quotes.answering import state_now
from core.quotes.models import Quote, QuoteLine, QuoteVersion
from core.quotes.rules import as_kept, counted, sums
from core.quotes.sending import customer_of_now, customer_told, customer_whole, proof_of, who_answers

# Reasons that a customer reads too: none of a list of ours, of a cost or of how he is graded.
PRINTED = ("from_quantity", "standing_discount", "kept_discount")
NOTES = {"E": N_("Exempt from tax."), "AE": N_("Reverse charge: the customer owes the tax.")}


def paper_of(ctx: Context, version: QuoteVersion) -> Paper:
    """Of a version of a quote that the actor sees. What was sent says who sent it and to whom as it stood then; a draft as it stands now."""
    quote, lines = ctx.session.get_one(Quote, version.quote_id), queries.lines_of(ctx, version)
    found = sums(lines, version.currency, gross=version.gross, relief=version.relief, chosen=version.chosen)
    places = counted(lines, version.chosen)
    say = Say(version.language, version.currency)
    customer, owner = (customer_of_now(ctx, quote), who_answers(ctx, quote)) if version.state == "draft" else (customer_told(ctx, version), version.answers_for)
    return Paper(
        kind="quote", number=quote.number or "", version=version.number, state=state_now(ctx, version), on=version.sent_at.astimezone(ZoneInfo(ctx.tenant.timezone)).date() if version.sent_at else ctx.tenant_today,
        valid_until=version.valid_until, language=version.language, currency=version.currency, gross=version.gross, seller=PaperParty(ctx.tenant.name), customer=_party(customer), owner=_party(owner),
        subject=version.subject or quote.name, intro=version.intro or "", closing=version.closing or "", terms=version.terms or "", lines=tuple(_line(one, place in places, position, say) for place, (one, position) in enumerate(zip(lines, _positions(lines), strict=True))),
        taxes=tuple(PaperTax(one["code"], _tax(one, say), Decimal(one["percent"]), one["category"], Decimal(one["taxable"]), Decimal(one["amount"])) for one in as_kept(found)),
        net=found.net, total=found.gross, tax_note=say(NOTES[version.relief]) if version.relief in NOTES else "", link=proof_of(ctx, version),
    )


def is_whole(ctx: Context, version: QuoteVersion) -> bool:
    """Does the actor's paper of it say of the customer all that the customer's own says? A role that hides some of it takes it from the paper too."""
    if version.state == "draft":
        quote = ctx.session.get_one(Quote, version.quote_id)
        told, everything = customer_of_now(ctx, quote), customer_whole(ctx, quote)
    else:
        told, everything = customer_told(ctx, version), version.customer
    return all(told.get(name) == everything.get(name) for name in ("lines", "tax_id"))


def texts_now(ctx: Context, version: QuoteVersion) -> dict[str, str | None]:
    """subject, intro, closing and terms of a version as its paper has them: its own words, else those of the print template of its language."""
    paper = paper_of(ctx, version)
    design, values = design_for(ctx, "quote", version.language), placeholders(paper, Say(version.language, version.currency))
    found = {name: getattr(paper, name) or filled(getattr(design, name) or "", values) for name in ("intro", "closing", "terms")}
    return {"subject": paper.subject, **{name: text or None for name, text in found.items()}}


def _tax(kept: dict, say: Say) -> str:
    """What a tax of the totals is called, with its rate where one is due."""
    percent = Decimal(kept["percent"])
    return with_rate(kept["code"], percent, say.number(percent)) if kept["category"] in (TAXED, ZERO) else kept["code"]


def _party(kept: dict) -> PaperParty:
    return PaperParty(kept.get("name", ""), tuple(kept.get("lines", ())), kept.get("tax_id", ""), kept.get("person", ""), kept.get("mail", ""), kept.get("phone", ""))


def _positions(lines: Sequence[QuoteLine]) -> list[str]:
    """What is offered is counted; under headings 1.1, 1.2, 2.1. A text has no number."""
    found, head, item = [], 0, 0
    for one in lines:
        if one.kind == SECTION:
            head, item = head + 1, 0
        item += one.kind == ITEM
        found.append({SECTION: str(head), ITEM: f"{head}.{item}" if head else str(item)}.get(one.kind, ""))
    return found


def _line(one: QuoteLine, is_counted: bool, position: str, say: Say) -> PaperLine:
    return PaperLine(
        kind=one.kind, position=position, sku=one.sku or "", name=one.name, description=_described(one, say), quantity=one.quantity, unit=one.unit or "", unit_price=one.unit_price, discount=one.discount,
        amount=one.amount, taxes=(one.tax_name,) if one.tax_name else (), choice=one.choice, counted=is_counted or one.kind != ITEM, reason=_reason(one, say),
    )


def _described(one: QuoteLine, say: Say) -> str:
    """What is written beneath a line, and of a bundle what it consists of, one part a line."""
    parts = in_line(one.parts, one.quantity) if one.quantity is not None else []
    told = (" ".join(text for text in (say.number(part["quantity"]), part["unit"], "×", part["name"]) if text) for part in parts)
    return "\n".join(text for text in (one.description or "", *told) if text)


def _reason(one: QuoteLine, say: Say) -> str:
    """What came off the list, in the language of the paper; nothing where somebody wrote the price himself."""
    if one.is_own:
        return ""
    told = [(kept["code"], {name: say.number(Decimal(value)) if name in ("percent", "quantity") else value for name, value in kept["params"].items()}) for kept in one.reasons if kept["code"] in PRINTED]
    return " ".join(say(REASONS[code], **params) for code, params in told)
