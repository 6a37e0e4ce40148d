"""A small evaluator of spreadsheet formulas, of its own: what a workbook comes to when a spreadsheet works it out anew.

Numbers are floats, as in spreadsheets; ROUND looks at fifteen digits and rounds halves away from zero. Cached values are not read.
"""

import re
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from xml.etree import ElementTree

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<range>[A-Z]+\d+:[A-Z]+\d+)|(?P<cell>[A-Z]+\d+)|(?P<name>[A-Z]+)(?=\()|(?P<sign>[-+*/(),]))")


class Sheet:
    """The first sheet of a workbook. texts, numbers, formulas, cached: by the cell's name."""

    def __init__(self, content: bytes):
        with zipfile.ZipFile(BytesIO(content)) as parts:
            self.names = parts.namelist()
            strings = ElementTree.fromstring(parts.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in self.names else []
            shared = ["".join(part.text or "" for part in one.iter(f"{{{NS['m']}}}t")) for one in strings]
            self.raw = parts.read("xl/worksheets/sheet1.xml").decode()
        self.texts, self.numbers, self.formulas, self.cached = {}, {}, {}, {}
        for cell in ElementTree.fromstring(self.raw).iter(f"{{{NS['m']}}}c"):
            name, formula, value = cell.get("r"), cell.find("m:f", NS), cell.find("m:v", NS)
            if formula is not None:
                self.formulas[name], self.cached[name] = formula.text, float(value.text)
            elif value is not None:
                (self.texts if cell.get("t") == "s" else self.numbers)[name] = shared[int(value.text)] if cell.get("t") == "s" else float(value.text)

    def value(self, name: str):
        """What a cell comes to; an empty one is nothing, which counts as zero."""
        if name in self.formulas:
            tokens = [found for found in TOKEN.finditer(self.formulas[name])]
            assert sum(len(found[0]) for found in tokens) == len(self.formulas[name]), self.formulas[name]
            return _Reading(self, tokens).whole()
        return self.numbers.get(name, self.texts.get(name, 0.0))

    def beside(self, text: str, column: str):
        """What stands in that column, in the last row that says this text."""
        rows = [re.sub(r"\D", "", name) for name, said in self.texts.items() if said == text]
        return self.value(f"{column}{rows[-1]}")


class _Reading:
    def __init__(self, sheet, tokens):
        self.sheet, self.tokens, self.at = sheet, tokens, 0

    def whole(self):
        found = self.sum()
        assert self.at == len(self.tokens)
        return found

    def peek(self, *signs):
        return self.at < len(self.tokens) and self.tokens[self.at]["sign"] in signs

    def sum(self):
        found = self.product()
        while self.peek("+", "-"):
            sign = self.next()["sign"]
            found = _each(lambda a, b, s=sign: a + b if s == "+" else a - b, found, self.product())
        return found

    def product(self):
        found = self.one()
        while self.peek("*", "/"):
            sign = self.next()["sign"]
            found = _each(lambda a, b, s=sign: a * b if s == "*" else a / b, found, self.one())
        return found

    def one(self):
        token = self.next()
        if token["number"]:
            return float(token["number"])
        if token["cell"]:
            return self.sheet.value(token["cell"])
        if token["range"]:
            return [self.sheet.value(name) for name in _cells(token["range"])]
        if token["name"]:
            return self.function(token["name"])
        assert token["sign"] == "("
        found = self.sum()
        assert self.next()["sign"] == ")"
        return found

    def function(self, name):
        assert self.next()["sign"] == "("
        given = [self.sum()]
        while self.next()["sign"] == ",":
            given.append(self.sum())
        if name == "ROUND":
            return _each(lambda value: rounded(value, int(given[1])), given[0])
        if name == "SUM":
            return sum(value for one in given for value in (one if isinstance(one, list) else [one]))
        assert name == "SUMPRODUCT" and len({len(one) for one in given}) == 1
        total = 0.0
        for factors in zip(*given, strict=True):
            part = 1.0
            for factor in factors:
                part *= factor if isinstance(factor, float) else 0.0  # text counts as zero
            total += part
        return total

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]


def _each(work, *given):
    """Over the cells of a range, where one of the values is one."""
    length = next((len(one) for one in given if isinstance(one, list)), None)
    if length is None:
        return work(*given)
    return [work(*row) for row in zip(*(one if isinstance(one, list) else [one] * length for one in given), strict=True)]


def _cells(name):
    (first, a), (_, b) = (re.fullmatch(r"([A-Z]+)(\d+)", one).groups() for one in name.split(":"))
    return [f"{first}{row}" for row in range(int(a), int(b) + 1)]


def rounded(value: float, places: int) -> float:
    """As spreadsheets do: on fifteen digits, halves away from zero."""
    return float(Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))
