"""The arithmetic of the chain: pure, so that a verifier outside needs nothing but rows and the key."""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

GENESIS = b"\0" * 32


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of a chain as it was noted outside: whatever is missing up to here was taken away."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with which link. kind: changed, deleted, missing, cut, anchor, unsealed."""

    kind: str
    seq: int | None = None
    entry_id: UUID | None = None


def link(key: bytes, previous: bytes, seq: int, row: str) -> bytes:
    """The hash of one link over the one before, its number and the canonical text of its entry."""
    return hmac.digest(key, previous + seq.to_bytes(8, "big") + row.encode(), "sha256")


def countersign(key: bytes, found: bytes, row: str) -> bytes:
    """What stands for an entry of which values were taken away: over its link, which stays, and what is left of it."""
    return hmac.digest(key, b"redacted" + found + row.encode(), "sha256")


def check(key: bytes, links: Iterable[tuple], anchor: Anchor | None) -> Iterator[Problem]:
    """Walk (seq, entry, hash, canonical row or None, seal of its redaction or None) in order of seq and name every link that does
    not hold. A redacted entry holds by its countersignature.

    The stored hash of a link, not the recomputed one, goes into the next: one changed row is one problem, not a
    flood of them.
    """
    last, previous, at_anchor = 0, GENESIS, None
    digest = hmac.digest
    for seq, entry_id, found, row, *redacted in links:
        if seq != last + 1:
            for gone in range(last + 1, min(seq, last + 1001)):
                yield Problem("missing", gone)
            # The link before is gone: this one can only be checked against it.
            last, previous = seq, found
            at_anchor = found if anchor and seq == anchor.seq else at_anchor
            continue
        if row is None:
            yield Problem("deleted", seq, UUID(entry_id))
        elif not any(redacted) and digest(key, previous + seq.to_bytes(8, "big") + row.encode(), "sha256") != found:
            yield Problem("changed", seq, UUID(entry_id))
        elif any(redacted) and countersign(key, bytes(found), row) != bytes(redacted[0]):
            yield Problem("changed", seq, UUID(entry_id))
        if anchor is not None and seq == anchor.seq:
            at_anchor = found
        last, previous = seq, found
    if anchor is not None and last < anchor.seq:
        for gone in range(last + 1, min(anchor.seq, last + 1000) + 1):
            yield Problem("cut", gone)
    elif anchor is not None and at_anchor is not None and not hmac.compare_digest(at_anchor, anchor.hash):
        yield Problem("anchor", anchor.seq)
