"""Views of one's own are part of one's own settings (profile.edit); showing them to others is a permission."""

from core.base.policy import WRITE, Rule

PERMISSIONS = {"views.share": Rule(WRITE)}
