"""Words for refusals and facts about loyalty tiers."""

from core.base.words import N_

WORDS = {
    "tier_gone": N_("There is no such tier. Tiers are kept beside the price lists."),
    "loyalty.set": N_("%(actor)s set the loyalty tier to %(tier)s until %(until)s"),
    "loyalty.ended": N_("%(actor)s took the loyalty tier back"),
    "loyalty.restored": N_("%(actor)s put the loyalty tier back"),
}
LABELS = {"tier_id": N_("Loyalty tier"), "reason": N_("Reason"), "until_on": N_("Holds until")}
