"""Words for refusals and facts about own fields, and what their kinds are called."""

from core.base.words import N_

WORDS = {
    "custom_not_a_phone": N_("Write a phone number with its digits, for example +34 600 11 22 33."),
    "custom_not_a_link": N_("Write a web address such as example.com."),
    "custom_not_a_number": N_("Write a number in digits, for example 12.5."),
    "custom_not_whole": N_("Write a whole number."),
    "custom_too_many_places": N_("Use at most %(max)s digits after the decimal sign."),
    "custom_not_a_currency": N_("Write a currency as three letters, for example EUR."),
    "custom_not_a_moment": N_("Write day and time as in 2026-05-31T14:30."),
    "custom_not_yes_or_no": N_("Write yes or no."),
    "custom_taken": N_("Another record has this value already."),
    "custom_not_now": N_("This field does not apply to the record as it is."),
    "custom_needed_then": N_("Some of these records would then need the field %(needed)s. Fill it in first."),
    "custom_too_many": N_("Use at most %(max)s own fields here."),
    "custom_key_taken": N_("There is a field of this key already, or there was one."),
    "custom_bad_key": N_("Use letters, digits and _ in the key, 60 at most, beginning with a letter."),
    "custom_label_taken": N_("There is a field of this name already."),
    "custom_no_options": N_("Add at least one option."),
    "custom_options_kept": N_("An option that was given out stays; archive it instead."),
    "custom_option_twice": N_("Two options have the same name."),
    "custom_too_many_options": N_("Use at most %(max)s options."),
    "custom_not_unique_kind": N_("Values of this kind can not be unique."),
    "custom_values_twice": N_("%(count)s values stand in more than one record. Make them different first."),
    "custom_kind_kept": N_("This kind can not be changed into that one without losing something."),
    "custom_condition_unknown": N_("Choose a field of these records and a comparison that suits it."),
    "custom_condition_circle": N_("The fields would wait for each other then."),
    "custom_archived": N_("Bring the field back before you change it."),
    "custom_not_archived": N_("Archive the field before its values are erased."),
    "custom_erased": N_("The values of this field are erased; it can not come back."),
    "custom_field.created": N_("%(actor)s added the field %(name)s"),
    "custom_field.edited": N_("%(actor)s changed the field %(name)s"),
    "custom_field.archived": N_("%(actor)s archived the field %(name)s"),
    "custom_field.restored": N_("%(actor)s brought the field %(name)s back"),
    "custom_field.erased": N_("%(actor)s erased the values of the field %(name)s"),
}
KIND_LABELS = {
    "text": N_("Text, one line"), "long_text": N_("Text, several lines"), "whole": N_("Whole number"), "decimal": N_("Number with decimals"), "amount": N_("Amount of money"),
    "date": N_("Date"), "moment": N_("Date and time"), "yes_no": N_("Yes or no"), "choice": N_("Choice of one"), "choices": N_("Choice of several"), "mail": N_("Mail address"),
    "phone": N_("Phone"), "link": N_("Web address"), "user": N_("A person who works here"), "account": N_("An account"), "contact": N_("A contact"),
}
OPERATOR_LABELS = {"eq": N_("is"), "ne": N_("is not"), "has": N_("has"), "filled": N_("is filled in"), "empty": N_("is empty")}
