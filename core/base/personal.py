"""What the rooms say of data of persons: which columns hold them, how a person's rows are found, what erasing makes of them.

Every column of text or JSON in a tenant's schema is named here by its room's models.py: in a `Personal`, or in HARMLESS with the
reason why no person stands in it (tests/house/test_personal_data.py). core.privacy finds, takes out, erases and purges by it alone.
"""

from dataclasses import dataclass

from core.base.registry import load_models, modules

TOLD_IN = ("models", "facts", "outbox", "numbering")  # modules of a room in which tables stand


@dataclass(frozen=True)
class Personal:
    """One table. by: columns that name the person's record by key, so that the row is his own. at: columns that hold his address,
    so that it is too. through: (column, table) by which it is a child of a row of another room: his where that one is. cleared: columns that are emptied of a row of his own. told: texts in which he may be named: there only
    what names him is replaced. gone: a row of his own is deleted. files: columns with keys of stored bytes, which go with it.
    purged: what the end of the recycle bin does to a row of the record's own: "delete", "null" (the link goes; the row too where it hangs on nothing else), "unlink" (the link goes, the row stays), "clear" or "keep".
    beside: columns with keys of further records on which a row hangs, so that it does not go with the person's or company's.
    signed: the column with the name of whoever said what `cleared` hold: the pseudonym stands there in a row of the person's own, whatever
    was written; and where it names him, what he said is emptied, whosever row it is. original: a column with the key of the bytes in which all of a row stands as it came: they go where anything of
    the row is replaced. blind: lists of people who must not know of each other: whoever takes his data out gets himself of them alone. keeps: why the law keeps what is left of a row. passing: soon gone by itself, so that a name found there is always taken to be his."""

    table: str
    by: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    through: tuple[tuple[str, str], ...] = ()
    cleared: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    gone: bool = False
    files: tuple[str, ...] = ()
    purged: str = "keep"
    beside: tuple[str, ...] = ()
    original: str = ""
    blind: tuple[str, ...] = ()
    keeps: str = ""
    passing: bool = False
    signed: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column in which a person may stand."""
        return tuple(dict.fromkeys((*self.at, *self.cleared, *self.told, *self.files, *filter(None, (self.signed,)))))


def personal() -> dict[str, Personal]:
    """Every declared table by name, children before the rows by which they are found; one declared twice is a mistake."""
    load_models()
    found: dict[str, Personal] = {}
    for module in (module for name in TOLD_IN for module in modules(name)):
        for one in getattr(module, "PERSONAL", ()):
            if one.table in found:
                raise RuntimeError(f"personal data declared twice: {one.table}")
            found[one.table] = one
    return dict(sorted(found.items(), key=lambda each: not each[1].through))


def harmless() -> dict[str, str]:
    """"table" or "table.column" -> why no person's data stand there."""
    load_models()
    found: dict[str, str] = {}
    for module in (module for name in TOLD_IN for module in modules(name)):
        found.update(getattr(module, "HARMLESS", {}))
    return found
