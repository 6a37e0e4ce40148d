"""How likely a lead is worth somebody's time, by rules that the workspace edits. One statement scores any number of leads and keeps what
each rule gave; what a rule asks for is what the list's conditions ask for, so nothing is compared in two ways."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, and_, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, array, insert

from core.base.context import Context, system
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.field_rights import hidden
from core.base.hiding import unhidden
from core.base.outbox import defer
from core.base.policy import require, visible
from core.base.text import clean_needed
from core.leads import columns  # noqa: F401 (it declares the list by whose conditions rules go: workers open no page)
from core.leads.models import Lead
from core.leads.score_models import MOST_POINTS, RULE_KINDS, LeadRule, LeadScore
from core.views.filtering import Filters, by_columns
from infra.free_mail import FREE_MAIL

MOST_RULES, MOST_CONDITIONS, MOST_STEPS = 40, 5, 10
# What a lead that is filled in has.
WANTED = ("company", "job_title", "mail", "phone", "city", "interest", "message")
SCORE, RESCORE = "leads.score", "leads.rescore"
# What a workspace begins with: (code, kind, conditions, points, days).
STARTER = (
    ("complete", "complete", [], 20, None), ("again", "condition", [["touches", "gte", "2"]], 15, None), ("asked", "condition", [["interest", "null", "false"]], 10, None),
    ("free_mail", "free_mail", [], -10, None), ("age", "age", [], -2, 7),
)


def rules(ctx: Context) -> list[LeadRule]:
    """The rules in their order."""
    return list(ctx.session.execute(visible(ctx, LeadRule).order_by(LeadRule.position, LeadRule.id)).scalars())


def one_rule(ctx: Context, rule_id: UUID) -> LeadRule:
    """A rule; NotFound otherwise."""
    found = ctx.session.execute(visible(ctx, LeadRule).where(LeadRule.id == rule_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def save_rule(ctx: Context, rule: LeadRule | None, *, name: str | None, kind: str, points: Any, days: Any = None, conditions: Sequence[Sequence[str]] = ()) -> LeadRule:
    """A rule, new or changed; all leads are scored anew. Refuses a condition that the list of leads would refuse."""
    require(ctx, "leads.manage")
    values = _checked(ctx, name, kind, points, days, conditions)
    there = rules(ctx)
    if rule is None and len(there) >= MOST_RULES:
        raise Refused("too_many_items", field="name", max=MOST_RULES)
    if rule is None:
        rule = LeadRule(position=len(there), **values)
        ctx.session.add(rule)
    else:
        values |= {"code": rule.code if values["name"] == rule.name else None}
        for field, value in values.items():
            setattr(rule, field, value)
    ctx.session.flush()
    record(ctx, "lead_rule.saved", rule, name=rule.name)
    defer(ctx, RESCORE)
    return rule


def delete_rule(ctx: Context, rule: LeadRule) -> None:
    """Without this rule from now on."""
    require(ctx, "leads.manage")
    record(ctx, "lead_rule.deleted", rule, name=rule.name)
    ctx.session.delete(rule)
    defer(ctx, RESCORE)


def make_starter(session: Any) -> None:
    """The rules that a new workspace begins with."""
    from core.leads.words import RULE_LABELS

    for place, (code, kind, conditions, points, days) in enumerate(STARTER):
        session.add(LeadRule(name=RULE_LABELS[code], code=code, kind=kind, conditions=conditions, points=points, days=days, position=place))


def has_leads(session: Any) -> bool:
    """Is there any lead that grows older?"""
    return session.execute(select(Lead.id).where(Lead.deleted_at.is_(None)).limit(1)).first() is not None


def order_score(ctx: Context, lead: Lead) -> None:
    """Have one lead scored soon."""
    defer(ctx, SCORE, lead_id=lead.id)


def rescore(ctx: Context, lead_ids: Collection[UUID] | None = None) -> int:
    """Score these leads, or all, by one statement; returns of how many the score, or what it is made of, changed."""
    ours = replace(ctx, actor=system("scoring leads"), timezone=ctx.tenant.timezone)  # the same whoever asks for it
    parts = [part for rule in rules(ctx) if (part := _part(ours, rule)) is not None]
    total = sum((points for _, points in parts), literal(0, Integer))
    told = [case((points != 0, func.jsonb_build_object("rule", str(rule.id), "points", points))) for rule, points in parts]
    why = func.to_jsonb(func.array_remove(array(told, type_=JSONB), None)) if told else literal([], JSONB)
    query = select(Lead.id, cast(total, Integer), cast(why, JSONB), literal(ctx.now, LeadScore.at.type)).where(Lead.deleted_at.is_(None))
    if lead_ids is not None:
        query = query.where(Lead.id.in_(lead_ids))
    put = insert(LeadScore).from_select(["lead_id", "score", "why", "at"], query)
    new = put.excluded
    put = put.on_conflict_do_update(index_elements=["lead_id"], set_={"score": new.score, "why": new.why, "at": new.at}, where=(LeadScore.score != new.score) | (LeadScore.why != new.why))
    with unhidden(ctx.session):  # scored is by all that is there, whoever may read it
        return len(ctx.session.execute(put.returning(LeadScore.lead_id)).all())


def points_at_first(ctx: Context) -> Any:
    """What the rules give a lead in its first hour, as an expression: none for its age."""
    return sum((part[1] for rule in rules(ctx) if rule.kind != "age" and (part := _part(ctx, rule)) is not None), literal(0, Integer))


def score_of(ctx: Context, lead: Lead) -> tuple[int, list[tuple[str, int]]] | None:
    """(score, [(rule's name, its points)]) of a lead that the actor sees; None where it has none yet, or the actor does not know scores. Rules that
    are gone are left out, and those that ask for what he does not see."""
    away = hidden(ctx, "leads")
    if "score" in away:
        return None
    found = ctx.session.execute(select(LeadScore.score, LeadScore.why).where(LeadScore.lead_id == lead.id)).one_or_none()
    if found is None:
        return None
    names = {str(rule.id): called(rule, ctx.locale) for rule in rules(ctx) if away.isdisjoint(_asks_for(rule))}
    return found.score, [(names[one["rule"]], one["points"]) for one in found.why if one["rule"] in names]


def _asks_for(rule: LeadRule) -> set[str]:
    """The fields of a lead by which a rule goes."""
    return {"mail"} if rule.kind == "free_mail" else {one[0] for one in rule.conditions}


def called(rule: LeadRule, locale: str) -> str:
    """A rule's name: of what we made, in the reader's language until somebody renames it."""
    from core.leads.words import RULE_LABELS
    from infra import i18n

    return i18n.gettext(locale, RULE_LABELS[rule.code]) if rule.code in RULE_LABELS else rule.name


def _checked(ctx: Context, name: str | None, kind: str, points: Any, days: Any, conditions: Sequence[Sequence[str]]) -> dict[str, Any]:
    if kind not in RULE_KINDS:
        raise Refused("unknown_value", field="kind")
    given = [[str(part) for part in one] for one in conditions]
    if kind == "condition" and not given:
        raise Refused("required", field="conditions")
    if any(len(one) != 3 or one[0] in ("score", "chance") for one in given):
        raise Refused("unknown_value", field="conditions")
    if len(given) > MOST_CONDITIONS:
        raise Refused("too_many_items", field="conditions", max=MOST_CONDITIONS)
    if kind == "condition":
        by_columns(ctx, "leads", Filters(where=tuple((one[0], one[1], one[2]) for one in given)))
    return {
        "name": clean_needed(name, field="name", max_length=100), "kind": kind, "points": _number(points, "points", -MOST_POINTS, MOST_POINTS),
        "days": _number(days, "days", 1, 365) if kind == "age" else None, "conditions": given if kind == "condition" else [],
    }


def _number(value: Any, field: str, least: int, most: int) -> int:
    try:
        found = int(str(value).strip())
    except ValueError:
        raise Refused("not_whole", field=field, low=least, high=most) from None
    if not least <= found <= most:
        raise Refused("not_whole", field=field, low=least, high=most)
    return found


def _part(ctx: Context, rule: LeadRule) -> tuple[LeadRule, Any] | None:
    """(rule, its points as an expression on a lead). None for one whose field is gone by now: it gives nothing."""
    if rule.kind == "condition":
        try:
            holds = by_columns(ctx, "leads", Filters(where=tuple((one[0], one[1], one[2]) for one in rule.conditions)))
        except Refused:
            return None
        return rule, case((func.coalesce(and_(*holds), False), rule.points), else_=0)
    if rule.kind == "complete":
        filled = sum((case((func.coalesce(getattr(Lead, name), "") != "", 1), else_=0) for name in WANTED), literal(0, Integer))
        return rule, cast(func.round(literal(rule.points, Integer) * filled / float(len(WANTED))), Integer)
    if rule.kind == "free_mail":
        return rule, case((func.split_part(func.coalesce(Lead.mail_norm, ""), "@", 2).in_(sorted(FREE_MAIL)), rule.points), else_=0)
    days = func.floor(func.extract("epoch", literal(ctx.now, Lead.created_at.type) - Lead.created_at) / 86400)
    steps = func.least(func.greatest(cast(func.floor(days / (rule.days or 1)), Integer), 0), MOST_STEPS)
    return rule, cast(steps * rule.points, Integer)
