"""The list of leads taken out: the rows that the actor sees under the list's filters, as CSV or XLSX."""

from typing import Any

from sqlalchemy import Select, select

from core.base.context import Context
from core.base.field_rights import shown
from core.base.words import N_
from core.identity import queries as people
from core.leads.columns import CHANCE, SCORE
from core.leads.models import Lead
from core.leads.rules import TOUCH
from core.leads.words import LABELS, REASON_LABELS, SOURCE_LABELS, STATE_LABELS, TOUCH_LABELS
from core.transfer.room_out import RoomOut, word
from infra import i18n

# Of the first and of the last touch each a column: "first_touch.utm_source".
TOUCHES = tuple(f"{which}.{name}" for which in ("first_touch", "last_touch") for name in TOUCH)
NAMES = (
    "external_id", "name", "company", "job_title", "mail", "phone", "language", "postcode", "city", "country", "interest", "message", "source", "campaign", "touches", "owner_id", "state",
    "reason", "reason_note", "next_step", "next_step_on", "notes", "tags", "created_at", "converted_at", *TOUCHES,
)


def _base(ctx: Context) -> Select:
    """(Lead, its score, its chance)."""
    return select(Lead, *shown(ctx, "leads", (SCORE.label("score"), CHANCE.label("chance"))))


def _sayer(ctx: Context):
    names = people.user_names(ctx)

    def say(lead: Lead, score: int, chance: int | None) -> dict[str, Any]:
        touched = {f"{which}.{name}": getattr(lead, which).get(name) for which in ("first_touch", "last_touch") for name in TOUCH}
        words = {"state": word(ctx, STATE_LABELS, lead.state), "reason": word(ctx, REASON_LABELS, lead.reason), "source": word(ctx, SOURCE_LABELS, lead.source)}
        return touched | words | {"owner_id": names.get(lead.owner_id, ""), "score": score, "chance": chance}

    return say


def _touch(ctx: Context, name: str) -> str | None:
    """What stands above a column of a touch: "First touch: UTM source"."""
    which, _, what = name.partition(".")
    return f"{i18n.gettext(ctx.locale, LABELS[which])}: {i18n.gettext(ctx.locale, TOUCH_LABELS[what])}" if what in TOUCH_LABELS else None


OUT = RoomOut(Lead, N_("Leads"), NAMES, LABELS, _base, _sayer, ("created_at", "updated_at", "converted_at", "state_since"), _touch)
