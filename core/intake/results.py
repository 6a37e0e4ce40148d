"""What came of web forms: how many enquiries, where they stand, and how many leads they became."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select

from core.base.context import Context
from core.base.policy import has, require, sees
from core.intake.models import ENQUIRY_STATES, Enquiry
from core.leads.models import Lead


@dataclass(frozen=True)
class Came:
    """Enquiries in each state, the last one's moment. leads: how many leads they are, of those that the actor sees, and how many of these
    were converted; None for whoever reads no leads."""

    held: int = 0
    waiting: int = 0
    taken: int = 0
    discarded: int = 0
    last: datetime | None = None
    leads: int | None = None
    converted: int | None = None

    @property
    def number(self) -> int:
        return sum(getattr(self, state) for state in ENQUIRY_STATES)


def came_of(ctx: Context, form_ids: Collection[UUID]) -> dict[UUID, Came]:
    """Form -> what came of it, in one statement; a form by which nothing came has zeros."""
    require(ctx, "forms.manage")
    reads = has(ctx, "leads.read")
    states = [func.count().filter(Enquiry.state == state).label(state) for state in ENQUIRY_STATES]
    leads = [func.count(Lead.id.distinct()).label("leads"), func.count(Lead.id.distinct()).filter(Lead.state == "converted").label("converted")] if reads else []
    query = select(Enquiry.form_id, *states, func.max(Enquiry.created_at).label("last"), *leads).where(Enquiry.form_id.in_(form_ids)).group_by(Enquiry.form_id)
    if reads:
        query = query.join(Lead, and_(Lead.id == Enquiry.lead_id, Lead.deleted_at.is_(None), sees(ctx, Lead)), isouter=True)
    found = {row.form_id: Came(**{name: value for name, value in row._mapping.items() if name != "form_id"}) for row in ctx.session.execute(query)}
    nothing = Came(leads=0 if reads else None, converted=0 if reads else None)
    return {key: found.get(key, nothing) for key in form_ids}
