"""Months, quarters and years as a forecast counts them, as pure values."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.base.errors import Refused

# Kind -> its months.
MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, order=True)
class Period:
    """A month, quarter or year, by its first day."""

    first: date
    kind: str = "month"

    @property
    def after(self) -> date:
        """The first day that is no longer in it."""
        return self.next().first

    @property
    def last(self) -> date:
        return self.after - timedelta(days=1)

    @property
    def key(self) -> str:
        """As addresses and programs write it: 2026-11, 2026-Q4, 2026."""
        if self.kind == "year":
            return f"{self.first:%Y}"
        return f"{self.first:%Y-%m}" if self.kind == "month" else f"{self.first:%Y}-Q{(self.first.month + 2) // 3}"

    def next(self, by: int = 1) -> "Period":
        """So many periods later, or earlier."""
        months = self.first.year * 12 + self.first.month - 1 + by * MONTHS[self.kind]
        return Period(date(months // 12, months % 12 + 1, 1), self.kind)

    def holds(self, day: date | None) -> bool:
        return day is not None and self.first <= day < self.after

    def parts(self) -> list["Period"]:
        """The months of a quarter, the quarters of a year; nothing of a month."""
        smaller = {"quarter": "month", "year": "quarter"}.get(self.kind)
        if smaller is None:
            return []
        begin = Period(self.first, smaller)
        return [begin.next(place) for place in range(MONTHS[self.kind] // MONTHS[smaller])]

    def nested(self) -> list["Period"]:
        """Itself, its parts and theirs."""
        return [self, *(one for part in self.parts() for one in part.nested())]


def period_of(day: date, kind: str) -> Period:
    """The one in which a day lies."""
    months = MONTHS[kind]
    return Period(date(day.year, (day.month - 1) // months * months + 1, 1), kind)


def read_period(text: str | None, field: str = "period") -> Period:
    """What `Period.key` wrote; anything else is refused, and so is a year outside of those that a calendar of ours holds."""
    said = text or ""
    year, _, part = said.partition("-")
    try:
        if len(year) != 4 or not (year + part.lstrip("Q")).isascii() or not year.isdigit() or not 1970 <= int(year) <= 2199:
            raise ValueError
        if not part and "-" not in said:
            return Period(date(int(year), 1, 1), "year")
        if part in ("Q1", "Q2", "Q3", "Q4"):
            return Period(date(int(year), int(part[1]) * 3 - 2, 1), "quarter")
        if len(part) == 2 and part.isdigit():
            return Period(date(int(year), int(part), 1), "month")
        raise ValueError
    except ValueError:
        raise Refused("period_unknown", field=field) from None
