"""Keys made outside the database (RFC 9562, UUID version 7)."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """A time-ordered UUID. Rows normally get theirs from the database; this is for callers who must know it first."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp & ((1 << 48) - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | (7 << 76)
    value = value & ~(0x3 << 62) | (2 << 62)
    return UUID(int=value)
