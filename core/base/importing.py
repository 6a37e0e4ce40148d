"""What may come into a room from a file. A room declares it in its `importable.py` (`IMPORTS = (Importable(…),)`), as plain values and
functions; core.transfer reads the file, plans, writes, tells and takes back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, literal

from core.base.context import Context
from core.base.registry import modules

# How a file writes a value: amounts, whole numbers and whole percents by its decimal mark, a price as an amount that may
# name its currency, days and moments (of the years around this one) by its order of day and month, a word by what pages call it, tags as several words of a cell.
SHAPES = ("text", "amount", "price", "whole", "percent", "day", "moment", "word", "tags")


@dataclass(frozen=True)
class Target:
    """What a column may become. label: message id. clean: the room's own cleaner of the field. names: what it is called in other people's
    files, with "|" between. like: fields of a contact whose names it shares, in all languages, behind its own. words: of a word, value -> message id. column: of the record's table; False where something else than the row's
    own insert writes it. scaled: an amount that may be written in thousands. of: the fields with which it is hidden and protected, where
    they are not its own."""

    label: str
    clean: Callable[[Any, str], Any]
    shape: str = "text"
    names: str = ""
    like: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    column: bool = True
    scaled: bool = False
    of: tuple[str, ...] = ()


@dataclass
class Incoming:
    """A row on its way in. values: what its cells say, by target, as JSON; changed in place. record_id, creates: what it was planned to
    become."""

    line: int
    values: dict[str, Any]
    record_id: UUID | None = None
    creates: bool = True
    problems: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    notes: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def refuse(self, target: str, code: str, **params: Any) -> None:
        """The row stays out, for a reason at its cell."""
        self.problems.append((target, code, params))

    def note(self, target: str, code: str, **params: Any) -> None:
        """Something is worth a look; the row comes in."""
        self.notes.append((target, code, params))


Rows = Sequence[Incoming]


@dataclass(frozen=True)
class Tree:
    """Rows that name another record of the same kind, which may come in behind them: linked once all of them are there.

    target: what the column becomes; column: of the table. hold(ctx): the lock under which such links are changed. above(ctx, keys): which
    record each of them, and each of those above, leads to. ways(ctx, name): statements that give the key of the record that a text names,
    the surest first. missing, circle: codes of the notes."""

    target: str
    column: str
    hold: Callable[[Context], None]
    above: Callable[[Context, Any], dict[UUID, UUID]]
    ways: Callable[[Context, Any], list[Any]]
    missing: str
    circle: str


@dataclass(frozen=True)
class Importable:
    """A kind of records that may come in from a file.

    kind: the room, and how its permissions begin; subject: what its facts are about; label: message id. keys: by which of its targets a
    known record is found, the surest first -> the column that is compared. lasting: those that stay taken in the recycle bin; folds: those
    that are compared without case and accents; number: of the lasting ones that which a record keeps when it is found by another; without_key:
    may every row be new? fallback: by what they are found where the file brings nothing surer ("": by nothing). needed: of each group a new record has at least one, with the refusal where no column is matched.
    aside: what our own export says and no file sets, with its label. also: columns that the file fills by other targets. made: columns that only new records get, out of values that `settle` put there. presets(ctx, values): what a new record has where nothing
    was given. about, also_about(columns): what a fact is told to besides. created: how the fact of a new record is called. free(): of records that may be changed, where some may not. met(key): of those that a key finds which does not last, where it does not find all. alone: tables whose rows are no one's work on the record.

    settle(ctx, rows): names become keys, as the file is read; nothing is written. check(ctx, rows): of rows that are planned, again before
    they are written; what it changes in their values is kept. known(ctx, rows): notes of new rows that may be somebody who is there; may_be: code of such a note -> the room of the record that it names. hold(ctx): locks under which they are written. made_step(ctx, rows): after they were, what belongs to it. back_step(ctx, keys, ours): after records got their old values back, what follows from them; ours: all that this import wrote and that still stands. names(ctx, target, keys):
    how pages call what a key names.

    Of rows that hang on a record instead of being one (prices of a list): permission: the one that stands for all that is asked before such rows are read
    or written. stands: a key that no column of the file is -> the targets without which there is none; key_label: how pages call it. title(): how a row is called. tell(ctx, keys):
    on whose timelines it stands that such rows were written or taken back, in place of facts of their own. page: where they are looked at, since none has a page. They go where
    they are taken back: no recycle bin holds them."""

    kind: str
    subject: str
    label: str
    model: Any
    targets: Mapping[str, Target]
    keys: Mapping[str, str]
    needed: tuple[tuple[tuple[str, ...], str], ...] = ((("name",), "import_needs_name"),)
    lasting: frozenset[str] = frozenset({"external_id"})
    folds: frozenset[str] = frozenset({"name"})
    number: str | None = "external_id"
    without_key: bool = True
    fallback: str = ""
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aside: Mapping[str, str] = field(default_factory=dict)
    made: tuple[str, ...] = ()
    alone: frozenset[str] = frozenset()
    presets: Callable[[Context, Any], Mapping[str, Any]] = lambda ctx, values: {}
    about: Callable[[Any], Any] | None = None
    also_about: Callable[[Any], Any] | None = None
    created: str = "created"
    free: Callable[[], Any] | None = None
    met: Callable[[str], tuple[Any, ...]] = lambda key: ()
    settle: Callable[[Context, Rows], None] = lambda ctx, rows: None
    check: Callable[[Context, Rows], None] = lambda ctx, rows: None
    hold: Callable[[Context], None] = lambda ctx: None
    known: Callable[[Context, Rows], None] | None = None
    may_be: Mapping[str, str] = field(default_factory=dict)
    made_step: Callable[[Context, Rows], None] = lambda ctx, rows: None
    back_step: Callable[[Context, Sequence[UUID], Sequence[UUID]], None] | None = None
    names: Callable[[Context, str, set[str]], Mapping[str, str]] = lambda ctx, target, keys: {}
    tree: Tree | None = None
    permission: str = ""
    stands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key_label: str = ""
    title: Callable[[], Any] | None = None
    tell: Callable[[Context, Sequence[UUID]], None] | None = None
    page: str = ""

    def needs(self, verb: str) -> str:
        """The permission that is asked before such records are read, made, changed, deleted or taken out."""
        return self.permission or f"{self.kind}.{verb}"

    def in_bin(self) -> ColumnElement[bool]:
        """Does the record lie in the recycle bin?"""
        return self.model.deleted_at.is_not(None) if hasattr(self.model, "deleted_at") else literal(False)

    def called(self) -> Any:
        """How the record is called, as a column."""
        return self.title() if self.title else self.model.name

    def whole(self, group: tuple[str, ...]) -> tuple[str, ...]:
        """The targets of a group, and those that make one of them."""
        return (*group, *(one for name in group for one in self.also.get(name, ()) if one not in group))

    def stands_for(self, key: str) -> tuple[str, ...]:
        """The targets of which each may stand for the key by which records are found: a name is also what new records are named by."""
        if key in self.stands:
            return self.stands[key]
        return next((self.whole(group) for group, _ in self.needed if key == "name" and key in group), (key,))


@lru_cache
def importables() -> dict[str, Importable]:
    """What the rooms declare, by kind."""
    return {one.kind: one for module in modules("importable") for one in module.IMPORTS}
