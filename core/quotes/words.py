"""Words for refusals and facts about quotes, and the names of their fields."""

from core.base.words import N_

WORDS = {
    "deal_unknown": N_("There is no such deal."),
    "tax_code_unknown": N_("There is no such tax code."),
    "quote_was_sent": N_("This quote was sent. Begin a new version to change it, or withdraw it."),
    "quote_not_draft": N_("There is no draft of this quote to work on. Begin a new version."),
    "quote_has_draft": N_("A new version of this quote is being written already."),
    "quote_empty": N_("Add a line with a price first."),
    "quote_needs_account": N_("Say for which account the quote is first."),
    "quote_not_open": N_("Only a quote that was sent and still holds can be answered."),
    "quote_over": N_("This version no longer holds."),
    "validity_unasked": N_("The yes to this quote is to another day. Save the day in the draft first, then ask for a yes to it."),
    "validity_past": N_("Choose a day from today on until which the quote holds."),
    "quote_conflicts": N_("%(who)s has quoted this customer another price for %(product)s, and that quote still holds. Ask for approval first."),
    "quote_needs_release": N_("New quotes to this account need a release. Ask for approval first."),
    "quote_over_line_discount": N_("%(percent)s %% below the list for %(product)s is over your limit of %(limit)s %%: it needs a yes."),
    "quote_over_discount": N_("%(percent)s %% below the list is over your limit of %(limit)s %% for a whole quote: it needs a yes."),
    "quote_under_margin": N_("This quote earns less than you may decide on alone: it needs a yes."),
    "quote_over_amount": N_("A net amount of %(amount)s is over your limit of %(limit)s: it needs a yes."),
    "why.quote_conflict": N_("%(who)s has quoted %(price)s for %(product)s, and that quote still holds"),
    "why.quote_release": N_("The account's credit grade wants a release of every new quote"),
    "why.quote_line_discount": N_("%(percent)s %% below the list for %(product)s"),
    "why.quote_discount": N_("%(percent)s %% below the list in the whole quote"),
    "why.quote_margin": N_("A margin of %(percent)s %%"),
    "why.quote_margin_low": N_("A margin below the limit"),
    "why.quote_net": N_("A net amount of %(amount)s"),
    "approval_not_needed": N_("Nothing in this draft needs approval."),
    "approval_not_asked": N_("Nobody asked for approval of this draft, or it was decided."),
    "amount_too_large": N_("Line %(line)s comes to more than a quote can hold."),
    "too_many_lines": N_("A quote has at most %(max)s lines."),
    "gross_with_lines": N_("Take the lines away before you change whether prices hold their taxes."),
    "currency_with_lines": N_("Take the lines away before you change the currency."),
    "name_needed_to_accept": N_("Write your name, so that we know who accepted."),
    "quote.created": N_("%(actor)s began the quote %(name)s"),
    "quote.edited": N_("%(actor)s changed %(fields)s of the quote %(name)s"),
    "quote.owner_changed": N_("%(actor)s made %(owner)s the owner of the quote %(name)s"),
    "quote.sent": N_("%(actor)s sent the quote %(number)s, version %(version)s, of %(total)s"),
    "quote.approval_asked": N_("%(actor)s asked for approval of the quote %(name)s: %(note)s"),
    "quote.approved": N_("%(actor)s approved prices of the quote %(name)s that conflict with a colleague's. %(note)s"),
    "quote.released": N_("%(actor)s released the quote %(name)s to an account that needs it. %(note)s"),
    "quote.allowed": N_("%(actor)s approved the quote %(name)s beyond the limits of whoever asked. %(note)s"),
    "quote.approval_refused": N_("%(actor)s did not approve the quote %(name)s: %(note)s"),
    "told.quote_asks": N_("%(actor)s asks you to approve %(record)s"),
    "told.quote_asks_late": N_("%(record)s still waits for your yes"),
    "told.quote_approved": N_("%(actor)s approved %(record)s"),
    "told.quote_not_approved": N_("%(actor)s did not approve %(record)s"),
    "quote.revised": N_("%(actor)s began version %(version)s of the quote %(number)s"),
    "quote.accepted": N_("%(who)s accepted the quote %(number)s, version %(version)s, of %(total)s"),
    "quote.declined": N_("%(who)s declined the quote %(number)s, version %(version)s"),
    "quote.commented": N_("%(who)s wrote about the quote %(number)s: %(text)s"),
    "quote.expired": N_("The quote %(number)s, version %(version)s, has expired"),
    "quote.mailed": N_("%(actor)s mailed the quote %(number)s, version %(version)s, to %(to)s"),
    "quote.withdrawn": N_("%(actor)s withdrew the quote %(number)s, version %(version)s"),
    "quote.deleted": N_("%(actor)s deleted the quote %(name)s"),
    "told.quote_accepted": N_("%(who_answered)s accepted %(record)s"),
    "told.quote_declined": N_("%(who_answered)s declined %(record)s"),
    "told.quote_commented": N_("%(who_answered)s wrote about %(record)s"),
    "told.quote_expired": N_("%(record)s has expired without an answer"),
    "told.quote_expires": N_("%(record)s holds only until %(on)s and is not answered yet"),
    "quote.restored": N_("%(actor)s brought the quote %(name)s back"),
}

# Field -> label, for forms, conflicts and the timeline.
LABELS = {
    "name": N_("Subject"), "number": N_("Number"), "state": N_("State"), "account_id": N_("Account"), "account": N_("Account"), "contact_id": N_("Contact"), "deal_id": N_("Deal"), "owner_id": N_("Owner"),
    "currency": N_("Currency"), "net": N_("Net amount"), "total": N_("Total"), "valid_until": N_("Valid until"), "sent_at": N_("Sent on"), "closed_at": N_("Closed on"), "notes": N_("Notes"),
    "language": N_("Language"), "intro": N_("Text before the lines"), "closing": N_("Text after the lines"), "terms": N_("Terms"), "gross": N_("Prices hold their taxes"), "relief": N_("Why no tax is due"),
    "created_at": N_("Added on"), "updated_at": N_("Last change"),
}
# What a fact says was changed.
FACT_LABELS = LABELS | {"lines": N_("the lines")}
STATE_LABELS = {
    "draft": N_("Draft"), "sent": N_("Sent"), "accepted": N_("Accepted"), "declined": N_("Declined"), "expired": N_("Expired"), "withdrawn": N_("Withdrawn"),
}
VERSION_STATE_LABELS = STATE_LABELS | {"superseded": N_("Superseded")}
KIND_LABELS = {"item": N_("Item"), "section": N_("Heading"), "text": N_("Text")}
CHOICE_LABELS = {"": N_("Offered as it stands"), "optional": N_("Optional"), "alternative": N_("Alternative to the line above")}
# What became of a letter with the link.
MAIL_LABELS = {
    "queued": N_("Waiting"), "claimed": N_("Next"), "sending": N_("On its way"), "sent": N_("Sent"), "failed": N_("Not sent"), "unknown": N_("Perhaps sent"), "suppressed": N_("Address blocked"),
}
