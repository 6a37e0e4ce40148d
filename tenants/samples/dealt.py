"""What the sample company may sell: one deal at most of its customers, in the stages of the starter pipeline."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from core.base.context import Context
from core.deals.actions import create_deal, restore_deal
from core.deals.models import Deal
from core.deals.pipelines import working
from core.parties.models import Account, Contact
from tenants.samples.beside import PREFIX


def make(ctx: Context, account: Account, person: Contact, given: dict[str, Any], key: str, source: str) -> None:
    """The deal of a sample account; in the first stage where the workspace has other stages by now."""
    mine = working(ctx)
    if not mine:
        return
    stage = next((one for one in mine[0].stages if one.code == given["stage"]), mine[0].first())
    begun = ctx.now - timedelta(days=20)
    day = lambda days: None if days is None else ctx.today + timedelta(days=days)  # noqa: E731
    create_deal(
        ctx, name=given["name"], account_id=account.id, contact_id=person.id, stage_id=stage.id, amount=given["amount"], closes_on=day(given["close"]), next_step=given["step"],
        next_step_on=day(given["due"]), source=source, tags=[source], external_id=f"{key}.deal", began_at=begun, closed_at=ctx.now - timedelta(days=6),
    )


def bring_back(ctx: Context, account: Account) -> None:
    """Out of the recycle bin with its account."""
    query = select(Deal).where(Deal.account_id == account.id, Deal.external_id.startswith(PREFIX), Deal.deleted_at.is_not(None))
    for deal in ctx.session.execute(query).scalars():
        restore_deal(ctx, deal)
