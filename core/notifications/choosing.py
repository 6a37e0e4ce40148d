"""What a user wants to be told how: read by whoever tells, changed by the user himself."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import require
from core.identity.models import User
from core.identity.queries import beside_sign_in
from core.notifications.models import CHANNELS, DAYS, DEFAULTS, KINDS, NotificationSetting
from core.notifications.rules import Quiet


def _channel(value: Any, name: str) -> str:
    if value not in CHANNELS:
        raise Refused("unknown_value", field=name)
    return value


def _hour(value: Any, name: str) -> int | None:
    if value in (None, ""):
        return None
    if not str(value).isascii() or not str(value).isdigit() or len(str(value)) > 2 or int(value) > 23:
        raise Refused("unknown_value", field=name)
    return int(value)


def _days(value: Any, name: str) -> str:
    if value not in DAYS:
        raise Refused("unknown_value", field=name)
    return value


FIELDS = dict.fromkeys(KINDS, _channel) | {"quiet_from": _hour, "quiet_until": _hour, "daily_hour": _hour, "daily_days": _days}


def channel_of(setting: NotificationSetting | None, kind: str) -> str:
    """How somebody with these settings is told that kind."""
    return getattr(setting, kind) if setting is not None else DEFAULTS[kind]


def quiet_of(setting: NotificationSetting | None) -> Quiet | None:
    """The quiet hours of somebody with these settings."""
    return Quiet(setting.quiet_from, setting.quiet_until) if setting is not None and setting.quiet_from is not None else None


def own_setting(ctx: Context) -> NotificationSetting:
    """The actor's own settings; what was never chosen stands there as it holds, with version 0."""
    found = ctx.session.execute(select(NotificationSetting).where(NotificationSetting.user_id == ctx.actor.id)).scalar_one_or_none()
    return found or NotificationSetting(user_id=ctx.actor.id, version=0, daily_days="working", **DEFAULTS)


def choose(ctx: Context, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> NotificationSetting:
    """Change one's own settings, each if given. Refuses an unknown channel or hour, and quiet hours that have no end or
    no length. Changed in another window meanwhile, the same field raises Conflict."""
    require(ctx, "profile.edit")
    mine = editing.cleaned(FIELDS, given)
    ctx.session.execute(insert(NotificationSetting).values(user_id=ctx.actor.id, created_at=ctx.now, created_by=ctx.actor.id, updated_at=ctx.now).on_conflict_do_nothing())
    setting = ctx.session.execute(select(NotificationSetting).where(NotificationSetting.user_id == ctx.actor.id)).scalar_one()
    known = None if version == 0 else version
    for name, value in editing.changes(ctx, setting, mine, version=known, original=editing.cleaned_as_was(FIELDS, original)).items():
        setattr(setting, name, value)
    if (setting.daily_hour is None) != (setting.daily_since is None):
        setting.daily_since = ctx.now if setting.daily_hour is not None else None
    if (setting.quiet_from is None) != (setting.quiet_until is None):
        raise Refused("quiet_half", field="quiet_until")
    if setting.quiet_from is not None and setting.quiet_from == setting.quiet_until:
        raise Refused("quiet_same", field="quiet_until")
    ctx.session.flush()  # the page shows the new version
    return setting


def _gets_daily() -> ColumnElement[bool]:
    """Does the list of the day come to him by mail? Read with his sign-in, for the page that offers it."""
    wanted = select(NotificationSetting.id).where(NotificationSetting.user_id == User.id, NotificationSetting.daily_hour.is_not(None))
    return wanted.correlate(User).exists()


beside_sign_in("daily", _gets_daily)
