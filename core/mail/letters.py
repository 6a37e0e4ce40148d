"""The letters to those who are asked to a meeting: it is on, it is otherwise than it was, it is off. With each goes a calendar for their program."""

from core.base.words import N_
from core.post.rules import GREETING, Letter

_WHAT = ("%(what)s", N_("When: %(when)s, %(zone)s"), "%(long)s", "%(where)s")
_HOW = N_("Your calendar can answer this mail. Without one, answer on the page below; it is for you alone.")
LETTERS = {
    "meeting_request": Letter(N_("Invitation: %(what)s"), (GREETING, N_("%(who)s asks you to come:"), *_WHAT, _HOW), N_("Answer"), private=True),
    "meeting_update": Letter(N_("Changed: %(what)s"), (GREETING, N_("what %(who)s asked you to come to is otherwise now:"), *_WHAT, _HOW), N_("Answer"), private=True),
    "meeting_cancel": Letter(N_("Called off: %(what)s"), (GREETING, N_("%(who)s called this off, or does not need you there after all:"), "%(what)s", N_("When it was to be: %(when)s, %(zone)s"))),
}
