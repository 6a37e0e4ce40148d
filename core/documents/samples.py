"""Documents to look at a template with: one of ours for each kind, in each language, and hooks by which rooms above offer real ones.

A room that has documents fills RECORDS beside its models: RECORDS["quote"] = Records(offered=…, paper=…).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from core.base.context import Context
from core.base.words import N_
from core.documents.paper import ALTERNATIVE, OPTIONAL, SECTION, TEXT, Paper, PaperLine, PaperParty, PaperTax
from core.documents.wording import Say

# A section and what stands in it: (words, unit, quantity, price, discount, choice)
GOODS = (
    (N_("Equipment"), (
        (N_("Workbench, height adjustable"), N_("pc."), "4", "780", "10", ""), (N_("Tool cabinet with seven drawers"), N_("pc."), "4", "615.50", "0", ""),
        (N_("Rotary laser with tripod"), N_("pc."), "1", "1290", "0", ""), (N_("Rotary laser, green beam"), N_("pc."), "1", "1690", "0", ALTERNATIVE),
        (N_("Shelf unit, galvanised"), N_("pc."), "12", "94.90", "5", ""), (N_("Safety cabinet for chemicals"), N_("pc."), "1", "845", "0", ""),
    )),
    (N_("Delivery and installation"), (
        (N_("Freight to the ground floor"), N_("flat"), "1", "240", "0", ""), (N_("Assembly on site"), N_("h"), "16", "68", "0", ""),
        (N_("Disposal of the packaging"), N_("flat"), "1", "55", "0", ""), (N_("Training of your staff"), N_("h"), "6", "95", "0", OPTIONAL),
    )),
    (N_("Service"), (
        (N_("Yearly inspection"), N_("year"), "3", "320", "0", ""), (N_("Calibration with certificate"), N_("pc."), "3", "149", "0", ""),
        (N_("Spare parts for three years"), N_("flat"), "1", "410", "0", OPTIONAL), (N_("Replacement within 24 hours"), N_("year"), "3", "180", "0", OPTIONAL),
        (N_("Consumables, first delivery"), N_("box"), "20", "18.35", "2.5", ""), (N_("Hotline on working days"), N_("month"), "36", "24", "0", ""),
    )),
)
ABOUT = N_("Steel frame with powder coating, beech top of 40 mm, load up to 800 kg. Height from 720 to 1080 mm by crank; feet level themselves on uneven floors.")
TERMS = (
    N_("Delivery takes four to six weeks from your order, free to the kerb. The assembly on site is agreed with you a week before."),
    N_("Payment is due within 30 days of the invoice, without deduction. The goods remain ours until they are paid in full."),
    N_("The warranty is 24 months from delivery. Wear and damage from use that the manual excludes are not part of it."),
)


@dataclass(frozen=True)
class Records:
    """What a room above offers to look at templates with. offered: (key, what it is called) of records that the actor sees, the latest
    first; paper: one of them, NotFound where he does not see it."""

    offered: Callable[[Context], list[tuple[UUID, str]]]
    paper: Callable[[Context, UUID], Paper]


RECORDS: dict[str, Records] = {}


def sample(ctx: Context, kind: str, language: str, state: str = "sent") -> Paper:
    """A document of ours that takes two pages, in that language and in the workspace's currency."""
    say = Say(language or ctx.tenant.locale, ctx.tenant.currency)
    lines = _lines(say)
    net = sum((line.amount or Decimal(0) for line in lines if line.counted), Decimal(0))
    tax = say.rounded(net * 20 / 100)
    return Paper(
        kind=kind, number="2026-0042", version=2, state=state, on=ctx.today, valid_until=ctx.today + timedelta(days=30), language=say.language, currency=say.currency, gross=False,
        seller=PaperParty(ctx.tenant.name, ("1 Example Street", "10115 Example Town")),
        customer=PaperParty(say(N_("Example Customer Ltd")), ("27 Harbour Road", "20457 Example Port"), person=say(N_("Ms Kim Example"))),
        owner=PaperParty(ctx.actor.name, mail=ctx.actor.mail or ""), subject=say(N_("Workshop equipment for your new hall")), terms="\n\n".join(say(one) for one in TERMS),
        lines=lines, taxes=(PaperTax("S", say(N_("VAT %(rate)s"), rate=f"{say.number(Decimal(20))} %"), Decimal(20), "S", net, tax),), net=net, total=net + tax,
        link=f"{ctx.tenant.url}/documents/example" if ctx.tenant.url else "",
    )


def _lines(say: Say) -> tuple[PaperLine, ...]:
    found, number = [], 0
    for place, (title, goods) in enumerate(GOODS, 1):
        found.append(PaperLine(kind=SECTION, position=f"{place}.", name=say(title)))
        for at, (name, unit, quantity, price, discount, choice) in enumerate(goods, 1):
            number += 1
            found.append(PaperLine(
                position=f"{place}.{at}", sku=f"WB-{1000 + number * 7}", name=say(name), description=say(ABOUT) if at == 1 and place == 1 else "", quantity=Decimal(quantity), unit=say(unit),
                unit_price=say.rounded(Decimal(price)), discount=Decimal(discount), amount=say.rounded(say.rounded(Decimal(price)) * Decimal(quantity) * (100 - Decimal(discount)) / 100),
                taxes=("S",), choice=choice, counted=not choice, reason=say(N_("From 10 pieces")) if Decimal(discount) and Decimal(quantity) >= 10 else "",
            ))
    return (*found, PaperLine(kind=TEXT, name=say(N_("All prices hold for delivery in one part."))))
