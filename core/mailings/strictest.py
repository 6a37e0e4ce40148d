"""Of several wishes for fewer mailings the strictest holds for a merged record (core.merging asks every room's `strictest`)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.mailings.models import MailWish
from core.post.queries import hash_of


def tighten(ctx: Context, mails: Sequence[str], kept: str) -> Any:
    """The longest time between two mailings that anybody asked for. Gives what was there before, for `loosen`."""
    target = hash_of(ctx, kept)
    days = ctx.session.execute(select(func.max(MailWish.days)).where(MailWish.address_hash.in_([hash_of(ctx, mail) for mail in mails]))).scalar_one()
    before = ctx.session.execute(select(MailWish.days).where(MailWish.address_hash == target)).scalar_one_or_none()
    if days is None or (before or 0) >= days:
        return None
    wish = insert(MailWish).values(address_hash=target, days=days, created_at=ctx.now)
    ctx.session.execute(wish.on_conflict_do_update(index_elements=["address_hash"], set_={"days": days}))
    return {"address": target.hex(), "days": days, "before": before}


def loosen(ctx: Context, written: Any) -> None:
    """As it was, unless somebody has asked for something else since."""
    if not written:
        return
    mine = (MailWish.address_hash == bytes.fromhex(written["address"]), MailWish.days == written["days"])
    ctx.session.execute(delete(MailWish).where(*mine) if written["before"] is None else update(MailWish).where(*mine).values(days=written["before"]))
