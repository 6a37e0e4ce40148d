"""What the model in use says of a lead: a chance in per cent, and what moved it. Open leads are asked about as they came; of one that has
ended there stays what was said last."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.base.field_rights import hidden
from core.custom_fields.fields import is_own, label_of, one_of
from core.leads import features, model_use
from core.leads.came import as_they_came
from core.leads.features import ANOTHER, NOT_GIVEN, Fitted
from core.leads.model_models import LeadChance, LeadModel
from core.leads.model_words import ANOTHER_ONE, FIELD_HIDDEN, NOTHING_GIVEN, VALUE_LABELS
from core.leads.models import Lead
from core.leads.words import LABELS, TOUCH_LABELS
from infra import i18n

# Whoever was returned waits for somebody again.
ASKED = ("new", "working", "accepted", "returned")
CHUNK = 2000


@dataclass(frozen=True)
class Reason:
    """A field, what the lead says in it, and by how many points that moves the chance. field None: one that the reader does not see."""

    field: str | None
    label: str
    value: str
    points: int


@dataclass(frozen=True)
class Chance:
    """usual: what a lead has that is as usual in everything."""

    chance: int
    usual: int
    reasons: list[Reason]


def refresh(ctx: Context, lead_ids: Collection[UUID] | None = None) -> int:
    """Ask the model in use about these leads, or all; of how many what it says has changed. Without one, nothing is said of any."""
    used = model_use.used(ctx)
    if lead_ids is None:
        asked = select(Lead.id).where(Lead.state.in_(ASKED))
        gone = delete(LeadChance) if used is None else delete(LeadChance).where(LeadChance.model_id != used.id, LeadChance.lead_id.in_(asked))
        ctx.session.execute(gone)
    if used is None:
        return 0
    conditions = [Lead.deleted_at.is_(None), Lead.state.in_(ASKED)]
    if lead_ids is not None:
        conditions.append(Lead.id.in_(lead_ids))
    came, fitted = as_they_came(*conditions), Fitted(used.model)
    rows = ctx.session.execute(select(came.c.id, *(came.c[name] for name in features.READ)).execution_options(yield_per=CHUNK))
    return sum(_put(ctx, used, [(row.id, *fitted.says(row._asdict())) for row in some]) for some in rows.partitions())


def chance_of(ctx: Context, lead: Lead) -> Chance | None:
    """Of a lead that the actor sees; None where no model is in use, it was not asked about it yet, or the actor does not know chances."""
    if "chance" in hidden(ctx, "leads"):
        return None
    query = select(LeadChance.chance, LeadChance.why, LeadModel.model).join(LeadModel, LeadModel.id == LeadChance.model_id).where(LeadChance.lead_id == lead.id)
    found = ctx.session.execute(query).one_or_none()
    if found is None:
        return None
    fitted = Fitted(found.model)
    return Chance(found.chance, fitted.usually(), [_reason(ctx, fitted, one) for one in found.why])


def field_called(ctx: Context, name: str) -> str | None:
    """What a field is called; None where the reader must not know of it, or it is gone."""
    if {name, name.partition(".")[0]} & hidden(ctx, "leads"):
        return None
    if is_own(name):
        return label_of(ctx, "leads", name) if one_of(ctx, "leads", name) else None
    first, _, part = name.partition(".")
    if first not in LABELS or (part and part not in TOUCH_LABELS):
        return None
    label = i18n.gettext(ctx.locale, LABELS[first])
    return f"{label}: {i18n.gettext(ctx.locale, TOUCH_LABELS[part])}" if part else label


def value_called(ctx: Context, field: features.Looked, place: int) -> str:
    """A category in words."""
    if place == NOT_GIVEN or (place == ANOTHER and not field.values and not field.edges):
        return i18n.gettext(ctx.locale, NOTHING_GIVEN if place == NOT_GIVEN else VALUE_LABELS["given"])
    if place == ANOTHER:
        return i18n.gettext(ctx.locale, ANOTHER_ONE)
    if field.edges:
        return _between(field.edges, place - 2)
    value = field.values[place - 2]
    if is_own(field.name):
        own = one_of(ctx, "leads", field.name)
        option = own.option(value) if own else None
        return option.label if option else i18n.gettext(ctx.locale, VALUE_LABELS[value]) if value in ("yes", "no") else value
    return i18n.gettext(ctx.locale, VALUE_LABELS[value]) if value in features.CODED.get(field.name, ()) else value


def _between(edges: tuple[float, ...], part: int) -> str:
    """One quarter of a number's values: "≤ 10", "10–50", "> 50"."""
    if part == 0:
        return f"≤ {edges[0]:.12g}"
    return f"> {edges[-1]:.12g}" if part == len(edges) else f"{edges[part - 1]:.12g}–{edges[part]:.12g}"


def _reason(ctx: Context, fitted: Fitted, one: dict[str, Any]) -> Reason:
    label = field_called(ctx, one["field"])
    if label is None:
        return Reason(None, i18n.gettext(ctx.locale, FIELD_HIDDEN), "", one["points"])
    field = next(each for each in fitted.fields if each.name == one["field"])
    return Reason(one["field"], label, value_called(ctx, field, one["at"]), one["points"])


def _put(ctx: Context, used: LeadModel, said: list[tuple[UUID, int, list[dict[str, Any]]]]) -> int:
    put = insert(LeadChance).values([{"lead_id": key, "model_id": used.id, "chance": chance, "why": why, "at": ctx.now} for key, chance, why in said])
    new = put.excluded
    put = put.on_conflict_do_update(
        index_elements=["lead_id"], set_={"model_id": new.model_id, "chance": new.chance, "why": new.why, "at": new.at},
        where=(LeadChance.model_id != new.model_id) | (LeadChance.chance != new.chance) | (LeadChance.why != new.why),
    )
    return len(ctx.session.execute(put.returning(LeadChance.lead_id)).all())
