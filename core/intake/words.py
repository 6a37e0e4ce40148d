"""Words for refusals and facts about web forms and enquiries."""

from core.base.words import N_
from core.intake.rules import LONGEST, MOST_LETTERS, OFTEN_WITHIN, SOONEST

WORDS = {
    "form_nameless": N_("Ask for a name, a company or a mail address, and make it needed: a lead is called by it."),
    "form_untitled": N_("Give the form a title in at least one language."),
    "form_unconfirmable": N_("Whoever is to confirm gets a letter: ask for the mail address, and make it needed."),
    "form_closed": N_("This form is closed."),
    "form_used": N_("Somebody wrote by this form: close it instead. What came by it stays."),
    "not_a_host": N_("%(host)s is not the name of a website. Write it like www.example.com."),
    "redirect_elsewhere": N_("Senders can be led to your own pages only: to a website that you named above."),
    "enquiry_link_over": N_("This link has ended."),
    "enquiry_decided": N_("Somebody has decided about it meanwhile."),
    "web_form.saved": N_("%(actor)s saved the web form %(name)s"),
    "web_form.open": N_("%(actor)s opened the web form %(name)s"),
    "web_form.closed": N_("%(actor)s closed the web form %(name)s"),
    "web_form.deleted": N_("%(actor)s deleted the web form %(name)s"),
    "enquiry.taken": N_("Wrote by the web form %(form)s"),
    "enquiry.held": N_("An enquiry was held back"),
    "enquiry.let_in": N_("%(actor)s let in what was held back of the web form %(form)s"),
    "enquiry.discarded": N_("%(actor)s threw an enquiry away"),
    "enquiry.brought_back": N_("%(actor)s brought an enquiry back"),
    "told.form_ownerless": N_("The web form %(form)s gives its leads to somebody who is gone or sees no leads; the rules of assignment decide now, first about %(record)s"),
    "enquiry.unwritten": N_("The sender of an enquiry got no letter: as many as may within a day went to this address, or none can"),
    "enquiry.purpose_over": N_("The sender had agreed to %(purpose)s, which has ended: the consent ledger has nothing of it"),
    "enquiry.consent_taken_back": N_("The sender had agreed to %(purpose)s and has taken it back since: the consent ledger stays as it is"),
    "enquiry.replied": N_("%(actor)s wrote to %(name)s on the page of the enquiry"),
    "enquiry.reply_gone": N_("%(actor)s took back what stood on the page of the enquiry of %(name)s"),
}
HELD_LABELS = {
    "trap": N_("A field was filled in that people do not see"), "no_stamp": N_("It was not sent from the form's page"), "fast": N_("Filled in within %(seconds)s seconds"),
    "old": N_("The page was open for more than %(days)s days"), "replayed": N_("The page had been sent already, with other content"), "often": N_("Many from the same network within %(minutes)s minutes"),
    "links": N_("It holds many links"), "unconfirmed": N_("Its sender is to confirm, and no letter can reach him: he gave no mail address, or one that we can't or must not write to"),
    "letters": N_("Its sender is to confirm, and today %(number)s letters went to this address already"),
    "refused": N_("A rule of your workspace does not let it be saved"),
}
# The numbers in these sentences, as the rules have them.
HELD_NUMBERS = {
    "fast": {"seconds": int(SOONEST.total_seconds())}, "old": {"days": LONGEST.days}, "often": {"minutes": int(OFTEN_WITHIN.total_seconds()) // 60}, "letters": {"number": MOST_LETTERS},
}
CONFIRMED_LABELS = {"never": N_("No"), "before": N_("Yes, and only then it becomes a lead"), "after": N_("Yes, but it is a lead at once")}
STATE_LABELS = {"open": N_("Takes enquiries"), "closed": N_("Closed")}
