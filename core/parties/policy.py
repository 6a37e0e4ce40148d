"""Who may do what with accounts and contacts. Whose records one sees is the role's visibility (core.base.policy)."""

from core.base.policy import ALWAYS, READ, WRITE, Rule, is_changeable

PERMISSIONS = {
    f"{things}.{verb}": rule
    for things in ("accounts", "contacts")
    for verb, rule in {
        "read": Rule(READ), "create": Rule(WRITE), "edit": Rule(WRITE, is_changeable), "delete": Rule(WRITE, is_changeable), "export": Rule(ALWAYS),
    }.items()
} | {"accounts.reassign": Rule(WRITE)}  # to take an account over from its owner while it is protected (core.parties.pool)
