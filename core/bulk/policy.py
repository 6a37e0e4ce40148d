"""Who may change many records at once. What he may change of which record is asked of the records' own permissions."""

from core.base.policy import READ, WRITE, Rule, is_changeable
from core.base.rooms import RoomSwitch
from core.base.words import N_

PERMISSIONS = {
    "bulk_edits.read": Rule(READ),
    "bulk_edits.run": Rule(WRITE, is_changeable),
}
ROOM_SWITCH = RoomSwitch(
    "bulk_edits", N_("Bulk edits"), "checks", N_("One change of many records at once, with a way back."), ("bulk_edits",),
    jobs=("bulk",), facts=("bulk_edit",), tables=("bulk_edit",),
)
