"""What the permissions are called where people choose them, in groups. A test wants every permission in one of them."""

from core.base.words import N_
from core.deals.words import LABELS as DEAL_LABELS
from core.leads.words import LABELS as LEAD_LABELS
from core.parties.words import LABELS as PARTY_LABELS
from core.products.words import LABELS as PRODUCT_LABELS
from core.quotes.words import LABELS as QUOTE_LABELS

GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (N_("Accounts"), (
        ("accounts.read", N_("See accounts")), ("accounts.create", N_("Add accounts")), ("accounts.edit", N_("Change accounts")),
        ("accounts.delete", N_("Delete accounts and bring them back")), ("accounts.export", N_("Take accounts out as a file")), ("accounts.reassign", N_("Hand over accounts that are protected")),
    )),
    (N_("Contacts"), (
        ("contacts.read", N_("See contacts")), ("contacts.create", N_("Add contacts")), ("contacts.edit", N_("Change contacts")),
        ("contacts.delete", N_("Delete contacts and bring them back")), ("contacts.export", N_("Take contacts out as a file")),
    )),
    (N_("Products"), (
        ("products.read", N_("See products and their prices")), ("products.create", N_("Add products")), ("products.edit", N_("Change products")),
        ("products.delete", N_("Delete products and bring them back")), ("products.export", N_("Take products out as a file")),
        ("product_costs.read", N_("See what products cost")), ("product_costs.write", N_("Change what products cost")),
        ("catalogue.manage", N_("Arrange units, categories, tax codes, currencies and rates")),
    )),
    (N_("Tags"), (("tags.read", N_("See the tags that there are")), ("tags.manage", N_("Rename, merge and delete tags in all records, also in those that they don't see")))),
    (N_("Personal facts"), (("personal_facts.read", N_("See what is known of a person")), ("personal_facts.write", N_("Write down what they know of a person")))),
    (N_("Date reminders"), (("date_reminders.read", N_("See of which dates people are reminded, and what comes")), ("date_reminders.manage", N_("Decide of which dates people are reminded")))),
    (N_("Privacy"), (
        ("consents.read", N_("See what people agreed to")), ("consents.record", N_("Record consent and its withdrawal")), ("consents.manage", N_("Change purposes and their wording")),
        ("privacy.manage", N_("Answer people about their data, erase them, set how long things are kept")),
    )),
    (N_("Contact log"), (
        ("activities.read", N_("See the contact log")), ("activities.log", N_("Log contacts")), ("activities.edit", N_("Change and delete entries")),
        ("activities.export", N_("Take the log out as a file")), ("contact_plans.manage", N_("Say how often customers are to hear from us")),
    )),
    (N_("Mailboxes"), (("mailboxes.use", N_("Have their own mailbox read")), ("mailboxes.manage", N_("Arrange the shared mailboxes")), ("mailboxes.deliver", N_("Post mails to a mailbox with its secret")))),
    (N_("Deals"), (
        ("deals.read", N_("See deals")), ("deals.create", N_("Add deals")), ("deals.edit", N_("Change and move deals")), ("deals.delete", N_("Delete deals and bring them back")),
        ("deals.export", N_("Take deals out as a file")), ("pipelines.manage", N_("Arrange pipelines and their stages")), ("competitors.edit", N_("Keep the list of competitors")), ("targets.manage", N_("Set targets")), ("forecasts.adjust", N_("Adjust the forecast")), ("deals.assign", N_("See who is best suited for a deal or lead, and give it to somebody")),
    )),
    (N_("Standing of accounts"), (
        ("credit.read", N_("See credit grades and limits")), ("credit.set", N_("Set credit grades and limits")), ("credit_rules.manage", N_("Decide what follows from credit grades")),
        ("terms.read", N_("See what was agreed with customers")), ("terms.agree", N_("Agree on terms in their own name")), ("loyalty.read", N_("See loyalty tiers")), ("loyalty.set", N_("Put accounts into loyalty tiers")),
    )),
    (N_("Leads"), (
        ("leads.read", N_("See leads")), ("leads.create", N_("Add leads")), ("leads.edit", N_("Change, accept and return leads")), ("leads.delete", N_("Delete leads and bring them back")),
        ("leads.export", N_("Take leads out as a file")), ("leads.manage", N_("Arrange by which rules leads are scored, and to whom they go")), ("enquiries.send", N_("Write by a web form")),
        ("forms.manage", N_("Build web forms")), ("enquiries.decide", N_("Decide on enquiries that were held back")),
    )),
    (N_("Quotes"), (
        ("quotes.read", N_("See quotes")), ("quotes.create", N_("Begin quotes")), ("quotes.edit", N_("Write quotes")), ("quotes.send", N_("Send quotes, withdraw them, note the answer")),
        ("quotes.delete", N_("Delete drafts of quotes and bring them back")), ("quotes.export", N_("Take quotes out as a file")), ("quotes.approve", N_("Approve others' quotes, up to the limits of the role")), ("quotes.answer", N_("Answer a quote by its link")),
    )),
    (N_("Mail"), (
        ("mail.read", N_("Read mails, as far as each conversation lets them")), ("mail.write", N_("File mails, stop them, throw drafts away")), ("mail.send", N_("Write mails to customers")), ("mail.answer", N_("Answer to a meeting by its link")),
        ("mail.open", N_("Decide who reads their own conversations")), ("mail.manage", N_("Write templates, and decide how mails begin and whose are not taken")),
    )),
    (N_("Approvals"), (("approvals.read", N_("See what waits for their yes")), ("approvals.decide", N_("Say yes or no, also for a colleague who is away")))),
    (N_("Documents"), (("documents.read", N_("See the print templates")), ("documents.manage", N_("Decide how documents look")))),
    (N_("Reports"), (
        ("reports.read", N_("See their own reports of days and weeks")), ("reports.write", N_("Write reports of their days and weeks, and hand them in")),
        ("reports.read_others", N_("Read the reports of those whose records they see")), ("reports.manage", N_("Decide when reports are asked for")),
    )),
    (N_("Handing over"), (("handovers.run", N_("Hand over what a colleague looks after, and take it back")),)),
    (N_("Sharing"), (("shares.manage", N_("Share single records by name")),)),
    (N_("Discussions"), (("comments.write", N_("Comment on records they see")), ("comments.moderate", N_("Take others' comments away")))),
    (N_("Files"), (("files.write", N_("Put files on records they see")),)),
    (N_("Imports"), (("imports.read", N_("See imports")), ("imports.run", N_("Import files, and take imports back")))),
    (N_("Bulk edits"), (("bulk_edits.read", N_("See bulk edits")), ("bulk_edits.run", N_("Change many records at once, and take it back")))),
    (N_("Merges"), (
        ("merges.read", N_("See duplicates and merges")), ("merges.run", N_("Decide on duplicates, and take merges back")),
        ("accounts.merge", N_("Merge accounts")), ("contacts.merge", N_("Merge contacts")),
    )),
    (N_("Mailings"), (
        ("mailings.read", N_("See mailings")), ("mailings.edit", N_("Write mailings")), ("mailings.send", N_("Send mailings")),
        ("mailings.export", N_("Take recipients out as a file")), ("mailings.unsubscribe", N_("Unsubscribe by link")),
    )),
    (N_("People and rights"), (
        ("users.read", N_("See people and roles")), ("users.manage", N_("Add people and give roles")), ("users.disable", N_("Take access away")), ("users.join", N_("Join by an invitation")), ("users.reset", N_("Choose a new password by mail")),
        ("users.view_as", N_("See the workspace as somebody else does")), ("teams.manage", N_("Arrange teams")), ("roles.manage", N_("Change roles")),
        ("tokens.read", N_("See their API tokens")), ("tokens.manage", N_("Make API tokens")), ("tokens.revoke", N_("Revoke API tokens")),
        ("programs.read", N_("See the workspace's programs")), ("programs.manage", N_("Make programs of the workspace")), ("programs.end", N_("End programs of the workspace")),
    )),
    (N_("Workspace"), (
        ("views.share", N_("Show their saved views to others")), ("home.read", N_("See the start page")), ("profile.edit", N_("Change their own profile")), ("settings.manage", N_("Change the workspace's settings")), ("fields.configure", N_("Define the workspace's own fields")),
        ("billing.manage", N_("Manage the subscription")), ("takeout.run", N_("Take everything out in one archive")), ("audit.read", N_("Read the audit")), ("audit.export", N_("Take the audit out as a file")),
    )),
)
# Everybody who signs in has these, and strangers their own: nobody chooses them.
NOT_CHOSEN = frozenset({"mailboxes.deliver", "mail.answer", "quotes.answer", "enquiries.send", "home.read", "profile.edit", "mailings.unsubscribe", "users.join", "users.reset"})
# Fields that a role may hide or protect, by room (core.base.hiding).
FIELD_WORDS = {"accounts": PARTY_LABELS, "contacts": PARTY_LABELS, "products": PRODUCT_LABELS, "deals": DEAL_LABELS, "leads": LEAD_LABELS, "quotes": QUOTE_LABELS}
# own, team, branch, all in words.
WIDTH_WORDS = {"named": N_("Only what is shared with them by name"), "own": N_("Own records"), "team": N_("The team's records"), "branch": N_("The branch's records"), "all": N_("All records")}
ROOM_WORDS = {"accounts": N_("Accounts"), "contacts": N_("Contacts"), "deals": N_("Deals"), "leads": N_("Leads"), "quotes": N_("Quotes"), "activities": N_("Contact log"), "products": N_("Products")}
