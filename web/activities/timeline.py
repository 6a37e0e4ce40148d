"""A timeline as a page shows it: groups by day, icons, sentences."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import request

from core.activities.models import KINDS
from core.activities.queries import CHANGES, Timeline
from core.activities.words import KIND_LABELS
from core.base.context import Context
from core.base.policy import has
from core.base.words import N_
from core.parties.words import LABELS
from infra import dates, i18n
from web.custom_fields.forms import OWN_FIELDS
from web.custom_fields.saying import label
from web.words import say_fact

# kind -> (icon, hue)
MARKS = {
    "call": ("phone", "blue"), "mail": ("mail", "violet"), "message": ("message", "cyan"), "visit": ("map-pin", "green"),
    "meeting": ("calendar-event", "amber"), "note": ("note", "grey"),
}
SENTENCES = {
    "call": N_("%(actor)s called"), "mail": N_("%(actor)s wrote a mail"), "message": N_("%(actor)s sent a message"),
    "visit": N_("%(actor)s visited"), "meeting": N_("%(actor)s met"), "note": N_("%(actor)s noted"),
}
WITH_PERSON = {
    "call": N_("%(actor)s called %(person)s"), "mail": N_("%(actor)s wrote to %(person)s"), "message": N_("%(actor)s sent %(person)s a message"),
    "visit": N_("%(actor)s visited %(person)s"), "meeting": N_("%(actor)s met %(person)s"), "note": N_("%(actor)s noted about %(person)s"),
}
SOMEBODY, SYSTEM = N_("Somebody"), N_("The system")
TODAY, YESTERDAY, THIS_WEEK = N_("Today"), N_("Yesterday"), N_("This week")


def timeline_values(ctx: Context, history: Timeline, url: str) -> dict[str, Any]:
    """What activities/_timeline.html needs."""
    show = request.args.get("show") or None
    query = "".join(f"&{name}={value}" for name, value in (("show", show),) if value)
    kinds = [kind for kind in KIND_LABELS if kind in KINDS]
    return {
        "planned": history.planned, "groups": list(_groups(ctx, history)), "shown": show, "latest": next((row for row in history.entries if row.part == "activity"), None),
        "older_url": f"{url}?before={history.before.replace('+', '%2B')}{query}" if history.before else None,
        "marks": MARKS, "says": lambda row: _sentence(ctx, row), "can_log": has(ctx, "activities.log"),
        "shows": [(None, N_("All"), url), *((kind, KIND_LABELS[kind], f"{url}?show={kind}") for kind in kinds), (CHANGES, N_("Changes"), f"{url}?show={CHANGES}")],
    }


def _groups(ctx: Context, history: Timeline) -> Iterator[tuple[str, list]]:
    for title, rows in groupby(history.entries, key=lambda row: _group(ctx, row.at.astimezone(ctx.zone).date())):
        yield title, list(rows)


def _group(ctx: Context, day: date) -> str:
    """Today, Yesterday, This week, then the month."""
    for title, since in ((TODAY, ctx.today), (YESTERDAY, ctx.today - timedelta(days=1)), (THIS_WEEK, ctx.week_began)):
        if day >= since:
            return i18n.gettext(ctx.locale, title)
    return dates.say_month(day, ctx.locale)


def _sentence(ctx: Context, row: Any):
    """What a row says, names in bold; parameters are escaped."""
    actor = i18n.gettext(ctx.locale, SYSTEM if row.actor_name == "system" else SOMEBODY) if row.actor_name in (None, "system") else row.actor_name
    if row.part == "fact":
        room = {"account": "accounts", "contact": "contacts"}.get(row.kind.partition(".")[0], "")
        fields = ", ".join(dict.fromkeys(label(ctx, room, name, LABELS | {"custom": OWN_FIELDS}) for name in row.params.get("fields", ())))
        return say_fact(row.kind, row.params, ctx.locale, actor=actor, **({"fields": fields} if fields else {}))
    message = (WITH_PERSON if row.contact_name else SENTENCES)[row.kind]
    return say_fact(message, {}, ctx.locale, actor=actor, person=row.contact_name)

