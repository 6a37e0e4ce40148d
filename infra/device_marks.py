"""Marks of devices at which somebody has signed in before: strangers can't shut out whoever holds one (RELIABILITY V6).

A cookie carries up to five, since several people may share a device: <device>.<the second it ends>.<signature>, joined by "-".
Device: 64 random bits. The signature covers whose mark it is and the version of his credentials, neither of which stands in
the cookie. A mark opens nothing, says nothing of a person, and is kept nowhere here.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from infra import crypto
from infra.config import settings

VALID = timedelta(days=180)
MOST = 5
MARK = re.compile(r"([0-9a-f]{16})\.([0-9]{10})\.([0-9a-f]{32})", re.ASCII)


def device_of(cookie: str, whose: Sequence[str], now: datetime) -> str | None:
    """The device by which these credentials know the holder of the cookie; None for a foreign, changed or ended mark."""
    return next((device for device, _, text in _marks(cookie, now) if _is_of(text, whose)), None)


def with_mark(cookie: str, whose: Sequence[str], now: datetime) -> str:
    """The cookie once these credentials were proved here: their mark first, renewed, then those of others that still hold."""
    device = device_of(cookie, whose, now) or secrets.token_hex(8)
    ends = str(int((now + VALID).timestamp()))
    others = [text for known, _, text in _marks(cookie, now) if known != device]
    return "-".join([f"{device}.{ends}.{_signatures(whose, device, ends)[0]}", *others][:MOST])


def _marks(cookie: str, now: datetime) -> Iterator[tuple[str, int, str]]:
    """(device, end, the mark itself) of each that has not ended; what is not one is passed over."""
    for text in cookie.split("-", MOST)[:MOST]:
        match = MARK.fullmatch(text)
        if match and int(match[2]) > now.timestamp():
            yield match[1], int(match[2]), text


def _is_of(text: str, whose: Sequence[str]) -> bool:
    device, ends, signature = text.split(".")
    return any(crypto.same(signature, one) for one in _signatures(whose, device, ends))


def _signatures(whose: Sequence[str], device: str, ends: str) -> list[str]:
    """By the present key first, then by older ones."""
    return [crypto.sign(key, *whose, device, ends)[:32] for key in settings().derived_keys("known-device")]
