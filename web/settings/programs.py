"""Settings, programs: what works here under a name of its own, a new one (its token shown this one time), and ending one."""

from functools import partial
from uuid import UUID

from flask import Blueprint, request
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.identity import programs, queries
from web.forms import keys_of
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.shown_once import DAYS, ROOMS, KeyForm, in_words, offer, shown_once

bp = Blueprint("programs", __name__, url_prefix="/settings/programs")


class ProgramForm(KeyForm):
    """A program to make: what it is called, what it may do, whose its records are, how long its token lives."""

    REACHES = (("read", N_("Reading only")), ("all", N_("Everything that the role may do")))
    name = StringField(N_("What it is called"), [InputRequired(), Length(max=100)])
    role = SelectField(N_("Role"), [InputRequired()])
    owner_id = SelectField(N_("Who owns what it makes"), default="")
    days = SelectField(N_("Valid for"), choices=DAYS, default="365")


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
            secret, row = programs.make_program(ctx, name=form.name.data, role=form.role.data, owner_id=next(iter(keys_of([form.owner_id.data])), None), **form.limits())
            return shown_once(partial(_index, ctx, _form(ctx)), secret, row)
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
    form = ProgramForm(sent)
    offer(ctx, form, policy.present(ctx))
    form.role.choices = in_words(ctx, [("", N_("Choose a role")), *((role.code, role.name) for role in queries.roles(ctx))])
    form.owner_id.choices = [*in_words(ctx, [("", N_("Nobody: everybody's"))]), *(SelectChoice(str(user.id), user.name) for user in queries.users(ctx) if user.state == "active")]
    return form


def _index(ctx: Context, form: ProgramForm, status: int = 200, **values):
    return page(
        "settings/programs.html", status=status, form=form, programs=programs.programs(ctx), names=queries.user_names(ctx),
        roles={role.id: role.name for role in queries.roles(ctx)}, rooms=ROOMS, api_url=ctx.tenant.url + "/api/v1", now=ctx.now, **values,
    )
