"""Words for refusals and facts about mailings, and the lines that stand under every mail."""

from core.base.words import N_

WORDS = {
    "merge_field_unknown": N_("There is no merge field named %(name)s. Choose one from the list."),
    "mailing_not_draft": N_("This mailing has been started and can no longer be changed. Copy it to write another one."),
    "mailing_wrong_state": N_("This is no longer possible: the mailing has moved on. Load the page again."),
    "mailing_nobody": N_("Nobody would get this mailing. Choose other tags."),
    "mailing_tags_missing": N_("Choose at least one tag, or send to everyone."),
    "mailing_count_changed": N_("The number of recipients has changed to %(count)s. Check it and send again."),
    "mailing_no_mail": N_("Your profile has no mail address to send a test to."),
    "mailing.created": N_("%(actor)s drafted the mailing %(name)s"),
    "mailing.started": N_("%(actor)s started sending the mailing %(name)s to %(count)s people"),
    "mailing.paused": N_("%(actor)s paused the mailing %(name)s"),
    "mailing.held": N_("The mailing %(name)s was paused: the workspace was restored from a backup"),
    "mailing.resumed": N_("%(actor)s resumed the mailing %(name)s"),
    "mailing.cancelled": N_("%(actor)s cancelled the mailing %(name)s"),
    "mailing.resent": N_("%(actor)s had the mailing %(name)s sent again to %(count)s people whose delivery was unknown"),
    "mailing.got": N_("Got the mailing %(name)s"),
    "mailing.maybe_got": N_("May have got the mailing %(name)s: the connection broke while it was handed over"),
    "mailing.unsubscribed": N_("Unsubscribed from all mailings"),
    "mailing.fewer": N_("Asked for fewer mailings: at most one in %(days)s days"),
}

FOOTER = N_("You get this mail from %(company)s because your address is in its contacts.")
UNSUBSCRIBE = N_("Unsubscribe or get fewer mails")
TEST_PREFIX = N_("Test: %(subject)s")
