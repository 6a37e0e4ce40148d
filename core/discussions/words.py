"""Words for refusals and facts about comments."""

from core.base.words import N_

WORDS = {
    "comment_empty": N_("Write something first."),
    "mention_unseen": N_("%(name)s can't see this record, so they can't be mentioned here. Make them its owner, or ask an administrator to widen their role."),
    "mention_unclear": N_("Several people are called %(name)s. Write @ and the mail address of the one you mean."),
    "comment.added": N_("%(actor)s commented"),
    "comment.edited": N_("%(actor)s changed a comment"),
    "comment.deleted": N_("%(actor)s deleted a comment"),
    "comment.restored": N_("%(actor)s brought a comment back"),
}
