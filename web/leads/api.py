"""Leads for programs: they come in here, are listed, changed and judged."""

from datetime import date
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import g
from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.leads import actions, chances, converting, judging, queries, scoring
from core.leads.columns import COLUMNS
from core.leads.models import Lead
from core.leads.searching import found_by
from core.tagging.queries import tagged
from web.api import shell
from web.api.shell import Column
from web.custom_fields.answers import OWN, own_listed, own_values
from web.parties.api_bodies import Tag

bp = shell.api_blueprint("leads_api")


class Touch(shell.Body):
    """Where somebody was when he came."""

    utm_source: shell.Line | None = None
    utm_medium: shell.Line | None = None
    utm_campaign: shell.Line | None = None
    utm_term: shell.Line | None = None
    utm_content: shell.Line | None = None
    referrer: shell.Line | None = None
    page: shell.Line | None = None
    click_id: shell.Line | None = None


class LeadPatch(shell.Body):
    """Changes of a lead; what is absent stays as it is. owner_id null: it lies in the inbox."""

    name: shell.Line | None = None
    company: shell.Line | None = None
    job_title: shell.Line | None = None
    mail: shell.Line | None = None
    phone: shell.Line | None = None
    language: shell.Line | None = None
    postcode: shell.Line | None = None
    city: shell.Line | None = None
    country: shell.Line | None = None
    interest: shell.Line | None = None
    message: shell.Text | None = None
    source: shell.Line | None = None
    campaign: shell.Line | None = None
    owner_id: UUID | None = None
    next_step: shell.Line | None = None
    next_step_on: date | None = None
    notes: shell.Text | None = None
    tags: list[Tag] | None = Field(None, max_length=30)
    external_id: shell.Line | None = None
    custom: Annotated[dict[str, Any], Field(max_length=200, description=OWN)] | None = None

    def given(self) -> dict[str, Any]:
        """As the use cases know them: an own field is one as any other."""
        found = super().given()
        own = found.pop("custom", None) or {}
        return found | {f"custom.{key}": value for key, value in own.items()}


class LeadIn(LeadPatch):
    """Somebody who came in: a name, a company or a mail address is needed. Of an open lead with the same mail address nothing new is made:
    it is touched again, and is the answer."""

    touch: Touch | None = None

    def given(self) -> dict[str, Any]:
        found = super().given()
        touch = found.pop("touch", None)
        return found | ({"touch": {name: value for name, value in self.touch.model_dump().items() if value}} if touch and self.touch else {})


class Judgement(shell.Body):
    """What is said of a lead: its state (it must be given). reason is needed for returned and disqualified, reason_note for another reason."""

    state: Literal["new", "working", "accepted", "returned", "disqualified"] | None = None
    reason: Literal["no_need", "no_budget", "wrong_person", "not_reachable", "competitor", "spam", "other"] | None = None
    reason_note: shell.Line | None = None


class LeadOut(shell.Out):
    """first_touch, last_touch: where he was, and when ("at")."""

    id: UUID
    version: int
    name: str
    company: str | None
    job_title: str | None
    mail: str | None
    phone: str | None
    language: str | None
    postcode: str | None
    city: str | None
    country: str | None
    interest: str | None
    message: str | None
    source: str | None
    campaign: str | None
    first_touch: dict[str, str]
    last_touch: dict[str, str]
    touches: int
    owner_id: UUID | None
    state: str
    state_since: shell.Moment
    reason: str | None
    reason_note: str | None
    answer: str | None
    answer_due_at: shell.Moment | None
    answered_at: shell.Moment | None
    next_step: str | None
    next_step_on: date | None
    notes: str | None
    tags: list[str]
    external_id: str | None
    account_id: UUID | None
    contact_id: UUID | None
    deal_id: UUID | None
    converted_at: shell.Moment | None
    created_at: shell.Moment
    updated_at: shell.Moment
    custom: dict[str, Any]

    @classmethod
    def of(cls, record: Any) -> "LeadOut":
        return cls(custom=own_values(g.ctx, record), **{name: getattr(record, name) for name in cls.model_fields if name != "custom"})


class LeadParams(shell.Params):
    """q: words that must all be in the name, company or mail address. tag: one that the lead has."""

    q: str | None = Field(None, max_length=100)
    tag: Tag | None = None


LISTED = {name: one.column for name, one in COLUMNS.items() if name not in ("reason", "converted_at", "answer", "answer_due_at", "answered_at")}
LEADS = shell.Listing(
    {"id": Column(Lead.id), "name": Column(Lead.name, sort=Lead.name_fold), "account_id": Column(Lead.account_id), "contact_id": Column(Lead.contact_id), "deal_id": Column(Lead.deal_id), "reason": Column(Lead.reason), "converted_at": Column(Lead.converted_at), "answer": Column(Lead.answer), "answer_due_at": Column(Lead.answer_due_at), "answered_at": Column(Lead.answered_at), **LISTED},
    default="name", own=partial(own_listed, Lead),
)


