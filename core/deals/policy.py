"""Who may do what with deals and the pipelines they go through."""

from core.base.policy import ALWAYS, READ, WRITE, Rule, is_changeable

PERMISSIONS = {
    "deals.read": Rule(READ),
    "deals.create": Rule(WRITE),
    "deals.edit": Rule(WRITE, is_changeable),
    "deals.delete": Rule(WRITE, is_changeable),
    "deals.export": Rule(ALWAYS),
    "pipelines.manage": Rule(WRITE),
    # The list of competitors; which of them want a deal is said by whoever may change the deal.
    "competitors.edit": Rule(WRITE),
    # What people, teams and the workspace are to win, and what a manager expects beyond what stands in the deals.
    "targets.manage": Rule(WRITE),
    "forecasts.adjust": Rule(WRITE),
}
