"""Who may know an account's loyalty tier and set it; beside that it takes what the account itself takes."""

from core.base.policy import READ, WRITE, Rule, is_visible

PERMISSIONS = {"loyalty.read": Rule(READ), "loyalty.set": Rule(WRITE, is_visible)}
