"""Papers for tests: of a few lines, and of many that come out of a random generator."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

from core.documents.paper import ALTERNATIVE, ITEM, OPTIONAL, SECTION, TEXT, Paper, PaperLine, PaperParty, PaperTax
from core.products import taxing

SELLER = PaperParty("Tendero Tools GmbH", ("1 Example Street", "10115 Berlin"), tax_id="DE123456789")
CUSTOMER = PaperParty("Nordlicht Optik", ("Hafenweg 2", "24103 Kiel"), person="Ms Grün")
OWNER = PaperParty("Anna Berg", mail="anna@example.com", phone="+49 30 1234")


def line(number=1, *, name="Rotary laser", quantity="2", price="10.50", discount="0", taxes=("S",), currency="EUR", **more):
    coin = Decimal(1).scaleb(-get_currency_precision(currency))
    amount = (Decimal(quantity) * Decimal(price) * (100 - Decimal(discount)) / 100).quantize(coin, ROUND_HALF_UP)
    return PaperLine(position=str(number), sku=f"A-{number}", name=name, quantity=Decimal(quantity), unit="pc.", unit_price=Decimal(price), discount=Decimal(discount), amount=amount, taxes=taxes, **more)


def paper(lines, *, taxes=(("S", "19"),), gross=False, per="document", relief=None, currency="EUR", language="en", **more):
    """A paper whose totals the rules of core.products.taxing work out."""
    known = {code: taxing.Tax(code, Decimal(percent)) for code, percent in taxes}
    counted = [one for one in lines if one.kind == ITEM and one.counted and one.amount is not None]
    found = taxing.totals([taxing.TaxedLine(one.amount, tuple(known[code] for code in one.taxes)) for one in counted], currency, gross=gross, per=per, relief=relief)
    sums = tuple(PaperTax(one.tax.code, f"VAT {one.tax.code}", one.tax.percent, one.tax.category, one.taxable, one.amount) for one in found.taxes)
    values = dict(
        kind="quote", number="2026-7", version=1, state="sent", on=date(2026, 3, 1), valid_until=date(2026, 3, 31), language=language, currency=currency, gross=gross,
        seller=SELLER, customer=CUSTOMER, owner=OWNER, lines=tuple(lines), taxes=sums, net=found.net, total=found.gross,
    )
    return Paper(**values | more)


def random_paper(random):
    """Any paper that the rules allow: sections, options, several taxes, net and gross, currencies with and without coins."""
    currency, taxes = random.choice(("EUR", "JPY", "KWD", "USD")), [(code, random.choice(("0", "5.5", "7", "19", "21.25"))) for code in ("A", "B", "C")[: random.randint(1, 3)]]
    places, lines = get_currency_precision(currency), []
    for number in range(random.randint(0, 14)):
        kind = random.random()
        if kind < 0.2:
            lines.append(PaperLine(kind=random.choice((SECTION, SECTION, TEXT)), name=random.choice(("Part", "Service", "=1+1")), position=str(number)))
            continue
        choice = random.choice(("", "", "", OPTIONAL, ALTERNATIVE))
        under = tuple(code for code, _ in taxes if random.random() < 0.5) if random.random() < 0.3 else (random.choice(taxes)[0],)
        price = Decimal(random.randint(-500, 200_000)).scaleb(-random.choice((places, places + 1)))
        lines.append(line(
            number, name=random.choice(("Item", "@SUM(A1)", "+1")), quantity=str(Decimal(random.randint(1, 5000)).scaleb(-random.randint(0, 3))), price=str(price),
            discount=str(Decimal(random.randint(0, 10_000)).scaleb(-2)) if random.random() < 0.4 else "0", taxes=under, currency=currency, choice=choice, counted=not choice or random.random() < 0.3,
        ))
    return paper(lines, taxes=taxes, gross=random.random() < 0.5, per=random.choice(("document", "line")), relief=random.choice((None, None, None, "AE")), currency=currency)
