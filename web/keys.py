"""The table of keys: what is pressed, what it does. The modules read it, the key help shows it, a test holds templates to it."""

from dataclasses import dataclass

from core.base.words import N_


@dataclass(frozen=True)
class Key:
    """name: what the modules call it. press: as @github/hotkey writes it, Mod for Ctrl or ⌘. single: a letter alone, which a
    person may turn off (WCAG 2.1.4). room: the one that it belongs to, of those that may be off."""

    name: str
    press: str
    text: str
    single: bool = True
    room: str = ""


KEYS = (
    Key("palette", "Mod+k", N_("Search and commands"), single=False),
    Key("search", "/", N_("Search in this list")),
    Key("help", "?", N_("This help")),
    Key("new", "n", N_("New")),
    Key("next", "j", N_("Next row or record")),
    Key("previous", "k", N_("Previous row or record")),
    Key("look", "Space", N_("Preview the row")),
    Key("open", "Enter", N_("Open the row"), single=False),
    Key("choose", "x", N_("Choose the row")),
    Key("range", "X", N_("Choose all rows up to this one")),
    Key("all", "Mod+a", N_("Choose all rows shown"), single=False),
    Key("log", "c", N_("Log a call")),
    Key("edit", "e", N_("Edit")),
    Key("stage_back", "[", N_("Deal to the stage before")),
    Key("stage_on", "]", N_("Deal to the next stage")),
    Key("accept", "a", N_("Accept the lead"), room="leads"),
    Key("return_1", "1", N_("Return the lead: no need"), room="leads"),
    Key("return_2", "2", N_("Return the lead: no budget"), room="leads"),
    Key("return_3", "3", N_("Return the lead: wrong person"), room="leads"),
    Key("return_4", "4", N_("Return the lead: can't be reached"), room="leads"),
    Key("return_5", "5", N_("Return the lead: bought elsewhere"), room="leads"),
    Key("return_6", "6", N_("Return the lead: spam"), room="leads"),
    Key("yes", "y", N_("Approve the first that waits for my yes")),
    Key("no", "v", N_("Do not approve the first that waits for my yes")),
    Key("give", "w", N_("Give the deal or lead to the first of the ranking")),
    Key("quote", "o", N_("New quote")),
    Key("brief", "b", N_("Brief of the customer")),
    Key("comment", "m", N_("Add comment"), room="discussions"),
    Key("done", "d", N_("The first of Today is done")),
    Key("later", "r", N_("Move the first of Today to tomorrow")),
    Key("close", "Escape", N_("Back out one layer"), single=False),
    Key("save", "Mod+Enter", N_("Save"), single=False),
    Key("undo", "Mod+z", N_("Undo while the notice is shown"), single=False),
)
# What stands on the key, where that is not the key itself.
CAPS = {"Mod+k": N_("Ctrl K"), "Mod+Enter": N_("Ctrl Enter"), "Mod+z": N_("Ctrl Z"), "Mod+a": N_("Ctrl A"), "X": N_("Shift X"), "Space": N_("Space"), "Escape": "Esc"}


def keys_here(away: frozenset[str] = frozenset()) -> tuple[Key, ...]:
    """The keys that there are where these rooms are off."""
    return tuple(key for key in KEYS if key.room not in away)


def presses(away: frozenset[str] = frozenset()) -> dict[str, str]:
    """name -> what is pressed, for the modules."""
    return {key.name: key.press for key in keys_here(away)}
