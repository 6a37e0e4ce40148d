"""Who may merge records. He must be able to change each of them, too."""

from core.base.policy import READ, WRITE, Rule, is_changeable

PERMISSIONS = {
    "merges.read": Rule(READ),
    "merges.run": Rule(WRITE),
    "accounts.merge": Rule(WRITE, is_changeable),
    "contacts.merge": Rule(WRITE, is_changeable),
}
