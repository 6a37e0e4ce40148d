"""Who may see the outgoing mail and send again what is in doubt."""

from core.base.policy import READ, SEND, Rule

PERMISSIONS = {
    "post.read": Rule(READ),
    "post.resend": Rule(SEND),
}
