"""Words for refusals and facts about saved views."""

from core.base.words import N_

WORDS = {
    "view_name_taken": N_("You have a view of that name already."),
    "view_team_unknown": N_("Choose one of your teams."),
    "too_many_views": N_("Use at most %(max)s views in a list. Delete one that you no longer need."),
    "too_many_pins": N_("Pin at most %(max)s views of a list. Take one out of the side bar first."),
    "view.saved": N_("%(actor)s saved the view %(name)s"),
    "view.changed": N_("%(actor)s changed the view %(name)s"),
    "view.deleted": N_("%(actor)s deleted the view %(name)s"),
    "view.restored": N_("%(actor)s brought the view %(name)s back"),
}
