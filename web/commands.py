"""What the palette offers beside the navigation: things to do, pages of settings, how it looks and speaks."""

from dataclasses import dataclass

from flask import current_app, url_for

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from infra import i18n


@dataclass(frozen=True)
class Command:
    """One thing to do. endpoint: the page where it is done; place: where on it. step: no page, but a second question of
    the palette ("log": for whom?). add: it stands behind the plus of the phone too."""

    text: str
    icon: str
    endpoint: str
    permission: str
    place: str = ""
    step: str = ""
    add: bool = False


COMMANDS = (
    Command(N_("Create account"), icon="building-plus", endpoint="accounts.new", permission="accounts.create", add=True),
    Command(N_("Create contact"), icon="user-plus", endpoint="contacts.new", permission="contacts.create", add=True),
    Command(N_("Create deal"), icon="target-arrow", endpoint="deals.new", permission="deals.create", add=True),
    Command(N_("Create lead"), icon="user-search", endpoint="leads.new", permission="leads.create", add=True),
    Command(N_("Create quote"), icon="file-invoice", endpoint="quotes.new", permission="quotes.create", add=True),
    Command(N_("Price check"), icon="receipt", endpoint="prices.check", permission="products.read"),
    Command(N_("Create product"), icon="package", endpoint="products.new", permission="products.create"),
    Command(N_("Log a call for …"), icon="phone-plus", endpoint="accounts.index", permission="activities.log", step="log"),
    Command(N_("Log or plan in your words"), icon="note", endpoint="activities.new", permission="activities.log", add=True),
    Command(N_("Write a mail"), icon="mail", endpoint="mail.new", permission="mail.send", add=True),
    Command(N_("Write a mailing"), icon="mail-plus", endpoint="mailings.new", permission="mailings.edit"),
    Command(N_("Import from a file"), icon="upload", endpoint="transfer.new", permission="imports.run", add=True),
    Command(N_("Invite a colleague"), icon="send", endpoint="settings.members", permission="users.manage", place="invitation"),
)


def commands(ctx: Context) -> list[dict]:
    """What this actor may do, in his language."""
    return [
        {"text": i18n.gettext(ctx.locale, one.text), "icon": one.icon, "href": url_for(one.endpoint, _anchor=one.place or None), "step": one.step or None, "add": one.add}
        for one in COMMANDS if one.endpoint in current_app.view_functions and policy.has(ctx, one.permission)
    ]
