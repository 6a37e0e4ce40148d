"""Words for refusals about the contact log, and the names of its kinds."""

from core.base.words import N_

WORDS = {
    "activity_about": N_("Say which account or person this is about."),
    "contact_elsewhere": N_("This person does not belong to this account."),
    "activity_empty": N_("Write what was said, or when the next contact is."),
    "not_a_moment": N_("Write a day and time such as tomorrow 10:00, fri, +3d, 26/11 or 2026-05-31 14:30."),
    "moment_past": N_("Choose a day that is still to come."),
    "moment_future": N_("What is still to come is a next contact: write its day there."),
    "next_contact_done": N_("This contact is done already."),
    "next_contact_open": N_("This contact is still to be made."),
    "activity.logged": N_("%(actor)s logged a contact"),
    "activity.promise_kept": N_("%(actor)s kept a promise"),
    "activity.promise_broken": N_("A promise was not kept by its day"),
    "told.promise_soon": N_("Promised for tomorrow: %(what)s"),
    "told.promise_broken": N_("Promised by %(name)s and not kept: %(what)s"),
    "activity.next_done": N_("%(actor)s made the planned contact"),
    "activity.next_reopened": N_("%(actor)s put the planned contact back"),
    "activity.next_moved": N_("%(actor)s moved the planned contact"),
    "activity.corrected": N_("%(actor)s corrected an entry"),
    "activity.deleted": N_("%(actor)s deleted an entry"),
    "activity.restored": N_("%(actor)s brought an entry back"),
    "event_without_start": N_("The file says no day for it that can be read."),
    "event_cancelled": N_("It was cancelled."),
    "event_done": N_("It is done."),
    "event_over": N_("It is over."),
    "event_too_often": N_("It repeats by the hour or more often."),
    "event_repeats": N_("How it repeats can't be read."),
    "event_nobody": N_("It names nobody whom you know here."),
    "event_known": N_("It is in the contact log already."),
    "events_chosen": N_("Choose between 1 and %(max)s events."),
    "who_not_one": N_("Nobody is called so, or more than one. Write the whole name."),
    "calendar_unreadable": N_("This is no calendar file that can be read. Export the calendar as a file that ends in .ics and choose that."),
    "calendar_busy": N_("Somebody's calendar file is being looked at. Try again in a moment."),
    "calendar_too_many": N_("The file holds more than %(max)s events. Export fewer days of the calendar."),
    "participant_alone": N_("Others take part in a call, a visit or a meeting alone."),
    "participant_whom": N_("Name one person or one colleague."),
    "participant_there": N_("They take part already."),
    "activity.participant_added": N_("%(actor)s asked somebody to take part"),
    "activity.participant_removed": N_("%(actor)s took somebody out of a planned contact"),
    "told.participant": N_("%(actor)s asked you to take part: %(what)s"),
    "told.participant_bare": N_("%(actor)s asked you to take part in a contact with %(record)s"),
    "period_backwards": N_("Choose a last day that is not before the first."),
}

KIND_LABELS = {
    "note": N_("Note"), "call": N_("Call"), "mail": N_("Email"), "meeting": N_("Meeting"), "visit": N_("Visit"), "message": N_("Message"),
}
# What a next contact may be.
PLAN_LABELS = {
    "call": KIND_LABELS["call"], "mail": KIND_LABELS["mail"], "message": KIND_LABELS["message"], "visit": KIND_LABELS["visit"], "meeting": KIND_LABELS["meeting"], "task": N_("Task"), "promise": N_("Promise"),
}
DIRECTION_LABELS = {"in": N_("Incoming"), "out": N_("Outgoing")}
# Column of the log as a file -> its heading.
LABELS = {
    "happened_at": N_("When"), "kind": N_("Kind"), "direction": N_("Direction"), "account_name": N_("Account"), "contact_name": N_("Contact"), "body": N_("Text"),
    "outcome": N_("Outcome"), "author_name": N_("Written by"), "owner_name": N_("Owner"), "next_contact": N_("Next contact"),
    "next_contact_kind": N_("Kind of the next contact"), "next_contact_note": N_("About"), "done_at": N_("Done"), "place": N_("Place"), "others": N_("Also taking part"),
}
