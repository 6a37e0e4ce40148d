"""Who may be asked for a yes. What it takes to say it is the kind's own permission, and a limit that reaches."""

from core.base.policy import READ, WRITE, Rule

PERMISSIONS = {
    # See what waits for one's own yes.
    "approvals.read": Rule(READ),
    # Say yes or no, in one's own place or an absent colleague's.
    "approvals.decide": Rule(WRITE),
}
