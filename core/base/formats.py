"""How a person reads days, times and numbers: chosen by himself, else by the workspace, else as his language does.

Empty means "not chosen". What may be chosen stands here once: columns, forms and filters take it from here.
"""

from dataclasses import dataclass, fields
from typing import Any

from core.base.errors import Refused
from core.base.words import N_

# field -> {value: an example, which is also its name}
CHOICES: dict[str, dict[str, str]] = {
    "date_format": {"iso": "2026-11-24", "dots": "24.11.2026", "slashes": "24/11/2026", "us": "11/24/2026"},
    "clock": {"24": "15:30", "12": "3:30 PM"},
    "number_format": {"point": "1,234.56", "comma": "1.234,56", "space": "1 234,56"},
    "first_day": {"mon": N_("Monday"), "sat": N_("Saturday"), "sun": N_("Sunday")},
}
# How high the rows of lists are: a person's alone, never "not chosen".
DENSITIES = {"compact": N_("Compact"), "normal": N_("Normal"), "roomy": N_("Roomy")}
DAYS = {"mon": 0, "sat": 5, "sun": 6}


@dataclass(frozen=True, slots=True)
class Formats:
    """The four choices."""

    date_format: str = ""
    clock: str = ""
    number_format: str = ""
    first_day: str = ""

    @classmethod
    def of(cls, row: Any) -> "Formats":
        """Those of a user or a workspace."""
        return cls(*(getattr(row, one.name) for one in fields(cls)))

    def over(self, default: "Formats") -> "Formats":
        """One's own where chosen, else the default."""
        return Formats(*(getattr(self, one.name) or getattr(default, one.name) for one in fields(Formats)))

    @property
    def week_begins(self) -> int:
        """The first day of the week as weekday() counts; Monday where nobody chose."""
        return DAYS.get(self.first_day, 0)


def chosen_format(value: Any, field: str) -> str:
    """One of the choices of a field, or nothing; refuses anything else (`unknown_value`)."""
    if value and value not in CHOICES[field]:
        raise Refused("unknown_value", field=field)
    return value or ""


FORMAT_FIELDS = dict.fromkeys(CHOICES, chosen_format)


def check(field: str) -> str:
    """The condition that the database keeps on such a column."""
    return f"{field} IN {('', *CHOICES[field])}"
