"""Leads of the sample company: two from its web form in the inbox, one that its owner found."""

from typing import Any

from sqlalchemy import select

from core.base.context import Context
from core.base.rooms import is_off
from core.leads.actions import create_lead, restore_lead
from core.leads.models import Lead
from tenants.samples import written
from tenants.samples.beside import PREFIX


def make(ctx: Context, scene: dict[str, Any], index: int, names: list[str]) -> None:
    """The lead of that number, where there is one and the room is on; out of the recycle bin where it lies there. With the first comes the
    form by which it came. names: of the forms of all languages."""
    if is_off(ctx, "leads") or index >= len(scene["leads"]):
        return
    if index == 0:
        written.make(ctx, scene["form"], names)
    lead = _lead(ctx, scene["leads"][index], index, scene["tag"])
    if lead.source == "form":
        written.write(ctx, lead, index, names)


def _lead(ctx: Context, given: dict[str, Any], index: int, tag: str) -> Lead:
    key = f"{PREFIX}lead.{index}"
    known = ctx.session.execute(select(Lead).where(Lead.external_id == key)).scalar_one_or_none()
    if known is None:
        said = {name: value for name, value in given.items() if value} | ({"next_step_on": ctx.today} if given.get("next_step") else {})
        return create_lead(ctx, **said, tags=[tag], external_id=key, owner_id=ctx.actor.owner_id if said["source"] == "self" else None)
    if known.deleted_at is not None:
        restore_lead(ctx, known)
    return known
