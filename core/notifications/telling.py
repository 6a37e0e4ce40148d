"""Use cases of telling: tell somebody something, write it to him, take it back, and mark what was read.

Every use case above calls `notify` in its own transaction: what happened and that people were told of it are one.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Uuid, any_, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import contains_eager

from core.base.context import Actor, Context
from core.base.facts import plain
from core.base.outbox import defer
from core.base.policy import require
from core.base.records import kind_of, may_open, path_of, title_of
from core.base.rooms import told_off
from core.identity.models import User
from core.identity.queries import Further, actor_of, further_columns
from core.notifications import queries
from core.notifications.choosing import channel_of, quiet_of
from core.notifications.following import begin_to_follow
from core.notifications.models import Notification, NotificationSetting
from core.notifications.rules import quiet_ends
from core.notifications.saying import said
from core.post.actions import hand_in

EXCERPT = 200
LATE = "notifications.mail"
SETTINGS = "/settings/notifications/"


def notify(
    ctx: Context, kind: str, people: Iterable[UUID | None], record: Any = None, *, source_id: UUID | None = None, dedupe: str | None = None, by_itself: bool = False,
    who: User | None = None, letter: str = "told", letter_params: dict[str, Any] | None = None, about: Any = None, **params: Any,
) -> list[UUID]:
    """Tell people that something of this kind happened (to a record); returns whom. Never whoever did it himself, nobody
    who does not see the record or no longer works here, nobody who chose not to be told.

    params: values of the sentence; `say` names another sentence than the kind's, `excerpt` is shown below it. dedupe: at
    most one such notification for each person ever. by_itself: nobody did it, not even the actor (a job of his ended);
    who: not the actor did it but this user. letter, letter_params, about: another letter than the usual one, and what it
    is about.
    """
    wanted = {person for person in people if person} - (set() if by_itself else {ctx.actor.id})
    by = (who.id, who.name) if who is not None else (None, None) if by_itself or ctx.actor.kind == "system" else (ctx.actor.id, ctx.actor.name)
    if not wanted or kind in told_off(ctx):
        return []
    told = []
    for user, setting in _who_may_know(ctx, wanted, record):
        channel = channel_of(setting, kind)
        if channel == "none":
            continue
        notification = _put(ctx, kind, user, record, channel, source_id, dedupe, by, params)
        if notification is None:
            continue
        told.append(user.id)
        if channel == "mail":
            _hand_in(ctx, notification, user, setting, title_of(record) if record is not None else None, letter, letter_params or {}, about)
    return told


def may_know(ctx: Context, user_id: UUID, record: Any) -> bool:
    """Does this user work here and see the record?"""
    return bool(_who_may_know(ctx, {user_id}, record))


def write_late(ctx: Context, notification_id: UUID) -> bool:
    """The letter that waited for the end of quiet hours, where it is still news: not read meanwhile, not taken back, its
    record still seen. The job "notifications.mail" calls this."""
    notification = ctx.session.get(Notification, notification_id)
    if notification is None or notification.read_at or notification.retracted_at:
        return False
    found = people_of(ctx, {notification.user_id})
    if not found:
        return False
    user, setting, actor = found[0]
    seen = queries.shown(replace(ctx, actor=actor), notification.id)
    if seen is None:
        return False
    return _hand_in(ctx, notification, user, setting, seen.record_title, "told", {}, None)


def retract(ctx: Context, *source_ids: UUID) -> None:
    """What people were told of these sources is not shown any more: they are gone."""
    _show(ctx, Notification.source_id == any_(literal(list(source_ids), ARRAY(Uuid))), gone_at=ctx.now)


def reinstate(ctx: Context, source_id: UUID) -> None:
    """The source is back, and so is what people were told of it."""
    _show(ctx, Notification.source_id == source_id, gone_at=None)


def settle(ctx: Context, user_id: UUID, dedupe: str) -> None:
    """He did what he was reminded of under this key: it is not shown any more, and no letter that waits comes."""
    _show(ctx, Notification.user_id == user_id, Notification.dedupe_key == dedupe, gone_at=ctx.now)


def unsettle(ctx: Context, user_id: UUID, dedupe: str) -> None:
    """It is to be done again, and what he was told of it is shown. The letter that did not come meanwhile comes now, or when his quiet
    hours end; one that came does not come again."""
    which = (Notification.user_id == user_id, Notification.dedupe_key == dedupe)
    _show(ctx, *which, gone_at=None)
    late = ctx.session.execute(select(Notification.id, Notification.kind).where(*which, ~Notification.in_digest)).all()
    for _, setting, _ in people_of(ctx, {user_id}) if late else ():
        for key in (key for key, kind in late if channel_of(setting, kind) == "mail"):
            write_late(ctx, key)


def _show(ctx: Context, *which: ColumnElement[bool], gone_at: datetime | None) -> None:
    ctx.session.execute(update(Notification).where(*which).values(retracted_at=gone_at))


def amend(ctx: Context, source_id: UUID, excerpt: str) -> None:
    """The source reads otherwise now."""
    ctx.session.execute(update(Notification).where(Notification.source_id == source_id).values(params=Notification.params.op("||")({"excerpt": shortened(excerpt)})))


def mark_read(ctx: Context, notification: Notification) -> None:
    """The actor has seen one of his notifications; once is enough."""
    require(ctx, "profile.edit")
    notification.read_at = notification.read_at or ctx.now


def mark_unread(ctx: Context, notification: Notification) -> None:
    """He wants to come back to it."""
    require(ctx, "profile.edit")
    notification.read_at = None


def mark_all_read(ctx: Context, kind: str | None = None) -> int:
    """All of the actor's notifications, or those of a kind, are read; returns how many were not."""
    require(ctx, "profile.edit")
    mine = update(Notification).where(Notification.user_id == ctx.actor.id, Notification.read_at.is_(None))
    return ctx.session.execute((mine.where(Notification.kind == kind) if kind else mine).values(read_at=ctx.now)).rowcount


