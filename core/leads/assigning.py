"""Leads that come in go to somebody at once: by the first rule that fits, to one of its people who is there and has the skills that it asks for.
Two that come at the same moment wait for one another, so that they go to two."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager

from core.base.context import Context, system
from core.base.editing import hold, hold_place
from core.base.errors import Conflict, NotFound, Refused
from core.base.facts import record
from core.base.hiding import unhidden
from core.base.ordering import one_step
from core.base.policy import holds, require, visible
from core.base.sets import record_all
from core.base.text import clean_needed
from core.identity.models import Absence, User
from core.identity.queries import Further, actor_of, further_columns
from core.leads import columns  # noqa: F401 (it declares the list by whose conditions rules go: programs open no page)
from core.leads.assign_models import WAYS, LeadAssignment, LeadTurn
from core.leads.clock import is_open_now
from core.leads.models import OPEN, Lead
from core.leads.suiting import suiting
from core.notifications.telling import tell_owner
from core.views.filtering import Filters, by_columns

MOST_RULES, MOST_CONDITIONS, MOST_PEOPLE, AT_ONCE = 40, 5, 100, 500


def rules(ctx: Context) -> list[LeadAssignment]:
    """The rules in their order."""
    return list(ctx.session.execute(visible(ctx, LeadAssignment).order_by(LeadAssignment.position, LeadAssignment.id)).scalars())


def one_rule(ctx: Context, rule_id: UUID) -> LeadAssignment:
    """A rule; NotFound otherwise."""
    found = ctx.session.execute(visible(ctx, LeadAssignment).where(LeadAssignment.id == rule_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def save_rule(ctx: Context, rule: LeadAssignment | None, *, name: str | None, way: str, user_ids: Collection[UUID], conditions: Sequence[Sequence[str]] = (), needs_language: bool = False, needs_product: bool = False, version: int | None = None) -> LeadAssignment:
    """A rule, new (the last in the order) or changed. Refuses one without people, and a condition that the list of leads would refuse.
    Raises Conflict where it has changed since `version`."""
    require(ctx, "leads.manage")
    hold_place(ctx, "lead_assignment")
    if rule is not None:
        hold(ctx, rule)
        if version is not None and version != rule.version:
            raise Conflict("stale")
    there = rules(ctx)
    if rule is None and len(there) >= MOST_RULES:
        raise Refused("too_many_items", field="name", max=MOST_RULES)
    values = {"name": clean_needed(name, field="name", max_length=100), "way": way, "user_ids": _people(ctx, user_ids), "conditions": _conditions(ctx, conditions), "needs_language": needs_language, "needs_product": needs_product}
    if way not in WAYS:
        raise Refused("unknown_value", field="way")
    if rule is None:
        rule = LeadAssignment(position=max((one.position for one in there), default=-1) + 1, **values)
        ctx.session.add(rule)
    for field, value in values.items():
        setattr(rule, field, value)
    ctx.session.flush()
    record(ctx, "lead_assignment.saved", rule, name=rule.name)
    return rule


def move_rule(ctx: Context, rule: LeadAssignment, by: int) -> None:
    """One place up (-1) or down (1); at the end it stays. Of two who move at once the second sees what the first did."""
    require(ctx, "leads.manage")
    hold_place(ctx, "lead_assignment")
    if one_step(_locked(ctx), rule, by):
        ctx.session.flush()  # the page that follows reads them anew
        record(ctx, "lead_assignment.moved", rule, name=rule.name)


def delete_rule(ctx: Context, rule: LeadAssignment) -> None:
    """Without this rule from now on; who has a lead keeps it."""
    require(ctx, "leads.manage")
    record(ctx, "lead_assignment.deleted", rule, name=rule.name)
    ctx.session.delete(rule)


def assign(ctx: Context, lead: Lead) -> UUID | None:
    """Give a lead that is nobody's to somebody; None where no rule fits, or nobody of it is there: then it stays in the inbox."""
    return lead.owner_id if assign_many(ctx, [lead]) else None


