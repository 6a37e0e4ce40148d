"""The files of a record as a part of its page."""

from typing import Any

from babel.numbers import format_decimal

from core.base.context import Context
from core.base.policy import may
from core.base.records import kind_of, path_of
from core.files import queries
from core.files.actions import may_change
from core.files.rules import icon_of
from infra import i18n
from infra.config import settings

UNITS = (("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000))


def section_values(ctx: Context, record: Any, problems: list[str] | None = None) -> dict[str, Any]:
    """What files/_section.html needs; one statement."""
    return {"files": {
        "rows": queries.files_of(ctx, record), "place": path_of(kind_of(record), record.id), "can_write": may(ctx, "files.write"), "problems": problems or [],
        "most": settings().upload_mb, "icon": icon_of, "size": lambda size: said_size(size, ctx.locale), "can_change": lambda one: may_change(ctx, one, record),
    }}


def said_size(size: int, lang: str) -> str:
    """A size as people read it: 1.4 MB, 12 KB."""
    for unit, least in UNITS:
        if size >= least:
            return f"{format_decimal(size / least, '#,##0.#' if size < 10 * least else '#,##0', locale=i18n.babel_locale(lang))} {unit}"
    return f"{size} B"
