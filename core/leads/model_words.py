"""Words of fitted models: what a lead says in a field, and why one failed."""

from core.base.words import N_

NOTHING_GIVEN, ANOTHER_ONE, FIELD_HIDDEN = N_("not given"), N_("another one"), N_("A field that you don't see")
VALUE_LABELS = {
    "given": N_("given"), "free": N_("of a free mail provider"), "company": N_("of a company"), "short": N_("short"), "long": N_("long"), "1": N_("once"), "2": N_("twice"),
    "3": N_("three times or more"), "yes": N_("Yes"), "no": N_("No"),
}
FAILURES = {
    "no_library": N_("The program that fits models isn't on this server and could not be fetched."), "too_big": N_("There was not enough memory or time."),
    "one_sided": N_("Nearly all of the newest leads ended in the same way, so nothing can be compared."), "broken": N_("The work broke off. Nothing was changed."),
}
