"""Who may know what was agreed, and agree in his own name."""

from core.base.policy import READ, WRITE, Rule, is_visible

PERMISSIONS = {
    "terms.read": Rule(READ),
    # In his own name, with any account that he sees; taking back is agreeing anew.
    "terms.agree": Rule(WRITE, is_visible),
}
