"""What may stand in a field of a deal, and what a stage asks of one, as pure rules."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from core.base.errors import Refused
from core.deals.models import FORECASTS
from core.parties import rules as parties
from core.tagging.rules import tags

MOST_STAGES = 30


def amount(value: Any, field: str) -> Decimal | None:
    """An amount of money to the cent, of zero or more."""
    found = parties.amount(value, field)
    if found is not None and found < 0:
        raise Refused("amount_negative", field=field)
    return found


def forecast(value: Any, field: str) -> str | None:
    """How the deal is counted in the forecast; empty is its stage's word."""
    if value in (None, ""):
        return None
    if value not in FORECASTS:
        raise Refused("unknown_value", field=field)
    return value


FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "name": parties.needed_line, "account_id": parties.key, "contact_id": parties.key, "owner_id": parties.key, "amount": amount, "currency": parties.currency, "closes_on": parties.day,
    "probability": parties.whole_number(0, 100), "forecast": forecast, "next_step": parties.line, "next_step_on": parties.day, "source": parties.line, "loss_reason": parties.line,
    "notes": parties.paragraphs, "tags": tags, "external_id": parties.line,
}


def path(stages: Sequence[Any], now: Any, to: Any) -> list[Any]:
    """The stages that a deal leaves when it goes from one to another: those whose criteria it must meet. Going back, being lost
    and being opened again ask for nothing; a stage that is passed over is left too."""
    if to.kind == "lost" or (to.kind == "open" and now.kind != "open"):
        return []
    first = now.position if now.kind == "open" else -1
    return [one for one in stages if one.kind == "open" and first <= one.position and (to.kind == "won" or one.position < to.position)]


def missing(deal: Any, stages: Sequence[Any], now: Any, to: Any) -> tuple[Any, list[str]] | None:
    """(the first stage that is not satisfied, what it misses) on the way; None where all is there."""
    for stage in path(stages, now, to):
        lacking = [name for name in stage.criteria if getattr(deal, name, None) in (None, "", [])]
        if lacking:
            return stage, lacking
    return None


def weighted(amount: Decimal | None, probability: int) -> Decimal:
    """What an amount is worth at that likelihood, exactly."""
    return (amount or Decimal(0)) * probability / 100


def stage_name(value: Any, field: str) -> str:
    """A name of a stage or pipeline, 60 characters at most."""
    found = parties.needed_line(value, field)
    if len(found) > 60:
        raise Refused("too_long", field=field, max=60)
    return found
