"""One's own notifications for programs."""

from typing import Any
from uuid import UUID

from core.base.context import Context
from core.base.words import N_
from core.notifications import queries, telling
from core.notifications.models import KINDS, Notification
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("notifications_api")


class NotificationOut(shell.Out):
    """Something that the token's user was told. params: values of its sentence, among them `excerpt`."""

    id: UUID
    kind: str
    record_kind: str | None
    record_id: UUID | None
    actor_id: UUID | None
    actor_name: str | None
    params: dict[str, Any]
    read_at: shell.Moment | None
    created_at: shell.Moment


NOTIFICATIONS = shell.Listing({
    "id": Column(Notification.id), "kind": Column(Notification.kind, ops=("eq", "in"), choices=KINDS), "record_kind": Column(Notification.record_kind, ops=("eq",)),
    "record_id": Column(Notification.record_id), "read_at": Column(Notification.read_at), "created_at": Column(Notification.created_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/notifications", "home.read", listing=NOTIFICATIONS, answer=NotificationOut, summary=N_("List one's own notifications"))
def list_notifications(ctx: Context, asked):
    return asked.page(ctx, queries.mine(ctx))


@shell.resource_route(bp, "GET", "/notifications/<uuid:id>", "home.read", answer=NotificationOut, summary=N_("Get a notification"))
def get_notification(ctx: Context, id: UUID):
    return queries.one_notification(ctx, id)


@shell.resource_route(bp, "POST", "/notifications/<uuid:id>/reading", "profile.edit", status=204, summary=N_("Mark a notification as read"))
def read_notification(ctx: Context, id: UUID):
    telling.mark_read(ctx, queries.one_notification(ctx, id))


@shell.resource_route(bp, "POST", "/notifications/reading", "profile.edit", status=204, summary=N_("Mark all notifications as read"))
def read_notifications(ctx: Context):
    telling.mark_all_read(ctx)
