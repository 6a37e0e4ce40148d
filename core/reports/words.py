"""Words of reports: refusals, facts, what people are told, the names of what a report tells."""

from core.base.words import N_

WORDS = {
    "report_period": N_("Choose a day, or a week."),
    "report_ahead": N_("That day or week has not begun yet."),
    "report_handed": N_("This report was handed in already."),
    "report_final": N_("It is too late to take this report back."),
    "report_discussed": N_("Somebody has commented on this report already, so it stays handed in."),
    "report_with_files": N_("There is a file with this report already, so it stays handed in."),
    "work_report.handed_in": N_("%(actor)s handed in a report"),
    "work_report.taken_back": N_("%(actor)s took a report back"),
    "report_rules.changed": N_("%(actor)s changed when reports are asked for"),
    "told.report_handed": N_("%(actor)s handed in the report %(record)s"),
    "told.report_missing": N_("Your report for %(period)s is not handed in yet"),
}
KIND_LABELS = {"day": N_("Report of a day"), "week": N_("Report of a week")}
SECTION_LABELS = {"contacts": N_("Contacts made"), "promises": N_("Promises"), "deals": N_("Deals"), "quotes": N_("Quotes"), "leads": N_("Leads"), "next": N_("What comes next")}
TOLD_LABELS = {
    "call": N_("Call"), "mail": N_("Mail"), "message": N_("Message"), "visit": N_("Visit"), "meeting": N_("Meeting"), "task": N_("Task"), "promise": N_("Promise"),
    "made": N_("Promised"), "kept": N_("Promise kept"), "broken": N_("Promise not kept"), "new": N_("New deal"), "moved": N_("Moved on"), "won": N_("Won"), "lost": N_("Closed lost"),
    "sent": N_("Sent"), "accepted": N_("Accepted"), "converted": N_("Converted"), "step": N_("Next step"),
}
TOLD_HUES = {"kept": "green", "won": "green", "accepted": "green", "converted": "green", "broken": "red", "lost": "red", "made": "amber", "promise": "amber"}
LABELS = {"words": N_("In your own words"), "days": N_("Days on which a report of the day is asked for"), "day_hour": N_("Until"), "week_day": N_("A report of the week is asked for until"), "week_hour": N_("at")}
