"""Settings, teams: the tree of teams and branches, and who belongs to them."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.errors import Conflict
from core.base.words import N_
from core.identity import queries, teams
from core.identity.models import Team
from infra import i18n
from web.editing import as_loaded, changed, chosen, conflict_page, filled, last_change, version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.forms import labels_of

bp = Blueprint("teams", __name__, url_prefix="/settings/teams")
TOP = N_("At the top")


class TeamForm(Form):
    """A team: its name, where it stands, whether it is a branch."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=80)])
    parent_id = SelectField(N_("Below"))
    is_branch = BooleanField(N_("This is a branch"))


class MemberForm(Form):
    """Somebody who is to belong to the team."""

    person = SelectField(N_("Member"), [InputRequired()])
    leads = BooleanField(N_("Leads the team"))


@bp.get("/")
@needs("users.read")
def index(ctx: Context):
    """The tree, and a form for one more team."""
    return _index(ctx, _new_form(ctx))


@bp.post("/")
@needs("teams.manage")
def create(ctx: Context):
    form = _new_form(ctx)
    if form.validate():
        with form.attempt(ctx):
            team = teams.create_team(ctx, name=form.name.data, parent_id=form.parent_id.data, is_branch=form.is_branch.data)
            say(ctx, N_("The team %(name)s is made"), name=team.name)
            return see_other("teams.show", id=team.id)
    return _index(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("users.read")
def show(ctx: Context, id: UUID):
    """A team: its people, its place."""
    return _show(ctx, teams.one_team(ctx, id))


@bp.post("/<uuid:id>")
@needs("teams.manage")
def update(ctx: Context, id: UUID):
    """Rename or move it. Two who do so at once meet."""
    team = teams.one_team(ctx, id)
    form, was = _filled(ctx, team)
    if form.validate():
        given = chosen(changed(form, was))
        try:
            with form.attempt(ctx):
                teams.edit_team(ctx, team, version=version_of_form(), original=was, **given)
                say(ctx, N_("The team %(name)s is saved"), name=team.name)
                return see_other("teams.show", id=id)
        except Conflict as conflict:
            return _meet(ctx, team, conflict, given, was, form)
    return _show(ctx, team, form, was, status=422)


@bp.post("/<uuid:id>/deletion")
@needs("teams.manage")
def delete(ctx: Context, id: UUID):
    """The team goes, its people stay, the teams below move up. A name that would stand there twice is said."""
    team = teams.one_team(ctx, id)
    form = TeamForm(data=as_loaded(TeamForm(), team))
    _offer(ctx, form, team)
    with form.attempt(ctx):
        teams.delete_team(ctx, team)
        say(ctx, N_("The team %(name)s is deleted"), name=team.name)
        return see_other("teams.index")
    return _show(ctx, team, form, as_loaded(TeamForm(), team), status=422)


@bp.post("/<uuid:id>/members")
@needs("teams.manage")
def put_member(ctx: Context, id: UUID):
    """Take somebody in, or say whether he leads."""
    team = teams.one_team(ctx, id)
    form = _member_form(ctx, team, request.form)
    if form.validate():
        with form.attempt(ctx):
            teams.put_member(ctx, team, UUID(form.person.data), leads=form.leads.data)
            return see_other("teams.show", id=id)
    return _show(ctx, team, member=form, status=422)


@bp.post("/<uuid:id>/removals")
@needs("teams.manage")
def remove_member(ctx: Context, id: UUID):
    """Take somebody out."""
    team = teams.one_team(ctx, id)
    form = _member_form(ctx, team, request.form)
    found = next((person for person in teams.surroundings(ctx, team)[0] if str(person[0]) == form.person.data), None)
    if found is None:
        return _show(ctx, team, status=422)
    teams.remove_member(ctx, team, found[0])
    say(ctx, N_("%(name)s is out of %(team)s"), name=found[1], team=team.name)
    return see_other("teams.show", id=id)


def _new_form(ctx: Context) -> TeamForm:
    form = TeamForm(request.form if request.method == "POST" else None)
    _offer(ctx, form)
    return form


def _filled(ctx: Context, team: Team) -> tuple[TeamForm, dict[str, str]]:
    form, was = filled(TeamForm, team)
    _offer(ctx, form, team)
    return form, was


def _offer(ctx: Context, form: TeamForm, team: Team | None = None) -> None:
    """Every place but those below the team itself, as deep as they stand."""
    found, skip = [("", i18n.gettext(ctx.locale, TOP))], None
    for node in teams.tree(ctx):
        if skip is not None and node.depth > skip:
            continue
        skip = node.depth if team is not None and node.team.id == team.id else None
        if skip is None:
            found.append((str(node.team.id), "\u2003" * node.depth + node.team.name))
    form.parent_id.choices = found


def _member_form(ctx: Context, team: Team, sent: Any = None) -> MemberForm:
    form = MemberForm(sent)
    form.person.choices = [("", i18n.gettext(ctx.locale, N_("Choose a person"))), *((str(user.id), f"{user.name}, {user.mail}") for user in queries.users(ctx) if user.state == "active")]
    return form


def _index(ctx: Context, form: TeamForm, status: int = 200):
    found = teams.tree(ctx)
    placed = {key for node in found for key, _, _ in node.members}
    loose = [user for user in queries.users(ctx) if user.state == "active" and user.id not in placed]
    return page("settings/teams.html", status=status, form=form, tree=found, loose=loose)


def _show(ctx: Context, team: Team, form: TeamForm | None = None, was: dict | None = None, member: MemberForm | None = None, status: int = 200):
    was, version = (was, version_of_form() or team.version) if was is not None else (as_loaded(TeamForm(), team), team.version)
    if form is None:
        form = TeamForm(data=was)
        form.is_branch.data = team.is_branch
        _offer(ctx, form, team)
    members, below = teams.surroundings(ctx, team)
    return page(
        "settings/team.html", status=status, team=team, form=form, was=was, version=version, members=members, below=below,
        member=member or _member_form(ctx, team), last=last_change(ctx, team, teams.TEAM_FIELDS),
    )


def _meet(ctx: Context, team: Team, conflict: Conflict, given: dict, was: dict, form: TeamForm):
    if conflict.code != "conflict":
        raise conflict
    places = {str(key): name.strip("\u2003") for key, name in form.parent_id.choices}
    yes = {"1": i18n.gettext(ctx.locale, N_("Yes")), "": i18n.gettext(ctx.locale, N_("No"))}
    say_ = {"parent_id": lambda key: places.get(str(key or ""), ""), "is_branch": lambda on: yes["1" if on and on != "False" else ""]}
    return conflict_page(
        ctx, conflict, given, was, title=team.name, action=url_for("teams.update", id=team.id), back=url_for("teams.show", id=team.id),
        labels=labels_of(form), last=last_change(ctx, team, conflict.fields), say=say_,
    )
