"""What a brief says, as plain values. None in the place of a part: its room is off, or it is not the reader's to know."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from core.terms.rules import Agreed


@dataclass(frozen=True)
class Person:
    """Somebody at the customer and how to reach him. title: what he is there. born: told to whoever may know it. restricted: he is not to be worked with."""

    id: UUID
    name: str
    title: str | None = None
    mail: str | None = None
    phone: str | None = None
    channel: str | None = None
    born: date | None = None
    restricted: bool = False


@dataclass(frozen=True)
class Talk:
    """A contact that was made."""

    id: UUID
    kind: str
    at: datetime
    who: str | None
    whom: str | None
    text: str


@dataclass(frozen=True)
class Plan:
    """What somebody said that he would do. is_promise: it was promised; broken: its day went by, kept since or not."""

    id: UUID
    kind: str
    on: date
    who: str | None
    what: str
    is_promise: bool
    broken: bool
    done: bool


@dataclass(frozen=True)
class Knows:
    """A colleague who was in touch with the customer within two years. gone: he works here no more."""

    name: str
    count: int
    last: datetime
    gone: bool


@dataclass(frozen=True)
class Log:
    """talks: the last ones; a_year, a_season: how many there were in 365 and in 90 days; knows: who made them, the most first."""

    talks: tuple[Talk, ...] = ()
    a_year: int = 0
    a_season: int = 0
    plans: tuple[Plan, ...] = ()
    knows: tuple[Knows, ...] = ()

    @property
    def promises(self) -> list[Plan]:
        return [one for one in self.plans if one.is_promise]

    @property
    def next(self) -> list[Plan]:
        return [one for one in self.plans if not one.is_promise]


@dataclass(frozen=True)
class Sale:
    """A deal. stage: its name, as the workspace or we call it; why: for what reason it was lost."""

    id: UUID
    name: str
    state: str
    stage: str
    stage_code: str | None
    amount: Decimal | None
    currency: str
    closes_on: date | None
    step: str | None
    step_on: date | None
    why: str | None
    closed_at: datetime | None
    owner: str | None


@dataclass(frozen=True)
class Bought:
    """Deals that were won: the newest, how many in all, and what all of them come to in `currency`, the workspace's (None: a rate is not known)."""

    newest: tuple[Sale, ...] = ()
    number: int = 0
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True)
class Offered:
    """A quote by its version that counts, or counted last. lines: what it is mostly about; note: what the customer wrote with his answer."""

    id: UUID
    name: str
    number: str | None
    state: str
    total: Decimal
    currency: str
    valid_until: date | None
    sent_at: datetime | None
    closed_at: datetime | None
    lines: tuple[str, ...]
    note: str | None
    owner: str | None


@dataclass(frozen=True)
class Kept:
    """A file."""

    id: UUID
    name: str
    at: datetime
    by: str | None


@dataclass(frozen=True)
class Stands:
    """What follows from a grade, and the tier. until_on: of the grade."""

    grade: str | None = None
    prepaid: bool = False
    needs_release: bool = False
    payment_days: int | None = None
    discount: Decimal | None = None
    until_on: date | None = None
    reason: str | None = None
    tier: str | None = None


@dataclass(frozen=True)
class Dated:
    """A day of a person's or of the record's own that comes. birthday: how old he becomes stands in age, where his year is known."""

    on: date
    name: str
    label: str = ""
    birthday: bool = False
    age: int | None = None


@dataclass(frozen=True)
class Word:
    """One thing to say or do, with why. code: of core.briefs.words; params: plain values that both texts are filled with."""

    code: str
    params: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Brief:
    """Of an account or of a person. owner: whose it is; above: of which company it is a part, or where the person works; ways: how to reach the record itself."""

    kind: str
    id: UUID
    name: str
    at: datetime
    owner: str | None = None
    above: str | None = None
    place: str = ""
    stage: str | None = None
    tags: tuple[str, ...] = ()
    title: str | None = None
    restricted: bool = False
    ways: tuple[tuple[str, str], ...] = ()
    stands: Stands | None = None
    people: tuple[Person, ...] | None = None
    log: Log | None = None
    deals: tuple[Sale, ...] | None = None
    lost: tuple[Sale, ...] | None = None
    won: Bought | None = None
    quotes: tuple[Offered, ...] | None = None
    terms: tuple[Agreed, ...] = ()
    files: tuple[Kept, ...] = ()
    dates: tuple[Dated, ...] = ()
    words: tuple[Word, ...] = ()
