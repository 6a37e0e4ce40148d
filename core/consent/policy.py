"""Who sees and records what people agreed to. A withdrawal must be taken note of whatever is unpaid."""

from core.base.policy import ALWAYS, READ, Rule, is_changeable

PERMISSIONS = {"consents.read": Rule(READ), "consents.record": Rule(ALWAYS, is_changeable), "consents.manage": Rule(ALWAYS)}
