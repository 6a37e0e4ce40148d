"""Words of correspondence: refusals, facts, and how its lists are named."""

from core.base.words import N_

WORDS = {
    "reply_address_long": N_("Take an address of at most %(max)s plain letters before the @, without a plus sign."),
    "mail_gone": N_("This mail has gone already: it can't be stopped any more."),
    "mail_empty": N_("Write something before you send it."),
    "mail_template_taken": N_("There is a template of this name in this language already."),
    "mail_too_many": N_("A mail goes to at most %(max)s people in a line. Take a mailing for more."),
    "mail_too_large": N_("The files are too large together: at most %(max)s MB."),
    "mail_fonts_coming": N_("The fonts for Chinese and Korean are being fetched. Try again in a minute."),
    "mail_paper_hidden": N_("Your role does not show you all that this paper says of the customer. Send the quote by its link: there the customer gets the whole paper."),
    "mail_moment": N_("Choose a moment that is still to come, within a year."),
    "mail_template.created": N_("%(actor)s wrote the template %(name)s"),
    "mail_template.changed": N_("%(actor)s changed the template %(name)s"),
    "mail_template.deleted": N_("%(actor)s deleted the template %(name)s"),
    "mail_template.restored": N_("%(actor)s brought the template %(name)s back"),
    "mail.opened": N_("%(actor)s changed who reads a conversation by mail"),
    "mail.assigned": N_("%(actor)s put a conversation by mail to this record"),
    "mail.unassigned": N_("%(actor)s took a conversation by mail off this record"),
    "mail.sent": N_("%(name)s wrote a mail"),
    "mail.received": N_("A mail came in for %(name)s"),
    "told.received": N_("%(record)s wrote a mail"),
    "told.received_somebody": N_("A mail came in to a conversation of yours"),
    "guests_none": N_("There is nobody to tell: guests are people with an address, asked to a call, visit or meeting at a time."),
    "guests_know": N_("All who are asked know of it as it stands."),
    "guests_gone": N_("The mails to the guests have gone already: they can't be stopped any more."),
    "guest_over": N_("This invitation can't be answered any more."),
    "activity.guests_told": N_("%(actor)s told the guests of a meeting by mail"),
    "activity.guest_accepted": N_("A guest accepted"),
    "activity.guest_declined": N_("A guest declined"),
    "activity.guest_tentative": N_("A guest accepted tentatively"),
    "told.guest_accepted": N_("%(record)s accepted: %(what)s"),
    "told.guest_declined": N_("%(record)s declined: %(what)s"),
    "told.guest_tentative": N_("%(record)s will perhaps come: %(what)s"),
    "told.colleague_accepted": N_("%(actor)s accepted: %(what)s"),
    "told.colleague_declined": N_("%(actor)s declined: %(what)s"),
    "told.colleague_tentative": N_("%(actor)s will perhaps come: %(what)s"),
    "told.guests_given_up": N_("The guests could not be told by mail: %(what)s"),
    "mail_record_unknown": N_("Choose one record from the list."),
    "told.mail_given_up": N_("Your mail %(subject)s could not be sent. It is a draft again"),
    "mail.rules_changed": N_("%(actor)s changed the rules of mail"),
}

PRIVACY_LABELS = {"private": N_("Me and who takes part"), "team": N_("My team"), "record": N_("All who see the record")}
TOLD_LABELS = {"metadata": N_("That there is one, when and of whom"), "subject": N_("Its subject too")}
STATE_LABELS = {"draft": N_("Draft"), "held": N_("Waits"), "sent": N_("Sent"), "received": N_("Received")}
LETTER_LABELS = {
    "queued": N_("On its way"), "claimed": N_("On its way"), "sending": N_("On its way"), "sent": N_("Delivered"), "failed": N_("Not delivered"), "unknown": N_("Perhaps delivered"),
    "suppressed": N_("Not sent: this address must not be written to"),
}
ANSWER_LABELS = {"waiting": N_("No answer yet"), "accepted": N_("Accepted"), "declined": N_("Declined"), "tentative": N_("Perhaps")}
