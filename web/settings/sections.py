"""The list of settings' sections: what this actor may open, in its order."""

from flask import current_app, request, url_for

from core.base import policy
from core.base.context import Context
from core.base.words import N_

SECTIONS = (
    (N_("Profile"), "settings.profile", "profile.edit"), (N_("People"), "settings.members", "users.read"),
    (N_("Workspace"), "workspace.edit", "settings.manage"), (N_("API tokens"), "tokens.index", "tokens.read"),
    (N_("Plan and invoices"), "subscription.show", "billing.manage"), (N_("Your data"), "takeout.index", "takeout.run"),
    (N_("Audit"), "audit.index", "audit.read"), (N_("Sample data"), "samples.show", "settings.manage"),
)


def sections(ctx: Context) -> list[dict]:
    """text, href and current of each section."""
    return [
        {"text": text, "href": url_for(endpoint), "current": (request.endpoint or "").rpartition(".")[0] == endpoint.rpartition(".")[0] and _same_page(endpoint)}
        for text, endpoint, permission in SECTIONS if endpoint in current_app.view_functions and policy.has(ctx, permission)
    ]


def _same_page(endpoint: str) -> bool:
    """Profile and people share a blueprint: there the path decides."""
    return not endpoint.startswith("settings.") or request.path.startswith(url_for(endpoint)) or (endpoint == "settings.profile" and "/members" not in request.path)
