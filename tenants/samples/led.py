"""Leads of the sample company: one from a form in the inbox, one that its owner found."""

from sqlalchemy import select

from core.base.context import Context
from core.base.rooms import is_off
from core.leads.actions import create_lead, restore_lead
from core.leads.models import Lead
from tenants.samples.beside import PREFIX


def make(ctx: Context, given: list[dict], index: int) -> None:
    """The lead of that number, where there is one and the room is on; out of the recycle bin where it lies there."""
    if is_off(ctx, "leads") or index >= len(given):
        return
    key = f"{PREFIX}lead.{index}"
    known = ctx.session.execute(select(Lead).where(Lead.external_id == key)).scalar_one_or_none()
    if known is None:
        said = {name: value for name, value in given[index].items() if value}
        create_lead(ctx, **said, external_id=key, owner_id=ctx.actor.owner_id if said["source"] == "self" else None)
    elif known.deleted_at is not None:
        restore_lead(ctx, known)
