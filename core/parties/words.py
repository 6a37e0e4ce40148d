"""Words for refusals and facts about accounts and contacts, and the names of their fields."""

from core.base.words import N_
from core.parties.reach_words import REACH_LABELS, REACH_WORDS

WORDS = {
    "contact.restricted": N_("Processing restricted"),
    "contact.restriction_lifted": N_("Restriction lifted"),
    "contact_restricted": N_("Processing of this person is restricted. Lift the restriction first."),
    "account_unknown": N_("There is no such account, or you have no access to it."),
    "owner_unknown": N_("Choose one of the people who work here."),
    "owner_not_you": N_("Keep the new record yourself or leave it to everyone; you can hand it over afterwards."),
    "parent_cycle": N_("This account stands above itself then. Choose another parent."),
    "not_a_vat_number": N_("This is not how VAT numbers of that country are written. Begin with the country's two letters: DE136695976."),
    "not_a_website": N_("Write a web address such as example.com."),
    "not_a_phone": N_("Write a phone number with its digits, for example +34 600 11 22 33."),
    "not_whole": N_("Write a whole number between %(low)s and %(high)s."),
    "not_a_currency": N_("Write a currency as three letters, for example EUR."),
    "not_hours": N_("Write days and hours such as Mon-Fri 9-12, or 14:00-17:30."),
    "not_a_zone": N_("Write a time zone such as Europe/Berlin, or its city."),
    "contact_unknown": N_("There is no such person, or you have no access to them."),
    "referred_by_self": N_("Nobody refers themselves. Choose another person."),
    "stage_needs_reason": N_("Say why in a few words."),
    "stage_until_past": N_("Choose a day until which it is to stay so, within two years from now."),
    "pool_taken": N_("%(name)s was quicker and has taken it."),
    "pool_yours": N_("This account is yours already."),
    "pool_enough": N_("You have taken %(max)s accounts from the pool today. More can be taken tomorrow."),
    "pool_not_yours": N_("This account is not yours any more."),
    "account_protected": N_("This account is protected: its owner keeps it until %(days)s days have passed without any contact. Somebody who may reassign accounts can hand it over."),
    "likely_duplicate": N_("This record is likely there already."),
    "likely_duplicate_of": N_("It looks like %(name)s."),
    "likely_duplicate_hidden": N_("It looks like a record that another team owns."),
    "account.created": N_("%(actor)s created this account"),
    "account.edited": N_("%(actor)s changed %(fields)s"),
    "account.owner_changed": N_("%(actor)s made %(owner)s the owner"),
    "account.stage_set": N_("%(actor)s set the stage to %(stage)s: %(note)s"),
    "account.stage_released": N_("%(actor)s left the stage to the rule again"),
    "account.claimed": N_("%(actor)s took this account from the pool"),
    "account.given_back": N_("%(actor)s gave this account back to the pool"),
    "account.pooled": N_("This account went to the shared pool: nobody had been in contact for too long"),
    "workspace.pool_rules_changed": N_("%(actor)s changed the rules of the shared pool"),
    "told.pool_soon": N_("Without any contact for long, these go to the shared pool from %(on)s on: %(what)s"),
    "told.pool_gone": N_("Gone to the shared pool: %(what)s"),
    "account.deleted": N_("%(actor)s deleted this account"),
    "account.restored": N_("%(actor)s brought this account back"),
    "contact.created": N_("%(actor)s added the person %(name)s"),
    "contact.edited": N_("%(actor)s changed %(fields)s of %(name)s"),
    "contact.owner_changed": N_("%(actor)s made %(owner)s the owner of %(name)s"),
    "contact.deleted": N_("%(actor)s deleted the person %(name)s"),
    "contact.restored": N_("%(actor)s brought the person %(name)s back"), **REACH_WORDS,
}

# Field -> label, for forms, conflicts and the timeline.
LABELS = {
    "name": N_("Name"), "kind": N_("Kind"), "is_customer": N_("Customer"), "is_supplier": N_("Supplier"), "website": N_("Website"),
    "phone": N_("Phone"), "mobile": N_("Mobile"), "mail": N_("Mail address"), "industry": N_("Industry"), "employees": N_("Employees"),
    "annual_revenue": N_("Annual revenue"), "currency": N_("Currency"), "founded_year": N_("Founded in"), "vat_id": N_("VAT or tax number"), "tax_relief": N_("Why no tax is due"), "street": N_("Street"),
    "postcode": N_("Postcode"), "city": N_("City"), "region": N_("Region"), "country": N_("Country"), "parent_id": N_("Parent account"),
    "owner_id": N_("Owner"), "source": N_("Source"), "external_id": N_("Number elsewhere"), "notes": N_("Notes"), "tags": N_("Tags"),
    "account_id": N_("Account"), "how_to_address": N_("Salutation"), "job_title": N_("Job title"), "language": N_("Language"),
    "preferred_channel": N_("Preferred channel"), "preferred_hours": N_("Preferred hours"), "timezone": N_("Time zone"), "referred_by_id": N_("Referred by"),
    "stage": N_("Stage"), "birthday": N_("Birthday"), "role": N_("Role"), "created_at": N_("Added on"), "updated_at": N_("Last change"), **REACH_LABELS,
    "birthday_source": N_("Birthday: known from"), "birthday_noted_on": N_("Birthday: known since"), "language_source": N_("Language: known from"), "language_noted_on": N_("Language: known since"),
    "preferred_channel_source": N_("Preferred channel: known from"), "preferred_channel_noted_on": N_("Preferred channel: known since"),
    "preferred_hours_source": N_("Preferred hours: known from"), "preferred_hours_noted_on": N_("Preferred hours: known since"),
    "referred_by_source": N_("Referred by: known from"), "referred_by_noted_on": N_("Referred by: known since"),
}

CHANNEL_LABELS = {"phone": N_("Phone"), "mail": N_("Email"), "message": N_("Message"), "visit": N_("Visit"), "post": N_("Letter by post")}
RELIEF_LABELS = {"": N_("Tax is due"), "E": N_("Exempt"), "AE": N_("Reverse charge")}
STAGE_LABELS = {
    "identified": N_("Identified"), "selected": N_("Selected"), "acquired": N_("Acquired"), "developed": N_("Developed"), "kept": N_("Retained"), "loyal": N_("Loyal"), "lost": N_("Lost"),
}
# What a rule says (core.parties.lifecycle); on is the day that it goes by.
STAGE_RULES = {
    "nothing": N_("No contact logged or planned yet"), "planned": N_("A contact is planned for %(on)s"), "first_contact": N_("First contact logged on %(on)s"),
    "answered": N_("They answered or met us on %(on)s"),
}
# Field -> value -> label, where a field's values are chosen from a list.
CHOICE_LABELS = {"preferred_channel": CHANNEL_LABELS, "stage": STAGE_LABELS, "tax_relief": RELIEF_LABELS}
