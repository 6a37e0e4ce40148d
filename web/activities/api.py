"""The contact log for programs: a telephone system logs its calls here."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from core.activities import actions, correcting, participants, queries
from core.activities.lines import MOST_MINUTES
from core.activities.models import DIRECTIONS, KINDS, PLANS, Activity
from core.base import policy
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.words import N_
from core.parties import queries as parties
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("activities_api")
SAID = ("kind", "body", "happened_at", "direction", "outcome")


class Planned(shell.Body):
    """A next contact: a day, or a moment where a time was agreed. place: where it was, or is to be."""

    next_contact_on: date | None = None
    next_contact_at: AwareDatetime | None = None
    next_contact_note: Annotated[str, Field(max_length=500)] | None = None
    next_contact_kind: Annotated[str, Field(json_schema_extra={"enum": list(PLANS)})] | None = None
    next_contact_minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] | None = None

    place: shell.Line | None = None

    def when(self) -> date | datetime | None:
        return self.next_contact_at or self.next_contact_on


class ActivityIn(Planned):
    """A contact to log; account_id or contact_id says with whom."""

    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]
    account_id: UUID | None = None
    contact_id: UUID | None = None
    body: shell.Text | None = None
    happened_at: AwareDatetime | None = None
    direction: Annotated[str, Field(json_schema_extra={"enum": list(DIRECTIONS)})] | None = None
    outcome: shell.Line | None = None


class ActivityPatch(Planned):
    """Put right what it says, move the next contact, or say that it was made (done true) or was not (done false)."""

    done: bool | None = None
    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})] | None = None
    body: shell.Text | None = None
    happened_at: AwareDatetime | None = None
    direction: Annotated[str, Field(json_schema_extra={"enum": list(DIRECTIONS)})] | None = None
    outcome: shell.Line | None = None


class ActivityOut(shell.Out):
    """A contact that was logged."""

    id: UUID
    version: int
    kind: str
    account_id: UUID | None
    contact_id: UUID | None
    body: str
    happened_at: shell.Moment
    direction: str | None
    outcome: str | None
    owner_id: UUID | None
    next_contact_on: date | None
    next_contact_at: shell.Moment | None
    next_contact_note: str | None
    next_contact_kind: str | None
    next_contact_minutes: int | None
    place: str | None
    done_at: shell.Moment | None
    broken_at: shell.Moment | None
    created_at: shell.Moment
    updated_at: shell.Moment


class ParticipantIn(shell.Body):
    """Either of them: a person of a customer, or a colleague."""

    contact_id: UUID | None = None
    user_id: UUID | None = None


class ParticipantOut(shell.Out):
    id: UUID
    version: int
    contact_id: UUID | None
    user_id: UUID | None
    created_at: shell.Moment


ACTIVITIES = shell.Listing({
    "id": Column(Activity.id), "kind": Column(Activity.kind, ops=("eq", "in"), choices=KINDS), "account_id": Column(Activity.account_id),
    "contact_id": Column(Activity.contact_id), "owner_id": Column(Activity.owner_id), "happened_at": Column(Activity.happened_at, sort=True),
    "next_contact_on": Column(Activity.next_contact_on), "next_contact_kind": Column(Activity.next_contact_kind, ops=("eq", "in", "null"), choices=PLANS), "done_at": Column(Activity.done_at), "created_at": Column(Activity.created_at, sort=True),
    "updated_at": Column(Activity.updated_at, sort=True),
}, default="-happened_at")


@shell.resource_route(bp, "GET", "/activities", "activities.read", listing=ACTIVITIES, answer=ActivityOut, summary=N_("List the contact log"))
def list_activities(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, Activity).where(Activity.deleted_at.is_(None)))


@shell.resource_route(bp, "POST", "/activities", "activities.log", body=ActivityIn, answer=ActivityOut, status=201, summary=N_("Log a contact"))
def create_activity(ctx: Context, body):
    return actions.log_activity(
        ctx, kind=body.kind, body=body.body, happened_at=body.happened_at, direction=body.direction, outcome=body.outcome,
        account=_party(ctx, parties.one_account, body.account_id, "account"), contact=_party(ctx, parties.one_contact, body.contact_id, "contact"),
        next_contact=body.when(), next_contact_note=body.next_contact_note, next_contact_kind=body.next_contact_kind,
        next_contact_minutes=body.next_contact_minutes, place=body.place,
    )


@shell.resource_route(bp, "GET", "/activities/<uuid:id>", "activities.read", answer=ActivityOut, summary=N_("Get an entry of the contact log"))
def get_activity(ctx: Context, id: UUID):
    return queries.one_activity(ctx, id)


@shell.resource_route(
    bp, "PATCH", "/activities/<uuid:id>", "activities.edit", body=ActivityPatch, answer=ActivityOut, versioned=True,
    summary=N_("Put an entry right, move its next contact, or mark it as made"),
)
def change_activity(ctx: Context, id: UUID, version: int, body):
    activity, given = shell.at_version(ctx, queries.one_activity(ctx, id), version, "activities.edit"), body.given()
    if said := {name: given[name] for name in SAID if name in given}:
        correcting.correct(ctx, activity, **said)
    if body.when() is not None:
        actions.reschedule(ctx, activity, body.when(), body.next_contact_note, body.next_contact_kind, body.next_contact_minutes)
    if "place" in given:
        actions.put_place(ctx, activity, body.place)
    if body.done is not None and body.done != (activity.done_at is not None):
        (actions.complete_next_contact if body.done else actions.reopen_next_contact)(ctx, activity)
    return activity


@shell.resource_route(bp, "DELETE", "/activities/<uuid:id>", "activities.edit", status=204, versioned=True, summary=N_("Take an entry out of the contact log"))
def delete_activity(ctx: Context, id: UUID, version: int):
    actions.delete_activity(ctx, shell.at_version(ctx, queries.one_activity(ctx, id), version, "activities.edit"))


@shell.resource_route(bp, "GET", "/activities/<uuid:id>/participants", "activities.read", answer=ParticipantOut, paged=True, summary=N_("Who takes part in a contact beside its owner and whom it is with"))
def list_participants(ctx: Context, id: UUID):
    return shell.Page([row.Participant for row in participants.participants(ctx, queries.one_activity(ctx, id))], None)


@shell.resource_route(bp, "POST", "/activities/<uuid:id>/participants", "activities.edit", body=ParticipantIn, answer=ParticipantOut, status=201, summary=N_("Have somebody take part in a call, visit or meeting"))
def add_participant(ctx: Context, id: UUID, body):
    return participants.add(ctx, queries.one_activity(ctx, id), **body.given())


@shell.resource_route(bp, "DELETE", "/activity-participants/<uuid:id>", "activities.edit", status=204, versioned=True, summary=N_("Somebody does not take part after all"))
def remove_participant(ctx: Context, id: UUID, version: int):
    activity, found = participants.one_participant(ctx, id)
    participants.remove(ctx, activity, shell.at_version(ctx, found.Participant, version, "activities.edit"))


def _party(ctx: Context, find: Any, key: UUID | None, kind: str) -> Any:
    """Whom the entry is about; somebody that the actor does not see is nobody."""
    if key is None:
        return None
    try:
        return find(ctx, key)
    except NotFound:
        raise Refused("account_unknown" if kind == "account" else "contact_unknown", field=f"{kind}_id") from None
