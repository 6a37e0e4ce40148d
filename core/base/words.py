"""The words for codes: every refusal and every kind of fact has a message id here or in its room's words.py.

`N_` only marks a string for the catalogues; the doors translate it with the parameters of the refusal or fact.
"""


def N_(message: str) -> str:
    """Mark for extraction, return unchanged."""
    return message


WORDS = {
    "not_found": N_("This does not exist, or you have no access to it."),
    "forbidden": N_("Your role does not allow this. Ask an administrator of your workspace."),
    "field_hidden": N_("Your role does not show this field. Ask an administrator of your workspace."),
    "field_protected": N_("Your role lets you read this field, but not change it."),
    "conflict": N_("Somebody changed the same field while you were editing. Choose which value to keep."),
    "stale": N_("This record was changed meanwhile. Load it again and repeat your change."),
    "billing_read_only": N_("Your workspace is read-only until the subscription is settled. You can still read and export everything."),
    "billing_suspended": N_("Your workspace is suspended. Export and payment stay open."),
    "too_many": N_("Too many attempts. Try again in %(retry_after)s seconds."),
    "not_an_amount": N_("Write the amount in digits, for example 1234.56."),
    "required": N_("Fill in this field."),
    "too_long": N_("Use at most %(max)s characters."),
    "not_a_date": N_("Write the date as in 2026-05-31."),
    "not_a_mail": N_("Write a mail address such as name@example.com."),
    "unknown_field": N_("There is no field named %(name)s."),
    "unknown_value": N_("Choose one of the listed values."),
    "bad_cursor": N_("This page link is no longer valid. Start again from the first page."),
    "bad_request": N_("This request could not be read."),
    "too_large": N_("This is too large. The limit is %(max)s."),
    "control_character": N_("Remove the invisible control characters."),
    "busy": N_("Many requests are running right now. Try again in a moment."),
    "went_wrong": N_("Something went wrong on our side. Nothing was saved. Please try again."),
    "form_expired": N_("This form has expired. Nothing is lost: send it again."),
    "standing_reason": N_("Say why in a few words."),
    "standing_until": N_("Say until which day it holds."),
    "standing_past": N_("Choose a day that has not passed."),
    "standing_replaced": N_("Another one was set meanwhile, or its day has passed. Set it anew."),
    "typed_otherwise": N_("Type %(expected)s, exactly as it stands here."),
}