def mark_source_read(ctx: Context, source_id: UUID) -> None:
    """The actor has seen the source itself: what he was told of it is read."""
    mine = update(Notification).where(Notification.user_id == ctx.actor.id, Notification.source_id == source_id, Notification.read_at.is_(None))
    ctx.session.execute(mine.values(read_at=ctx.now))


def shortened(text: str | None) -> str:
    """The beginning of a text in one line."""
    flat = " ".join((text or "").split())
    return flat if len(flat) <= EXCERPT else flat[: EXCERPT - 1] + "\u2026"


def _who_may_know(ctx: Context, people: set[UUID], record: Any) -> list[tuple[User, NotificationSetting | None]]:
    found = people_of(ctx, people)
    return [(user, setting) for user, setting, actor in found if record is None or may_open(replace(ctx, actor=actor), record)]


def people_of(ctx: Context, people: set[UUID] | None) -> list[tuple[User, NotificationSetting | None, Actor]]:
    """Those of them (None: of all) who work here, with what they want and what they see; one statement."""
    found, query = [], _with_settings() if people is None else _with_settings().where(User.id.in_(people))
    for row in ctx.session.execute(query, {"now": ctx.now}):
        row.User.further = Further.of(row)
        found.append((row.User, row.NotificationSetting, actor_of(row.User)))
    return found


def _with_settings() -> Select:
    query = select(User, NotificationSetting, *further_columns()).join(User.role).options(contains_eager(User.role))
    return query.join(NotificationSetting, NotificationSetting.user_id == User.id, isouter=True).where(User.state == "active").order_by(User.id)


def _put(ctx: Context, kind: str, user: User, record: Any, channel: str, source_id: UUID | None, dedupe: str | None, by: tuple, params: dict) -> Notification | None:
    """The row; None where he was told already."""
    if record is not None and record.id is None:
        ctx.session.flush()  # the notification names the record by key
    if "excerpt" in params:
        params = params | {"excerpt": shortened(params["excerpt"])}
    values = {
        "user_id": user.id, "kind": kind, "record_kind": kind_of(record) if record is not None else None, "record_id": record.id if record is not None else None,
        "source_id": source_id, "actor_id": by[0], "actor_name": by[1],
        "params": plain(params), "dedupe_key": dedupe, "in_digest": channel == "digest", "created_at": ctx.now, "created_by": ctx.actor.id,
    }
    statement = insert(Notification).values(values).on_conflict_do_nothing().returning(Notification)
    return ctx.session.execute(statement).scalar_one_or_none()


def _hand_in(
    ctx: Context, notification: Notification, user: User, setting: NotificationSetting | None, title: str | None, letter: str, params: dict, about: Any
) -> bool:
    """The letter in the reader's language, once for each notification; in his quiet hours an order that comes back."""
    waits = quiet_ends(ctx.now, ZoneInfo(user.timezone), quiet_of(setting))
    if waits is not None:
        defer(ctx, LATE, due_at=waits, dedupe=f"{notification.id}:{waits.isoformat()}", notification_id=notification.id)
        return False
    sentence = said(notification, title, user.locale)
    shown = {"name": user.name, "said": sentence, "text": notification.params.get("excerpt", ""), "link": ctx.tenant.url + place_of(notification)}
    links = {"settings": ctx.tenant.url + SETTINGS}
    return hand_in(
        ctx, template=letter, to=user.mail, to_name=user.name, lang=user.locale, timezone=user.timezone, params=shown | params | links, about=about or notification,
        dedupe=f"notification:{notification.id}", headers={"List-Unsubscribe": f"<{links['settings']}>"},
    ) is not None


def place_of(notification: Notification) -> str:
    """Where it leads on its tenant's host: to the record, at the comment that it stems from; else to all notifications."""
    if notification.params.get("place"):  # said by whoever told it
        return notification.params["place"]
    path = path_of(notification.record_kind, notification.record_id)
    if path is None:
        return "/notifications?show=all"
    return f"{path}#c-{notification.source_id}" if notification.source_id else path


def tell_owner(ctx: Context, record: Any) -> None:
    """Whoever was given a record by somebody else hears of it and follows it."""
    if record.owner_id and record.owner_id != ctx.actor.id:
        begin_to_follow(ctx, record, [record.owner_id])
        notify(ctx, "assigned", [record.owner_id], record)
