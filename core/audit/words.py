"""Words of the audit: what kinds of change there are."""

from core.base.words import N_

WORDS = {
    "audit.insert": N_("Created"),
    "audit.update": N_("Changed"),
    "audit.delete": N_("Deleted"),
}
