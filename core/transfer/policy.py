"""Who may import, and look at imports. Taking lists out is asked of the lists' own permissions (accounts.export, mailings.export …)."""

from core.base.policy import READ, WRITE, Rule

PERMISSIONS = {
    "imports.read": Rule(READ),
    "imports.run": Rule(WRITE),
}
