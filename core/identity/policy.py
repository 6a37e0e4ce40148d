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
    # A stranger with an invitation; no role needs it.
    "users.join": Rule(WRITE),
    # A stranger who forgot his password. Whoever has to pay must come in whatever is unpaid.
    "users.reset": Rule(ALWAYS),
    "users.view_as": Rule(ALWAYS),
    "roles.manage": Rule(WRITE),
    "teams.manage": Rule(WRITE),
    "tokens.read": Rule(ALWAYS),
    "tokens.manage": Rule(WRITE),
    "tokens.revoke": Rule(ALWAYS),
    # Programs of the workspace; ending one is never withheld either.
    "programs.read": Rule(ALWAYS),
    "programs.manage": Rule(WRITE),
    "programs.end": Rule(ALWAYS),
    "settings.manage": Rule(WRITE),
    "audit.read": Rule(READ),
    "audit.export": Rule(ALWAYS),
    "billing.manage": Rule(ALWAYS),
    "takeout.run": Rule(ALWAYS),
}

EVERYBODY = frozenset({"home.read", "profile.edit"})
PARTIES = frozenset(f"{things}.{verb}" for things in ("accounts", "contacts") for verb in ("read", "create", "edit", "delete", "export"))
LOG = frozenset({"activities.read", "activities.log", "activities.edit", "activities.export"})
TALK = frozenset({"comments.write", "files.write"})
KEYS = frozenset({"tokens.read", "tokens.manage", "tokens.revoke"})
IMPORTS = frozenset({"imports.read", "imports.run"})
MAILINGS = frozenset({"mailings.read", "mailings.edit", "mailings.send", "mailings.export"})
BULK = frozenset({"bulk_edits.read", "bulk_edits.run"})
PERSONAL = frozenset({"personal_facts.read", "personal_facts.write"})
CONSENTS = frozenset({"consents.read", "consents.record"})
TAGS = frozenset({"tags.read", "tags.manage"})
MERGES = frozenset({"merges.read", "merges.run", "accounts.merge", "contacts.merge"})
PRODUCTS = frozenset({*(f"products.{verb}" for verb in ("read", "create", "edit", "delete", "export")), "product_costs.read", "product_costs.write", "catalogue.manage"})
STANDING = frozenset({"credit.read", "loyalty.read", "terms.read"})
DEALS = frozenset({*(f"deals.{verb}" for verb in ("read", "create", "edit", "delete", "export")), "competitors.edit"})
FORECASTING = frozenset({"targets.manage", "forecasts.adjust", "deals.assign", "handovers.run", "reports.read_others"})
LEADS = frozenset(f"leads.{verb}" for verb in ("read", "create", "edit", "delete", "export"))
FORMS = frozenset({"forms.manage", "enquiries.decide"})
QUOTES = frozenset({*(f"quotes.{verb}" for verb in ("read", "create", "edit", "send", "delete", "export")), "approvals.read", "approvals.decide"})
LOOKS = frozenset({"accounts.read", "contacts.read", "deals.read", "leads.read", "quotes.read", "activities.read", "mailings.read", "consents.read", "tags.read", "products.read", "documents.read"}) | STANDING

MAIL = frozenset({"mail.read", "mail.write", "mail.send", "mail.open", "mailboxes.use"})
SHARES = frozenset({"shares.manage"})
REPORTS = frozenset({"reports.read", "reports.write"})

SALES = EVERYBODY | PARTIES | DEALS | LEADS | QUOTES | LOG | MAIL | TALK | KEYS | IMPORTS | BULK | PERSONAL | SHARES | CONSENTS | MERGES | STANDING | REPORTS | {"tags.read", "products.read", "documents.read"}
WORKS = EVERYBODY | KEYS | LOG | MAIL | TALK | LOOKS | BULK | SHARES | CONSENTS | {"accounts.create", "accounts.edit", "contacts.create", "contacts.edit"}

PARTNER = EVERYBODY | TALK | {"accounts.read", "contacts.read", "accounts.edit", "contacts.edit", "activities.read", "activities.log"}

# code -> (name, permissions, how far they see, how far they change). "*" holds every permission there is or will be.
BUILT_IN_ROLES = {
    "admin": (N_("Administrator"), frozenset({"*"}), "all", "all"),
    "director": (N_("Managing director"), SALES | MAILINGS | {"mail.manage", "mailboxes.manage"} | TAGS | PRODUCTS | {"credit.set", "loyalty.set", "terms.agree", "credit_rules.manage", "accounts.reassign", *FORECASTING, "quotes.approve", "pipelines.manage", "contact_plans.manage", "reports.manage", "leads.manage", *FORMS, "documents.manage", "users.read", "views.share", "audit.read", "audit.export", "billing.manage", "takeout.run"}, "all", "all"),
    "manager": (N_("Manager"), SALES | MAILINGS | {"mail.manage"} | TAGS | {"loyalty.set", "accounts.reassign", *FORECASTING, "quotes.approve", "pipelines.manage", "contact_plans.manage", "reports.manage", "leads.manage", *FORMS, "documents.manage", "users.read", "views.share", "products.export", "product_costs.read"}, "all", "all"),
    "team_lead": (N_("Team lead"), SALES | MAILINGS | {"mail.manage"} | {"accounts.reassign", *FORECASTING, "quotes.approve", "users.read", "views.share"}, "team", "team"),
    "sales": (N_("Salesperson"), SALES, "own", "own"),
    "marketing": (N_("Marketing"), WORKS | LEADS | MAILINGS | IMPORTS | TAGS | {"mail.manage", "views.share", "leads.manage", *FORMS, "contacts.export", "accounts.export"}, "all", "all"),
    "service": (N_("Service"), WORKS | PERSONAL, "all", "all"),
    "purchasing": (N_("Purchasing"), WORKS | PRODUCTS | {"accounts.export"}, "all", "all"),
    "finance": (N_("Finance"), EVERYBODY | KEYS | LOG | MAIL | TALK | LOOKS | BULK | SHARES | PRODUCTS | {"credit.set", "credit_rules.manage", "accounts.edit", "accounts.export", "deals.export", "quotes.export", "billing.manage"}, "all", "all"),
    "reader": (N_("Read only"), EVERYBODY | LOOKS | {"mail.read"}, "all", "all"),
    # External people: a reseller, a subcontractor. They see what names them, and take no list out.
    "partner": (N_("Partner"), PARTNER, "named", "named"),
}
