"""Words for refusals and facts about accounts and contacts, and the names of their fields."""

from core.base.words import N_

WORDS = {
    "account_unknown": N_("There is no such account, or you have no access to it."),
    "owner_unknown": N_("Choose one of the people who work here."),
    "owner_not_you": N_("Keep the new record yourself or leave it to everyone; you can hand it over afterwards."),
    "parent_cycle": N_("This account stands above itself then. Choose another parent."),
    "not_a_website": N_("Write a web address such as example.com."),
    "not_a_phone": N_("Write a phone number with its digits, for example +34 600 11 22 33."),
    "not_whole": N_("Write a whole number between %(low)s and %(high)s."),
    "not_a_currency": N_("Write a currency as three letters, for example EUR."),
    "too_many_tags": N_("Use at most %(max)s tags."),
    "likely_duplicate": N_("This record is likely there already."),
    "likely_duplicate_of": N_("It looks like %(name)s."),
    "likely_duplicate_hidden": N_("It looks like a record that another team owns."),
    "account.created": N_("%(actor)s created this account"),
    "account.edited": N_("%(actor)s changed %(fields)s"),
    "account.owner_changed": N_("%(actor)s made %(owner)s the owner"),
    "account.deleted": N_("%(actor)s deleted this account"),
    "account.restored": N_("%(actor)s brought this account back"),
    "contact.created": N_("%(actor)s added the person %(name)s"),
    "contact.edited": N_("%(actor)s changed %(fields)s of %(name)s"),
    "contact.owner_changed": N_("%(actor)s made %(owner)s the owner of %(name)s"),
    "contact.deleted": N_("%(actor)s deleted the person %(name)s"),
    "contact.restored": N_("%(actor)s brought the person %(name)s back"),
}

# Field -> label, for forms, conflicts and the timeline.
LABELS = {
    "name": N_("Name"), "kind": N_("Kind"), "is_customer": N_("Customer"), "is_supplier": N_("Supplier"), "website": N_("Website"),
    "phone": N_("Phone"), "mobile": N_("Mobile"), "mail": N_("Mail address"), "industry": N_("Industry"), "employees": N_("Employees"),
    "annual_revenue": N_("Annual revenue"), "currency": N_("Currency"), "founded_year": N_("Founded in"), "street": N_("Street"),
    "postcode": N_("Postcode"), "city": N_("City"), "region": N_("Region"), "country": N_("Country"), "parent_id": N_("Parent account"),
    "owner_id": N_("Owner"), "source": N_("Source"), "external_id": N_("Number elsewhere"), "notes": N_("Notes"), "tags": N_("Tags"),
    "account_id": N_("Account"), "how_to_address": N_("Salutation"), "job_title": N_("Job title"), "language": N_("Language"),
    "birthday": N_("Birthday"), "role": N_("Role"), "created_at": N_("Added on"), "updated_at": N_("Last change"),
}
