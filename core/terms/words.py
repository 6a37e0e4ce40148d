"""Words of agreed terms: refusals, facts, the names of fields."""

from core.base.words import N_

WORDS = {
    "terms_empty": N_("Say what was agreed: days to pay, a discount, a price or words."),
    "terms_until": N_("Say until which day it holds."),
    "terms_past": N_("Choose a day that is still to come."),
    "terms_price": N_("A price needs its product, and a product its price."),
    "terms_reason": N_("Say why it is taken back."),
    "terms_withdrawn": N_("These terms were taken back already."),
    "terms_facts_changed": N_("What is known of this customer's credit has changed meanwhile. Look at it again, then agree."),
    "terms.agreed": N_("%(actor)s agreed terms until %(until)s"),
    "terms.withdrawn": N_("%(actor)s took agreed terms back"),
}
LABELS = {
    "payment_days": N_("Days to pay"), "discount": N_("Discount in percent"), "product_id": N_("Product"), "price": N_("Price"), "words": N_("What else was agreed"), "until_on": N_("Holds until"), "reason": N_("Why it is taken back"),
}
