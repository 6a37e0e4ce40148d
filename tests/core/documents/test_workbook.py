"""The document as a workbook: its formulas, worked out by an evaluator of the tests' own, come to what the paper says."""

import io
import json
import random
from dataclasses import replace
from decimal import Decimal

import pytest
import python_calamine

from core.documents.design import Design
from core.documents.models import COLUMNS
from core.documents.paper import OPTIONAL, SECTION, PaperLine
from core.documents.workbook import workbook
from tests.core.documents.papers import line, paper, random_paper
from tests.support.formulas import Sheet


def check(one, design=Design()):
    sheet = Sheet(workbook(one, design))
    column = next(name[0] for name, text in sheet.texts.items() if text.startswith("Amount"))
    assert sheet.beside("Total", column) == float(one.total) and sheet.beside("Net", column) == float(one.net)
    for tax in one.taxes:
        assert sheet.beside(tax.label, column) == float(tax.amount)
    assert {name: sheet.value(name) for name in sheet.formulas} == sheet.cached  # what stands there before anything is worked out
    return sheet


@pytest.mark.parametrize("seeds", range(8))
def test_the_formulas_of_any_paper_come_to_what_it_says(seeds):
    for seed in range(seeds * 75, seeds * 75 + 75):
        check(random_paper(random.Random(seed)))


def test_every_figure_of_a_plain_quote_is_alive():
    lines = [PaperLine(kind=SECTION, name="Goods"), line(1, discount="2.5"), line(2, price="0.3333", quantity="7"), line(3, choice=OPTIONAL, counted=False), PaperLine(kind=SECTION, name="Work"), line(4, taxes=("R",))]
    one = paper(lines, taxes=(("S", "19"), ("R", "7")))
    sheet = check(one)
    figures = [name for name in sheet.numbers if name.startswith("I")]
    assert len(sheet.formulas) == 4 + 2 + 1 + 2 + 1 and len(figures) == 1  # lines, sections, net, taxes, total; the options' sum is told
    assert sheet.beside("Total of Goods", "I") == float(lines[1].amount + lines[2].amount)


def test_another_quantity_and_a_chosen_option_move_all_sums():
    one = paper([line(1, quantity="2", price="10"), line(2, quantity="1", price="5", choice=OPTIONAL, counted=False)])
    sheet = check(one)
    quantity = next(name for name, value in sheet.numbers.items() if name[0] == "D" and value == 2.0)
    counts = next(name for name, value in sheet.numbers.items() if name[0] == "I" and value == 0.0)
    sheet.numbers[quantity], sheet.numbers[counts] = 3.0, 1.0
    assert sheet.beside("Net", "H") == 35.0 and sheet.beside("Total", "H") == 41.65


def test_a_figure_by_another_rule_is_a_number_and_says_what_the_paper_says():
    one = paper([line(1)])
    odd = replace(one, taxes=(replace(one.taxes[0], amount=Decimal("3.00")),), total=one.net + 3)
    assert check(odd).beside("VAT S", "H") == 3.0


def test_what_the_template_hides_is_not_in_the_file():
    design = Design(columns=("name", "amount"))
    sheet = check(paper([line(1, price="123.45", quantity="3", discount="7")]), design)
    assert 123.45 not in sheet.numbers.values() and "123.45" not in sheet.raw and "A-1" not in sheet.texts.values()


@pytest.mark.parametrize("order", [COLUMNS[::-1], ("amount", "name", "unit_price", "quantity"), ("name", "quantity", "unit_price", "amount")])
def test_the_columns_stand_as_the_template_has_them(order):
    sheet = check(paper([line(1), line(2, discount="10")]), Design(columns=order, headings={"name": "What"}))
    assert sheet.texts[next(name for name, text in sheet.texts.items() if text == "What")] == "What"


def test_no_text_becomes_a_formula_a_link_or_a_number(data):
    hostile = [*json.loads((data / "security-strings" / "blns" / "blns.json").read_text()), *(data / "security-strings" / "csv-payload.txt").read_text().splitlines()]
    for text in hostile:
        party = {name: text for name in ("name", "tax_id", "person", "mail", "phone")} | {"lines": (text,)}
        base = paper([line(1, name=text, description=text, reason=text), PaperLine(kind=SECTION, name=text, position=text)])
        one = replace(base, subject=text, intro=text, closing=text, terms=text, tax_note=text, link=text, number=text, seller=replace(base.seller, **party), customer=replace(base.customer, **party))
        plain = Sheet(workbook(paper([line(1, description="x"), PaperLine(kind=SECTION, name="x", position="x")]), Design()))
        sheet = Sheet(workbook(one, Design(intro=text, headings={"name": text[:40]})))
        assert len(sheet.formulas) == len(plain.formulas) and sheet.raw.count("<f>") == len(plain.formulas) and not any("hyperlink" in name or "external" in name for name in sheet.names)
        assert "<hyperlink" not in sheet.raw


def test_another_library_opens_it_and_reads_the_same_figures():
    one = paper([line(1, name="=1+1"), line(2, discount="3")])
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(workbook(one, Design()))).get_sheet_by_index(0).to_python()
    assert any("=1+1" in row for row in rows) and next(row for row in rows if "Total" in row)[8] == float(one.total)
