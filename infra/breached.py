"""Passwords that lists of stolen ones hold: asked of a file beside this one, never of the network.

infra/breached.bin holds the first six bytes of SHA-256 of each, sorted: those of the million most frequent that are long
enough to be accepted otherwise. `python -m infra.breached_tool LIST` makes it (docs/dependencies.md).
"""

import hashlib
from pathlib import Path

from infra.once import made_once

FILE = Path(__file__).with_name("breached.bin")
WIDTH = 6


def is_breached(password: str) -> bool:
    """Does a list of stolen passwords hold it, capitals aside?"""
    listed, wanted = _listed(), digest(password)
    low, high = 0, len(listed) // WIDTH
    while low < high:
        middle = (low + high) // 2
        if listed[middle * WIDTH : (middle + 1) * WIDTH] < wanted:
            low = middle + 1
        else:
            high = middle
    return listed[low * WIDTH : (low + 1) * WIDTH] == wanted


def digest(password: str) -> bytes:
    """What the file keeps of a password."""
    return hashlib.sha256(password.casefold().encode(errors="surrogatepass")).digest()[:WIDTH]


@made_once
def _listed() -> bytes:
    """The whole file; a cut one is an error of the installation, not an empty list."""
    found = FILE.read_bytes()
    if not found or len(found) % WIDTH:
        raise RuntimeError(f"{FILE.name} is damaged")
    return found
