"""A deal goes through the stages: moved, won, lost, opened again, and back where it was. Each move is an interval that ends and
one that begins at the same moment."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, Refused
from core.base.facts import record
from core.base.field_rights import check_writes, hidden, protected
from core.base.hiding import unhidden
from core.base.policy import require
from core.custom_fields.fields import label_of
from core.deals import rules
from core.deals.models import CRITERIA, Deal, DealStage, DealStay
from core.deals.pipelines import Way, called, stage_of, stages
from core.deals.words import CRITERION_LABELS, HIDDEN_LABEL
from infra import i18n


def move_deal(ctx: Context, deal: Deal, stage_id: UUID | None, *, version: int | None = None, loss_reason: str | None = None) -> Deal:
    """Put a deal into another stage, of another pipeline too. Refuses what a stage on the way asks for and the deal has not
    (`stage_asks`, with its name), a loss without a reason, and a deal that was moved since `version`."""
    require(ctx, "deals.edit", deal)
    check_writes(ctx, "deals", ("stage_id",))
    hold(ctx, deal)
    if version is not None and version != deal.version:
        raise Conflict("moved_meanwhile")
    way, to = stage_of(ctx, stage_id)
    if to.id == deal.stage_id:
        return deal
    now = _stage_now(ctx, deal)
    check_criteria(ctx, deal, way, now, to)
    if loss_reason is not None and loss_reason != deal.loss_reason:
        check_writes(ctx, "deals", ("loss_reason",))
        deal.loss_reason = rules.FIELDS["loss_reason"](loss_reason, "loss_reason") or deal.loss_reason
    _put(ctx, deal, to)
    return deal


def move_back(ctx: Context, deal: Deal, *, version: int) -> Deal:
    """Undo of the last move: the stage before it, whatever that asks for. Refuses where something happened to the deal since."""
    require(ctx, "deals.edit", deal)
    hold(ctx, deal)
    before = select(DealStay.stage_id).where(DealStay.deal_id == deal.id, DealStay.left_at.is_not(None)).order_by(DealStay.left_at.desc(), DealStay.id.desc()).limit(1)
    found = ctx.session.execute(before).scalar_one_or_none()
    if version != deal.version or found is None or found not in stages(ctx):
        raise Conflict("moved_meanwhile")
    _put(ctx, deal, stages(ctx)[found])
    return deal


def check_criteria(ctx: Context, deal: Deal, way: Way, now: DealStage, to: DealStage) -> None:
    """Refuse a way that leaves a stage whose criteria are not met; says which stage, and what is missing."""
    along = way.stages if now.pipeline_id == way.id else ()
    lacking = rules.missing(_as_it_is(ctx, deal), along, now, to)
    if lacking is not None:
        stage, names = lacking
        raise Refused("stage_asks", field="stage_id", stage=called(stage, ctx.locale), missing=", ".join(dict.fromkeys(_known_label(ctx, name) for name in names)))


def _as_it_is(ctx: Context, deal: Deal) -> Any:
    """What a stage may ask for, whether or not the actor reads it: what he does not see is there all the same."""
    if not hidden(ctx, "deals"):
        return deal
    ctx.session.flush()  # the statement reads what was written
    with unhidden(ctx.session):
        row = ctx.session.execute(select(*(getattr(Deal, name) for name in (*CRITERIA, "loss_reason")), Deal.custom).where(Deal.id == deal.id)).one()
    return SimpleNamespace(**row._mapping, **{f"custom.{name}": value for name, value in row.custom.items()})


def _known_label(ctx: Context, name: str) -> str:
    return i18n.gettext(ctx.locale, HIDDEN_LABEL) if name in hidden(ctx, "deals") else criterion_label(ctx, name)


def criterion_label(ctx: Context, name: str) -> str:
    """What a criterion asks for, in words."""
    return i18n.gettext(ctx.locale, CRITERION_LABELS[name]) if name in CRITERION_LABELS else label_of(ctx, "deals", name)


def begin(ctx: Context, deal: Deal, stage: DealStage, since: datetime) -> None:
    """The first interval of a new deal, which is flushed by then."""
    ctx.session.add(DealStay(deal_id=deal.id, stage_id=stage.id, entered_at=since, entered_by=ctx.actor.id))
    ctx.session.flush()  # the next move ends it by a statement


def enter(ctx: Context, deal: Deal, to: DealStage, at: datetime) -> None:
    """End the interval at hand and begin the next at the same moment; state, stage and when of the deal follow."""
    ctx.session.execute(update(DealStay).where(DealStay.deal_id == deal.id, DealStay.left_at.is_(None)).values(left_at=at))
    deal.pipeline_id, deal.stage_id, deal.state, deal.stage_since = to.pipeline_id, to.id, to.kind, at
    deal.closed_at = None if to.kind == "open" else at
    ctx.session.add(DealStay(deal_id=deal.id, stage_id=to.id, entered_at=at, entered_by=ctx.actor.id))
    ctx.session.flush()  # the answer shows the new version


def _put(ctx: Context, deal: Deal, to: DealStage) -> None:
    reason = _as_it_is(ctx, deal).loss_reason
    if to.kind == "lost" and not reason:
        may_say = "loss_reason" not in protected(ctx, "deals")
        raise Refused("loss_reason_needed" if may_say else "loss_reason_not_yours", field="loss_reason" if may_say else "stage_id")
    enter(ctx, deal, to, max(ctx.now, deal.stage_since))
    told = {"won": {}, "lost": {"reason": reason}}.get(to.kind, {"to": called(to, ctx.tenant.locale)})
    kind = "deal.moved" if to.kind == "open" else f"deal.{to.kind}"
    record(ctx, kind, deal, about=(deal.account_id, deal.contact_id), name=deal.name, **told)


def _stage_now(ctx: Context, deal: Deal) -> DealStage:
    """Where it stands, also in a pipeline that was put away."""
    return stages(ctx).get(deal.stage_id) or ctx.session.get_one(DealStage, deal.stage_id)
