"""The formulas by which a tax of a document may have come about, each with what it gives: summed and then rounded, or rounded line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.documents.paper import Paper, PaperLine, PaperTax
from core.documents.wording import Say

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Candidate:
    """A formula and what it comes to."""

    value: Decimal
    formula: str


@dataclass(frozen=True)
class Ranges:
    """The cells of a table: amounts, whether a line counts, and whether it is under a tax."""

    amounts: str
    counts: str
    taxes: Mapping[str, str]

    def sum(self, *more: str) -> str:
        """The amounts that count; more: further factors."""
        return f"SUMPRODUCT({','.join((self.amounts, self.counts, *more))})"

    def under(self, codes: frozenset[str]) -> tuple[str, ...]:
        """Factors that leave the lines under exactly these taxes."""
        return tuple(cells if code in codes else f"1-{cells}" for code, cells in self.taxes.items())


def tax_candidates(paper: Paper, tax: PaperTax, ranges: Ranges, say: Say) -> list[Candidate]:
    """Rounded once on the sum of the lines under the same taxes, or on each line; of net or of gross amounts, as the document says."""
    percents = {one.code: one.percent for one in paper.taxes}
    groups: dict[frozenset[str], list[PaperLine]] = {}
    for line in paper.lines:
        if tax.code in line.taxes and line.counted and line.amount is not None:
            groups.setdefault(frozenset(line.taxes).intersection(percents), []).append(line)
    if not groups:
        return [Candidate(Decimal(0), "0")]
    parts = [_parts(lines, codes, tax, paper, percents, ranges, say) for codes, lines in groups.items()]
    joined = ["+".join(part[way].formula for part in parts) for way in (0, 1)]
    return [Candidate(sum((part[way].value for part in parts), Decimal(0)), f"ROUND({joined[way]},{say.places})" if way or len(parts) > 1 else joined[way]) for way in (0, 1)]


def _parts(lines: list[PaperLine], codes: frozenset[str], tax: PaperTax, paper: Paper, percents: Mapping[str, Decimal], ranges: Ranges, say: Say) -> tuple[Candidate, Candidate]:
    """(rounded once, rounded on each line) of the lines under the same taxes."""
    amounts, under = [line.amount or Decimal(0) for line in lines], ranges.under(codes)
    over = HUNDRED + sum((percents[code] for code in codes), Decimal(0)) if paper.gross else HUNDRED
    rate = f"{_plain(tax.percent)}/{_plain(over)}"
    once = Candidate(say.rounded(sum(amounts, Decimal(0)) * tax.percent / over), f"ROUND({ranges.sum(*under)}*{rate},{say.places})")
    each = Candidate(
        sum((say.rounded(one * tax.percent / over) for one in amounts), Decimal(0)), f"SUMPRODUCT({','.join((f'ROUND({ranges.amounts}*{rate},{say.places})', ranges.counts, *under))})",
    )
    return once, each


def _plain(number: Decimal) -> str:
    """Digits as a formula has them."""
    return f"{number.normalize():f}"
