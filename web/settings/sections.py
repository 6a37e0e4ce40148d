"""The list of settings' sections: what this actor may open, in groups, and what in them a search finds."""

from dataclasses import dataclass

from flask import current_app, request, url_for

from core.base import policy
from core.base.context import Context
from core.base.field_rights import hidden
from core.base.text import fold
from core.base.words import N_
from core.tagging.models import TAGGED
from infra import i18n
from tenants.industries import SETS

YOU, WORKSPACE, DATA = N_("You"), N_("Workspace"), N_("Data")


@dataclass(frozen=True)
class Section:
    """One page of settings. about: what is there, in one line. bits: (what a search should find, its place on the page).
    knows: (room, field) that must not be hidden from whoever opens it. also: other words for it, which a search finds and nobody reads;
    names that are the same in every language ("2FA"), and words that are translated."""

    group: str
    text: str
    icon: str
    endpoint: str
    permission: str
    about: str
    bits: tuple[tuple[str, str], ...] = ()
    knows: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()


SECTIONS = (
    Section(YOU, N_("Profile"), "user", "settings.profile", "profile.edit", N_("Your name, language and password, and where you are signed in."), (
        (N_("Name"), "name"), (N_("Language"), "locale"), (N_("Time zone"), "timezone"), (N_("Dates"), "date_format"), (N_("Numbers"), "number_format"), (N_("Rows of lists"), "density"), (N_("One-letter keys"), "letter_keys"), (N_("Password"), "password"), (N_("Mail address"), "mail-address"), (N_("Second step"), "second-step"), (N_("Passkeys"), "passkeys"), (N_("Sessions"), "sessions"), (N_("Sign out everywhere"), "sessions"),
    ), also=("2FA", N_("Two-factor sign-in"), N_("Timezone"), N_("Appearance"),)),
    Section(YOU, N_("Notifications"), "bell", "notification_settings.edit", "profile.edit", N_("What you are told, by mail or here, and quiet hours."), (
        (N_("By mail at once"), "told"), (N_("In the morning's letter"), "told"), (N_("Quiet hours"), "quiet"), (N_("List of the day"), "daily"),
    )),
    Section(YOU, N_("Mailboxes"), "inbox", "mailboxes.index", "mailboxes.use", N_("Whose mails gather in your conversations here, and how each mailbox stands."), ((N_("New mailbox"), "mailboxes"),), also=("IMAP", N_("Mail"))),
    Section(YOU, N_("API tokens"), "key", "tokens.index", "tokens.read", N_("Programs that work in your name."), ((N_("New token"), "token"),), also=(N_("Integrations"), N_("Programs"),)),
    Section(WORKSPACE, N_("Workspace"), "building", "workspace.edit", "settings.manage", N_("What your company is called, its colour, and what new people start with."), (
        (N_("Company"), "name"), (N_("Colour"), "workspace"), (N_("Currency"), "currency"), (N_("For new people"), "new-people"), (N_("Language"), "locale"), (N_("Time zone"), "timezone"), (N_("Dates"), "date_format"), (N_("Numbers"), "number_format"),
    ), also=(N_("Timezone"), N_("Logo"),)),
    Section(WORKSPACE, N_("Rooms"), "layout-grid", "rooms.edit", "settings.manage", N_("What your workspace has, and what it goes without."), (
        (N_("Switch off what you do not use"), "rooms"),
    )),
    Section(WORKSPACE, N_("Starter set"), "rocket", "starters.show", "settings.manage", N_("Lists, roles and rooms that fit an industry."), (
        *((one.text, "starter") for one in SETS.values()),
    )),
    Section(WORKSPACE, N_("People"), "users", "settings.members", "users.read", N_("Who works here, in which role."), (
        (N_("Role"), "people"), (N_("Seats"), "people"), (N_("Invite by mail"), "invitation"), (N_("Add person"), "member"), (N_("Take access away"), "leaving"),
    ), also=(N_("Users"), N_("Employees"), N_("Invitations"),)),
    Section(WORKSPACE, N_("Use"), "chart-bar", "adoption.index", "users.read", N_("How much each role works with this, and who needs a hand."), (
        (N_("Use by role"), "roles"), (N_("Use by person"), "people"),
    )),
    Section(WORKSPACE, N_("Teams"), "hierarchy", "teams.index", "users.read", N_("Who works with whom, and at which branch."), (
        (N_("Branch"), "teams"), (N_("New team"), "team"),
    )),
    Section(WORKSPACE, N_("Roles"), "shield", "roles.index", "users.read", N_("What each role may see, change and do."), (
        (N_("New role"), "role"), (N_("They see"), "roles"), (N_("They may"), "roles"),
    )),
    Section(WORKSPACE, N_("Approvals"), "circle-check", "approval_settings.index", "users.read", N_("Up to where each role decides alone, and who is asked beyond that."), (
        (N_("Limits of roles"), "limits"), (N_("Where nobody answers"), "hours"),
    ), also=(N_("Discount in percent"),)),
    Section(WORKSPACE, N_("Programs"), "plug", "programs.index", "programs.read", N_("What works here by itself, under its own name: a website, a telephone system."), (
        (N_("New program"), "program"),
    )),
    Section(WORKSPACE, N_("Fields"), "forms", "fields.index", "fields.configure", N_("Your own fields of accounts, contacts and products."), (
        (N_("New field"), "accounts"),
    )),
    Section(WORKSPACE, N_("Catalogue"), "package", "catalogue.index", "catalogue.manage", N_("What products are described by: categories, units, tax codes."), (
        (N_("Categories"), "categories"), (N_("Units"), "units"), (N_("Tax codes"), "tax-codes"),
    ), also=(N_("Products"), N_("VAT"),)),
    Section(WORKSPACE, N_("Price lists"), "receipt", "prices.index", "catalogue.manage", N_("For whom prices differ, from which quantity, on which days; discounts by tier."), (
        (N_("New price list"), "list"), (N_("Discounts by tier"), "tiers"),
    )),
    Section(WORKSPACE, N_("Credit"), "scale", "standing.rules", "credit_rules.manage", N_("What follows from a credit grade: discount, days to pay, release by the owner."), (
        (N_("Discount in percent"), "big_good"), (N_("Days to pay"), "big_good"), (N_("Only with the owner's release"), "small_bad"),
    )),
    Section(WORKSPACE, N_("Currencies"), "coins", "rates.index", "catalogue.manage", N_("In which you deal, and what they were worth on which day."), (
        (N_("New rate"), "rate"), (N_("Rates from a file"), "file"), (N_("Stored rates"), "rates"),
    ), also=(N_("Exchange rates"),)),
    Section(WORKSPACE, N_("Date reminders"), "calendar-event", "date_reminders.index", "date_reminders.read", N_("Of which dates of accounts and contacts people are told, and how long before."), (
        (N_("New date reminder"), "reminder"), (N_("What comes"), "coming"),
    )),
    Section(WORKSPACE, N_("Tags"), "tag", "tags.index", "tags.read", N_("The words on records: their colours, and how often they are used."), (
        (N_("New tag"), "tag"),
    ), knows=tuple((room, "tags") for room in TAGGED)),
    Section(WORKSPACE, N_("Pipelines"), "target-arrow", "pipelines.index", "deals.read", N_("Through which stages deals go, what each stage asks for, and which teams work where."), (
        (N_("New pipeline"), "pipeline"),
    )),
    Section(WORKSPACE, N_("Contact plans"), "phone-outgoing", "contact_plan_settings.index", "activities.read", N_("How often customers of which kind are to hear from you."), (
        (N_("New plan"), "plans"),
    )),
    Section(WORKSPACE, N_("Print templates"), "printer", "print_templates.index", "documents.read", N_("How your quotes look on paper: letterhead, columns, texts."), (
        (N_("New template"), "template"), (N_("Logo"), "templates"), (N_("Letterhead"), "templates"),
    ), also=("PDF", N_("Documents"))),
    Section(WORKSPACE, N_("Mail"), "mail", "mail_settings.index", "mail.read", N_("Your signature, templates, who reads conversations, and where answers go."), (
        (N_("Signature"), "own"), (N_("Address for answers"), "rules"), (N_("New template"), "template"),
    )),
    Section(WORKSPACE, N_("Lead score"), "user-search", "lead_score.index", "leads.manage", N_("Which leads are worth somebody's time: rules that give points and take some."), (
        (N_("New rule"), "rules"), (N_("Fitted model"), "model"),
    )),
    Section(WORKSPACE, N_("Lead assignment"), "users", "lead_assignment.index", "leads.manage", N_("To whom leads go that come in by a program: in turn, or to whoever has the fewest."), (
        (N_("New rule"), "rules"),
    )),
    Section(WORKSPACE, N_("First answer"), "clock", "first_answer.edit", "leads.manage", N_("How soon leads are to be answered, and when your workspace works."), (
        (N_("Hours until the first answer"), "first-answer"), (N_("Working hours"), "working-hours"), (N_("Days off"), "working-hours"),
    ), also=("SLA",)),
    Section(WORKSPACE, N_("Reports"), "checklist", "report_rules.edit", "reports.manage", N_("When reports of days and weeks are asked for, and who is reminded."), (
        (N_("Reports of a day"), "report-rules"), (N_("Reports of a week"), "report-weeks"),
    )),
    Section(WORKSPACE, N_("Web forms"), "forms", "web_forms.index", "forms.manage", N_("Forms on your website and on a page here: whoever fills one in becomes a lead."), (
        (N_("New form"), "forms"),
    )),
    Section(WORKSPACE, N_("Sign-in rules"), "lock", "sign_in.edit", "settings.manage", N_("How people prove that it is them."), (
        (N_("Second step needed from"), "second-step"), (N_("Only for these roles"), "second-step"), (N_("Only passkeys count from"), "passkeys-only"), (N_("API tokens without an end"), "endless-tokens"), (N_("Networks"), "networks-only"), (N_("Single sign-on"), "single-sign-on"),
    ), also=("2FA", "SSO", "MFA", N_("Two-factor sign-in"), N_("Security"),)),
    Section(WORKSPACE, N_("Shared pool"), "users-group", "pool.edit", "settings.manage", N_("When accounts that nobody looks after become free, and how many anybody may take."), (
        (N_("Days without contact"), "pool-rules"), (N_("Taken a day"), "pool-rules"),
    )),
    Section(WORKSPACE, N_("Subscription"), "credit-card", "subscription.show", "billing.manage", N_("Your plan, its seats and its invoices."), (
        (N_("Plan"), "plan"), (N_("Seats"), "plan"), (N_("Invoices"), "invoices"), (N_("Cancel the subscription"), "cancellation"),
    ), also=(N_("Billing"), N_("Payment"),)),
    Section(DATA, N_("Your data"), "download", "takeout.index", "takeout.run", N_("Everything in one archive, whenever you want it."), ((N_("Exports"), "exports"),)),
    Section(DATA, N_("Privacy"), "shield-lock", "privacy.index", "privacy.manage", N_("What people ask about their data: find, take out, erase."), (
        (N_("Erase a person"), "request"), (N_("New request"), "request"),
    ), also=("GDPR", "DSGVO", "RGPD", N_("Data protection"),)),
    Section(DATA, N_("Consents"), "checklist", "consents.index", "consents.manage", N_("What people can agree to, and in which words."), ((N_("Purposes"), "purposes"), (N_("New purpose"), "purpose"), (N_("The whole ledger"), "ledger")), also=("GDPR", N_("Data protection"),)),
    Section(DATA, N_("What is kept"), "clock", "privacy.retention", "privacy.manage", N_("How long deleted records, files and logs are kept."), ((N_("Recycle bin"), "bin"),), also=("GDPR", N_("Data protection"),)),
    Section(DATA, N_("Audit"), "history", "audit.index", "audit.read", N_("Who changed what, from what to what.")),
    Section(DATA, N_("Sample data"), "box", "samples.show", "settings.manage", N_("An invented company to try things out.")),
)


