"""Settings, API tokens: what one has, a new one (its secret shown this one time), and taking one back."""

from functools import partial
from uuid import UUID

from flask import Blueprint, request
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.identity import queries, tokens
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.shown_once import DAYS, ROOMS, KeyForm, in_words, offer, shown_once

bp = Blueprint("tokens", __name__, url_prefix="/settings/tokens")


class TokenForm(KeyForm):
    """A token to make: what it is for, how far it reaches, how long it lives."""

    REACHES = (("read", N_("Reading only")), ("all", N_("Everything that I may do")))
    name = StringField(N_("What it is for"), [InputRequired(), Length(max=100)])
    role = SelectField(N_("No more than the role"), default="")
    days = SelectField(N_("Valid for"), choices=DAYS, default="90")


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
            secret, row = tokens.make_token(ctx, name=form.name.data, role=form.role.data, **form.limits())
            ctx.session.flush()  # the list below shows it
            return shown_once(partial(_index, ctx, _form(ctx)), secret, row)
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
    form = TokenForm(sent)
    offer(ctx, form, [name for name in policy.present(ctx) if policy.has(ctx, name)])
    form.role.choices = in_words(ctx, [("", N_("All that I may do")), *((role.code, role.name) for role in queries.roles(ctx))])
    return form


def _index(ctx: Context, form: TokenForm, status: int = 200, **values):
    return page(
        "settings/tokens.html", status=status, form=form, tokens=queries.tokens(ctx), names=queries.user_names(ctx), roles={role.id: role.name for role in queries.roles(ctx)},
        rooms=ROOMS, api_url=ctx.tenant.url + "/api/v1", now=ctx.now, **values,
    )
