"""The page of a lead: its properties, where it came from, who is known already, what happened."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import g
from markupsafe import Markup

from core.activities.words import KIND_LABELS as WAY_NAMES
from core.base.context import Context
from core.base.facts import shown_here, timeline
from core.base.policy import may
from core.base.words import N_
from core.intake import deciding
from core.leads import chances, clock, known, scoring
from core.leads.models import OPEN, REASONS, Lead
from core.leads.words import ANSWER_LABELS, LABELS, REASON_LABELS, SOURCE_LABELS, STATE_LABELS
from infra import i18n
from web.custom_fields.forms import OWN_FIELDS
from web.custom_fields.saying import label
from web.deals.saying import step_state
from web.filters import number
from web.leads.model_settings import chance_lines
from web.leads.score_settings import reasons
from web.parties.cells import MAKERS, WORD_HUES
from web.parties.record import PARTY, PROPS
from web.parties.record import said as plainly
from web.parties.touches import touched
from web.words import say_fact

HUES = {"new": "blue", "working": "amber", "accepted": "green", "returned": "red", "disqualified": "grey", "converted": "violet"}
ANSWER_HUES = {"running": "amber", "met": "green", "missed": "red"}
SYSTEM, SOMEBODY = N_("The system"), N_("Somebody")
FACTS = 30
# Reasons that have a key of their own (web.keys); another reason needs its words.
QUICK = REASONS[:-1]


def said_source(value: str | None) -> str:
    """A source: the program's own words in the reader's language, others as they were written."""
    return i18n.gettext(g.get("lang", "en"), SOURCE_LABELS[value]) if value in SOURCE_LABELS else value or ""


def _said(ctx: Context, record: Any, name: str, names: dict[UUID, str]) -> str:
    return said_source(record.source) if name == "source" else plainly(ctx, record, name, names)


PROPS["leads"] = replace(PARTY, labels=LABELS, said=_said, fields={
    "owner_id": "select", "company": "text", "job_title": "text", "mail": "email", "phone": "tel", "language": "text", "postcode": "text", "city": "text", "country": "text", "interest": "text",
    "next_step": "text", "next_step_on": "date", "source": "text", "campaign": "text", "tags": "text", "external_id": "text", "notes": "textarea",
})
WORD_HUES["leads", "state"], WORD_HUES["leads", "answer"] = HUES, ANSWER_HUES
MAKERS["points"] = lambda ctx, name: lambda row: number(getattr(row, name))
MAKERS["chance"] = lambda ctx, name: lambda row: "" if getattr(row, name) is None else f"{number(getattr(row, name))} %"
MAKERS["lead_source"] = lambda ctx, name: lambda row: said_source(getattr(row, name))


def state_pill(ctx: Context, state: str) -> Markup:
    """A state as a pill in its colour."""
    return Markup('<span class="pill h-{}">{}</span>').format(HUES[state], i18n.gettext(ctx.locale, STATE_LABELS[state]))


def lead_values(ctx: Context, lead: Lead, lines: list[dict], *, whole: bool) -> dict[str, Any]:
    """What the page and the drawer show of a lead. whole: with who is known already."""
    step_hue, step_said = step_state(ctx, lead.next_step_on)
    open_, found, chance = lead.state in OPEN, scoring.score_of(ctx, lead), chances.chance_of(ctx, lead)
    return {
        "lines": lines, "pill": state_pill(ctx, lead.state), "source": said_source(lead.source), "is_open": open_, "step_hue": step_hue, "step_said": step_said, "can_judge": may(ctx, "leads.edit", lead) and lead.state != "converted",
        "reasons": [(code, i18n.gettext(ctx.locale, REASON_LABELS[code]), str(n)) for n, code in enumerate(QUICK, 1)], "why": _why(ctx, lead),
        "answer": _answer(ctx, lead), "ways": [(way, i18n.gettext(ctx.locale, WAY_NAMES[way])) for way in clock.WAYS],
        "touches": touched(ctx, lead),
        "enquiries": deciding.of_lead(ctx, lead) if whole else [],
        "known": known.likely(ctx, lead) if whole and open_ else None, "facts": _facts(ctx, lead), "score": found[0] if found else None, "reasons_of_score": reasons(ctx, found), "chance": chance, "reasons_of_chance": chance_lines(chance),
    }


def _answer(ctx: Context, lead: Lead) -> dict[str, Any] | None:
    """How it stands with the first answer: a pill, and the moment that counts; a clock that has run out says so before the next round of ours."""
    if lead.answer is None:
        return None
    state = "missed" if lead.answer == "running" and lead.answer_due_at <= ctx.now else lead.answer
    pill = Markup('<span class="pill h-{}">{}</span>').format(ANSWER_HUES[state], i18n.gettext(ctx.locale, ANSWER_LABELS[state]))
    return {"pill": pill, "due": lead.answer_due_at, "at": lead.answered_at, "open": lead.answered_at is None}


def _why(ctx: Context, lead: Lead) -> str:
    if not lead.reason:
        return ""
    chosen = i18n.gettext(ctx.locale, REASON_LABELS[lead.reason])
    return f"{chosen}: {lead.reason_note}" if lead.reason_note else chosen


def _facts(ctx: Context, lead: Lead) -> list[tuple[Any, Any]]:
    """(moment, sentence) of what happened to the lead, the newest first."""
    rows = ctx.session.execute(timeline(lead.id, limit=FACTS).where(*shown_here(ctx))).scalars()
    return [(row.at, _sentence(ctx, row)) for row in rows]


def _sentence(ctx: Context, row: Any) -> Any:
    actor = i18n.gettext(ctx.locale, SYSTEM if row.actor_name == "system" else SOMEBODY) if row.actor_name in (None, "system") else row.actor_name
    fields = ", ".join(dict.fromkeys(label(ctx, "leads", name, LABELS | {"custom": OWN_FIELDS}) for name in row.params.get("fields", ())))
    way = {"way": i18n.gettext(ctx.locale, WAY_NAMES[row.params["way"]])} if row.params.get("way") in WAY_NAMES else {}
    params = row.params | way | ({"source": said_source(row.params["source"]) or i18n.gettext(ctx.locale, N_("unknown"))} if "source" in row.params else {})
    return say_fact(row.kind, params, ctx.locale, actor=actor, **({"fields": fields} if fields else {}))
