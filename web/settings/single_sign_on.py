"""Settings, sign-in rules: the company's own provider. It stands on the page of web/settings/sign_in.py."""

from typing import Any

from flask import Blueprint, request
from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.words import N_
from core.identity import queries, single_sign_on
from core.identity.models import IdentityProvider
from infra import i18n
from web.editing import version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import say, see_other

bp = Blueprint("provider", __name__, url_prefix="/settings/single-sign-on")


class ProviderForm(Form):
    """What the provider is, and whom it lets in. secret: empty keeps the one that is stored."""

    name = StringField(N_("What people call it"), [InputRequired(), Length(max=60)], id="sso-name")
    issuer = StringField(N_("Issuer"), [InputRequired(), Length(max=300)])
    client_id = StringField(N_("Client ID"), [InputRequired(), Length(max=200)])
    secret = PasswordField(N_("Client secret"), [Length(max=500)])
    creates_users = BooleanField(N_("Whoever it knows may join"))
    role = SelectField(N_("Role of who joins"), default="sales")
    only = BooleanField(N_("The only way in"))


@bp.post("/")
@needs("settings.manage", fresh=True)
def update(ctx: Context):
    """Save, and have the provider asked what it is; it works once that is known."""
    from web.settings.sign_in import show_rules

    form = provider_form(ctx, None, request.form)
    if form.validate():
        with form.attempt(ctx):
            given = {name: form[name].data for name in single_sign_on.FIELDS}
            single_sign_on.change_provider(ctx, version=version_of_form(), secret=form.secret.data or "", **given)
            say(ctx, N_("Single sign-on saved"))
            return see_other("sign_in.edit", _anchor="single-sign-on")
    return show_rules(ctx, provider=form, status=422)


@bp.post("/removal")
@needs("settings.manage", fresh=True)
def destroy(ctx: Context):
    single_sign_on.remove_provider(ctx)
    say(ctx, N_("Single sign-on removed"))
    return see_other("sign_in.edit")


def provider_form(ctx: Context, row: IdentityProvider | None, sent: Any = None) -> ProviderForm:
    """As it stands, or as it was sent."""
    roles = queries.roles(ctx)
    codes = {role.id: role.code for role in roles}
    stored = {name: getattr(row, name) for name in ("name", "issuer", "client_id", "creates_users", "only")} | {"role": codes.get(row.role_id, "sales")} if row else {}
    form = ProviderForm(sent, data=None if sent is not None else stored)
    form.role.choices = [(role.code, i18n.gettext(ctx.locale, role.name)) for role in roles]
    return form
