"""Words for refusals and facts about skills."""

from core.base.words import N_

WORDS = {
    "language_unknown": N_("%(value)s is no language known here. Write its name or its code, such as Spanish or es."),
    "user.skills_changed": N_("%(actor)s changed the skills of %(name)s"),
}
