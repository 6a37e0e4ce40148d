"""The files of a record as a part of its page."""

from typing import Any

from babel.units import format_unit

from core.base.context import Context
from core.base.policy import may
from core.base.records import kind_of, path_of
from core.base.rooms import is_off
from core.files import queries
from core.files.actions import may_change
from core.files.rules import icon_of
from infra import i18n
from infra.config import settings

UNITS = (("gigabyte", 1_000_000_000), ("megabyte", 1_000_000), ("kilobyte", 1_000), ("byte", 1))


def section_values(ctx: Context, record: Any, problems: list[str] | None = None) -> dict[str, Any]:
    """What files/_section.html needs; one statement. Nothing where the room is off."""
    if is_off(ctx, "files"):
        return {"files": None}
    return {"files": {
        "rows": queries.files_of(ctx, record), "place": path_of(kind_of(record), record.id), "can_write": may(ctx, "files.write"), "problems": problems or [],
        "most": settings().upload_mb, "icon": icon_of, "size": lambda size: said_size(size, ctx.locale), "can_change": lambda one: may_change(ctx, one, record),
    }}


def said_size(size: int, lang: str) -> str:
    """A size as people read it in a language: 1.4 MB, 12 kB, 1,4 МБ."""
    unit, least = next((one for one in UNITS if size >= one[1]), UNITS[-1])
    return format_unit(size / least, f"digital-{unit}", length="short", format="#,##0.#" if size < 10 * least else "#,##0", locale=i18n.babel_locale(lang))
