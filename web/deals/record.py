"""The page of a deal: its properties, its stages, what happened."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from core.activities.words import KIND_LABELS
from core.base.context import Context
from core.base.facts import Fact, shown_here, timeline
from core.base.policy import may
from core.base.words import N_
from core.deals import queries
from core.deals.idle import BY_CLOCK
from core.deals.knowing import knows, may_write
from core.deals.models import Deal
from core.deals.pipelines import called, stages, ways, working
from core.deals.words import FORECAST_LABELS, LABELS
from infra import i18n
from web.custom_fields.forms import OWN_FIELDS
from web.custom_fields.saying import label
from web.deals.saying import days_since, is_stale, money, stage_pill, step_state
from web.parties.record import PARTY, PROPS, SAID, properties
from web.parties.touches import touched
from web.words import say_fact


def _said(ctx: Context, record: Any, name: str, names: dict[UUID, str]) -> str:
    """A value as the page shows it."""
    if name == "forecast":
        return i18n.gettext(ctx.locale, FORECAST_LABELS[record.forecast]) if record.forecast else ""
    return PARTY.said(ctx, record, name, names)


def _choices(ctx: Context, name: str, names: dict[UUID, str]) -> list[tuple[str, str]]:
    if name == "forecast":
        return [("", i18n.gettext(ctx.locale, STAGES_WORD)), *((word, i18n.gettext(ctx.locale, text)) for word, text in FORECAST_LABELS.items())]
    return PARTY.choices(ctx, name, names)


STAGES_WORD = N_("As its stage says")
PROPS["deals"] = replace(PARTY, labels=LABELS, said=_said, choices=_choices, fields={
    "owner_id": "select", "amount": "text", "currency": "text", "closes_on": "date", "probability": "text", "forecast": "select", "next_step": "text", "next_step_on": "date", "source": "text", "loss_reason": "text",
    "tags": "text", "external_id": "text", "notes": "textarea",
})
SAID["amount"] = lambda value: money(value, None)
SYSTEM, SOMEBODY = N_("The system"), N_("Somebody")
FACTS = 30


def stage_choices(ctx: Context) -> list[tuple[str, str, dict[str, str]]]:
    """Every stage of the pipelines in which the actor works, each with its pipeline's name where there are several, marked by its kind: only for a
    lost one the page asks why."""
    mine = working(ctx)
    return [(str(one.id), called(one, ctx.locale) if len(mine) == 1 else f"{called(way.row, ctx.locale)}: {called(one, ctx.locale)}", {"data-kind": one.kind}) for way in mine for one in way.stages]


def deal_values(ctx: Context, deal: Deal, names: dict[UUID, str], idle_since: datetime, contact: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the page and the drawer show of a deal. contact: the last one, as core.deals.idle gives it."""
    known, happened = stages(ctx), _happened(ctx, deal)
    stage = known.get(deal.stage_id)
    hue, said = step_state(ctx, deal.next_step_on)
    overridden = deal.probability is not None and deal.state == "open"  # an end is sure
    probability = deal.probability if overridden else stage.probability if stage and knows(ctx, "probability") else None
    lines = [line for line in properties(ctx, deal, names) if line["name"] != "loss_reason" or deal.loss_reason]
    return {
        "lines": lines, "stage": stage, "pill": stage_pill(ctx, stage), "money": money(deal.amount, deal.currency), "probability": probability, "is_overridden": overridden,
        "step_hue": hue, "step_said": said, "stale": is_stale(ctx, stage, idle_since), "idle_days": days_since(ctx, idle_since), "last": _last(ctx, happened, contact), "days": days_since(ctx, deal.stage_since), "choices": stage_choices(ctx), "offered": next((way.reasons for way in ways(ctx)), ()), "can_move": may(ctx, "deals.edit", deal), "says_loss": may_write(ctx, "loss_reason"),
        "stays": [_stay(ctx, row, known) for row in queries.stays(ctx, deal)], "facts": [(row.at, _sentence(ctx, row)) for row in happened], "touches": touched(ctx, deal),
    }


def _stay(ctx: Context, row: Any, known: dict[UUID, Any]) -> dict[str, Any]:
    """An interval: where, since when, for how many days, by whom."""
    left = row.left_at or ctx.now
    days = (left.astimezone(ctx.zone).date() - row.entered_at.astimezone(ctx.zone).date()).days
    return {"pill": stage_pill(ctx, known.get(row.stage_id)), "since": row.entered_at, "days": days, "who": row.who or "", "now": row.left_at is None}


def _happened(ctx: Context, deal: Deal) -> list[Fact]:
    """What happened to the deal, the newest first."""
    return list(ctx.session.execute(timeline(deal.id, limit=FACTS).where(*shown_here(ctx))).scalars())


def _last(ctx: Context, happened: list[Fact], contact: Mapping[str, Any] | None) -> tuple[datetime, Any] | None:
    """(moment, words) of what the mark "Stalled" counts from: the newest of what happened, but for what the clock did, or the last contact."""
    told = next((row for row in happened if row.kind not in BY_CLOCK), None)
    found = [(told.at, _sentence(ctx, told))] if told is not None else []
    if contact is not None:
        found.append((datetime.fromisoformat(contact["at"]), ", ".join(part for part in (i18n.gettext(ctx.locale, KIND_LABELS[contact["kind"]]), contact["who"]) if part)))
    return max(found, key=lambda one: one[0], default=None)


def _sentence(ctx: Context, row: Any) -> Any:
    actor = i18n.gettext(ctx.locale, SYSTEM if row.actor_name == "system" else SOMEBODY) if row.actor_name in (None, "system") else row.actor_name
    fields = ", ".join(dict.fromkeys(label(ctx, "deals", name, LABELS | {"custom": OWN_FIELDS}) for name in row.params.get("fields", ())))
    return say_fact(row.kind, row.params, ctx.locale, actor=actor, **({"fields": fields} if fields else {}))
