"""Who may do what with quotes."""

from core.base.policy import ALWAYS, READ, SEND, WRITE, Rule, is_changeable

PERMISSIONS = {
    "quotes.read": Rule(READ),
    "quotes.create": Rule(WRITE),
    "quotes.edit": Rule(WRITE, is_changeable),
    # Number it, let the customer see it, and say what came of it.
    "quotes.send": Rule(SEND, is_changeable),
    # Decide on what waits for a yes, up to the limits of one's roles (core.quotes.approvable).
    "quotes.approve": Rule(WRITE),
    "quotes.delete": Rule(WRITE, is_changeable),
    "quotes.export": Rule(ALWAYS),
    # A stranger with the link of a quote; no role needs it.
    "quotes.answer": Rule(ALWAYS),
}
