"""Who may read and write the contact log."""

from core.base.policy import ALWAYS, READ, WRITE, Rule

PERMISSIONS = {
    "activities.read": Rule(READ),
    "activities.log": Rule(WRITE),
    "activities.edit": Rule(WRITE),
    "activities.export": Rule(ALWAYS),
}
