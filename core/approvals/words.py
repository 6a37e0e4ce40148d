"""Words for refusals and facts about what waits for a yes."""

from core.base.words import N_

WORDS = {
    "approval_nobody": N_("Nobody here may say yes to this. Ask an administrator about the limits of the roles."),
    "approval_own": N_("You asked for this yourself: somebody else has to decide."),
    "approval_beyond_you": N_("This is over your own limit: somebody who may go further has to decide."),
    "approval_over": N_("This was decided already, or what was asked about has changed."),
    "limit_out_of_range": N_("Write a number from %(least)s to %(most)s."),
    "limit_beyond_yours": N_("This is further than your own limit reaches."),
    "role_beyond_yours": N_("This role may decide further than your own limits reach."),
    "closes_before_opens": N_("The working day has to end after it begins."),
    "approval.stood_in": N_("%(actor)s decided about %(name)s in place of %(absent)s, who is away"),
    "told.approval_for_absent": N_("A colleague for whom you stand in is asked for a yes"),
    "role.limits_set": N_("%(actor)s set the limits of the role %(name)s"),
    "approval_clock.set": N_("%(actor)s set that others are asked for a yes after %(hours)s working hours"),
}
STATE_LABELS = {"waiting": N_("Waits for a yes"), "approved": N_("Approved"), "refused": N_("Not approved"), "void": N_("Void: it was changed")}
LABELS = {"hours": N_("Working hours until others are asked too"), "opens": N_("The working day begins at"), "closes": N_("and ends at"), "weekdays": N_("Working days")}
