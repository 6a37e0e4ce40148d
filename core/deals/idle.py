"""Since when nothing has happened with a deal: from then on its mark "Stalled" counts. Something happened where a fact came onto its timeline, but
for what the clock alone brings about, or where somebody was in touch with its person (with its account, where it names nobody), as far as the
actor finds that in the contact log. The page says which of them was the last."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Text, case, cast, func, literal, select

from core.activities.models import Activity
from core.activities.sight import about_seen
from core.base.context import Context
from core.base.facts import Fact, FactSubject, shown_here
from core.base.policy import has
from core.deals.models import Deal, DealStage
from core.identity.models import User

BY_CLOCK = ("quote.expired",)


def idle_since(ctx: Context) -> ColumnElement:
    """The moment of the last thing that happened, for a statement that reads deals."""
    told = select(Fact.at).join(FactSubject, FactSubject.fact_id == Fact.id).where(FactSubject.subject_id == Deal.id, Fact.kind.not_in(BY_CLOCK), *shown_here(ctx))
    told = told.order_by(FactSubject.at.desc(), FactSubject.fact_id.desc()).limit(1).correlate(Deal).scalar_subquery()
    return func.greatest(Deal.stage_since, told, *_last_contact(ctx, Activity.contacted_at)).label("idle_since")


def stalled_days(ctx: Context) -> ColumnElement:
    """For how many days nothing has happened with a deal that is marked "Stalled"; NULL for any other. What happened is looked up for those
    alone that have not been moved for so long either; once for each, hence the offset, behind which PostgreSQL does not copy it."""
    looked = select(_days(ctx, idle_since(ctx)).label("days"), DealStage.stale_after).where(DealStage.id == Deal.stage_id, *_unmoved(ctx)).correlate(Deal).offset(0).subquery()
    return select(looked.c.days).where(looked.c.days >= looked.c.stale_after).scalar_subquery()


def maybe_stalled(ctx: Context) -> ColumnElement[bool]:
    """What holds of every stalled deal and is found without looking up what happened."""
    return select(DealStage.id).where(DealStage.id == Deal.stage_id, *_unmoved(ctx)).correlate(Deal).exists()


def _unmoved(ctx: Context) -> tuple[ColumnElement[bool], ...]:
    return DealStage.kind == "open", _days(ctx, Deal.stage_since) >= DealStage.stale_after


def _days(ctx: Context, moment: Any) -> ColumnElement[int]:
    """Whole days by the reader's calendar."""
    return literal(ctx.today, Date) - cast(func.timezone(ctx.timezone, moment), Date)


def last_contact(ctx: Context) -> ColumnElement | None:
    """{at, kind, who} of the last contact, for the statement of a page; None for whoever reads no contact log."""
    pairs = (("at", Activity.contacted_at), ("kind", Activity.kind), ("who", User.name))
    found = _last_contact(ctx, func.jsonb_build_object(*(part for name, column in pairs for part in (literal(name, Text), column))))
    return found[0].label("last_contact") if found else None


def _last_contact(ctx: Context, value: Any) -> list[ColumnElement]:
    """What the newest contact says: of the deal's person where it has one, else of its account."""
    if not has(ctx, "activities.read"):
        return []
    newest = select(value).join(User, User.id == Activity.owner_id, isouter=True).where(Activity.contacted_at.is_not(None), Activity.deleted_at.is_(None), *about_seen(ctx))
    newest = newest.order_by(Activity.contacted_at.desc()).limit(1).correlate(Deal)
    person, account = (newest.where(one).scalar_subquery() for one in (Activity.contact_id == Deal.contact_id, Activity.account_id == Deal.account_id))
    return [case((Deal.contact_id.is_not(None), person), else_=account)]
