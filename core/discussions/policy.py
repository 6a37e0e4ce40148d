"""Who may comment. Comments are read by whoever sees the record; only their author changes them."""

from typing import Any

from core.base.context import Context
from core.base.policy import WRITE, Rule


def is_author(ctx: Context, comment: Any) -> bool:
    """Did the actor write it?"""
    return comment.author_id == ctx.actor.id


PERMISSIONS = {
    "comments.write": Rule(WRITE, is_author),
    "comments.moderate": Rule(WRITE),
}
