"""Who may read and write the contact log."""

from core.base.policy import ALWAYS, READ, WRITE, Rule, is_changeable

PERMISSIONS = {
    "activities.read": Rule(READ),
    "activities.log": Rule(WRITE),
    "activities.edit": Rule(WRITE, is_changeable),
    "activities.export": Rule(ALWAYS),
}
