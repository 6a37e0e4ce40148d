"""Contact plans as the workspace keeps them: an order of rules, of which the first that fits an account holds."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.base.cleaning import whole_number
from core.base.context import Context
from core.base.editing import hold, hold_place
from core.base.errors import Conflict, NotFound, Refused
from core.base.facts import record
from core.base.ordering import one_step
from core.base.policy import require
from core.base.text import clean_needed
from core.contact_plans.models import MOST_A_YEAR, ContactPlan
from core.contact_plans.words import STARTER_LABELS
from core.views.above import collect_made
from core.views.filtering import Filters, by_columns
from infra import i18n

MOST, MOST_CONDITIONS = 20, 5
# PRODUCT S6: four contacts a year for customers, six for prospects. (code, conditions, times a year)
STARTER = (("customers", [["is_customer", "eq", "true"]], 4), ("prospects", [["stage", "in", "identified,selected"]], 6))
times = whole_number(0, MOST_A_YEAR)


def make_starter(session: Session) -> None:
    """The plans that a workspace begins with; nothing where there is one."""
    if not session.execute(select(ContactPlan.id).limit(1)).first():
        session.add_all(ContactPlan(name=STARTER_LABELS[code], code=code, conditions=conditions, times_a_year=often, position=place) for place, (code, conditions, often) in enumerate(STARTER))
        session.flush()  # whoever reads them next finds them


def called(plan: ContactPlan, locale: str) -> str:
    """What a plan is called for a reader of that language."""
    return i18n.gettext(locale, STARTER_LABELS[plan.code]) if plan.code in STARTER_LABELS else plan.name


def plans(ctx: Context) -> list[ContactPlan]:
    """All of them in their order; whoever reads the log may know them."""
    require(ctx, "activities.read")
    return list(ctx.session.execute(select(ContactPlan).order_by(ContactPlan.position, ContactPlan.id)).scalars())


def one_plan(ctx: Context, key: UUID) -> ContactPlan:
    require(ctx, "activities.read")
    found = ctx.session.execute(select(ContactPlan).where(ContactPlan.id == key)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def save_plan(ctx: Context, plan: ContactPlan | None, *, name: Any, times_a_year: Any, conditions: Sequence[Sequence[str]] = (), version: int | None = None) -> ContactPlan:
    """A plan, new (the last in the order) or changed. Refuses a condition that the list of accounts would refuse, or that asks for contacts
    themselves (`plan_conditions`), and a name that is there."""
    require(ctx, "contact_plans.manage")
    hold_place(ctx, "contact_plan")
    if plan is not None:
        hold(ctx, plan)
        if version is not None and version != plan.version:
            raise Conflict("stale")
    often = times(times_a_year, "times_a_year")
    if often is None:
        raise Refused("required", field="times_a_year")
    said = clean_needed(name, field="name", max_length=100)
    values = {"name": said, "times_a_year": often, "conditions": _conditions(ctx, conditions)}
    there = plans(ctx)
    if any(one.name.lower() == said.lower() for one in there if plan is None or one.id != plan.id):
        raise Refused("name_taken_here", field="name")
    if plan is None:
        if len(there) >= MOST:
            raise Refused("too_many_items", field="name", max=MOST)
        plan = ContactPlan(position=max((one.position for one in there), default=-1) + 1, **values)
        ctx.session.add(plan)
    elif said != called(plan, ctx.locale):
        plan.code = None
    for field, value in values.items():
        setattr(plan, field, value if field != "name" or plan.code is None else plan.name)
    ctx.session.flush()  # the fact names it by key
    record(ctx, "contact_plan.saved", plan, name=plan.name)
    return plan


def move_plan(ctx: Context, plan: ContactPlan, by: int) -> None:
    """One place up (-1) or down (1); at the end it stays."""
    require(ctx, "contact_plans.manage")
    one_step(plans(ctx), plan, by)


def delete_plan(ctx: Context, plan: ContactPlan) -> None:
    """Without it from now on; the log stays as it is."""
    require(ctx, "contact_plans.manage")
    record(ctx, "contact_plan.deleted", plan, name=plan.name)
    ctx.session.delete(plan)
    ctx.session.flush()  # the list that follows has it no more


def _conditions(ctx: Context, given: Sequence[Sequence[str]]) -> list[list[str]]:
    found = [[str(part) for part in one] for one in given]
    if len(found) > MOST_CONDITIONS:
        raise Refused("too_many_items", field="conditions", max=MOST_CONDITIONS)
    if {one[0] for one in found} & {one.name for one in collect_made().get("accounts", ())}:
        raise Refused("plan_conditions", field="conditions")
    by_columns(ctx, "accounts", Filters(where=tuple((one[0], one[1], one[2]) for one in found)))
    return found


def number(ctx: Context) -> int:
    """How many plans there are."""
    return ctx.session.execute(select(func.count()).select_from(ContactPlan)).scalar_one()
