"""Who may write and send mailings. Leaving is always open to whoever has a link, whatever the workspace has paid."""

from core.base.policy import ALWAYS, READ, SEND, WRITE, Rule
from core.base.rooms import RoomSwitch
from core.base.words import N_

PERMISSIONS = {
    "mailings.read": Rule(READ),
    "mailings.edit": Rule(WRITE),
    "mailings.send": Rule(SEND),
    "mailings.export": Rule(ALWAYS),
    "mailings.unsubscribe": Rule(ALWAYS),
}
# Leaving stays open to whoever has a link from a mailing sent before.
ROOM_SWITCH = RoomSwitch(
    "mailings", N_("Mailings"), "speakerphone", N_("One text to many contacts. What is being sent waits while this is off; links to unsubscribe work on."),
    ("mailings",), owed=frozenset({"mailings.unsubscribe"}), jobs=("mailings",), facts=("mailing",), tables=("mailing", "mailing_recipient"),
)
