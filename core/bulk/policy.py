"""Who may change many records at once. What he may change of which record is asked of the records' own permissions."""

from core.base.policy import READ, WRITE, Rule, is_changeable

PERMISSIONS = {
    "bulk_edits.read": Rule(READ),
    "bulk_edits.run": Rule(WRITE, is_changeable),
}
