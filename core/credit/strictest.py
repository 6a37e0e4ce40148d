"""Of the credit grades that people set for merged accounts the strictest that holds is that of the one that stays (core.merging asks every
room's `strictest`)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base import standing
from core.base.context import Context
from core.base.facts import record
from core.credit.models import GRADES, CreditStanding


def tighten_records(ctx: Context, kind: str, survivor: Any, losers: Sequence[Any]) -> Any:
    """One whose day is over holds for nobody, also where nobody closed it. Gives what was written, for `loosen`; the others' rows stay with them."""
    if kind != "account":
        return None
    names = {one.id: one.name for one in (survivor, *losers)}
    mine = (CreditStanding.account_id.in_(names), CreditStanding.source == standing.HAND, CreditStanding.ended_at.is_(None))
    found = list(ctx.session.execute(select(CreditStanding).where(*mine).order_by(CreditStanding.id)).scalars())
    holding = [row for row in found if row.until_on >= ctx.tenant_today]
    strictest = max(holding, key=lambda row: (GRADES.index(row.grade), row.account_id == survivor.id), default=None)
    if strictest is None or strictest.account_id == survivor.id or len(found) == 1:  # a single one goes over with what else hangs on its account
        return None
    before = next((row.id for row in found if row.account_id == survivor.id), None)
    copied = {name: getattr(strictest, name) for name in ("grade", "reason", "until_on", "set_by", "limit_amount", "limit_currency")}
    made = standing.replace(ctx, CreditStanding(account_id=survivor.id, source=standing.HAND, **copied))
    record(ctx, "credit.stricter", made, about=(survivor.id,), name=names[strictest.account_id], until=made.until_on)
    return {"made": str(made.id), "before": str(before) if before else None, "at": ctx.now.isoformat()}


def loosen(ctx: Context, written: Any) -> None:
    """Its own again, unless somebody has set another since, or taken this one back."""
    made = ctx.session.execute(select(CreditStanding).where(CreditStanding.id == UUID(written["made"])).with_for_update()).scalar_one_or_none()
    if made is None or made.ended_at is not None:
        return
    account_id = made.account_id
    ctx.session.delete(made)
    ctx.session.flush()  # only one of a source may be open
    before = ctx.session.get(CreditStanding, UUID(written["before"]), with_for_update=True) if written["before"] else None
    if before is not None and before.account_id == account_id and before.ended_at == datetime.fromisoformat(written["at"]):
        before.ended_at = None
        ctx.session.flush()
