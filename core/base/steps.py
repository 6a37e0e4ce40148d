"""A next step with its day, as leads and deals have: a day alone will do, words without a day will not. The database holds it too."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, Select

from core.base import planned
from core.base.batches import LeftOut
from core.base.context import Context
from core.base.errors import Refused
from core.base.importing import Incoming
from core.base.planned import Asked, Entry
from core.base.policy import changes_of, has


def check_step(values: Mapping[str, Any]) -> None:
    """Refuses a next step that is left without a day. values: of the whole record, or what is set in many at once."""
    if values.get("next_step") and not values.get("next_step_on"):
        raise Refused("next_step_needs_day", field="next_step_on")


def check_step_of_many(values: Mapping[str, Any]) -> None:
    """The same of what is set in many records at once, which may have a day already."""
    if "next_step_on" in values:
        check_step(values)


def check_step_of_row(row: Incoming, before: Any = None) -> None:
    """The same of a row of a file. before: the record as it stands; None for a new one."""
    if row.values.get("next_step") and not row.values.get("next_step_on") and getattr(before, "next_step_on", None) is None:
        row.refuse("next_step", "next_step_needs_day")


def steps_unfit(model: Any, values: Mapping[str, Any]) -> list[LeftOut]:
    """Which records it would not go with: those that would say a next step without its day."""
    if values.get("next_step") and "next_step_on" not in values:
        return [(model.next_step_on.is_(None), "unfit")]
    if "next_step_on" in values and not values["next_step_on"] and "next_step" not in values:
        return [(model.next_step.is_not(None), "unfit")]
    return []


def steps_on(ctx: Context, asked: Asked, model: Any, query: Select, about: Callable[[Row], Iterable[str | None]]) -> Iterable[Entry]:
    """The steps on the days that were asked for. query: of the open records that the actor sees, with the columns that `about` names them by."""
    query = query.add_columns(model.id, model.version, model.next_step, model.next_step_on, model.owner_id).where(model.next_step_on >= asked.first, model.next_step_on < asked.after)
    if asked.people is not None:
        query = query.where(model.owner_id.in_(asked.people))
    if asked.only is not None:
        query = query.where(model.id == asked.only)
    room, noun, editable = model.ROOM, model.__tablename__, has(ctx, f"{model.ROOM}.edit")
    for row in ctx.session.execute(query.order_by(model.next_step_on, model.id).limit(planned.MOST + 1)):
        words = " · ".join(dict.fromkeys(name for name in about(row) if name))
        yield Entry(noun, row.id, "step", row.next_step or "", words, row.next_step_on, f"/{room}/{row.id}", row.owner_id, row.version, moves=editable and changes_of(ctx, room, row.owner_id))
