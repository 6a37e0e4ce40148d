"""Words of what users are told: sentences of notifications, the names of their kinds, how they may come."""

from core.base.words import N_

WORDS = {
    "told.mentioned": N_("%(actor)s mentioned you on %(record)s"),
    "told.commented": N_("%(actor)s commented on %(record)s"),
    "told.assigned": N_("%(actor)s made you the owner of %(record)s"),
    "told.reminder": N_("Due: %(what)s"),
    "told.joined": N_("%(actor)s accepted your invitation"),
    "told.import_finished": N_("Your import of %(record)s is finished: %(created)s new, %(updated)s changed"),
    "told.import_failed": N_("Your import of %(record)s broke off"),
    "told.import_undone": N_("Your import of %(record)s is taken back"),
    "told.mailing_finished": N_("Your mailing %(record)s has been sent"),
    "told.takeout_finished": N_("Your export of everything can be downloaded"),
    "told.takeout_failed": N_("Your export of everything did not succeed"),
    "quiet_same": N_("Quiet hours begin and end at different hours."),
    "quiet_half": N_("Choose when quiet hours begin and when they end, or neither."),
}

KIND_LABELS = {
    "mentioned": N_("You are mentioned"), "assigned": N_("You become the owner of a record"), "commented": N_("A comment on what you follow or own"),
    "reminder": N_("A next contact is due, or a date of a record comes"), "received": N_("A customer writes a mail"), "finished": N_("Work that you started is finished"), "joined": N_("Somebody accepts your invitation"),
    "workspace": N_("Something about the workspace wants a look: a long export, less use"),
}
# The same as one word, for filters.
KIND_NAMES = {
    "mentioned": N_("Mentions"), "assigned": N_("Assignments"), "commented": N_("Comments"), "reminder": N_("Reminders"), "received": N_("Mails"), "finished": N_("Finished work"), "joined": N_("Invitations"), "workspace": N_("Workspace"),
}
CHANNEL_LABELS = {"mail": N_("By mail at once"), "digest": N_("In the morning's letter"), "app": N_("Only here"), "none": N_("Not at all")}
DAYS_LABELS = {"working": N_("On working days"), "every": N_("Every day")}
SOMEBODY, MORE = N_("Somebody"), N_("and %(count)s more")
