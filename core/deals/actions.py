"""Use cases about deals in the order of their life: create, edit, hand over, delete, bring back. Moving: core.deals.moving."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select

from core.base import editing
from core.base.context import Context
from core.base.editing import cleaned, cleaned_as_was, hold_place
from core.base.errors import Refused
from core.base.facts import record
from core.base.field_rights import check_writes
from core.base.policy import reach_of, require, sees
from core.base.steps import check_step
from core.custom_fields import values as own
from core.deals import lines, moving, pipelines
from core.deals.models import Deal, DealStage
from core.deals.rules import FIELDS
from core.identity.queries import owner_name
from core.notifications.telling import tell_owner
from core.parties.models import Account, Contact
from core.parties.rules import key
from core.tagging.queries import as_spelled


def create_deal(ctx: Context, *, stage_id: Any = None, pipeline_id: Any = None, began_at: datetime | None = None, closed_at: datetime | None = None, **given: Any) -> Deal:
    """A new deal; only `name` is needed. It begins in the first stage of the first pipeline that the actor works in, unless
    `stage_id` or `pipeline_id` says otherwise. began_at, closed_at: of one that is older than its record."""
    require(ctx, "deals.create")
    check_writes(ctx, "deals", [name for name in given if name != "owner_id" or str(given[name]) != str(ctx.actor.owner_id)])
    way, stage = _where(ctx, key(stage_id, "stage_id"), key(pipeline_id, "pipeline_id"))
    values = _new_values(ctx, as_spelled(ctx, cleaned(FIELDS | own.cleaners(ctx, "deals"), given)))
    _check(ctx, values, values)
    if stage.kind == "lost" and not values.get("loss_reason"):
        raise Refused("loss_reason_needed", field="loss_reason")
    own.begin(ctx, Deal, values)
    began = began_at or ctx.now
    first = stage if stage.kind == "open" else way.first()
    deal = Deal(**values, pipeline_id=way.id, stage_id=first.id, state="open", stage_since=began)
    ctx.session.add(deal)
    ctx.session.flush()  # its interval names it by key
    own.reserve(ctx, deal, {f"custom.{name}": value for name, value in values.get("custom", {}).items()})
    moving.begin(ctx, deal, first, began)
    if stage is not first:
        moving.check_criteria(ctx, deal, way, first, stage)
        moving.enter(ctx, deal, stage, max(closed_at or began, began))
    record(ctx, "deal.created", deal, about=_about(deal), name=deal.name)
    tell_owner(ctx, deal)
    return deal


def edit_deal(ctx: Context, deal: Deal, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> Deal:
    """Change the given fields; two people at once are merged as in `core.parties.actions.edit_account`."""
    require(ctx, "deals.edit", deal)
    check_writes(ctx, "deals", given)
    fields = FIELDS | own.cleaners(ctx, "deals")
    mine = as_spelled(ctx, cleaned(fields, given))
    if "currency" in mine and not mine["currency"]:
        mine["currency"] = ctx.tenant.currency
    changes = editing.changes(ctx, deal, mine, version=version, original=cleaned_as_was(fields, original))
    _check(ctx, changes, {name: changes.get(name, getattr(deal, name)) for name in ("account_id", "contact_id", "next_step", "next_step_on", "loss_reason")})
    lines.check_free(ctx, deal, changes)
    if deal.state == "lost" and "loss_reason" in changes and not changes["loss_reason"]:
        raise Refused("loss_reason_needed", field="loss_reason")
    _write(ctx, deal, changes)
    return deal


def change_owner(ctx: Context, deal: Deal, owner_id: UUID | None) -> None:
    """Hand a deal over to somebody else who works here, or (None) to everyone."""
    require(ctx, "deals.edit", deal)
    if deal.owner_id == owner_id:
        return
    check_writes(ctx, "deals", ("owner_id",))
    name = owner_name(ctx, owner_id)
    deal.owner_id = owner_id
    record(ctx, "deal.owner_changed", deal, about=_about(deal), owner=name or "", name=deal.name)
    tell_owner(ctx, deal)


def delete_deal(ctx: Context, deal: Deal) -> None:
    """Put a deal into the recycle bin; its history stays with it and comes back with it."""
    require(ctx, "deals.delete", deal)
    deal.deleted_at = ctx.now
    record(ctx, "deal.deleted", deal, about=_about(deal), name=deal.name)


def restore_deal(ctx: Context, deal: Deal) -> None:
    """Bring a deal back out of the recycle bin."""
    require(ctx, "deals.delete", deal)
    deal.deleted_at = None
    record(ctx, "deal.restored", deal, about=_about(deal), name=deal.name)


def _where(ctx: Context, stage_id: UUID | None, pipeline_id: UUID | None) -> tuple[pipelines.Way, DealStage]:
    """The pipeline and stage of a new deal."""
    if stage_id is not None:
        return pipelines.stage_of(ctx, stage_id)
    mine = pipelines.working(ctx)
    if not mine:
        raise Refused("no_pipeline", field="stage_id")
    way = mine[0] if pipeline_id is None else next((one for one in mine if one.id == pipeline_id), None)
    if way is None:
        raise Refused("pipeline_unknown", field="pipeline_id")
    return way, way.first()


def _new_values(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    """With owner and currency settled: somebody whose deals the maker sees, or all."""
    whose = reach_of(ctx, Deal)
    if "name" not in values:
        raise Refused("required", field="name")
    if "owner_id" not in values:
        values["owner_id"] = ctx.actor.owner_id
    elif values["owner_id"] is not None and whose is not None and values["owner_id"] not in whose:
        raise Refused("owner_not_you", field="owner_id")
    elif values["owner_id"] != ctx.actor.id:
        owner_name(ctx, values["owner_id"])
    values["currency"] = values.get("currency") or ctx.tenant.currency
    if values.get("contact_id") and not values.get("account_id"):
        values["account_id"] = ctx.session.execute(select(Contact.account_id).join(Account, Account.id == Contact.account_id).where(Contact.id == values["contact_id"], sees(ctx, Contact), sees(ctx, Account), Account.deleted_at.is_(None))).scalar_one_or_none()
    return values


def _check(ctx: Context, changes: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    """Refuse what no deal may be linked to or say. whole: what it says then."""
    check_links(ctx, changes)
    check_step(whole)
    if changes.get("external_id"):
        _check_number(ctx, changes["external_id"])


def check_links(ctx: Context, values: Mapping[str, Any]) -> None:
    """Refuse an account or person that is not there for the actor."""
    if values.get("account_id") and not _sees(ctx, Account, values["account_id"]):
        raise Refused("account_unknown", field="account_id")
    if values.get("contact_id") and not _sees(ctx, Contact, values["contact_id"]):
        raise Refused("contact_unknown", field="contact_id")


def _sees(ctx: Context, model: Any, record_id: UUID) -> bool:
    return ctx.session.execute(select(literal(1)).select_from(model).where(model.id == record_id, model.deleted_at.is_(None), sees(ctx, model))).first() is not None


def _check_number(ctx: Context, number: str) -> None:
    """Refuses a number elsewhere that another deal has. Two who bring the same new one at once wait for one another."""
    hold_place(ctx, f"deal.external_id.{number}")
    if ctx.session.execute(select(literal(1)).select_from(Deal).where(Deal.external_id == number)).first():
        raise Refused("external_id_taken", field="external_id")


def _write(ctx: Context, deal: Deal, changes: dict[str, Any]) -> None:
    """Write and tell. The owner's change is told as what it is."""
    owner_id = changes.pop("owner_id", deal.owner_id)
    if changes:
        own.check(ctx, deal, changes)
        own.reserve(ctx, deal, changes)
        told = (deal.account_id, deal.contact_id)
        for name, value in own.write(deal, dict(changes)).items():
            setattr(deal, name, value)
        record(ctx, "deal.edited", deal, about=(*_about(deal), *told), fields=sorted(changes), name=deal.name)
    change_owner(ctx, deal, owner_id)
    ctx.session.flush()  # the answer shows the new version


def _about(deal: Deal) -> tuple[UUID | None, ...]:
    return (deal.account_id, deal.contact_id)
