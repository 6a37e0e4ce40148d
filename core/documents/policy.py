"""Who sees the print templates, and who decides how documents look. Whoever may print a document needs neither."""

from core.base.policy import READ, WRITE, Rule

PERMISSIONS = {"documents.read": Rule(READ), "documents.manage": Rule(WRITE)}
