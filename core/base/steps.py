"""A next step with its day, as leads and deals have: a day alone will do, words without a day will not. The database holds it too."""

from collections.abc import Mapping
from typing import Any

from core.base.batches import LeftOut
from core.base.errors import Refused


def check_step(values: Mapping[str, Any]) -> None:
    """Refuses a next step that is left without a day. values: of the whole record, or what is set in many at once."""
    if values.get("next_step") and not values.get("next_step_on"):
        raise Refused("next_step_needs_day", field="next_step_on")


def check_step_of_many(values: Mapping[str, Any]) -> None:
    """The same of what is set in many records at once, which may have a day already."""
    if "next_step_on" in values:
        check_step(values)


def steps_unfit(model: Any, values: Mapping[str, Any]) -> list[LeftOut]:
    """Which records it would not go with: those that would say a next step without its day."""
    if values.get("next_step") and "next_step_on" not in values:
        return [(model.next_step_on.is_(None), "unfit")]
    if "next_step_on" in values and not values["next_step_on"] and "next_step" not in values:
        return [(model.next_step.is_not(None), "unfit")]
    return []
