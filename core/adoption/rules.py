"""The one formula of adoption, 0 to 100 (docs/users/adoption.md says it in words).

Half is days: active days of the last 28 against 20 working days. A quarter is records: written against 40, two a working day. A
quarter is next steps: the share of one's contacts for which one is planned; who has no contacts is measured by the other three
quarters. More than the measure counts as the measure, so that an import of thousands makes nobody a model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

DAYS, WORKING_DAYS, RECORDS = 28, 20, 40
# Of fewer people the mean would be a person.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody did in the last 28 days; contacts: how many are his, planned: of how many a next step is planned."""

    user_id: UUID
    name: str
    role_id: UUID
    active_days: int
    created: int
    updated: int
    contacts: int
    planned: int
    last_sign_in: datetime | None

    @property
    def score(self) -> int:
        return score(self.active_days, self.created + self.updated, share(self.planned, self.contacts))


@dataclass(frozen=True, slots=True)
class RoleUse:
    """The means of a role's people. Figures are none where so few have it that they would tell of a person, and may not be told."""

    role_id: UUID
    name: str
    people: int
    score: int | None
    active_days: float | None
    written: float | None
    next_step: float | None


def score(active_days: int, written: int, next_step: float | None) -> int:
    """The formula. next_step: a share from 0 to 1, none for whoever has no contacts."""
    parts = [(50, min(1.0, active_days / WORKING_DAYS)), (25, min(1.0, written / RECORDS))]
    parts += [(25, next_step)] if next_step is not None else []
    return round(100 * sum(weight * part for weight, part in parts) / sum(weight for weight, _ in parts))


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def role_use(role_id: UUID, name: str, uses: Sequence[Use], *, whole: bool) -> RoleUse:
    """The means over a role's people. whole: also of so few that they tell of a person."""
    if not uses or (len(uses) < FEWEST and not whole):
        return RoleUse(role_id, name, len(uses), None, None, None, None)
    number = len(uses)
    return RoleUse(
        role_id, name, number, round(sum(one.score for one in uses) / number), round(sum(one.active_days for one in uses) / number, 1),
        round(sum(one.created + one.updated for one in uses) / number, 1), share(sum(one.planned for one in uses), sum(one.contacts for one in uses)),
    )
