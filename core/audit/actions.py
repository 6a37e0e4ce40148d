"""Seal what the database wrote down into a chain, and verify the chain (DECISIONS 1).

Entries are written unchained by triggers, so that writers never wait for each other; a sequencer chains them within
a minute. Until then an entry can still be tampered with unseen: the page says so.
"""

from sqlalchemy import func, select, text

from core.audit import rules
from core.audit.models import AuditEntry, AuditLink
from core.audit.rules import Anchor, Problem
from core.base.context import Context
from core.base.policy import require

BATCH = 20_000
# One text per entry, the same on every server: times as microseconds, JSON as PostgreSQL orders its keys.
CANONICAL = (
    "concat(e.id, chr(31), (extract(epoch FROM e.at) * 1000000)::bigint, chr(31), coalesce(e.actor_id::text, '-'), chr(31), "
    "e.table_name, chr(31), e.row_id, chr(31), e.action, chr(31), e.changes::text)"
)
LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.audit', 0))")
# No transaction is open for a day: what is older than that before the head is sealed, or verify() finds it.
UNSEALED = text(f"""
SELECT e.id, {CANONICAL} FROM audit_entry e
WHERE e.at >= coalesce((SELECT h.at - interval '1 day' FROM audit_chain c JOIN audit_entry h ON h.id = c.entry_id ORDER BY c.seq DESC LIMIT 1), '-infinity')
AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.entry_id = e.id)
ORDER BY e.at, e.id LIMIT {BATCH}""")  # noqa: S608 (constants)
APPEND = text("INSERT INTO audit_chain (seq, entry_id, hash) SELECT * FROM unnest(CAST(:seqs AS bigint[]), CAST(:ids AS uuid[]), CAST(:hashes AS bytea[]))")
SEAL = "(SELECT r.seal FROM audit_redaction r WHERE r.entry_id = c.entry_id ORDER BY r.at DESC LIMIT 1)"
WALK = text(f"SELECT c.seq, c.entry_id::text, c.hash, CASE WHEN e.id IS NOT NULL THEN {CANONICAL} END, {SEAL} FROM audit_chain c LEFT JOIN audit_entry e ON e.id = c.entry_id ORDER BY c.seq")  # noqa: S608 (constants)


class ChainBroken(RuntimeError):
    """The chain is shorter than its anchor, or another one: sealing over it would hide that."""


def seal(ctx: Context, key: bytes, anchor: Anchor | None = None) -> int:
    """Chain what is not chained yet; returns how many entries. 0 too where another sealer is at it.

    Refuses (`ChainBroken`) when the chain no longer holds its anchor: a cut tail would be chained anew unseen.
    """
    if not ctx.session.execute(LOCK).scalar_one():
        return 0
    head = chain_head(ctx)
    _check_anchor(ctx, head, anchor)
    seq, previous = (head.seq, head.hash) if head else (0, rules.GENESIS)
    seqs, ids, hashes = [], [], []
    for entry_id, row in ctx.session.execute(UNSEALED):
        seq += 1
        previous = rules.link(key, previous, seq, row)
        seqs.append(seq)
        ids.append(entry_id)
        hashes.append(previous)
    if seqs:
        ctx.session.execute(APPEND, {"seqs": seqs, "ids": ids, "hashes": hashes})
    return len(seqs)


def chain_head(ctx: Context) -> Anchor | None:
    """The last link; None before the first."""
    row = ctx.session.execute(select(AuditLink.seq, AuditLink.hash).order_by(AuditLink.seq.desc()).limit(1)).one_or_none()
    return Anchor(row.seq, bytes(row.hash)) if row else None


def verify(ctx: Context, key: bytes, anchor: Anchor | None = None) -> list[Problem]:
    """Everything that is wrong with the chain, the row named; empty when it holds."""
    require(ctx, "audit.read")
    # A chain of millions is sorted and walked: the limit of a page does not fit, memory stays constant.
    ctx.session.execute(text("SET LOCAL statement_timeout = '600s'"))
    rows = ctx.session.execute(WALK, execution_options={"stream_results": True, "max_row_buffer": 5000})
    problems = list(rules.check(key, rows, anchor))
    return problems + _forgotten(ctx)


def _check_anchor(ctx: Context, head: Anchor | None, anchor: Anchor | None) -> None:
    if anchor is None:
        return
    if head is None or head.seq < anchor.seq:
        raise ChainBroken(f"the chain ends at {head.seq if head else 0}, its anchor is {anchor.seq}")
    found = ctx.session.execute(select(AuditLink.hash).where(AuditLink.seq == anchor.seq)).scalar_one_or_none()
    if found is None or bytes(found) != anchor.hash:
        raise ChainBroken(f"link {anchor.seq} is not the one that was anchored")


def _forgotten(ctx: Context) -> list[Problem]:
    """Entries older than a day that are in no link: taken out of the chain, or written with an old date."""
    old = func.now() - text("interval '1 day'")
    query = select(AuditEntry.id).where(AuditEntry.at < old, ~select(AuditLink.seq).where(AuditLink.entry_id == AuditEntry.id).exists())
    return [Problem("unsealed", None, entry_id) for entry_id in ctx.session.execute(query.limit(1000)).scalars()]
