"""A timeline as a page shows it: groups by day, icons, sentences."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import request

from core.activities.models import KINDS
from core.activities.participants import several_come
from core.activities.queries import CHANGES, Narrow, Timeline
from core.activities.together import answers_of
from core.activities.words import KIND_LABELS
from core.base.context import Context
from core.base.policy import has
from core.base.words import N_
from core.deals.words import LABELS as DEAL_LABELS
from core.leads.words import LABELS as LEAD_LABELS
from core.parties.words import LABELS, STAGE_LABELS
from core.quotes.words import FACT_LABELS as QUOTE_LABELS
from infra import dates, i18n
from web.custom_fields.forms import OWN_FIELDS
from web.custom_fields.saying import label
from web.words import say_fact

# kind -> (icon, hue)
MARKS = {
    "call": ("phone", "blue"), "mail": ("mail", "violet"), "message": ("message", "cyan"), "visit": ("map-pin", "green"),
    "meeting": ("calendar-event", "amber"), "note": ("note", "grey"), "task": ("circle-check", "grey"), "promise": ("star", "amber"),
}
SENTENCES = {
    "call": N_("%(actor)s called"), "mail": N_("%(actor)s wrote a mail"), "message": N_("%(actor)s sent a message"),
    "visit": N_("%(actor)s visited"), "meeting": N_("%(actor)s met"), "note": N_("%(actor)s noted"),
}
WITH_PERSON = {
    "call": N_("%(actor)s called %(person)s"), "mail": N_("%(actor)s wrote to %(person)s"), "message": N_("%(actor)s sent %(person)s a message"),
    "visit": N_("%(actor)s visited %(person)s"), "meeting": N_("%(actor)s met %(person)s"), "note": N_("%(actor)s noted about %(person)s"),
}
# A mail that came in: of nobody named, of a person.
CAME = (N_("A mail came in for %(actor)s"), N_("%(person)s wrote to %(actor)s"))
OTHER_LABELS = {"deals": DEAL_LABELS, "leads": LEAD_LABELS, "quotes": QUOTE_LABELS}
SOMEBODY, SYSTEM = N_("Somebody"), N_("The system")
TODAY, YESTERDAY, THIS_WEEK = N_("Today"), N_("Yesterday"), N_("This week")


def timeline_values(ctx: Context, history: Timeline, url: str) -> dict[str, Any]:
    """What activities/_timeline.html needs."""
    show, narrow = request.args.get("show") or None, narrow_of(request.args)
    rest = {"person": narrow.contact_id, "by": narrow.user_id, "words": narrow.search}
    kept = {name: str(value) for name, value in rest.items() if value}
    query = "".join(f"&{part}" for part in (urlencode(kept), urlencode({"show": show}) if show else "") if part)
    to = lambda show: f"{url}?{urlencode(({'show': show} if show else {}) | kept)}".removesuffix("?")  # noqa: E731
    kinds = [kind for kind in KIND_LABELS if kind in KINDS]
    return {
        "planned": history.planned, "several_come": several_come, "answers_of": answers_of, "groups": list(_groups(ctx, history)), "shown": show, "soonest": history.soonest, "latest": history.latest,
        "older_url": f"{url}?before={history.before.replace('+', '%2B')}{query}" if history.before else None,
        "marks": MARKS, "says": lambda row: _sentence(ctx, row), "can_log": has(ctx, "activities.log"),
        "shows": [(one, label, to(one)) for one, label in ((None, N_("All")), *((kind, KIND_LABELS[kind]) for kind in kinds), (CHANGES, N_("Changes")))],
        "narrow": narrow, "narrow_url": url, "narrowed_off": f"{url}?show={show}" if show else url,
    }


def is_for_more() -> bool:
    """Is only the next part of the timeline asked for, to be put below what is shown?"""
    return bool(request.args.get("before") and request.headers.get("HX-Request"))


def narrow_of(args: Mapping[str, str]) -> Narrow:
    """What an address narrows a timeline to; a key that is none narrows nothing."""
    return Narrow(_key(args.get("person")), _key(args.get("by")), args.get("words", "").strip()[:100] or None)


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


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
        room = {"account": "accounts", "contact": "contacts", "deal": "deals", "lead": "leads", "quote": "quotes"}.get(row.kind.partition(".")[0], "")
        fields = ", ".join(dict.fromkeys(label(ctx, room, name, {**OTHER_LABELS.get(room, LABELS), "custom": OWN_FIELDS}) for name in row.params.get("fields", ())))
        if "stage" in row.params:
            return say_fact(row.kind, row.params | {"stage": i18n.gettext(ctx.locale, STAGE_LABELS[row.params["stage"]])}, ctx.locale, actor=actor)
        return say_fact(row.kind, row.params, ctx.locale, actor=actor, **({"fields": fields} if fields else {}))
    came = row.kind == "mail" and row.direction == "in"
    message = CAME[bool(row.contact_name)] if came else (WITH_PERSON if row.contact_name else SENTENCES)[row.kind]
    return say_fact(message, {}, ctx.locale, actor=actor, person=row.contact_name)

