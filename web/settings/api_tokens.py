"""Settings, API tokens: what one has, a new one (its secret shown this one time), and taking one back."""

from uuid import UUID

from flask import Blueprint, request
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.identity import actions, queries
from infra import i18n
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("tokens", __name__, url_prefix="/settings/tokens")
REACHES = [("read", N_("Reading only")), ("all", N_("Everything that I may do"))]
DAYS = [("30", N_("30 days")), ("90", N_("90 days")), ("365", N_("One year")), ("0", N_("Until it is revoked"))]


class TokenForm(Form):
    """A token to make: what it is for, how far it reaches, how long it lives."""

    name = StringField(N_("What it is for"), [InputRequired(), Length(max=100)])
    reach = SelectField(N_("It may do"), choices=REACHES, default="read")
    days = SelectField(N_("Valid for"), choices=DAYS, default="90")

    def in_words(self, lang: str) -> "TokenForm":
        """The choices in the reader's language."""
        for field in (self.reach, self.days):
            field.choices = [(value, i18n.gettext(lang, text)) for value, text in field.choices]
        return self


@bp.get("/")
@needs("tokens.read")
def index(ctx: Context):
    """One's own tokens (an administrator: all) and the form for a new one."""
    return _index(ctx, TokenForm())


@bp.post("/")
@needs("tokens.manage", fresh=True)
def create(ctx: Context):
    """The secret stands in this one answer and is stored nowhere, so it is no redirect."""
    form = TokenForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            allowed = _reading(ctx) if form.reach.data == "read" else None
            secret, row = actions.make_token(ctx, name=form.name.data, allowed=allowed, days=int(form.days.data) or None)
            ctx.session.flush()  # the list below shows it
            response = _index(ctx, TokenForm(), secret=secret, made=row, status=201)
            response.headers["Cache-Control"] = "no-store"
            return response
    return _index(ctx, form, status=422)


@bp.post("/<uuid:id>/revocation")
@needs("tokens.revoke")
def create_revocation(ctx: Context, id: UUID):
    """The next call with it is refused."""
    actions.revoke_token(ctx, id)
    say(ctx, N_("Token revoked"))
    return see_other("tokens.index")


def _reading(ctx: Context) -> list[str]:
    """What of one's own permissions only reads; one's profile too, so that a program can ask whose token it has."""
    return sorted(name for name, rule in policy.permissions().items() if policy.has(ctx, name) and (rule.effect == policy.READ or name == "profile.edit"))


def _index(ctx: Context, form: TokenForm, status: int = 200, **values):
    return page(
        "settings/tokens.html", status=status, form=form.in_words(ctx.locale), tokens=queries.tokens(ctx), names=queries.user_names(ctx),
        api_url=ctx.tenant.url + "/api/v1", now=ctx.now, **values,
    )
