"""Who may put files on records. They are seen by whoever sees the record."""

from core.base.policy import WRITE, Rule
from core.base.rooms import RoomSwitch
from core.base.words import N_

PERMISSIONS = {"files.write": Rule(WRITE)}
ROOM_SWITCH = RoomSwitch(
    "files", N_("Files"), "paperclip", N_("Files and pictures on records."), ("files",), jobs=("files",), facts=("file",), tables=("attachment",),
)
