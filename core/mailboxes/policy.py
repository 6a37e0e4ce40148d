"""Who has mail collected: everybody his own, and some the workspace's."""

from core.base.policy import WRITE, Rule

PERMISSIONS = {
    "mailboxes.use": Rule(WRITE),
    # The shared ones, with what waits in them.
    "mailboxes.manage": Rule(WRITE),
    # A program that posts a mail, with the secret of the mailbox; no role needs it.
    "mailboxes.deliver": Rule(WRITE),
}
