"""Who may change tags in every record."""

from core.base.context import Context
from core.base.errors import Forbidden
from core.base.field_rights import check_writes
from core.base.policy import require
from core.tagging.models import TAGGED
from core.tagging.queries import may_know


def check_manages(ctx: Context) -> None:
    """Refuse whoever may not change tags in every record: by permission, or because a role hides or protects them."""
    require(ctx, "tags.manage")
    if not may_know(ctx):
        raise Forbidden(permission="tags.manage")
    for room in TAGGED:
        check_writes(ctx, room, ("tags",))
