"""Words for what billing refuses."""

from core.base.words import N_

WORDS: dict[str, str] = {
    "slug_invalid": N_("Use 3 to 40 small letters, digits and hyphens, beginning with a letter."),
    "slug_reserved": N_("This address is reserved. Choose another one."),
    "slug_taken": N_("This address is taken. Choose another one."),
    "no_room_yet": N_("We are preparing room for new workspaces. Please try again in a minute."),
    "seats_above_plan": N_("This plan has at most %(limit)s seats."),
    "seats_below_use": N_("You have %(used)s active users. Disable some first, or choose at least as many seats."),
    "partners_above_plan": N_("This plan has at most %(limit)s further partner seats."),
    "partners_below_use": N_("You have %(used)s active partners. Disable some first, or choose more partner seats."),
    "rented_already": N_("You have a plan already. It can be changed from the next period on."),
    "order_open": N_("An invoice is still open. Pay it, or ask us to cancel it, before you change the plan."),
    "not_a_country": N_("Choose a country."),
    "not_a_vat_id": N_("Write the VAT number with its country letters, for example DE123456789."),
    "not_payable": N_("This invoice is not open."),
    "payment_meanwhile": N_("A payment was recorded meanwhile. Look at the payments above; if this is another one, record it again."),
    "reason_needed": N_("Say why, in a few words. It stays in the record."),
    "not_on_hold": N_("This workspace is not suspended by an operator."),
    "on_hold_already": N_("This workspace is suspended already."),
    "still_closed": N_("This workspace is closed for want of payment and would be deleted all the same. Record a payment, make it free of charge or suspend it first; then keep it."),
    "comp_past": N_("Choose a day in the future."),
    "fonts_coming": N_("The fonts for this document are being brought. Try again in a minute."),
    "paid_in_future": N_("The day is in the future."),
}

# What a state is called on pages.
STATES: dict[str, str] = {
    "trialing": N_("Trial"), "active": N_("Active"), "grace": N_("Payment overdue"), "over_limit": N_("Above the limit"),
    "read_only": N_("Read-only"), "suspended": N_("Suspended"), "closed": N_("Closed"), "purged": N_("Deleted"),
    "canceling": N_("Ends soon"), "ended": N_("Ended"), "open": N_("Open"), "paid": N_("Paid"), "partial": N_("Partly paid"),
    "void": N_("Void"), "uncollectible": N_("Written off"), "draft": N_("Draft"),
}

# Why access is what it is (billing.access).
REASONS: dict[str, str] = {
    "trial": N_("Trial"), "trial_over": N_("Trial is over"), "paid": N_("Paid"), "invoice_open": N_("Invoice open"), "overdue": N_("Payment overdue"),
    "canceling": N_("Ends soon"), "canceled": N_("Cancelled"), "comp": N_("Free of charge"), "no_subscription": N_("No subscription"),
    "hold_operator": N_("Suspended by an operator"), "hold_abuse": N_("Abuse"), "hold_legal": N_("Legal hold"), "hold_overdue": N_("Payment overdue"),
}
