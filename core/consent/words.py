"""Words of the consent ledger: purposes, lawful bases, ways on which a consent comes, facts."""

from core.base.words import N_

BASIS_LABELS = {
    "consent": N_("Consent"), "contract": N_("Contract"), "legitimate_interest": N_("Legitimate interest"), "legal_duty": N_("Legal duty"),
}
ALL_BASIS_LABELS = BASIS_LABELS | {"vital_interest": N_("Vital interest"), "public_task": N_("Public task")}
# Columns of the ledger taken out, in their order.
LEDGER_LABELS = {
    "at": N_("When"), "name": N_("Name"), "mail": N_("Mail"), "purpose": N_("Purpose"), "basis": N_("Lawful basis"), "given": N_("What the person said"), "source": N_("How it came"),
    "proof": N_("Proof"), "ip": N_("Network address"), "number": N_("Version"), "lang": N_("Language"), "said": N_("What people are asked"), "by": N_("Written down by"), "contact_id": N_("Key of the contact"),
}
SOURCE_LABELS = {
    "form": N_("Web form"), "mail": N_("Mail"), "phone": N_("Phone"), "paper": N_("Paper"), "import": N_("Import"), "link": N_("Unsubscribe link"),
}
WORDS = {
    "consent.given": N_("Agreed to %(purpose)s"),
    "consent.withdrawn": N_("Withdrew consent to %(purpose)s"),
    "basis.set": N_("Lawful basis set by hand"),
    "basis.ended": N_("Lawful basis ended"),
    "consents.taken_out": N_("%(actor)s took the consent ledger out, %(rows)s lines"),
    "basis_ended": N_("This basis has ended already."),
    "purpose.added": N_("Purpose %(name)s added"),
    "purpose.worded": N_("Purpose %(name)s worded anew, version %(number)s"),
    "purpose.ended": N_("Purpose %(name)s ended"),
    "purpose.reopened": N_("Purpose %(name)s in use again"),
    "purpose_exists": N_("There is a purpose of this name already."),
    "consent_taken_back": N_("The person has taken this consent back since."),
    "purpose_over": N_("This purpose has ended. Nothing new is recorded for it."),
}
