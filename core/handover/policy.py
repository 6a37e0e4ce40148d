"""Who may hand over what a colleague looks after."""

from core.base.policy import WRITE, Rule

PERMISSIONS = {"handovers.run": Rule(WRITE)}
