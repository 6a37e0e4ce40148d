"""Whom somebody told apart from a loser is not the survivor either, as long as they are one: nobody is asked about the two again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.base.sets import among
from core.merging.models import Merge
from core.parties.beside_models import DuplicatePair

KEPT, TOLD = "apart", "not_duplicates"
PAIRS = DuplicatePair.__table__


def pass_on(ctx: Context, run: Merge) -> None:
    """The losers' "not the same" holds for the survivor too. What stood between him and the others is kept for the undo; the losers'
    own pairs stay, and hold again when they are back."""
    found = _told(ctx, run)
    if not found:
        return
    new = insert(PAIRS).values(found)
    said = {"state": TOLD, "decided_by": new.excluded.decided_by, "decided_at": new.excluded.decided_at}
    undecided = PAIRS.c.state.in_(("open", "later"))
    written = ctx.session.execute(new.on_conflict_do_update(index_elements=["a_id", "b_id"], set_=said, where=undecided).returning(PAIRS.c.id, literal_column("old.state").label("was"))).all()
    if written:
        run.losers = {**(run.losers or {}), KEPT: {"at": ctx.now.isoformat(), "pairs": [[str(row.id), row.was] for row in written]}}


def _told(ctx: Context, run: Merge) -> list[dict[str, Any]]:
    """Pairs of the survivor with those who are not one of the losers, nor in the merge themselves."""
    theirs = or_(among(PAIRS.c.a_id, run.loser_ids), among(PAIRS.c.b_id, run.loser_ids))
    found = {}
    for row in ctx.session.execute(select(PAIRS).where(PAIRS.c.state == TOLD, theirs).order_by(PAIRS.c.id)):
        other = row.b_id if row.a_id in run.loser_ids else row.a_id
        if other not in run.keys:
            a, b = sorted((run.survivor_id, other))
            found[a, b] = {
                "kind": row.kind, "a_id": a, "b_id": b, "score": row.score, "reasons": row.reasons, "state": TOLD, "decided_by": row.decided_by, "decided_at": ctx.now, "created_at": ctx.now,
            }
    return list(found.values())


def take_back(ctx: Context, run: Merge) -> None:
    """What stood between the survivor and the others stands again, but where somebody decided on it since."""
    kept = run.losers.get(KEPT)
    if not kept:
        return
    still = (PAIRS.c.state == TOLD, PAIRS.c.decided_at == datetime.fromisoformat(kept["at"]))
    of = lambda was: among(PAIRS.c.id, [UUID(key) for key, state in kept["pairs"] if state == was])  # noqa: E731
    ctx.session.execute(delete(PAIRS).where(of(None), *still))
    for was in ("open", "later"):
        ctx.session.execute(update(PAIRS).where(of(was), *still).values(state=was, decided_by=ctx.actor.id, decided_at=ctx.now))
