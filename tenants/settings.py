"""What a workspace says of itself: name, hue, and the language and zone that new people start with."""

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import available_timezones

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean
from infra import i18n
from tenants import entry, registry
from tenants.models import Tenant

# Hues whose contrast is checked for every token in both themes (GUIDE 5); sign-up takes from the same.
HUES = (262, 210, 190, 160, 130, 25, 330, 290)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace as the subject of a fact: its row lies in the directory, not in its own schema."""

    id: UUID
    __tablename__ = "workspace"


def change_workspace(ctx: Context, *, name: str, hue: int, locale: str, timezone: str) -> None:
    """Change what the workspace is called and how it looks; people keep their own language and zone.

    Refuses an empty name, a hue that is not offered, an unknown language or zone, by field.
    """
    require(ctx, "settings.manage")
    name = clean(name, field="name", max_length=120)
    if not name:
        raise Refused("required", field="name")
    for field, value, known in (("hue", hue, HUES), ("locale", locale, i18n.LANGUAGES), ("timezone", timezone, available_timezones())):
        if value not in known:
            raise Refused("unknown_value", field=field)
    values = {"name": name, "hue": hue, "locale": locale, "timezone": timezone}
    with entry.control(actor_id=ctx.actor.id) as session:
        row = session.get_one(Tenant, ctx.tenant.id, with_for_update=True)
        changed = {key: [getattr(row, key), value] for key, value in values.items() if getattr(row, key) != value}
        for key, value in values.items():
            setattr(row, key, value)
    if changed:
        record(ctx, "workspace.changed", Workspace(ctx.tenant.id), changes=changed)
    registry.forget()
