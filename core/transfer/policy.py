"""Who may import. Taking lists out is asked of the lists' own permissions (accounts.export, mailings.export …)."""

from core.base.policy import WRITE, Rule

PERMISSIONS = {
    "imports.run": Rule(WRITE),
}
