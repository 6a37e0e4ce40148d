"""How an enquiry stands, as its sender reads it without signing in. A stranger with the link learns nothing of him: no name, no address, no
word that he wrote."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.base.context import Context
from core.base.hiding import unhidden
from core.identity.models import User
from core.intake.models import Enquiry
from core.leads.models import Lead


@dataclass(frozen=True)
class Standing:
    """received: when it came. who: the name of who answers for it, where somebody does. due, answered: until when the first answer is to come,
    and when it came; looked: when somebody took it up before that. reply, replied: what he is told on this page. needs_word: it waits for its sender's confirmation."""

    received: datetime
    who: str | None = None
    due: datetime | None = None
    answered: datetime | None = None
    looked: datetime | None = None
    reply: str | None = None
    replied: datetime | None = None
    needs_word: bool = False


def standing(ctx: Context, enquiry: Enquiry) -> Standing:
    """Of what is held back or thrown away it says that it was received, and no more: nobody learns by it what is taken for spam."""
    plain = Standing(enquiry.created_at, needs_word=enquiry.state == "waiting")
    if enquiry.state != "taken" or enquiry.lead_id is None:
        return plain
    query = select(User.name, Lead.deleted_at, Lead.answer_due_at, Lead.answered_at, Lead.answered_by).select_from(Lead).join(User, User.id == Lead.owner_id, isouter=True).where(Lead.id == enquiry.lead_id)
    with unhidden(ctx.session):
        found = ctx.session.execute(query).one_or_none()
    if found is None or found.deleted_at is not None:
        return plain
    first = found.answered_at is None or found.answered_at >= enquiry.created_at  # who comes again after an answer has had his first one
    looked = found.answered_at if first else None
    answered = looked if found.answered_by != "judgement" else None
    return Standing(
        enquiry.created_at, who=found.name, due=found.answer_due_at if first else None, answered=answered or enquiry.replied_at, looked=looked if not answered else None,
        reply=enquiry.reply, replied=enquiry.replied_at,
    )
