"""What forms of tokens and programs share: how far a key reaches, how long it lives, and the one answer in which it stands."""

from collections.abc import Callable, Collection
from typing import Any

from flask import Response
from wtforms import SelectField, SelectMultipleField, widgets
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.words import N_
from core.identity import sign_in_rules
from infra import i18n
from web.forms import Form
from web.settings.permission_words import NOT_CHOSEN

DAYS = [("30", N_("30 days")), ("90", N_("90 days")), ("365", N_("One year"))]
ENDLESS = ("0", N_("Until it is revoked"))
# The rooms that a token may be kept to, as permissions begin.
ROOMS = {
    "accounts": N_("Accounts"), "contacts": N_("Contacts"), "deals": N_("Deals"), "leads": N_("Leads"), "quotes": N_("Quotes"), "pipelines": N_("Pipelines"), "activities": N_("Contact log"), "tags": N_("Tags"), "personal_facts": N_("Personal facts"), "date_reminders": N_("Date reminders"),
    "consents": N_("Consents"), "comments": N_("Discussions"), "files": N_("Files"), "shares": N_("Sharing"), "imports": N_("Imports"), "bulk_edits": N_("Bulk edits"),
    "merges": N_("Merges"), "mailings": N_("Mailings"), "products": N_("Products"), "product_costs": N_("Costs of products"), "catalogue": N_("Catalogue"), "privacy": N_("Privacy"), "users": N_("People"),
}


class KeyForm(Form):
    """A key to make: what it may do, how long it lives, which rooms it is kept to. REACHES: the choices of `reach`."""

    REACHES: tuple[tuple[str, str], ...] = ()
    reach = SelectField(N_("It may do"), default="read")
    days = SelectField(N_("Valid for"), choices=DAYS)
    rooms = SelectMultipleField(N_("Only these rooms"), option_widget=widgets.CheckboxInput())

    def limits(self) -> dict[str, Any]:
        """What was chosen, as the use cases take it."""
        return {"rooms": self.rooms.data or None, "reading": self.reach.data == "read", "days": int(self.days.data) or None}


def in_words(ctx: Context, pairs: Collection[tuple[str, str]]) -> list[SelectChoice]:
    """Choices in the reader's language."""
    return [SelectChoice(value, i18n.gettext(ctx.locale, text)) for value, text in pairs]


def offer(ctx: Context, form: KeyForm, permissions: Collection[str]) -> None:
    """The choices that there are here; permissions: those of whose rooms a key may be kept to some."""
    there = {name.partition(".")[0] for name in permissions if name not in NOT_CHOSEN}
    form.reach.choices = in_words(ctx, form.REACHES)
    form.rooms.choices = in_words(ctx, [pair for pair in ROOMS.items() if pair[0] in there])
    form.days.choices = in_words(ctx, [*DAYS, *([ENDLESS] if sign_in_rules.rules_of(ctx).endless_tokens else [])])


def shown_once(answer: Callable[..., Response], secret: str, made: Any) -> Response:
    """The answer in which the secret stands. It is stored nowhere, so it is no redirect, and no browser keeps it."""
    response = answer(secret=secret, made=made, status=201)
    response.headers["Cache-Control"] = "no-store"
    return response
