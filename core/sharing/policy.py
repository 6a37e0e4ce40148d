"""Who may share single records beyond what roles reach: whoever may change the record himself, by his own role."""

from core.base.policy import WRITE, Rule

PERMISSIONS = {"shares.manage": Rule(WRITE)}
