"""How far we are with an account, as a pure rule over signs: identified, selected, acquired, developed, kept, loyal, lost.

The signs come from the rooms that know them. A room declares them in its signs.py:

    STAGE_SIGNS = (StageSigns(("first_order",), orders_of),)

and the rule here reads them. Stages that no sign of today's rooms leads to are set by hand until then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select

from core.base.context import Context


@dataclass(frozen=True)
class StageSigns:
    """names: the signs, each a day. rows: (ctx, condition on the account's key) -> statement of account_id and the named days."""

    names: tuple[str, ...]
    rows: Callable[[Context, Any], Select]


class Stage(NamedTuple):
    """A stage, the rule that says so, and the day that it goes by."""

    name: str
    rule: str
    on: date | None

    @property
    def why(self) -> dict[str, Any]:
        """As it is kept."""
        return {"rule": self.rule} | ({"on": self.on.isoformat()} if self.on else {})


def stage_of(signs: Mapping[str, date | None]) -> Stage:
    """The stage by the signs: whoever answered or met us is selected, and whoever we have begun with; all others are
    only known."""
    for rule in ("answered", "first_contact", "planned"):
        on = signs.get(rule)
        if on is not None:
            return Stage("selected", rule, on)
    return Stage("identified", "nothing", None)
