"""Documents on paper: a quote of sixty lines in twelve sections as PDF, warm and cold, as pictures of its pages, and as XLSX."""

from dataclasses import replace
from decimal import Decimal

from core.documents import rendering
from core.documents.design import Design
from core.documents.paper import SECTION, PaperLine, PaperTax
from core.documents.samples import sample
from core.documents.workbook import workbook
from infra import pdf
from tests.bench.figures import Aim, race

LINES, SECTIONS = 60, 12


def measure(ground, subject) -> None:
    with ground.big.ctx("owner") as ctx:
        paper = of_sixty(sample(ctx, "quote", "en"))
        numbers = iter(range(1_000_000))
        warm, whole, pictures, book = race(
            15, lambda: rendering.pdf_of(replace(paper, number=f"W-{next(numbers)}"), Design()), lambda: rendering.pdf(ctx, replace(paper, number=f"T-{next(numbers)}")),
            lambda: rendering.pictures_of(replace(paper, number=f"P-{next(numbers)}"), Design()), lambda: workbook(paper, Design()),
        )
    (cold,) = race(5, lambda: printed_cold(paper), warm=0)
    subject.add("quote PDF, 60 lines, warm", warm, "ms", aim=Aim(most=60))
    subject.add("the same with its template read", whole, "ms", aim=Aim(most=60))
    subject.add("the same by a new printing process", cold, "ms", aim=Aim())
    subject.add("its pages as pictures", pictures, "ms", aim=Aim())
    subject.add("the same as XLSX", book, "ms", aim=Aim())


def printed_cold(paper) -> None:
    """Typst, its fonts and the template are loaded anew."""
    pdf._press.stop()
    rendering.pdf_of(paper, Design())


def of_sixty(paper):
    """The sample with as many lines; its totals go with them."""
    item = next(line for line in paper.lines if line.amount and not line.choice)
    lines = []
    for number in range(LINES):
        if number % (LINES // SECTIONS) == 0:
            lines.append(PaperLine(kind=SECTION, name=f"Part {number}"))
        lines.append(replace(item, position=str(number + 1), sku=f"B-{number}", name=f"{item.name} {number}", description=""))
    net = sum((line.amount for line in lines if line.amount), Decimal(0))
    tax = (net * 20 / 100).quantize(Decimal("0.01"))
    return replace(paper, lines=tuple(lines), taxes=(PaperTax("S", "VAT 20 %", Decimal(20), "S", net, tax),), net=net, total=net + tax)
