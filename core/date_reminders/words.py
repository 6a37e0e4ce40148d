"""Words of date reminders: refusals, facts, and what people are told."""

from core.base.words import N_

WORDS = {
    "date_reminder_days": N_("Write up to %(most)s numbers of days, from 0 (the day itself) to %(days)s, with commas between them."),
    "date_reminder_nobody": N_("Choose at least one who is told."),
    "date_reminder_field": N_("Choose a field that holds a date."),
    "date_reminder.created": N_("%(actor)s made a date reminder"),
    "date_reminder.edited": N_("%(actor)s changed a date reminder"),
    "date_reminder.deleted": N_("%(actor)s deleted a date reminder"),
    "date_reminder.restored": N_("%(actor)s brought a date reminder back"),
    "told.date_today": N_("Today: %(what)s of %(record)s"),
    "told.date_soon": N_("%(on)s: %(what)s of %(record)s"),
    "told.date_more": N_("And %(count)s more dates today or soon"),
}
LABELS = {
    "field": N_("Date"), "days_before": N_("Days before"), "yearly": N_("Every year"), "to_owner": N_("The record's owner"), "to_followers": N_("Whoever follows the record"),
    "role_id": N_("Everybody in the role"), "user_id": N_("This person"),
}
