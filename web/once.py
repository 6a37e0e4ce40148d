"""A form that is sent twice is saved once: its answer was lost, or somebody clicked again (FEATURES 2.7).

`ui.form(keep=…)` gives each form that is shown a key of its own, `_once`. Where it is saved, the key stands with it in
the same transaction; the same form with the same content is then answered as it was, and nothing is done. Other content
under that key is a new save: what was typed is never lost. A refusal keeps nothing, so the form may be sent again.
A browser keeps what was typed for seven days (drafts.js, queue.js) and sends it then with the same key: keys are kept for longer.
"""

import re
import secrets
from collections.abc import Callable

from flask import Response, redirect, request
from sqlalchemy import select

from core.base.context import Context
from core.identity.models import IdempotencyKey
from infra import crypto
from infra.config import settings
from web.api.idempotency import OUTLIVED, forget_old, wait_for

FIELD, KEY = "_once", re.compile(r"[A-Za-z0-9_-]{16,40}")
# What differs between two sendings of the same form.
ASIDE = frozenset({FIELD, "_csrf", "_written_at"})


def new_key() -> str:
    """A key for a form that is shown."""
    return secrets.token_urlsafe(16)


def once(ctx: Context, act: Callable[[], Response]) -> Response:
    """What `act` answers, or where the same form led when it was saved; forms without a key are done as they come."""
    given = request.form.get(FIELD, "") if request.method == "POST" else ""
    if not KEY.fullmatch(given):
        return act()
    key, fingerprint = f"form.{given}", _fingerprint()
    wait_for(ctx, key)
    row = ctx.session.execute(select(IdempotencyKey).where(IdempotencyKey.owner_id == ctx.actor.id, IdempotencyKey.key == key)).scalar_one_or_none()
    if row is not None and row.fingerprint == fingerprint and row.created_at > ctx.now - OUTLIVED:
        return redirect((row.headers or {})["Location"], code=303)
    answer = act()
    if answer.status_code == 303:
        forget_old(ctx, row)
        ctx.session.add(IdempotencyKey(owner_id=ctx.actor.id, key=key, fingerprint=fingerprint, status=303, body=None, headers={"Location": answer.headers["Location"]}))
    return answer


def _fingerprint() -> bytes:
    """What makes two forms the same: address and every field but the proof of origin and when it was typed. Keyed, since one may be a password."""
    parts = [part for pair in sorted(request.form.items(multi=True)) if pair[0] not in ASIDE for part in pair]
    return bytes.fromhex(crypto.sign(settings().data_key("form"), request.full_path, *parts))
