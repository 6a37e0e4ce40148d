"""Who may comment. Comments are read by whoever sees the record; only their author changes them."""

from typing import Any

from core.base.context import Context
from core.base.policy import WRITE, Rule
from core.base.rooms import RoomSwitch
from core.base.words import N_


def is_author(ctx: Context, comment: Any) -> bool:
    """Did the actor write it?"""
    return comment.author_id == ctx.actor.id


PERMISSIONS = {
    "comments.write": Rule(WRITE, is_author),
    "comments.moderate": Rule(WRITE),
}
ROOM_SWITCH = RoomSwitch(
    "discussions", N_("Discussions"), "message", N_("Comments, mentions and followers on records."), ("comments",),
    facts=("comment",), told=("mentioned", "commented"), tables=("comment",),
)
