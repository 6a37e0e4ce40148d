"""Words for refusals and facts about bulk edits."""

from core.base.words import N_

WORDS = {
    "bulk_nothing_selected": N_("Choose some records first."),
    "bulk_too_many_keys": N_("Name at most %(max)s records at once, or choose them by a filter."),
    "bulk_too_many": N_("More than %(max)s records match. Narrow the list down and do it in parts."),
    "bulk_keys_or_filter": N_("Say which records: by their keys or by a filter, not both."),
    "bulk_one_operation": N_("Say one thing to do: change fields, tags, the owner, or delete."),
    "bulk_no_field": N_("Choose a field to change."),
    "bulk_say_empty": N_("Write a value, or tick \"Empty this field\"."),
    "bulk_no_tags": N_("Write at least one tag to add or to remove."),
    "bulk_not_this_field": N_("This field can't be changed for many records at once."),
    "bulk_not_now": N_("This can't be done in the present state of the bulk edit. Load the page again to see how far it is."),
    "bulk_nothing_to_do": N_("None of these records would change."),
    "bulk_too_late": N_("A bulk edit can be taken back for %(days)s days. This one is older."),
    "bulk_not_allowed": N_("Whoever started this may not do it any more, so it was stopped. What is counted below was done."),
    "bulk_broke_off": N_("The bulk edit broke off again and again, so we have stopped it. What is counted below was done. You can go on behind it, or take it back."),
    "bulk_undo_broke_off": N_("Taking the bulk edit back broke off again and again, so we have stopped it. You can go on where it stopped."),
    "bulk_edit.finished": N_("%(actor)s changed %(changed)s records at once"),
    "bulk_edit.cancelled": N_("%(actor)s stopped a bulk edit after %(changed)s records"),
    "bulk_edit.broke_off": N_("A bulk edit broke off after %(changed)s records"),
    "bulk_edit.undone": N_("%(actor)s took a bulk edit back: %(undone)s records, %(kept)s kept"),
}
