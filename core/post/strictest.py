"""A merged record is written to as little as the strictest of its parts allows (core.merging asks every room's `strictest`)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.post.models import MERGED, Suppression
from core.post.queries import hash_of


def tighten(ctx: Context, mails: Sequence[str], kept: str) -> Any:
    """Whoever left under one of these addresses has left under the one that is kept. Gives what was written, for `loosen`."""
    target = hash_of(ctx, kept)
    query = select(Suppression).where(Suppression.mail_hash.in_([hash_of(ctx, mail) for mail in mails]), Suppression.mail_hash != target)
    made = []
    for row in ctx.session.execute(query.order_by(Suppression.id)).scalars():
        copy = insert(Suppression).values(mail_hash=target, scope=row.scope, list_id=row.list_id, reason=MERGED, at=row.at, created_at=ctx.now)
        made += [str(key) for key in ctx.session.execute(copy.on_conflict_do_nothing().returning(Suppression.id)).scalars()]
    return made


def loosen(ctx: Context, written: Any) -> None:
    """Each has its own again. What somebody asked for since, under the same address, is another row's reason and stays."""
    ctx.session.execute(delete(Suppression).where(Suppression.id.in_(written or []), Suppression.reason == MERGED))
