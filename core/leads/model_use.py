"""Which model is in use: a person switches it on, a better one that the clock fitted takes its place, and one that is worse than the rules is
never used."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from core.base.context import Context
from core.base.editing import hold_place
from core.base.errors import Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require
from core.identity.models import User
from core.leads.model_models import LeadModel, LeadModelUse

RECHANCE = "leads.rechance"
# Two models whose mean squared errors differ by less are as good as one another.
SAME = 0.0005


def verdict(report: Mapping[str, Any]) -> str:
    """better; worse_order: the rules put the newest leads into a better order; worse_chance: its chances are further off than the rules', or
    than saying of every lead what became of all in the mean."""
    model, rules, average = report["model"], report["rules"], report["average"]
    if model["right"] < rules["right"]:
        return "worse_order"
    return "worse_chance" if model["brier"] > min(rules["brier"], average["brier"]) else "better"


def used(ctx: Context) -> LeadModel | None:
    """The model in use."""
    query = select(LeadModel).join(LeadModelUse, LeadModelUse.model_id == LeadModel.id).where(LeadModelUse.ended_at.is_(None))
    return ctx.session.execute(query).scalar_one_or_none()


def is_used(session: Session) -> bool:
    """Is one in use?"""
    return session.execute(select(LeadModelUse.id).where(LeadModelUse.ended_at.is_(None)).limit(1)).first() is not None


def uses(ctx: Context, limit: int = 50) -> list[Row]:
    """(model_id, created_at, who switched it on, ended_at, ended_by, who ended it), the newest first."""
    begun, ended = aliased(User), aliased(User)
    query = select(LeadModelUse.model_id, LeadModelUse.created_at, begun.name.label("by"), LeadModelUse.ended_at, LeadModelUse.ended_by, ended.name.label("ender"))
    query = query.join(begun, begun.id == LeadModelUse.created_by, isouter=True).join(ended, ended.id == LeadModelUse.ended_user_id, isouter=True)
    return list(ctx.session.execute(query.order_by(LeadModelUse.created_at.desc(), LeadModelUse.id.desc()).limit(limit)))


def switch_on(ctx: Context, model: LeadModel) -> None:
    """Use this model from now on. Refuses one that is worse than the rules."""
    require(ctx, "leads.manage")
    if model.state != "done":
        raise Refused("lead_model_not_now")
    if model.verdict != "better":
        raise Refused(f"lead_model_{model.verdict}")
    open_ = _open(ctx)
    if open_ is not None and open_.model_id == model.id:
        return
    _end(ctx, open_, "switched_to")
    _begin(ctx, model)
    record(ctx, "lead_model.switched_on", model)


def switch_off(ctx: Context) -> None:
    """Use none: leads show the rules' points alone."""
    require(ctx, "leads.manage")
    open_ = _open(ctx)
    if open_ is None:
        return
    _end(ctx, open_, "person")
    record(ctx, "lead_model.switched_off", ctx.session.get_one(LeadModel, open_.model_id))
    defer(ctx, RECHANCE)


def follow(ctx: Context, model: LeadModel) -> bool:
    """A new one takes the place of the one in use where it is no worse than that, on the same newest leads, nor than the rules. Of another one
    that was switched on meanwhile nobody knows that: it stays."""
    open_ = _open(ctx)
    if open_ is None or model.report.get("compared") != str(open_.model_id) or not takes_over(model):
        return False
    _end(ctx, open_, "refit")
    _begin(ctx, model)
    record(ctx, "lead_model.replaced", model)
    return True


def takes_over(model: LeadModel) -> bool:
    """Is it no worse than the rules, and than the one that was in use as it was fitted?"""
    before = model.report.get("used")
    return model.verdict == "better" and (before is None or model.report["model"]["brier"] <= before["brier"] + SAME)


def _open(ctx: Context) -> LeadModelUse | None:
    """The use under way; two who switch do so one after the other, also where there is none yet."""
    hold_place(ctx, "lead.model.use")
    return ctx.session.execute(select(LeadModelUse).where(LeadModelUse.ended_at.is_(None)).execution_options(populate_existing=True)).scalar_one_or_none()


def _end(ctx: Context, open_: LeadModelUse | None, by: str) -> None:
    if open_ is not None:
        open_.ended_at, open_.ended_by, open_.ended_user_id = ctx.now, by, ctx.actor.owner_id
        ctx.session.flush()  # one is in use at a time


def _begin(ctx: Context, model: LeadModel) -> None:
    ctx.session.add(LeadModelUse(model_id=model.id))
    defer(ctx, RECHANCE)
