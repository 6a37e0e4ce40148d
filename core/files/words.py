"""Words for refusals and facts about files on records."""

from core.base.words import N_

WORDS = {
    "upload_too_large": N_("This file is too large. A file can have %(max)s MB at most."),
    "upload_empty": N_("This file is empty."),
    "upload_cut": N_("This file did not arrive whole. Try again."),
    "too_many_files": N_("A record can have %(max)s files at most. Delete some first."),
    "storage_full": N_("Your plan's storage of %(max)s MB is used up. Delete files or choose a larger plan."),
    "picture_too_large": N_("This picture has too many pixels. It can have %(max)s million at most."),
    "file_link_over": N_("This link was good for a minute, and that is over. Go back and open the file again."),
    "file_not_yours": N_("Only who put the file here, or may change the record, can do that."),
    "file.added": N_("%(actor)s added the file %(name)s"),
    "file.renamed": N_("%(actor)s renamed the file %(before)s to %(name)s"),
    "file.deleted": N_("%(actor)s deleted the file %(name)s"),
    "file.restored": N_("%(actor)s brought the file %(name)s back"),
}
