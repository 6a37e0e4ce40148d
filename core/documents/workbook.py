"""A document as a workbook whose sums live: amounts, sections, taxes and totals are formulas wherever these give, to the coin, what the
document says; a figure that came about by another rule stands as a number, so that paper and workbook never differ."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.base.words import N_
from core.documents.design import Design
from core.documents.paper import ITEM, SECTION, Paper, PaperLine
from core.documents.rules import filled
from core.documents.sheet import heading_of, placeholders, shown_columns, sum_of, sum_of_options, title_of
from core.documents.taxed import Candidate, Ranges, tax_candidates
from core.documents.wording import MOST_DECIMALS, Say, decimals
from core.documents.words import CHOICES, STATES
from infra.workbooks_out import Cell, write_sheet

PERCENT = '0.######" %"'
WIDTHS = {"position": 7, "sku": 14, "name": 46, "quantity": 10, "unit": 9, "unit_price": 13, "discount": 11, "taxes": 10, "amount": 15}


def workbook(paper: Paper, design: Design) -> bytes:
    """The file."""
    file, made = io.BytesIO(), _Grid(paper, design)
    made.write()
    write_sheet(file, made.title, made.cells, widths=made.widths(), properties={"title": made.title, "author": paper.seller.name}, fixed_rows=made.head)
    return file.getvalue()


@dataclass
class _Grid:
    """The sheet as it grows. head: the row of headings; columns: of the table; then one column says whether a line counts (1 or 0), and one a tax."""

    paper: Paper
    design: Design
    cells: list[Cell] = field(default_factory=list)
    row: int = 0
    head: int = 0

    def __post_init__(self) -> None:
        self.say = Say(self.paper.language, self.paper.currency)
        self.title = title_of(self.paper, self.design, self.say)
        self.columns = shown_columns(self.paper, self.design)
        self.at = {name: number for number, name in enumerate(self.columns)}
        self.counts = len(self.columns)
        self.tax_at = {tax.code: self.counts + 1 + number for number, tax in enumerate(self.paper.taxes)}
        self.look = f"#,##0.{'0' * self.say.places}" if self.say.places else "#,##0"

    def write(self) -> None:
        self._top()
        first, opened = self.row, None
        for place, line in enumerate(self.paper.lines):
            if line.kind == SECTION:
                self._close(opened, place)
                opened = (place, self.row + 1)
            self._line(line)
        self._close(opened, len(self.paper.lines))
        self._totals(first, max(first, self.row - 1))
        self._texts()

    def widths(self) -> dict[int, int]:
        return {number: WIDTHS[name] for name, number in self.at.items()} | dict.fromkeys((self.counts, *self.tax_at.values()), 12)

    def put(self, column: int, value: Any, **more: Any) -> None:
        if value not in ("", None):
            self.cells.append(Cell(self.row, column, value, **more))

    def _top(self) -> None:
        paper, say = self.paper, self.say
        self.put(0, self.title, bold=True)
        days = [f"{say(label)}: {say.day(value)}" for label, value in ((N_("Date"), paper.on), (N_("Valid until"), paper.valid_until)) if value]
        parties = [[one.name, one.person, *one.lines] for one in (paper.seller, paper.customer)]
        intro = (paper.intro or filled(self.design.intro or "", placeholders(paper, say))).split("\n")
        for block in ([say(STATES[paper.state])] if paper.state in STATES else [], *parties, days, [paper.subject, *intro]):
            for text in filter(None, block):
                self.row += 1
                self.put(0, text)
            self.row += 1
        self.head = self.row = self.row + 1
        for name, number in self.at.items():
            self.put(number, heading_of(name, self.design, say), bold=True)
        self.put(self.counts, say(N_("In the total")), bold=True)
        for tax in paper.taxes:
            self.put(self.tax_at[tax.code], tax.label, bold=True)
        self.row += 1

    def _line(self, line: PaperLine) -> None:
        if line.kind != ITEM:
            self.put(self.at["name"], "\n".join(part for part in (line.name, line.description) if part), bold=line.kind == SECTION, wrap=True)
            if "position" in self.at:
                self.put(self.at["position"], line.position)
        else:
            self._item(line)
        self.row += 1

    def _item(self, line: PaperLine) -> None:
        mark = self.say(CHOICES[line.choice]) if line.choice in CHOICES else ""
        reason = line.reason if self.design.show_reasons else ""
        texts = {"position": line.position, "sku": line.sku, "name": "\n".join(part for part in (line.name, mark, line.description, reason) if part), "unit": line.unit}
        for name, text in texts.items():
            if name in self.at:
                self.put(self.at[name], text, wrap=name == "name")
        for name in ("quantity", "unit_price", "discount"):
            value = getattr(line, name)
            if name in self.at and value is not None:
                self.put(self.at[name], value, look={"unit_price": self._fine(value), "discount": PERCENT}.get(name, ""))
        if "taxes" in self.at:
            rates = {tax.code: f"{self.say.number(tax.percent)} %" for tax in self.paper.taxes}
            self.put(self.at["taxes"], ", ".join(rates.get(code, code) for code in line.taxes))
        self._amount(line)
        if line.amount is not None:
            self.put(self.counts, int(line.counted))
            for code in line.taxes:
                if code in self.tax_at:
                    self.put(self.tax_at[code], 1)

    def _amount(self, line: PaperLine) -> None:
        if line.amount is None:
            return
        formula = ""
        if line.quantity is not None and line.unit_price is not None and {"quantity", "unit_price"} <= self.at.keys() and ("discount" in self.at or not line.discount):
            off = f"*(100-{self._cell('discount')})/100" if line.discount else ""
            worth = line.quantity * line.unit_price * (100 - line.discount) / 100
            formula = _living([Candidate(self.say.rounded(worth), f"ROUND({self._cell('quantity')}*{self._cell('unit_price')}{off},{self.say.places})")], line.amount)
        self.put(self.at["amount"], line.amount, formula=formula, look=self.look)

    def _close(self, opened: tuple[int, int] | None, end: int) -> None:
        """The sum of the section that ends here; opened: its place among the lines, and the row of the first line in it."""
        if opened is None or not self.design.show_section_sums or self.row == opened[1]:
            return
        inside = self.paper.lines[opened[0] + 1 : end]
        ranges = self._ranges(opened[1], self.row - 1)
        self._sum(self.say(N_("Total of %(name)s"), name=self.paper.lines[opened[0]].name), sum_of(inside), [Candidate(sum_of(inside), self._coins(ranges.sum()))])

    def _totals(self, first: int, last: int) -> None:
        """Net, taxes, total; of a gross document the net is what the taxes leave."""
        paper, say, ranges, column = self.paper, self.say, self._ranges(first, last), self.at["amount"]
        self.row += 1
        counted = Candidate(sum_of(paper.lines), self._coins(ranges.sum()))
        at, taxed = self.row, sum((tax.amount for tax in paper.taxes), Decimal(0))
        end = at + len(paper.taxes) + 1
        taxes = f"SUM({_name(at + 1, column)}:{_name(end - 1, column)})" if paper.taxes else "0"
        self._sum(say(N_("Net")), paper.net, [Candidate(paper.total - taxed, self._coins(f"{_name(end, column)}-{taxes}")) if paper.gross else counted])
        for tax in paper.taxes:
            self._sum(tax.label, tax.amount, tax_candidates(paper, tax, ranges, say))
        self._sum(say(N_("Total")), paper.total, [counted if paper.gross else Candidate(paper.net + taxed, self._coins(f"{_name(at, column)}+{taxes}"))], bold=True)
        if self.design.show_option_sum and (options := sum_of_options(paper)):
            self._sum(say(N_("Options not in the total")), options, [])

    def _sum(self, label: str, amount: Decimal, candidates: list[Candidate], *, bold: bool = False) -> None:
        self.put(self.at["name"], label, bold=bold)
        self.put(self.at["amount"], amount, formula=_living(candidates, amount), look=self.look, bold=bold)
        self.row += 1

    def _texts(self) -> None:
        paper, values = self.paper, placeholders(self.paper, self.say)
        texts = (paper.tax_note, paper.closing or filled(self.design.closing or "", values), paper.link, paper.terms or filled(self.design.terms or "", values))
        for text in texts:
            for line in text.split("\n") if text else ():
                self.row += 1
                self.put(0, line)

    def _ranges(self, first: int, last: int) -> Ranges:
        def over(column: int) -> str:
            return f"{_name(first, column)}:{_name(last, column)}"

        return Ranges(over(self.at["amount"]), over(self.counts), {code: over(column) for code, column in self.tax_at.items()})

    def _coins(self, formula: str) -> str:
        """Spreadsheets add in binary: what comes out is brought back to the coin."""
        return f"ROUND({formula},{self.say.places})"

    def _cell(self, name: str) -> str:
        return _name(self.row, self.at[name])

    def _fine(self, price: Decimal) -> str:
        places = max(self.say.places, min(decimals(price), MOST_DECIMALS))
        return f"#,##0.{'0' * places}" if places else "#,##0"


def _living(candidates: Iterable[Candidate], wanted: Decimal) -> str:
    """The formula that gives what the document says; none where no rule of ours does."""
    return next((one.formula for one in candidates if one.value == wanted), "")


def _name(row: int, column: int) -> str:
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
