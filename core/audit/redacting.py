"""Take values of an erased person out of the audit so that the chain still holds.

A link's hash goes over its entry, so an entry that loses values no longer gives it. Whoever holds the key therefore looks first that
the link holds, and then countersigns: HMAC(key, link's hash, the entry as it stands since). The link stays in the chain, the links
after it hold as before, and any other change of the entry, before or after, shows as it always did. What is lost is what was to be
lost: nobody can tell from the chain what the value was.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from core.audit import rules
from core.audit.actions import CANONICAL
from core.audit.models import AuditRedaction
from core.base.context import Context

HIDDEN = "***"
HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.audit', 0))")
LINKS = text(
    f"SELECT e.id, c.seq, c.hash, (SELECT p.hash FROM audit_chain p WHERE p.seq = c.seq - 1), {CANONICAL}, "  # noqa: S608 (constants)
    "(SELECT r.seal FROM audit_redaction r WHERE r.entry_id = e.id ORDER BY r.at DESC LIMIT 1) "
    "FROM audit_entry e JOIN audit_chain c ON c.entry_id = e.id WHERE e.id = ANY(:ids)"
)
TAKE = text("SELECT ext.redact('audit_entry', :id, CAST(:kept AS jsonb))")


def redact(ctx: Context, key: bytes, wanted: Mapping[UUID, Mapping[str, Any]]) -> int:
    """Put `wanted` (entry -> its changes with *** for what goes) in place; returns how many entries. No sealing meanwhile. An
    entry whose link does not hold is redacted and not countersigned: the nightly check goes on naming it."""
    if not wanted:
        return 0
    ctx.session.execute(HOLD)
    held = {row[0]: row[2] for row in _links(ctx, wanted) if _holds(key, row)}
    for entry_id, changes in wanted.items():
        ctx.session.execute(TAKE, {"id": entry_id, "kept": json.dumps(changes)})
    now = {row[0]: row[4] for row in _links(ctx, wanted)}
    seals = [{"entry_id": one, "at": ctx.now, "seal": rules.countersign(key, bytes(hash_), now[one])} for one, hash_ in held.items()]
    if seals:
        ctx.session.execute(insert(AuditRedaction), seals)
    return len(wanted)


def without(changes: Mapping[str, Any] | None, fields: Any) -> dict[str, Any]:
    """The changes of an entry with *** in these fields; a pair where there were two values."""
    return {name: ([HIDDEN, HIDDEN] if isinstance(both, list) and len(both) == 2 else HIDDEN) if name in fields else both for name, both in (changes or {}).items()}


def _links(ctx: Context, wanted: Mapping[UUID, Any]) -> list:
    return list(ctx.session.execute(LINKS, {"ids": list(wanted)}))


def _holds(key: bytes, row: Any) -> bool:
    _, seq, found, previous, canonical, seal = row
    if seal is not None:
        return rules.countersign(key, bytes(found), canonical) == bytes(seal)
    return rules.link(key, bytes(previous) if previous else rules.GENESIS, seq, canonical) == bytes(found)
