"""Who answers persons about their data. Never withheld by a plan: the law asks it of whoever pays, and of whoever does not."""

from core.base.policy import ALWAYS, Rule

PERMISSIONS = {"privacy.manage": Rule(ALWAYS)}