def sections(ctx: Context, q: str = "") -> list[dict]:
    """Groups with their sections; `shown` where the search finds them (with no search all), bits only where it finds these."""
    groups: dict[str, list[dict]] = {}
    for section in SECTIONS:
        if section.endpoint in current_app.view_functions and policy.has(ctx, section.permission) and not any(field in hidden(ctx, room) for room, field in section.knows):
            groups.setdefault(section.group, []).append(_said(ctx, section, fold(q).split()))
    return [{"title": i18n.gettext(ctx.locale, title), "sections": found, "shown": any(one["shown"] for one in found)} for title, found in groups.items()]


def _said(ctx: Context, section: Section, asked: list[str]) -> dict:
    href, said = url_for(section.endpoint), {text: i18n.gettext(ctx.locale, text) for text in (section.text, section.about, *(bit for bit, _ in section.bits))}
    bits = [{"text": said[text], "href": f"{href}#{place}", "words": fold(said[text])} for text, place in section.bits]
    words = fold(" ".join([*said.values(), *section.also, *(i18n.gettext(ctx.locale, word) for word in section.also)]))
    return {
        "text": said[section.text], "about": said[section.about], "icon": section.icon, "href": href, "current": request.endpoint == section.endpoint or _is_on(href),
        "words": words, "shown": all(word in words for word in asked), "bits": [bit | {"shown": bool(asked) and all(word in bit["words"] for word in asked)} for bit in bits],
    }


def _is_on(href: str) -> bool:
    """Is the address at hand a page of that section (a form that came back)? The door's own path says it."""
    return href != "/settings/" and f"{request.path.rstrip('/')}/".startswith(f"{href.rstrip('/')}/")
