"""After a restore nobody gets the list of a day that he has got already: the backup does not know what went out since."""

from sqlalchemy import update

from core.base.context import Context
from core.notifications.models import NotificationSetting


def hold(ctx: Context) -> None:
    """What was due until now does not come any more; the next day's letter comes as ever."""
    held = update(NotificationSetting).where(NotificationSetting.daily_hour.is_not(None))
    ctx.session.execute(held.values(daily_since=ctx.now, version=NotificationSetting.version + 1), execution_options={"synchronize_session": False})
