"""Whoever left, or wants fewer mails, under one of the merged records has done so for all of them while they are one.

A room that keeps such wishes declares `strictest.py` with tighten(ctx, mails, kept) -> JSON; one that says something of the records
themselves, with tighten_records(ctx, kind, survivor, losers) -> JSON. Either has loosen(ctx, that JSON).
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
    return {module.__name__: made for module in modules("strictest") if hasattr(module, "tighten") and (made := module.tighten(ctx, others, kept))}


def tighten_records(ctx: Context, kind: str, survivor: Any, losers: Sequence[Any]) -> dict[str, Any]:
    """Room -> what it wrote."""
    return {module.__name__: made for module in modules("strictest") if hasattr(module, "tighten_records") and (made := module.tighten_records(ctx, kind, survivor, losers))}


def loosen(ctx: Context, run: Merge) -> None:
    """Each record is as it was again."""
    for module in modules("strictest"):
        if module.__name__ in run.strict:
            module.loosen(ctx, run.strict[module.__name__])
