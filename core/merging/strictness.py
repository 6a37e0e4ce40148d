"""Whoever left, or wants fewer mails, under one of the merged records has done so for all of them while they are one.

A room that keeps such wishes declares `strictest.py` with tighten(ctx, mails, kept) -> JSON and loosen(ctx, that JSON).
"""

from collections.abc import Sequence
from typing import Any

from core.base.context import Context
from core.base.registry import modules
from core.merging.models import Merge


def tighten(ctx: Context, mails: Sequence[str | None], kept: str | None) -> dict[str, Any]:
    """Room -> what it wrote; nothing where no address is kept, or there is only one."""
    others = sorted({mail for mail in mails if mail and mail != kept})
    if not kept or not others:
        return {}
    return {module.__name__: made for module in modules("strictest") if (made := module.tighten(ctx, others, kept))}


def loosen(ctx: Context, run: Merge) -> None:
    """Each record has its own wishes again."""
    for module in modules("strictest"):
        if module.__name__ in run.strict:
            module.loosen(ctx, run.strict[module.__name__])
