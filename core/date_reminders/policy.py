"""Who sees which dates people are reminded of, and who decides it. What comes is shown as far as one sees the records."""

from core.base.policy import READ, WRITE, Rule

PERMISSIONS = {"date_reminders.read": Rule(READ), "date_reminders.manage": Rule(WRITE)}
