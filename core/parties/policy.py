"""Who may do what with accounts and contacts. Whose records one sees is the role's visibility (core.base.policy)."""

from core.base.policy import ALWAYS, READ, WRITE, Rule

PERMISSIONS = {
    f"{things}.{verb}": Rule(effect)
    for things in ("accounts", "contacts")
    for verb, effect in {"read": READ, "create": WRITE, "edit": WRITE, "delete": WRITE, "export": ALWAYS}.items()
}