def assign_many(ctx: Context, leads: Sequence[Lead]) -> list[UUID]:
    """The same for many, rules and people read once for all of them. Returns the keys of those that went to somebody."""
    if not leads:
        return []
    ctx.session.flush()  # the conditions are asked of the rows
    ours = replace(ctx, actor=system("assigning leads"), timezone=ctx.tenant.timezone)
    left = {lead.id: lead for lead in leads}
    for rule in _locked(ctx):
        fitting = [left[key] for key in left if key in fits] if left and (fits := _fitting(ours, rule, left)) else []
        given = _give(ctx, ours, rule, fitting) if fitting else set()
        left = {key: lead for key, lead in left.items() if key not in given}
    return [lead.id for lead in leads if lead.id not in left]


def _locked(ctx: Context) -> list[LeadAssignment]:
    """All rules as they stand now, in their order, and nobody else's until the commit. Locked by key: an order that somebody changes
    meanwhile would have two wait for each other."""
    found = ctx.session.execute(select(LeadAssignment).order_by(LeadAssignment.id).with_for_update().execution_options(populate_existing=True)).scalars()
    return sorted(found, key=lambda rule: (rule.position, rule.id))


def _give(ctx: Context, ours: Context, rule: LeadAssignment, leads: Sequence[Lead]) -> set[UUID]:
    """Each of them to whoever's turn it is of those who suit it. Returns the keys of those for whom somebody of the rule is there."""
    there, last = _there(ours, rule), ctx.session.execute(select(LeadTurn.user_id).where(LeadTurn.assignment_id == rule.id)).scalar_one_or_none()
    able = suiting(ours, leads, there, by_language=rule.needs_language, by_product=rule.needs_product) if there else {}
    busy = _busy(ctx, there) if there and rule.way == "least" else {}
    for lead in (given := [lead for lead in leads if able.get(lead.id)]):
        last = lead.owner_id = min(in_turn(rule.user_ids, last, able[lead.id]), key=lambda key: busy.get(key, 0))
        if rule.way == "least":
            busy[last] = busy.get(last, 0) + 1
    if given:
        _remember(ctx, rule, last, given)
    return {lead.id for lead in given}


def _remember(ctx: Context, rule: LeadAssignment, last: UUID | None, given: Sequence[Lead]) -> None:
    """Whose turn it was, and a fact for each lead."""
    turn = insert(LeadTurn).values(assignment_id=rule.id, user_id=last)
    ctx.session.execute(turn.on_conflict_do_update(index_elements=["assignment_id"], set_={"user_id": last}))
    ctx.session.flush()  # what is told reads whose they are by now
    told = func.jsonb_build_object("name", Lead.name, "owner", User.name, "rule", rule.name)
    rows = select(Lead.id.label("subject_id"), cast(None, Uuid()).label("about_id"), told.label("params")).join(User, User.id == Lead.owner_id)
    record_all(ctx, "lead.assigned", "lead", rows.where(Lead.id.in_([lead.id for lead in given])))


def assign_waiting(ctx: Context) -> int:
    """Somebody works now: what came in meanwhile goes to somebody. Returns how many."""
    if not is_open_now(ctx):
        return 0
    query = select(Lead).where(Lead.waits_for_hours, Lead.deleted_at.is_(None)).order_by(Lead.created_at, Lead.id).limit(AT_ONCE)
    found = ctx.session.execute(query.with_for_update(skip_locked=True)).scalars().all()
    for lead in found:
        lead.waits_for_hours = False
    given = set(assign_many(ctx, [lead for lead in found if lead.owner_id is None and lead.state == "new"]))
    for lead in found:
        if lead.id in given:
            tell_owner(ctx, lead)
    return len(found)


