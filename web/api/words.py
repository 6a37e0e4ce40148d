"""Words for what the API refuses."""

from core.base.words import N_

WORDS = {
    "unauthorized": N_("Send a valid API token: Authorization: Bearer …"),
    "method_not_allowed": N_("This address does not know that method."),
    "too_large_request": N_("The request is too large. The limit is %(max)s."),
    "unsupported_type": N_("Send the body as %(types)s."),
    "contact_unknown": N_("There is no such contact, or you have no access to it."),
    "bad_json": N_("The body is not valid JSON."),
    "json_too_deep": N_("The body is nested deeper than %(max)s levels."),
    "not_text": N_("Write a text here."),
    "not_a_number": N_("Write a number here."),
    "not_true_or_false": N_("Write true or false here."),
    "not_an_id": N_("Write a UUID here."),
    "not_a_time": N_("Write the time as in 2026-05-31T09:30:00Z."),
    "not_a_list": N_("Write a list here."),
    "not_an_object": N_("Write an object with named members here."),
    "too_many_items": N_("Use at most %(max)s entries."),
    "out_of_range": N_("This value is outside the allowed range."),
    "bad_value": N_("This value is not allowed here."),
    "given_twice": N_("Give this once only."),
    "unknown_operator": N_("The field %(name)s does not know this operator."),
    "not_sortable": N_("The list cannot be sorted by %(name)s."),
    "version_missing": N_("Say which version you change: If-Match: \"<version>\"."),
    "version_stale": N_("The record was changed meanwhile. Load it again and repeat your change."),
    "idempotency_key_invalid": N_("Use 1 to 255 printable ASCII characters as Idempotency-Key."),
    "idempotency_in_flight": N_("A request with this Idempotency-Key is running right now."),
    "idempotency_mismatch": N_("This Idempotency-Key was used for another request."),
}
