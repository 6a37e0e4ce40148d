"""An account's credit grade and loyalty tier, as its page shows them: two pills that lead to where they are set."""

from datetime import date
from typing import Any

from flask import g
from markupsafe import Markup

from core.credit.words import GRADE_LABELS
from infra import i18n

HUES = {"big_good": "green", "small_good": "green", "big_bad": "amber", "small_bad": "red"}


def standing_values(said: dict[str, Any]) -> dict[str, Any]:
    """What accounts/_glance.html needs of what core.credit.beside and core.loyalty.beside told with the account."""
    credit, loyalty = said.get("credit"), said.get("loyalty")
    return {
        "standing": {
            "known": "credit" in said or "loyalty" in said,
            "grade": grade_pill(credit["grade"]) if credit else "", "grade_until": _day(credit), "tier": loyalty["tier"] if loyalty else "", "tier_until": _day(loyalty),
        },
    }


def grade_pill(grade: str) -> Markup:
    """The grade in the reader's language, in the hue of how careful one should be."""
    return Markup('<span class="pill h-{}">{}</span>').format(HUES[grade], i18n.gettext(g.get("lang", "en"), GRADE_LABELS[grade]))


def _day(said: dict[str, Any] | None) -> date | None:
    return date.fromisoformat(said["until_on"]) if said and said["until_on"] else None
