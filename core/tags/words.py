"""Words for refusals and facts about tags."""

from core.base.words import N_

COLOUR_LABELS = {
    "grey": N_("Grey"), "blue": N_("Blue"), "green": N_("Green"), "amber": N_("Amber"), "red": N_("Red"), "violet": N_("Violet"), "cyan": N_("Turquoise"), "pink": N_("Pink"),
}
WORDS = {
    "tag_exists": N_("There is a tag of this name already. Merge the two instead."),
    "tag_leaving": N_("A tag of this name is being renamed, merged or deleted in all records. Wait until that is done, or go on with it under \"Changes in all records\"."),
    "tag_no_comma": N_("A tag has no comma and no semicolon: they stand between tags."),
    "tag_same": N_("Choose another tag to merge into."),
    "tag_unknown": N_("There is no such tag any more. Choose another one."),
    "tags_busy": N_("Another change of a tag is under way. Try again when it is done."),
    "tag_change_not_now": N_("This can't be done in the present state of the change. Load the page again to see how far it is."),
    "tag_change_too_late": N_("A change of a tag can be taken back for %(days)s days. This one is older."),
    "tag_change_not_allowed": N_("Whoever started this may not do it any more, so it was stopped. What is counted below was done."),
    "tag_change_broke_off": N_("The change broke off again and again, so we have stopped it. What is counted below was done. You can go on where it stopped."),
    "tag.created": N_("%(actor)s made the tag %(name)s"),
    "tag.edited": N_("%(actor)s changed the tag %(name)s"),
    "tag_change.started": N_("%(actor)s began to change the tag %(name)s"),
    "tag_change.finished": N_("The tag %(name)s was changed in %(changed)s records"),
    "tag_change.broke_off": N_("A change of the tag %(name)s broke off after %(changed)s records"),
    "tag_change.undone": N_("A change of the tag %(name)s was taken back in %(undone)s records"),
}
