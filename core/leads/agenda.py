"""Next steps of open leads on days."""

from collections.abc import Iterable

from sqlalchemy import select

from core.base.context import Context
from core.base.planned import Asked, Entry
from core.base.policy import has, sees
from core.base.steps import steps_on
from core.leads.models import OPEN, Lead


def next_steps(ctx: Context, asked: Asked) -> Iterable[Entry]:
    """Of the open leads that the actor sees."""
    if has(ctx, "leads.read"):
        query = select(Lead.name, Lead.company).where(Lead.state.in_(OPEN), Lead.deleted_at.is_(None), sees(ctx, Lead))
        yield from steps_on(ctx, asked, Lead, query, lambda row: (row.name, row.company))


AGENDA = (next_steps,)
