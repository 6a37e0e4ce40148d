"""The columns of the list of leads: what can be shown, filtered, sorted and grouped by. Its machinery is that of accounts."""

from typing import Any

from sqlalchemy import Integer, func, select

from core.base.columns import Column
from core.base.context import Context
from core.base.policy import sees
from core.identity import models as people  # noqa: F401 (of which type an owner's key is)
from core.leads.clock_models import ANSWERS
from core.leads.model_models import LeadChance
from core.leads.models import REASONS, STATES, Lead
from core.leads.score_models import LeadScore
from core.leads.searching import found_by
from core.leads.words import ANSWER_LABELS, LABELS, REASON_LABELS, STATE_LABELS
from core.tagging.queries import meant, tagged
from core.views.filtering import KNOWN_ABOVE, Filters, by_columns, key_of, owned, without
from core.views.lists import ListColumn, Listed, declare

CHOSEN = ("eq", "ne", "in")
SCORE = func.coalesce(select(LeadScore.score).where(LeadScore.lead_id == Lead.id).correlate(Lead).scalar_subquery(), 0, type_=Integer)

# None where no model is in use.
CHANCE = select(LeadChance.chance).where(LeadChance.lead_id == Lead.id).correlate(Lead).scalar_subquery()


def _plain(name: str, shown: str = "text", **rest: Any) -> ListColumn:
    return ListColumn(LABELS[name], Column(getattr(Lead, name), **rest), shown, (getattr(Lead, name),))


COLUMNS: dict[str, ListColumn] = {
    "state": ListColumn(LABELS["state"], Column(Lead.state, ops=CHOSEN, choices=STATES), "word", (Lead.state,)),
    "score": ListColumn(LABELS["score"], Column(SCORE, sort=True), "points", (SCORE.label("score"),)),
    "chance": ListColumn(LABELS["chance"], Column(CHANCE, sort=func.coalesce(CHANCE, -1, type_=Integer)), "chance", (CHANCE.label("chance"),)),
    "answer": ListColumn(LABELS["answer"], Column(Lead.answer, ops=(*CHOSEN, "null"), choices=ANSWERS), "word", (Lead.answer,)), "answer_due_at": _plain("answer_due_at", "moment", sort=True), "answered_at": _plain("answered_at", "moment"),
    "company": _plain("company"), "mail": _plain("mail"), "phone": _plain("phone"), "job_title": _plain("job_title"),
    "source": _plain("source", "lead_source"), "campaign": _plain("campaign"), "interest": _plain("interest"),
    "tags": _plain("tags", "tags", words=meant), "owner_id": ListColumn(LABELS["owner_id"], Column(Lead.owner_id), "owner"),
    "language": _plain("language", "language"), "postcode": _plain("postcode"), "city": _plain("city"), "country": _plain("country", "country"),
    "reason": ListColumn(LABELS["reason"], Column(Lead.reason, ops=(*CHOSEN, "null"), choices=REASONS), "word", (Lead.reason,)),
    "reason_note": _plain("reason_note"), "next_step_on": _plain("next_step_on", "date"), "next_step": _plain("next_step"), "touches": _plain("touches", "number"), "external_id": _plain("external_id"),
    "state_since": _plain("state_since", "moment", sort=True), "converted_at": _plain("converted_at", "moment"),
    "created_at": _plain("created_at", "moment", sort=True), "updated_at": _plain("updated_at", "moment", sort=True),
}
USUAL = ("state", "company", "score", "source", "campaign", "owner_id", "created_at")


def leads_where(ctx: Context, filters: Filters) -> list:
    """The conditions of the leads that the actor sees under these filters; refuses the filters that leads have not."""
    without(filters, "kind", "role", "under")
    found = [Lead.deleted_at.is_(None), sees(ctx, Lead), *by_columns(ctx, "leads", filters), *tagged(ctx, Lead, filters.tag)]
    if filters.brought:
        found.append(KNOWN_ABOVE["brought"](ctx, Lead, key_of(filters.brought, "import")))
    search = found_by(ctx, filters.search)
    if search is not None:
        found.append(search)
    return [*found, owned(ctx, Lead, filters.owner)] if filters.owner else found


UNSORTED = frozenset({"owner_id", "reason", "converted_at", "answer", "answered_at", "tags"})
declare(Listed("leads", Lead, COLUMNS, USUAL, leads_where, UNSORTED, ("owner_id", "state", "tags", "source", "campaign", "country", "reason", "answer", "created_at", "updated_at"), {"state": STATE_LABELS, "reason": REASON_LABELS, "answer": ANSWER_LABELS}))
