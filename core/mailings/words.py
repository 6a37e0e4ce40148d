"""Words for refusals and facts about mailings, and the lines that stand under every mail."""

from core.base.words import N_

WORDS = {
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

# What became of a recipient, and why; as pages and the list of recipients as a file say it.
RECIPIENT_LABELS = {
    "queued": N_("Waiting"), "claimed": N_("Next"), "sending": N_("On its way"), "sent": N_("Sent"), "bounced": N_("Came back"), "suppressed": N_("Left out"),
    "unknown": N_("Unknown"), "failed": N_("Failed"),
}
REASON_LABELS = {
    "unsubscribed": N_("has unsubscribed"), "fewer": N_("wants fewer mails"), "no_consent": N_("has not agreed, or is restricted"), "erased": N_("was erased"), "interrupted": N_("the connection broke while it was handed over"),
    "refused": N_("the mail server refused it"), "gave_up": N_("the mail server asked to wait too often"), "later": N_("the mail server asked to wait"),
    "resent": N_("sent again"), "lost": N_("interrupted, it is tried again"), "broke_off": N_("an error on our side"),
}
# Column of the recipients as a file -> its heading.
COLUMN_LABELS = {
    "name": N_("Name"), "address": N_("Mail address"), "state": N_("State"), "reason": N_("What happened"), "sent_at": N_("Sent at"),
    "unsubscribed_at": N_("Left at"), "provider_reply": N_("Answer of the mail server"),
}
