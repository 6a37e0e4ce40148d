"""Words for refusals and facts about credit, and the names of its grades."""

from core.base.words import N_

WORDS = {
    "limit_negative": N_("Write a limit from zero to 999,999,999,999,999."),
    "prepaid_days": N_("Whoever pays beforehand has no days to pay. Write 0."),
    "credit.set": N_("%(actor)s set the credit grade until %(until)s"),
    "credit.ended": N_("%(actor)s took the credit grade back"),
    "credit.stricter": N_("The stricter credit grade of %(name)s holds until %(until)s"),
    "credit.restored": N_("%(actor)s put the credit grade back"),
    "credit_rule.changed": N_("%(actor)s changed what follows from a credit grade"),
}
GRADE_LABELS = {"big_good": N_("Big, pays well"), "small_good": N_("Small, pays well"), "big_bad": N_("Big, pays badly"), "small_bad": N_("Small, pays badly")}
LABELS = {
    "grade": N_("Credit grade"), "limit_amount": N_("Credit limit"), "reason": N_("Reason"), "until_on": N_("Holds until"), "discount": N_("Discount in percent"),
    "payment_days": N_("Days to pay"), "prepaid": N_("Pays beforehand"), "needs_release": N_("Only with the owner's release"),
}
