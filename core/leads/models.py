"""Leads: somebody outside who may become a customer, from where he came, and what became of him.

A lead that is returned or out says why, one that was converted says when: the database holds both. first_touch and last_touch say
where he was when he came first and last (core.leads.rules.TOUCH); they go along to the deal.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED, SOON, TRIGRAMS
from core.base.hiding import Guarded, fact_tells, guard, implies, mirror
from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.records import RecordKind
from core.base.registry import Child
from core.custom_fields.columns import FIND
from core.custom_fields.fields import Customised, Taking, take_part
from core.leads.assign_models import ASSIGN_HARMLESS, LeadAssignment, LeadTurn  # noqa: F401 (tables of the room)
from core.leads.clock_models import ANSWERS, STOPPED_BY, LeadClock  # noqa: F401 (tables of the room)
from core.leads.model_models import MODEL_HARMLESS, MODEL_PERSONAL, LeadChance, LeadModel, LeadModelUse  # noqa: F401 (tables of the room)
from core.leads.score_models import SCORE_HARMLESS, LeadRule, LeadScore  # noqa: F401 (tables of the room)
from core.tagging.models import Tagged, found_by_tags, settled

STATES = ("new", "working", "accepted", "returned", "disqualified", "converted")
OPEN = ("new", "working", "accepted")
# In which a reason is needed.
ENDED = ("returned", "disqualified")
REASONS = ("no_need", "no_budget", "wrong_person", "not_reachable", "competitor", "spam", "other")
ALIVE = "deleted_at IS NULL"
SOUGHT = FOLDED.format(column="name || ' ' || coalesce(company, '') || ' ' || coalesce(mail, '')")


class Lead(Tagged, Customised, Record, TenantBase):
    """source: how he came ("self": its owner found him). interest: what he asks for. touches: how often he came. reason, reason_note: why it
    was returned, or is out; kept when it is taken up again. next_step, next_step_on: what its owner is to do next, and on which day. account_id, contact_id, deal_id: what it became;
    answer: the clock until the first answer (core.leads.clock); answer_warn_at: when its owner is to be warned, none once he was. waits_for_hours:
    it came while nobody worked, and goes to somebody once somebody does.
    judged: what the last judgement found, for its undo. conversion: its state before and since when, whose it was, and the version of each record that was made for it."""

    __tablename__, ROOM = "lead", "leads"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"), CheckConstraint(f"reason IN {REASONS}", name="reason"),
        CheckConstraint(f"state NOT IN {ENDED} OR reason IS NOT NULL", name="reason_needed"),
        CheckConstraint("(state = 'converted') = (converted_at IS NOT NULL)", name="converted_at"),
        CheckConstraint("touches > 0", name="touches"), CheckConstraint("next_step IS NULL OR next_step_on IS NOT NULL", name="next_step"),
        CheckConstraint(f"answer IN {ANSWERS}", name="answer"), CheckConstraint(f"answered_by IN {STOPPED_BY}", name="answered_by"),
        CheckConstraint("(answer IS NULL) = (answer_due_at IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL)", name="answer_due"),
        CheckConstraint("answer <> 'running' OR answered_at IS NULL", name="answer_running"), CheckConstraint("answer <> 'met' OR answered_at <= answer_due_at", name="answer_met"),
        Index("ix_lead_answer_due_at", "answer_due_at", postgresql_where=text("answer = 'running' AND deleted_at IS NULL")),
        Index("ix_lead_list", "name_fold", "id", postgresql_where=text(ALIVE)),
        Index("ix_lead_own", "owner_id", "name_fold", "id", postgresql_where=text(ALIVE)),
        Index("ix_lead_changed", text("updated_at DESC"), text("id DESC"), postgresql_where=text(ALIVE)),
        Index("ix_lead_state", "state", "created_at", "id", postgresql_where=text(ALIVE)),
        Index("ix_lead_next_step", "owner_id", "next_step_on", "id", postgresql_where=text(f"next_step_on IS NOT NULL AND {ALIVE}")),
        Index("ix_lead_mail_norm", "mail_norm", postgresql_where=text("mail_norm IS NOT NULL")),
        Index("ix_lead_account_id", "account_id", postgresql_where=text("account_id IS NOT NULL")),
        Index("ix_lead_contact_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index("ix_lead_deal_id", "deal_id", postgresql_where=text("deal_id IS NOT NULL")),
        Index("ix_lead_find", "sought", postgresql_using="gin", postgresql_with=SOON, postgresql_ops={"sought": TRIGRAMS}, postgresql_where=text(ALIVE)),
        Index("ix_lead_east_asian", text(f"({EAST_ASIAN.format(folded='sought')})"), postgresql_using="gin", postgresql_where=text(ALIVE)),
        Index("ix_lead_custom", "custom", postgresql_using="gin", postgresql_ops={"custom": "jsonb_path_ops"}, postgresql_where=text(ALIVE)),
        Index("ix_lead_custom_find", "custom_find", postgresql_using="gin", postgresql_ops={"custom_find": "ext.gin_trgm_ops"}, postgresql_where=text(f"{ALIVE} AND custom_find IS NOT NULL")),
        Index("ix_lead_deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        Index("uq_lead_external_id", "external_id", unique=True, postgresql_where=text("external_id IS NOT NULL")), found_by_tags("lead"),
        {"info": {"audit": True, "ddl": settled("lead")}},
    )
    name: Mapped[str]
    name_fold: Mapped[str] = mapped_column(Computed(FOLDED.format(column="name"), persisted=True))
    company: Mapped[str | None]
    job_title: Mapped[str | None]
    mail: Mapped[str | None]
    mail_norm: Mapped[str | None]
    sought: Mapped[str] = mapped_column(Computed(SOUGHT, persisted=True))
    phone: Mapped[str | None]
    language: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    country: Mapped[str | None]
    interest: Mapped[str | None]
    message: Mapped[str | None]
    source: Mapped[str | None]
    campaign: Mapped[str | None]
    first_touch: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    last_touch: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    touches: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    state: Mapped[str] = mapped_column(server_default=text("'new'"), default="new")
    state_since: Mapped[datetime]
    reason: Mapped[str | None]
    reason_note: Mapped[str | None]
    judged: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    next_step: Mapped[str | None]
    next_step_on: Mapped[date | None]
    notes: Mapped[str | None]
    external_id: Mapped[str | None]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    deal_id: Mapped[UUID | None] = mapped_column(ForeignKey("deal.id", ondelete="SET NULL"))
    answer: Mapped[str | None]
    answer_due_at: Mapped[datetime | None]
    answer_warn_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    waits_for_hours: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    converted_at: Mapped[datetime | None]
    conversion: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    custom: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    custom_find: Mapped[str | None] = mapped_column(Computed(FIND, persisted=True), deferred=True)
    deleted_at: Mapped[datetime | None]


_OWN = (
    "name", "company", "job_title", "mail", "mail_norm", "phone", "postcode", "city", "interest", "message", "source", "campaign", "first_touch", "last_touch", "reason_note", "judged", "next_step", "notes",
    "external_id", "custom",
)
CHILDREN = tuple(Child("lead", f"{parent}_id", parent, owner="owner_id", personal=("name", "company", "mail", "phone", "message", "notes")) for parent in ("account", "contact"))
# How many came from where is counted after the person is gone; nothing of the row names him then.
PERSONAL = (Personal("lead", by=("contact_id", "account_id"), at=("mail_norm",), cleared=(*_OWN, "tags"), told=_OWN, purged="unlink"), *MODEL_PERSONAL)
HARMLESS = {
    **{f"lead.{name}": "a word of a list" for name in ("state", "reason", "answer", "answered_by")}, "lead.conversion": "kinds, a state, a moment, a colleague's key and numbers", "lead.language": "a language", "lead.country": "a country", **SCORE_HARMLESS, **MODEL_HARMLESS, **ASSIGN_HARMLESS, "lead_clock": "hours and days of the workspace",
}
RECORD_KINDS = (RecordKind(Lead, "leads.read", "/leads/{id}", discussed=True),)

# Field -> the columns that tell it. What a lead is called, how far it is and whose it is knows everybody who sees it.
_FIELDS = ("company", "job_title", "phone", "language", "postcode", "city", "country", "interest", "message", "source", "owner_id", "next_step", "next_step_on", "notes", "external_id", "tags")
guard(Guarded("leads", Lead, {
    **{name: (name,) for name in _FIELDS}, "mail": ("mail", "mail_norm", "sought"), "campaign": ("campaign", "first_touch", "last_touch"), "score": (),
}, visible=frozenset({"company", "owner_id", "next_step", "next_step_on"}), beside={"chance": ("score",)}))
mirror("leads", "score", LeadScore, "score", "why")
mirror("leads", "score", LeadChance, "chance", "why")
for _kind in ("lead.came", "lead.came_again", "lead.converted"):
    fact_tells(_kind, "source", "leads.source")
# A lead is the person, and the place, that it becomes, and where a deal came from it says too.
for _name in ("mail", "phone", "job_title", "language", "tags"):
    implies(f"contacts.{_name}", f"leads.{_name}")
for _name in ("postcode", "city", "country"):
    implies(f"accounts.{_name}", f"leads.{_name}")
for _room in ("accounts", "contacts", "deals"):
    implies(f"{_room}.source", "leads.source")
implies("deals.campaign", "leads.campaign")
implies("deals.tags", "leads.tags")
implies("accounts.tags", "leads.tags")


def _labels() -> dict[str, str]:
    from core.leads.words import LABELS

    return {name: LABELS[name] for name in _asked()}


def _asked() -> dict[str, Any]:
    """What an own field's condition may ask of a lead; the rules stand above the models."""
    from core.leads.rules import FIELDS

    return {name: FIELDS[name] for name in ("company", "job_title", "language", "country", "interest", "source", "campaign")}


take_part(Taking("leads", Lead, _labels, _asked))
