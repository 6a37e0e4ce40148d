"""Words for what tenants refuses."""

from core.base.words import N_

WORDS = {
    "domain_invalid": N_("Write a domain of your own, for example crm.example.com."),
    "domain_taken": N_("Another workspace uses this domain."),
    "domain_unproven": N_("The TXT record was not found yet. It can take some minutes after you made it."),
    "run_exists": N_("The same operation is under way for this workspace already."),
    "run_busy": N_("Another process works on this operation right now."),
    "run_failed": N_("The operation failed. Its page names the step and the reason."),
    "run_broke_off": N_("It broke off again and again, so we have stopped it. Nothing was changed. You can start it anew."),
    "tenant_busy": N_("Somebody's work in this workspace did not come to an end. Nothing was changed; try again."),
    "archive_damaged": N_("This archive is damaged or was changed. Nothing was restored."),
    "archive_foreign": N_("This archive belongs to another workspace. Nothing was restored."),
    "archive_partial": N_("This is a customer's export, not a whole backup. Nothing was restored."),
    "archive_newer": N_("This archive was made by a newer version of Tendero. Nothing was restored."),
    "not_leaving": N_("Nobody has asked for this workspace to be deleted."),
    "deletion_begun": N_("The erasure has begun and cannot be undone."),
    "deletion_not_due": N_("The day of erasure has not come yet."),
    "weak_code": N_("The code is not right, or was used already."),
    "operator_taken": N_("An operator with this mail address exists already."),
    "storage_not_local": N_("Files on %(scheme)s storage are exported with that storage's own tools."),
    "workspace.changed": N_("%(actor)s changed the workspace's settings"),
    "starter_applied": N_("This workspace has begun with a starter set already. Take that one back first."),
    "starter_none": N_("No starter set stands here."),
    "starter_touched": N_("Something of it was changed or is in use, so it stays. Change what you do not want by hand."),
    "workspace.starter_applied": N_("%(actor)s applied the starter set %(set)s"),
    "workspace.starter_undone": N_("%(actor)s took the starter set %(set)s back"),
    "takeout.asked": N_("%(actor)s asked for an export of everything"),
    "takeout.downloaded": N_("%(actor)s downloaded an export of everything"),
}
