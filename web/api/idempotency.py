"""The same Idempotency-Key gives the same answer for 24 hours (RELIABILITY 1.2, fault 35).

The row stands in the transaction of the effect, so a process killed between effect and answer leaves both or
neither. Whoever holds the key holds an advisory lock until his commit; a second request meanwhile is told so
rather than made to wait. A refusal rolls back and keeps nothing: the corrected request may use the key again.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import request
from sqlalchemy import delete, select

from core.base.context import Context
from core.base.editing import hold_place, take_place
from core.identity.models import IdempotencyKey
from web.api.problems import BadRequest, InFlight

# For so long a program's key gives the same answer; rows stay for as long as a form may come again (web/once.py).
KEPT, OUTLIVED = timedelta(hours=24), timedelta(days=8)
KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True)
class Reply:
    """An answer before it is written out."""

    status: int
    body: dict[str, Any] | None
    headers: dict[str, str] = field(default_factory=dict)


class Mismatch(BadRequest):
    """The key was used for another request."""

    status = 422


def key_of_request() -> str | None:
    """The client's key, or None where it sent none; refused when it is none that we keep."""
    given = request.headers.getlist("Idempotency-Key")
    if not given:
        return None
    if len(given) > 1 or not KEY.fullmatch(given[0]):
        raise BadRequest("idempotency_key_invalid", field="Idempotency-Key")
    return given[0]


def answer_once(ctx: Context, key: str, act: Callable[[], Reply]) -> Reply:
    """What was answered under this key, or what `act` answers now, written down with its effect."""
    if not _hold(ctx, key):
        raise InFlight("idempotency_in_flight", field="Idempotency-Key")
    fingerprint = _fingerprint()
    row = ctx.session.execute(select(IdempotencyKey).where(IdempotencyKey.owner_id == ctx.actor.id, IdempotencyKey.key == key)).scalar_one_or_none()
    if row is not None and row.created_at > ctx.now - KEPT:
        if row.fingerprint != fingerprint:
            raise Mismatch("idempotency_mismatch", field="Idempotency-Key")
        return Reply(row.status, row.body, {**(row.headers or {}), "Idempotency-Replayed": "true"})
    reply = act()
    forget_old(ctx, row)
    ctx.session.add(IdempotencyKey(owner_id=ctx.actor.id, key=key, fingerprint=fingerprint, status=reply.status, body=reply.body, headers=reply.headers))
    ctx.session.flush()  # a clash of keys must be known before the answer is
    return reply


def _hold(ctx: Context, key: str) -> bool:
    """Locks the key until the end of the transaction; False where somebody holds it."""
    return take_place(ctx, f"idempotency.{ctx.actor.id}.{key}")


def wait_for(ctx: Context, key: str) -> None:
    """Locks the key until the end of the transaction, after whoever holds it: the second of two equal forms has his answer."""
    hold_place(ctx, f"idempotency.{ctx.actor.id}.{key}")


def _fingerprint() -> bytes:
    """What makes two requests the same: method, address with query, type and body."""
    parts = (request.method, request.full_path, request.mimetype, "")
    return hashlib.sha256("\n".join(parts).encode(errors="replace") + request.get_data(cache=True)).digest()


def forget_old(ctx: Context, row: IdempotencyKey | None) -> None:
    """Each new key takes up to four outlived ones away, found by the time in their UUID: no sweep is needed."""
    if row is not None:
        ctx.session.delete(row)
        ctx.session.flush()  # before the insert of the same key
    edge = UUID(int=int((ctx.now - OUTLIVED).timestamp() * 1000) << 80)
    old = select(IdempotencyKey.id).where(IdempotencyKey.id < edge).order_by(IdempotencyKey.id).limit(4).with_for_update(skip_locked=True)
    table = IdempotencyKey.__table__
    ctx.session.execute(delete(table).where(table.c.id.in_(old.scalar_subquery())))
