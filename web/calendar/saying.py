"""How things on days are called, and with which mark."""

from core.activities.words import PLAN_LABELS
from core.base.context import Context
from core.base.planned import Entry
from core.base.words import N_
from core.identity import people
from infra import i18n

STEP, ALSO, BIRTHDAY = N_("Next step"), N_("Also taking part"), N_("Birthday")
ICONS = {"call": "phone", "mail": "mail", "message": "message", "visit": "map-pin", "meeting": "users", "task": "checkbox", "promise": "star", "step": "target-arrow", "note": "note", "birthday": "cake"}
HUES = {"call": "blue", "mail": "cyan", "message": "cyan", "visit": "green", "meeting": "violet", "task": "grey", "promise": "amber", "step": "pink", "birthday": "amber"}


class Sayer:
    """For one request: the reader's language and the names of people."""

    def __init__(self, ctx: Context):
        self.ctx, self.names = ctx, people.user_names(ctx)

    def kind(self, entry: Entry) -> str:
        """What it is: a call, a visit, the next step of a deal."""
        return i18n.gettext(self.ctx.locale, {"step": STEP, "birthday": BIRTHDAY}.get(entry.kind) or PLAN_LABELS.get(entry.kind, N_("Note")))

    def name(self, entry: Entry) -> str:
        """What is to be done; the kind where nobody wrote that down; of a birthday whose it is."""
        if entry.kind == "birthday":
            return entry.about
        return entry.title or (f"{self.kind(entry)}: {entry.about}" if entry.about else self.kind(entry))

    def line(self, entry: Entry) -> str:
        """All of it in one line, for other calendars."""
        return f"{self.kind(entry)}: {' · '.join(part for part in (entry.title, entry.about) if part)}" if entry.title or entry.about else self.kind(entry)

    def about(self, entry: Entry) -> str:
        """With whom, all of them, for other calendars."""
        also = i18n.gettext(self.ctx.locale, ALSO) + ": " + ", ".join(entry.others) if entry.others else ""
        return "\n".join(part for part in (entry.about, also) if part)

    def icon(self, entry: Entry) -> str:
        return ICONS.get(entry.kind, "calendar")

    def hue(self, entry: Entry) -> str:
        """Red what is late."""
        return "red" if not entry.done and entry.on < self.ctx.today and entry.kind != "birthday" else HUES.get(entry.kind, "grey")

    def owner(self, entry: Entry) -> str:
        return self.names.get(entry.owner_id, "") if entry.owner_id and entry.owner_id != self.ctx.actor.id else ""
