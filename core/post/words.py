"""Words of the post room."""

from core.base.words import N_

WORDS = {
    "header_injection": N_("Remove line breaks and control characters: they can't stand in a mail's header."),
    "mail_link": N_("A link in a mail begins with https:// or http:// and has no spaces."),
    "merge_field_unknown": N_("There is no merge field named %(name)s. Choose one from the list."),
    "mail_not_in_doubt": N_("Only a mail that failed or whose outcome is unknown can be sent again."),
}
