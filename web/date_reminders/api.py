"""Date reminders for programs: their definitions, and what comes in the next days."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.words import N_
from core.date_reminders import actions, queries
from core.date_reminders.models import MOST_DAYS, MOST_TIMES, ROOMS, DateReminder
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("date_reminders_api")
Days = Annotated[list[Annotated[int, Field(ge=0, le=MOST_DAYS)]], Field(min_length=1, max_length=MOST_TIMES)]
Name = Annotated[str, Field(max_length=80)]


class ReminderIn(shell.Body):
    """field: "birthday" of contacts, or an own field that holds a date ("custom.renewal"). yearly: every year, otherwise once. Told are the owner and the
    followers of each record, everybody in a role, one person: as far as they see the record and the field."""

    room: Literal[ROOMS]
    field: Name
    days_before: Days = [7, 0]
    yearly: bool = True
    to_owner: bool = True
    to_followers: bool = False
    role_id: UUID | None = None
    user_id: UUID | None = None


class ReminderPatch(shell.Body):
    """Changes; what is absent stays as it is. The room stays."""

    field: Name | None = None
    days_before: Days | None = None
    yearly: bool | None = None
    to_owner: bool | None = None
    to_followers: bool | None = None
    role_id: UUID | None = None
    user_id: UUID | None = None


class ReminderOut(shell.Out):
    """A definition."""

    id: UUID
    version: int
    room: str
    field: str
    days_before: list[int]
    yearly: bool
    to_owner: bool
    to_followers: bool
    role_id: UUID | None
    user_id: UUID | None
    created_at: shell.Moment
    updated_at: shell.Moment


class ComingOut(shell.Out):
    """day: on which somebody is told; on: the date itself; record_kind: account or contact."""

    day: date
    on: date
    record_kind: str
    record_id: UUID
    name: str
    reminder_id: UUID
    field: str
    label: str


class ComingList(shell.Out):
    """What comes, the next one first; 200 at most."""

    data: list[ComingOut]


REMINDERS = shell.Listing({
    "id": Column(DateReminder.id), "room": Column(DateReminder.room, ops=("eq",), choices=ROOMS), "created_at": Column(DateReminder.created_at, sort=True), "updated_at": Column(DateReminder.updated_at, sort=True),
}, default="created_at")


@shell.resource_route(bp, "GET", "/date-reminders", "date_reminders.read", listing=REMINDERS, answer=ReminderOut, summary=N_("List date reminders"))
def list_reminders(ctx: Context, asked):
    return asked.page(ctx, queries.all_reminders(ctx))


@shell.resource_route(bp, "GET", "/date-reminders/coming", "date_reminders.read", answer=ComingList, summary=N_("What date reminders tell in the next 30 days"))
def list_coming(ctx: Context):
    return ComingList(data=[ComingOut(**{name: getattr(one, name) for name in ComingOut.model_fields}) for one in queries.coming(ctx)])


@shell.resource_route(bp, "POST", "/date-reminders", "date_reminders.manage", body=ReminderIn, answer=ReminderOut, status=201, summary=N_("Make a date reminder"))
def create_reminder(ctx: Context, body):
    return actions.create_reminder(ctx, **body.given())


@shell.resource_route(bp, "GET", "/date-reminders/<uuid:id>", "date_reminders.read", answer=ReminderOut, summary=N_("Get a date reminder"))
def get_reminder(ctx: Context, id: UUID):
    return queries.one(ctx, id)


@shell.resource_route(bp, "PATCH", "/date-reminders/<uuid:id>", "date_reminders.manage", body=ReminderPatch, answer=ReminderOut, versioned=True, summary=N_("Change a date reminder"))
def change_reminder(ctx: Context, id: UUID, version: int, body):
    return actions.edit_reminder(ctx, queries.one(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/date-reminders/<uuid:id>", "date_reminders.manage", status=204, versioned=True, summary=N_("Delete a date reminder"))
def delete_reminder(ctx: Context, id: UUID, version: int):
    reminder = queries.one(ctx, id)
    if reminder.version != version:
        raise shell.Stale("version_stale", field="If-Match")
    actions.delete_reminder(ctx, reminder)
