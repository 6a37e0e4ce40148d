"""Who may write and send mailings. Leaving is always open to whoever has a link, whatever the workspace has paid."""

from core.base.policy import ALWAYS, READ, SEND, WRITE, Rule

PERMISSIONS = {
    "mailings.read": Rule(READ),
    "mailings.edit": Rule(WRITE),
    "mailings.send": Rule(SEND),
    "mailings.export": Rule(ALWAYS),
    "mailings.unsubscribe": Rule(ALWAYS),
}
