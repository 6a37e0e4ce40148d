"""Conditions on the columns of a list as its address says them.

filter[field][operator]=value must hold. filter[1][field][operator]=value belongs to the first alternative: the conditions
of one number must all hold, and of the numbers one is enough: (A and B) or (C and D).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from core.base.errors import Refused

NAME = re.compile(r"filter(?:\[([1-9][0-9]{0,2})\])?\[((?:custom\.)?\w{1,60})\]\[([a-z]{1,10})\]")
MOST_CONDITIONS, MOST_ALTERNATIVES = 20, 10
Condition = tuple[str, str, str]
Alternatives = tuple[tuple[Condition, ...], ...]


def of_args(args: Mapping[str, str]) -> tuple[tuple[Condition, ...], Alternatives]:
    """(what must hold, the alternatives in the order of their numbers) of an address. Refuses what begins like a condition
    and is none, and a number beyond the tenth."""
    where: list[Condition] = []
    either: dict[int, list[Condition]] = {}
    for name, value in args.items():
        if not name.startswith("filter["):
            continue
        found = NAME.fullmatch(name)
        if found is None:
            raise Refused("unknown_field", field=name[:100], name=name[:60])
        number = int(found[1] or 0)
        if number > MOST_ALTERNATIVES:
            raise Refused("too_many_items", field="filter", max=MOST_ALTERNATIVES)
        (either.setdefault(number, []) if number else where).append((found[2], found[3], value))
    return tuple(where), tuple(tuple(either[number]) for number in sorted(either))


def as_args(where: Iterable[Condition], either: Alternatives) -> dict[str, str]:
    """The same the other way round."""
    found = {f"filter[{field}][{op}]": value for field, op, value in where}
    return found | {f"filter[{number}][{field}][{op}]": value for number, group in enumerate(either, 1) for field, op, value in group}


def tidied(where: Iterable[Condition], either: Iterable[Iterable[Condition]]) -> tuple[tuple[Condition, ...], Alternatives]:
    """The same said shorter: no alternative twice, none that is empty, and one alone is what must hold (unless that says the
    same comparison of the same field already: an address has it once)."""
    groups = tuple(dict.fromkeys(group for one in either if (group := tuple(dict.fromkeys(one)))))
    held = tuple(dict.fromkeys(where))
    if len(groups) == 1 and not {one[:2] for one in held} & {one[:2] for one in groups[0]}:
        return (*held, *groups[0]), ()
    return held, groups


def of_json(kept: Iterable[Iterable[str]]) -> tuple[Condition, ...]:
    """What was kept as lists."""
    return tuple((field, op, value) for field, op, value in kept)


def check_number(where: Iterable[Condition], either: Alternatives) -> None:
    """Refuses more than twenty conditions in all, and more than ten alternatives."""
    if len(either) > MOST_ALTERNATIVES:
        raise Refused("too_many_items", field="filter", max=MOST_ALTERNATIVES)
    if len(tuple(where)) + sum(len(group) for group in either) > MOST_CONDITIONS:
        raise Refused("too_many_items", field="filter", max=MOST_CONDITIONS)


def any_of(either: Alternatives, condition: Callable[..., Any]) -> list[ColumnElement[bool]]:
    """[the alternatives as one condition]; nothing where there are none. condition: (field, operator, value, its name in the
    address) -> SQL. An alternative without a condition is refused: it would let everything through."""
    if not all(either):
        raise Refused("unknown_value", field="filter")
    groups = [and_(*(condition(*one, f"filter[{number}][{one[0][:60]}][{one[1][:10]}]") for one in group)) for number, group in enumerate(either, 1)]
    return [or_(*groups)] if groups else []
