"""What merges say."""

from core.base.words import N_

WORDS = {
    "merge_how_many": N_("Choose two to %(most)s records."),
    "merge_gone": N_("One of these records is not there any more, or somebody has merged it already."),
    "merge_changed": N_("%(name)s was changed since you looked. Look at the preview again."),
    "merge_under_way": N_("One of these records is being merged right now. Try again when that is done."),
    "merge_not_now": N_("This can't be done in the present state of the merge. Load the page again to see how far it is."),
    "merge_too_late": N_("A merge can be taken back for %(days)s days. This one is older."),
    "merge_survivor_merged": N_("The record was merged into another one since. Take that merge back first."),
    "merge_broke_off": N_("The work broke off again and again, so we have stopped it. You can go on with it, or take the merge back."),
    "merged_elsewhere": N_("This record was merged into another one. Take the merge back instead."),
    "account.merged": N_("%(actor)s merged %(others)s into %(name)s"),
    "contact.merged": N_("%(actor)s merged %(others)s into %(name)s"),
    "account.unmerged": N_("%(actor)s took the merge of %(name)s with %(others)s back"),
    "contact.unmerged": N_("%(actor)s took the merge of %(name)s with %(others)s back"),
}
