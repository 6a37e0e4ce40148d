"""What rooms above let wait for a yes, and what their roles have limits of: found by convention in `approvable.py` of a room."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from core.base.registry import modules

PERCENT, AMOUNT, YES_NO = UNITS = ("percent", "amount", "yes_no")


@dataclass(frozen=True)
class ApprovalKind:
    """name: what is kept. record_kind: the records that it is about. permission: what whoever decides holds. hold(ctx, key): the record,
    locked in the order of its room, whoever asks; None where it is gone. fingerprint(ctx, record): a checksum of what a yes is to. asked,
    decided(ctx, record, approval): what the room does about it in the same transaction. told: sentences of notifications, by "asks",
    "yes", "no". labels: names of the facts that are shown."""

    name: str
    record_kind: str
    permission: str
    hold: Callable[[Any, Any], Any]
    fingerprint: Callable[[Any, Any], str]
    asked: Callable[[Any, Any, Any], None]
    decided: Callable[[Any, Any, Any], None]
    told: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LimitKind:
    """A limit that roles have. unit: one of UNITS. right: only roles that hold it count. least: what counts is how low one may go.
    alone: within it nobody is asked (else the kind's permission is wanted besides). behind: a permission without which nobody is told figures.
    worth(ctx): reads the rates of today and gives what tells of (amount, currency) what it comes to in the workspace's own, None without a rate; of amounts alone."""

    code: str
    label: str
    unit: str
    right: str
    least: bool = False
    alone: bool = True
    behind: str = ""
    worth: Callable[[Any], Callable[[Decimal, str], Decimal | None]] | None = None


@lru_cache
def kinds() -> dict[str, ApprovalKind]:
    """Every kind by name."""
    return {one.name: one for module in modules("approvable") for one in module.APPROVALS}


@lru_cache
def limit_kinds() -> dict[str, LimitKind]:
    """Every limit by code, in the order of their rooms."""
    return {one.code: one for module in modules("approvable") for one in module.LIMITS}


@lru_cache
def entitling() -> dict[str, frozenset[str]]:
    """Code of a limit -> the permissions with which a role uses it: its right, and those of what its room asks a yes for."""
    return {one.code: frozenset({one.right, *(kind.permission for kind in module.APPROVALS)}) for module in modules("approvable") for one in module.LIMITS}
