"""Who may manage people, and what the built-in roles hold."""

from core.base.policy import ALWAYS, READ, WRITE, Rule
from core.base.words import N_

PERMISSIONS = {
    "home.read": Rule(READ),
    "profile.edit": Rule(ALWAYS),
    # Who has left, and a key that leaked, must be stopped whatever is unpaid: seeing and ending is never withheld.
    "users.read": Rule(ALWAYS),
    "users.manage": Rule(WRITE),
    "users.disable": Rule(ALWAYS),
    "tokens.read": Rule(ALWAYS),
    "tokens.manage": Rule(WRITE),
    "tokens.revoke": Rule(ALWAYS),
    "settings.manage": Rule(WRITE),
    "audit.read": Rule(READ),
    "billing.manage": Rule(ALWAYS),
    "takeout.run": Rule(ALWAYS),
}

SALES = frozenset({
    "home.read", "profile.edit", "tokens.read", "tokens.manage", "tokens.revoke",
    "accounts.read", "accounts.create", "accounts.edit", "accounts.delete", "accounts.export",
    "contacts.read", "contacts.create", "contacts.edit", "contacts.delete", "contacts.export",
    "activities.read", "activities.log", "activities.edit", "activities.export",
    "imports.read", "imports.run",
})
MANAGER_EXTRA = frozenset({"mailings.read", "mailings.edit", "mailings.send", "mailings.export", "users.read"})
READER = frozenset({"home.read", "profile.edit", "accounts.read", "contacts.read", "activities.read", "mailings.read"})

# code -> (name, permissions, visibility). "*" holds every permission there is or will be.
BUILT_IN_ROLES = {
    "admin": (N_("Administrator"), frozenset({"*"}), "all"),
    "manager": (N_("Manager"), SALES | MANAGER_EXTRA, "all"),
    "sales": (N_("Salesperson"), SALES, "own"),
    "reader": (N_("Read only"), READER, "all"),
}
