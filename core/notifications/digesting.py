"""The morning's letter: what came since the last one, to each person once a day, never an empty one."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from core.base.context import Context
from core.notifications import queries
from core.notifications.choosing import quiet_of
from core.notifications.models import Notification
from core.notifications.rules import last_morning, quiet_ends
from core.notifications.saying import said
from core.notifications.telling import SETTINGS, people_of
from core.notifications.words import MORE
from core.post.actions import hand_in
from infra import i18n

MOST_LINES = 20
READ_KEPT, KEPT = 90, 365
WAITING = (Notification.in_digest, Notification.digested_at.is_(None), Notification.retracted_at.is_(None))  # what is taken back may come back


def waiting(session: Session) -> list[UUID]:
    """Whose morning's letter has something to say, whenever it is due."""
    return list(session.execute(select(Notification.user_id).where(*WAITING).distinct().order_by(Notification.user_id)).scalars())


def write_digest(ctx: Context, user_id: UUID) -> bool:
    """The letter of this morning, where it is morning (or later) for that person and something came before it that he has
    not read and may still see. False: nothing to write now. Two at once write one."""
    found = people_of(ctx, {user_id})
    if not found:
        ctx.session.execute(update(Notification).where(Notification.user_id == user_id, *WAITING).values(digested_at=ctx.now))
        return False
    user, setting, actor = found[0]
    zone, quiet = ZoneInfo(user.timezone), quiet_of(setting)
    if quiet_ends(ctx.now, zone, quiet) is not None:
        return False
    morning = last_morning(ctx.now, zone, quiet)
    due = (Notification.user_id == user_id, *WAITING, Notification.created_at < morning)
    rows = queries.unread_among(replace(ctx, actor=actor), *due)
    ctx.session.execute(update(Notification).where(*due).values(digested_at=ctx.now))
    if not rows:
        return False
    params = {"name": user.name, "workspace": ctx.tenant.name, "text": _lines(rows, user.locale), "link": f"{ctx.tenant.url}/notifications", "settings": ctx.tenant.url + SETTINGS}
    day = morning.astimezone(zone).date().isoformat()
    letter = hand_in(
        ctx, template="digest", to=user.mail, to_name=user.name, lang=user.locale, timezone=user.timezone, params=params, dedupe=f"digest:{user_id}:{day}",
        headers={"List-Unsubscribe": f"<{params['settings']}>"},
    )
    return letter is not None


def prune(ctx: Context) -> int:
    """Notifications that were read a season ago, or are a year old, go; returns how many."""
    old = or_(Notification.read_at < ctx.now - timedelta(days=READ_KEPT), Notification.created_at < ctx.now - timedelta(days=KEPT))
    return ctx.session.execute(delete(Notification).where(old)).rowcount


def _lines(rows: list, lang: str) -> str:
    """One line each, the newest first, with the beginning of what was written."""
    lines = []
    for row in rows[:MOST_LINES]:
        excerpt = row.Notification.params.get("excerpt")
        lines.append(f"\u2022 {said(row.Notification, row.record_title, lang)}" + (f": {excerpt}" if excerpt else ""))
    if len(rows) > MOST_LINES:
        lines.append(i18n.gettext(lang, MORE, count=len(rows) - MOST_LINES))
    return "\n".join(lines)
