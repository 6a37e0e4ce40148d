"""Who may put files on records. They are seen by whoever sees the record."""

from core.base.policy import WRITE, Rule

PERMISSIONS = {"files.write": Rule(WRITE)}
