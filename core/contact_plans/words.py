"""Words of contact plans."""

from core.base.words import N_

WORDS = {
    "contact_plan.saved": N_("%(actor)s saved the contact plan %(name)s"),
    "contact_plan.deleted": N_("%(actor)s deleted the contact plan %(name)s"),
    "plan_conditions": N_("A contact plan cannot ask for the last or next contact."),
}
STARTER_LABELS = {"customers": N_("Customers"), "prospects": N_("Prospects")}
