"""Who may know an account's grade, set it, and say what follows from grades; beside that it takes what the account itself takes."""

from core.base.policy import READ, WRITE, Rule, is_visible

PERMISSIONS = {
    "credit.read": Rule(READ),
    # Whoever answers for credit sets it for every account that he sees, also for those of others.
    "credit.set": Rule(WRITE, is_visible),
    "credit_rules.manage": Rule(WRITE),
}