@shell.resource_route(bp, "GET", "/leads", "leads.read", listing=LEADS, params=LeadParams, answer=LeadOut, summary=N_("List leads"))
def list_leads(ctx: Context, asked, params):
    query = policy.visible(ctx, Lead).where(Lead.deleted_at.is_(None), *tagged(ctx, Lead, params.tag))
    found = found_by(ctx, params.q)
    return asked.page(ctx, query if found is None else query.where(found))


@shell.resource_route(bp, "POST", "/leads", "leads.create", body=LeadIn, answer=LeadOut, status=201, summary=N_("Bring a lead in"))
def create_lead(ctx: Context, body):
    return actions.capture(ctx, came_by="api", **body.given())


@shell.resource_route(bp, "GET", "/leads/<uuid:id>", "leads.read", answer=LeadOut, summary=N_("Get a lead"))
def get_lead(ctx: Context, id: UUID):
    return queries.one_lead(ctx, id)


@shell.resource_route(bp, "PATCH", "/leads/<uuid:id>", "leads.edit", body=LeadPatch, answer=LeadOut, versioned=True, summary=N_("Change a lead"))
def change_lead(ctx: Context, id: UUID, version: int, body):
    return actions.edit_lead(ctx, queries.one_lead(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "POST", "/leads/<uuid:id>/judgements", "leads.edit", body=Judgement, answer=LeadOut, summary=N_("Accept, return or rule out a lead"))
def judge_lead(ctx: Context, id: UUID, body):
    return judging.judge(ctx, queries.one_lead(ctx, id), body.state or "", reason=body.reason, note=body.reason_note)


class RuleOut(shell.Out):
    """What a rule gave or took."""

    name: str
    points: int


class MovedOut(shell.Out):
    """A field, what the lead says in it, and by how many points that moves the chance. field null: one that you don't see."""

    field: str | None
    label: str
    value: str
    points: int


class ScoreOut(shell.Out):
    """score null: it has not been scored yet. chance, in per cent: null where no model is switched on. usual: what a usual lead has."""

    score: int | None
    reasons: list[RuleOut]
    chance: int | None
    usual: int | None
    moved_by: list[MovedOut]


@shell.resource_route(bp, "GET", "/leads/<uuid:id>/score", "leads.read", answer=ScoreOut, summary=N_("Get a lead's score with what it is made of"))
def get_score(ctx: Context, id: UUID):
    lead = queries.one_lead(ctx, id)
    found, chance = scoring.score_of(ctx, lead), chances.chance_of(ctx, lead)
    return ScoreOut(
        score=found[0] if found else None, reasons=[RuleOut(name=name, points=points) for name, points in found[1]] if found else [], chance=chance.chance if chance else None,
        usual=chance.usual if chance else None, moved_by=[MovedOut(field=one.field, label=one.label, value=one.value, points=one.points) for one in chance.reasons] if chance else [],
    )


@shell.resource_route(bp, "DELETE", "/leads/<uuid:id>", "leads.delete", status=204, versioned=True, summary=N_("Put a lead into the recycle bin"))
def delete_lead(ctx: Context, id: UUID, version: int):
    actions.delete_lead(ctx, shell.at_version(ctx, queries.one_lead(ctx, id), version, "leads.delete"))


class NewDeal(shell.Body):
    """The deal beside what the lead says."""

    name: shell.Line | None = None
    stage_id: UUID | None = None
    pipeline_id: UUID | None = None
    amount: shell.Price | None = None
    closes_on: date | None = None
    next_step: shell.Line | None = None
    next_step_on: date | None = None

    def given(self) -> dict[str, Any]:
        found = super().given()
        price = found.pop("amount", None)
        return found | ({"amount": price.amount, "currency": price.currency} if price else {})


class Conversion(shell.Body):
    """account, contact: "create", "none", or the key of one that is there. deal null: none."""

    account: UUID | Literal["create", "none"] = "create"
    contact: UUID | Literal["create", "none"] = "create"
    deal: NewDeal | None = None


@shell.resource_route(bp, "POST", "/leads/<uuid:id>/conversions", "leads.edit", body=Conversion, answer=LeadOut, summary=N_("Convert a lead into an account, a contact and a deal"))
def convert_lead(ctx: Context, id: UUID, body):
    return converting.convert(ctx, queries.one_lead(ctx, id), account=body.account, contact=body.contact, deal=body.deal.given() if body.deal else None)
