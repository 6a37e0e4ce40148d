"""Words of handing over: facts, refusals, what a successor is told."""

from core.base.words import N_

WORDS = {
    "user.handed_over": N_("%(actor)s handed what %(name)s looked after over to %(successor)s"),
    "user.handed_back": N_("%(actor)s took back what %(name)s had handed over to %(successor)s"),
    "handover.done": N_("%(actor)s handed %(number)s records of %(name)s over to %(successors)s"),
    "handover.undone": N_("%(actor)s took a handover of %(name)s back: %(undone)s records, %(kept)s kept"),
    "handover.stays": N_("What %(name)s had handed over for a time stays where it is, as he works here no more"),
    "told.handover_stays": N_("%(record)s works here no more: what was handed over for a time stays where it is"),
    "told.handed_over": N_("%(actor)s handed %(number)s records of %(record)s over to you"),
    "handover_not_now": N_("This can't be done in the present state of the handover. Load the page again to see how far it is."),
    "handover_successors_left": N_("These can take nothing over any more: %(names)s. Plan the handover anew."),
    "handover_nothing": N_("There is nothing to hand over."),
    "handover_too_many": N_("More than %(max)s records at once are too many. Hand over a part by a bulk edit first."),
    "handover_rule_empty": N_("Say for each rule to whom, and by which condition."),
    "handover_over": N_("Its last day is over. Plan it anew with today or a day to come."),
    "handover_not_allowed": N_("Whoever started this may not do it any more, so it was stopped. What is counted below was done."),
    "handover_broke_off": N_("The handover broke off again and again, so we have stopped it. What is counted below was done. You can go on behind it, or take it back."),
}
WAY_LABELS = {"one": N_("To one person"), "turn": N_("One after the other"), "rules": N_("By rules"), "hand": N_("By hand")}
KIND_LABELS = {"accounts": N_("Accounts"), "contacts": N_("Contacts"), "deals": N_("Deals"), "leads": N_("Leads"), "quotes": N_("Quotes"), "activities": N_("Next contacts")}
STATE_LABELS = {
    "planned": N_("Preview"), "running": N_("Being handed over"), "done": N_("Handed over"), "failed": N_("Broke off"), "cancelled": N_("Stopped"), "undoing": N_("Being taken back"), "undone": N_("Taken back"),
}
STATE_HUES = {"planned": "grey", "running": "blue", "done": "green", "failed": "red", "cancelled": "amber", "undoing": "blue", "undone": "grey"}
FIRST = {
    "first_overdue": N_("Overdue since %(day)s: %(what)s"), "first_due": N_("Due on %(day)s: %(what)s"), "first_quotes": N_("Ask about the open quotes: %(number)s"), "first_deals": N_("Agree a next step for the open deals: %(number)s"),
    "first_never": N_("Nobody was in touch yet: introduce yourself"), "first_silent": N_("Nobody was in touch for %(days)s days: introduce yourself"), "first_hello": N_("Introduce yourself"),
}
