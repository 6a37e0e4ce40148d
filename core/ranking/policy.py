"""Who may be told how colleagues compare, and give deals and leads to them by it."""

from core.base.policy import WRITE, Rule, is_changeable

PERMISSIONS = {"deals.assign": Rule(WRITE, is_changeable)}
