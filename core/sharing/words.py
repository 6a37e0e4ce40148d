"""Words of sharing."""

from core.base.words import N_

WORDS = {
    "share.granted": N_("%(actor)s shared this with %(name)s"),
    "share.changed": N_("%(actor)s changed what %(name)s may do here"),
    "share.ended": N_("%(actor)s no longer shares this with %(name)s"),
    "share_whom": N_("Choose one person or one team."),
    "share_past": N_("Choose a day that is still to come."),
    "too_many_shares": N_("This person or team has %(max)s records shared by name already. Give a role instead."),
    "told.shared": N_("%(actor)s shared %(record)s with you"),
}
