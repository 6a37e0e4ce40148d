"""Words for refusals and facts about what is known of people, and the names of its kinds."""

from core.base.words import N_

WORDS = {
    "personal_fact_empty": N_("Write what you know."),
    "noted_in_future": N_("Choose a day that is not still to come."),
    "personal_fact.added": N_("%(actor)s wrote down something personal"),
    "personal_fact.edited": N_("%(actor)s changed something personal"),
    "personal_fact.deleted": N_("%(actor)s deleted something personal"),
    "personal_fact.restored": N_("%(actor)s brought something personal back"),
}
KIND_LABELS = {
    "taste": N_("Taste"), "habit": N_("Habit"), "family": N_("Family"), "hobby": N_("Hobby"), "personal": N_("Personal"), "gift": N_("Gifts"),
    "referral": N_("Referral"), "other": N_("Other"),
}
SOURCE_LABELS = {"said": N_("Said so themselves"), "colleague": N_("From a colleague"), "public": N_("Publicly known"), "other": N_("Known otherwise")}
LABELS = {"kind": N_("Kind"), "body": N_("What you know"), "source": N_("How we know"), "source_note": N_("More on that"), "noted_on": N_("Since")}
