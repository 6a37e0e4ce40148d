"""Who may define fields. What stands in them is asked of the records' own permissions."""

from core.base.policy import WRITE, Rule

PERMISSIONS = {"fields.configure": Rule(WRITE)}
