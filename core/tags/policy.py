"""Who sees the page of tags, and who keeps it. Renaming, merging and deleting reach every record, whoever sees it: that is what
the permission says. Whoever must not write the tags of accounts or contacts can't do it by this way either."""

from core.base.policy import READ, WRITE, Rule

PERMISSIONS = {"tags.read": Rule(READ), "tags.manage": Rule(WRITE)}
