"""Who may import, and look at imports. Taking lists out is asked of the lists' own permissions (accounts.export, mailings.export …)."""

from core.base.policy import READ, WRITE, Rule, is_changeable
from core.base.rooms import RoomSwitch
from core.base.words import N_

PERMISSIONS = {
    "imports.read": Rule(READ),
    "imports.run": Rule(WRITE, is_changeable),
}
# Lists are taken out all the same: that is asked of their own permissions.
ROOM_SWITCH = RoomSwitch(
    "imports", N_("Imports"), "upload", N_("Lists from a file. Taking lists out stays."), ("imports",),
    jobs=("transfer",), facts=("import",), tables=("import_run",),
)
