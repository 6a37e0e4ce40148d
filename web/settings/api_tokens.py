"""Settings, API tokens: what one has, a new one (its secret shown this one time), and taking one back."""

from uuid import UUID

from flask import Blueprint, request
from wtforms import SelectField, SelectMultipleField, StringField, widgets
from wtforms.validators import InputRequired, Length

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.identity import queries, sign_in_rules, tokens
from infra import i18n
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.permission_words import NOT_CHOSEN

bp = Blueprint("tokens", __name__, url_prefix="/settings/tokens")
REACHES = [("read", N_("Reading only")), ("all", N_("Everything that I may do"))]
DAYS = [("30", N_("30 days")), ("90", N_("90 days")), ("365", N_("One year"))]
ENDLESS = ("0", N_("Until it is revoked"))
# The rooms that a token may be kept to, as permissions begin.
ROOMS = {
    "accounts": N_("Accounts"), "contacts": N_("Contacts"), "deals": N_("Deals"), "pipelines": N_("Pipelines"), "activities": N_("Contact log"), "tags": N_("Tags"), "personal_facts": N_("Personal facts"), "date_reminders": N_("Date reminders"),
    "consents": N_("Consents"), "comments": N_("Discussions"), "files": N_("Files"), "shares": N_("Sharing"), "imports": N_("Imports"), "bulk_edits": N_("Bulk edits"),
    "merges": N_("Merges"), "mailings": N_("Mailings"), "products": N_("Products"), "product_costs": N_("Costs of products"), "catalogue": N_("Catalogue"), "privacy": N_("Privacy"), "users": N_("People"),
}


class TokenForm(Form):
    """A token to make: what it is for, how far it reaches, how long it lives."""

    name = StringField(N_("What it is for"), [InputRequired(), Length(max=100)])
    role = SelectField(N_("No more than the role"), default="")
    reach = SelectField(N_("It may do"), choices=REACHES, default="read")
    days = SelectField(N_("Valid for"), choices=DAYS, default="90")
    rooms = SelectMultipleField(N_("Only these rooms"), option_widget=widgets.CheckboxInput())


@bp.get("/")
@needs("tokens.read")
def index(ctx: Context):
    """One's own tokens (an administrator: all) and the form for a new one."""
    return _index(ctx, _form(ctx))


@bp.post("/")
@needs("tokens.manage", fresh=True)
def create(ctx: Context):
    """The secret stands in this one answer and is stored nowhere, so it is no redirect."""
    form = _form(ctx, request.form)
    if form.validate():
        with form.attempt(ctx):
            secret, row = tokens.make_token(
                ctx, name=form.name.data, role=form.role.data, rooms=form.rooms.data or None, reading=form.reach.data == "read", days=int(form.days.data) or None)
            ctx.session.flush()  # the list below shows it
            response = _index(ctx, _form(ctx), secret=secret, made=row, status=201)
            response.headers["Cache-Control"] = "no-store"
            return response
    return _index(ctx, form, status=422)


@bp.post("/<uuid:id>/revocation")
@needs("tokens.revoke")
def create_revocation(ctx: Context, id: UUID):
    """The next call with it is refused."""
    tokens.revoke_token(ctx, id)
    say(ctx, N_("Token revoked"))
    return see_other("tokens.index")


def _form(ctx: Context, sent=None) -> TokenForm:
    """With the choices that there are here, in the reader's language."""
    form, said = TokenForm(sent), lambda pairs: [(value, i18n.gettext(ctx.locale, text)) for value, text in pairs]
    there = {name.partition(".")[0] for name in policy.present(ctx) if policy.has(ctx, name) and name not in NOT_CHOSEN}
    form.role.choices = [("", i18n.gettext(ctx.locale, N_("All that I may do"))), *said((role.code, role.name) for role in queries.roles(ctx))]
    form.reach.choices = said(REACHES)
    form.rooms.choices = said(pair for pair in ROOMS.items() if pair[0] in there)
    form.days.choices = said([*DAYS, *([ENDLESS] if sign_in_rules.rules_of(ctx).endless_tokens else [])])
    return form


def _index(ctx: Context, form: TokenForm, status: int = 200, **values):
    return page(
        "settings/tokens.html", status=status, form=form, tokens=queries.tokens(ctx), names=queries.user_names(ctx), roles={role.id: role.name for role in queries.roles(ctx)},
        rooms=ROOMS, api_url=ctx.tenant.url + "/api/v1", now=ctx.now, **values,
    )
