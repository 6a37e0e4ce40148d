"""Words of correspondence: refusals, facts, and how its lists are named."""

from core.base.words import N_

WORDS = {
    "reply_address_long": N_("Take an address of at most %(max)s plain letters before the @, without a plus sign."),
    "mail_gone": N_("This mail has gone already: it can't be stopped any more."),
    "mail_empty": N_("Write something before you send it."),
    "mail.sent": N_("%(name)s wrote a mail"),
    "mail.received": N_("A mail came in for %(name)s"),
    "mail.rules_changed": N_("%(actor)s changed the rules of mail"),
}

PRIVACY_LABELS = {"private": N_("Me and who takes part"), "team": N_("My team"), "record": N_("All who see the record")}
TOLD_LABELS = {"metadata": N_("That there is one, when and of whom"), "subject": N_("Its subject too")}
