"""Where somebody was when he came first and last, as pages of leads and of the deals that they became say it."""

from datetime import datetime
from typing import Any

from core.base.context import Context
from core.leads.rules import TOUCH
from core.leads.words import LABELS, TOUCH_LABELS
from infra import i18n
from web.filters import day


def touched(ctx: Context, record: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """(first or last touch, its lines) as far as anything is known; the last only where it is another."""
    last = {} if record.last_touch == record.first_touch else record.last_touch
    pairs = (("first_touch", record.first_touch), ("last_touch", last))
    return [(i18n.gettext(ctx.locale, LABELS[which]), _lines(ctx, touch)) for which, touch in pairs if touch]


def _lines(ctx: Context, touch: dict[str, str]) -> list[tuple[str, str]]:
    moment = [(i18n.gettext(ctx.locale, TOUCH_LABELS["at"]), day(datetime.fromisoformat(touch["at"])))] if touch.get("at") else []
    return moment + [(i18n.gettext(ctx.locale, TOUCH_LABELS[name]), touch[name]) for name in TOUCH if touch.get(name)]
