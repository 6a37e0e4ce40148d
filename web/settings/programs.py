"""Settings, programs: what works here under a name of its own, a new one (its token shown this one time), and ending one."""

from uuid import UUID

from flask import Blueprint, request
from wtforms import SelectField, SelectMultipleField, StringField, widgets
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.identity import programs, queries, sign_in_rules
from infra import i18n
from web.forms import Form, keys_of
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.api_tokens import DAYS, ENDLESS, ROOMS
from web.settings.permission_words import NOT_CHOSEN

bp = Blueprint("programs", __name__, url_prefix="/settings/programs")
REACHES = [("read", N_("Reading only")), ("all", N_("Everything that the role may do"))]


class ProgramForm(Form):
    """A program to make: what it is called, what it may do, whose its records are, how long its token lives."""

    name = StringField(N_("What it is called"), [InputRequired(), Length(max=100)])
    role = SelectField(N_("Role"), [InputRequired()])
    owner_id = SelectField(N_("Who owns what it makes"), default="")
    reach = SelectField(N_("It may do"), choices=REACHES, default="read")
    days = SelectField(N_("Valid for"), choices=DAYS, default="365")
    rooms = SelectMultipleField(N_("Only these rooms"), option_widget=widgets.CheckboxInput())


@bp.get("/")
@needs("programs.read")
def index(ctx: Context):
    """The programs that there are, and the form for a new one."""
    return _index(ctx, _form(ctx))


@bp.post("/")
@needs("programs.manage", fresh=True)
def create(ctx: Context):
    """The token stands in this one answer and is stored nowhere, so it is no redirect."""
    form = _form(ctx, request.form)
    if form.validate():
        with form.attempt(ctx):
            secret, row = programs.make_program(
                ctx, name=form.name.data, role=form.role.data, owner_id=next(iter(keys_of([form.owner_id.data])), None),
                rooms=form.rooms.data or None, reading=form.reach.data == "read", days=int(form.days.data) or None,
            )
            response = _index(ctx, _form(ctx), secret=secret, made=row, status=201)
            response.headers["Cache-Control"] = "no-store"
            return response
    return _index(ctx, form, status=422)


@bp.post("/<uuid:id>/ending")
@needs("programs.end")
def create_ending(ctx: Context, id: UUID):
    """The next call with its token is refused."""
    programs.end_program(ctx, id)
    say(ctx, N_("Program ended"))
    return see_other("programs.index")


def _form(ctx: Context, sent=None) -> ProgramForm:
    """With the choices that there are here, in the reader's language."""
    form, said = ProgramForm(sent), lambda pairs: [SelectChoice(value, i18n.gettext(ctx.locale, text)) for value, text in pairs]
    there = {name.partition(".")[0] for name in policy.present(ctx) if name not in NOT_CHOSEN}
    form.role.choices = said([("", N_("Choose a role")), *((role.code, role.name) for role in queries.roles(ctx))])
    form.owner_id.choices = [*said([("", N_("Nobody: everybody's"))]), *(SelectChoice(str(user.id), user.name) for user in queries.users(ctx) if user.state == "active")]
    form.reach.choices = said(REACHES)
    form.rooms.choices = said(pair for pair in ROOMS.items() if pair[0] in there)
    form.days.choices = said([*DAYS, *([ENDLESS] if sign_in_rules.rules_of(ctx).endless_tokens else [])])
    return form


def _index(ctx: Context, form: ProgramForm, status: int = 200, **values):
    return page(
        "settings/programs.html", status=status, form=form, programs=programs.programs(ctx), names=queries.user_names(ctx),
        roles={role.id: role.name for role in queries.roles(ctx)}, rooms=ROOMS, api_url=ctx.tenant.url + "/api/v1", now=ctx.now, **values,
    )
