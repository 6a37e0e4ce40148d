"""What may stand in a mailbox's fields, and when it is looked at next."""

import re
from datetime import timedelta
from typing import Any

from core.base.cleaning import day, key, line, needed_line, whole_number
from core.base.errors import Refused
from core.mailboxes.models import PURPOSES
from infra.http import HOST

PAUSE, LONGEST = timedelta(minutes=5), timedelta(hours=4)
# After these a person must do something first: another try changes nothing and may lock the mailbox.
HOPELESS = frozenset({"login", "address", "inside", "certificate"})
BACK = timedelta(days=30)


def host(value: Any, field: str) -> str | None:
    """The name of a server."""
    name = (line(value, field) or "").lower().rstrip(".")
    if name and not HOST.fullmatch(name):
        raise Refused("mailbox_host", field=field)
    return name or None


def purpose(value: Any, field: str) -> str:
    if value not in PURPOSES:
        raise Refused("unknown_value", field=field)
    return value


def trusted(value: Any, field: str) -> str | None:
    """The name that a server signs with: a word."""
    name = line(value, field)
    if name and re.search(r"[\s;()\"]", name):
        raise Refused("mailbox_trusted", field=field)
    return name


FIELDS = {"name": needed_line, "purpose": purpose, "owner_id": key, "host": host, "port": whole_number(1, 65535), "username": line, "trusted": trusted, "since": day}


def pause(failures: int) -> timedelta:
    """How long until the next look: longer after each failure."""
    return min(PAUSE * 2 ** min(failures, 10), LONGEST)