def assign_all(ctx: Context, lead_ids: Collection[UUID]) -> list[UUID]:
    """Those of these leads that are new and nobody's go to somebody, and nobody is told of each. Returns the keys of those that did."""
    query = select(Lead).where(Lead.id.in_(lead_ids), Lead.owner_id.is_(None), Lead.state == "new", Lead.deleted_at.is_(None)).order_by(Lead.id)
    found = ctx.session.execute(query.with_for_update()).scalars().all()
    return assign_many(ctx, found)


def _fitting(ours: Context, rule: LeadAssignment, keys: Collection[UUID]) -> set[UUID]:
    """Of which do its conditions hold, whoever brought the lead and wherever he is? Of none where a field is gone by now."""
    with unhidden(ours.session):
        try:
            held = by_columns(ours, "leads", Filters(where=tuple((one[0], one[1], one[2]) for one in rule.conditions)))
        except Refused:
            return set()
        return set(ours.session.execute(select(Lead.id).where(Lead.id.in_(keys), *held)).scalars())


def readers(ctx: Context, *conditions: ColumnElement[bool], permission: str = "leads.read") -> dict[UUID, str]:
    """key -> name of those who work here and may see leads (or do else what is said), by name: no other could take one up."""
    query = select(User, *further_columns()).join(User.role).options(contains_eager(User.role)).where(User.state == "active", *conditions)
    found = {}
    for row in ctx.session.execute(query.order_by(func.lower(User.name), User.id), {"now": ctx.now}):
        row.User.further = Further.of(row)
        if holds(actor_of(row.User), permission):
            found[row.User.id] = row.User.name
    return found


def _there(ctx: Context, rule: LeadAssignment) -> Collection[UUID]:
    """Who of its people may see leads and is not away today."""
    away = select(literal(1)).where(Absence.user_id == User.id, Absence.starts_on <= ctx.today, Absence.ends_on >= ctx.today).correlate(User).exists()
    return readers(ctx, User.id.in_(rule.user_ids), ~away).keys()


def _busy(ctx: Context, people: Collection[UUID]) -> dict[UUID, int]:
    """How many open leads each of them has."""
    count = select(Lead.owner_id, func.count()).where(Lead.owner_id.in_(people), Lead.state.in_(OPEN), Lead.deleted_at.is_(None)).group_by(Lead.owner_id)
    return {key: number for key, number in ctx.session.execute(count)}


def in_turn(people: Sequence[UUID], last: UUID | None, there: Collection[UUID]) -> list[UUID]:
    """Those who are there, beginning behind whoever was the last one."""
    start = people.index(last) + 1 if last in people else 0
    return [key for key in (*people[start:], *people[:start]) if key in there]


def _people(ctx: Context, user_ids: Collection[UUID]) -> list[UUID]:
    wanted = list(dict.fromkeys(user_ids))
    if not wanted:
        raise Refused("required", field="user_ids")
    known = dict(tuple(row) for row in ctx.session.execute(select(User.id, User.name).where(User.id.in_(wanted), User.state == "active")))
    if len(wanted) > MOST_PEOPLE or known.keys() != set(wanted):
        raise Refused("owner_unknown", field="user_ids")
    blind = known.keys() - readers(ctx, User.id.in_(wanted)).keys()
    if blind:
        raise Refused("sees_no_leads", field="user_ids", names=", ".join(sorted(known[key] for key in blind)))
    return wanted


def _conditions(ctx: Context, given: Sequence[Sequence[str]]) -> list[list[Any]]:
    found = [[str(part) for part in one] for one in given]
    if len(found) > MOST_CONDITIONS:
        raise Refused("too_many_items", field="conditions", max=MOST_CONDITIONS)
    if any(one and one[0] == "chance" for one in found):
        raise Refused("unknown_value", field="conditions")  # a lead goes to somebody before the model is asked about it
    by_columns(ctx, "leads", Filters(where=tuple((one[0], one[1], one[2]) for one in found)))
    return found
