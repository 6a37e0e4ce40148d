"""Words of the consent ledger: purposes, lawful bases, ways on which a consent comes, facts."""

from core.base.words import N_

BASIS_LABELS = {
    "consent": N_("Consent"), "contract": N_("Contract"), "legitimate_interest": N_("Legitimate interest"), "legal_duty": N_("Legal duty"),
}
SOURCE_LABELS = {
    "form": N_("Web form"), "mail": N_("Mail"), "phone": N_("Phone"), "paper": N_("Paper"), "import": N_("Import"), "link": N_("Unsubscribe link"),
}
WORDS = {
    "consent.given": N_("Agreed to %(purpose)s"),
    "consent.withdrawn": N_("Withdrew consent to %(purpose)s"),
    "purpose.added": N_("Purpose %(name)s added"),
    "purpose.worded": N_("Purpose %(name)s worded anew, version %(number)s"),
    "purpose.ended": N_("Purpose %(name)s ended"),
    "purpose.reopened": N_("Purpose %(name)s in use again"),
    "purpose_exists": N_("There is a purpose of this name already."),
    "purpose_over": N_("This purpose has ended. Nothing new is recorded for it."),
}
