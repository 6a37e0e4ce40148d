"""Who says how often customers are to hear from us; who reads the log sees whose turn it is."""

from core.base.policy import WRITE, Rule

PERMISSIONS = {"contact_plans.manage": Rule(WRITE)}
