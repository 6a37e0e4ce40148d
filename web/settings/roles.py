"""Settings, roles: what each lets its people see and do."""

from typing import Any
from uuid import UUID

from flask import Blueprint, g, request, url_for
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, widgets
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.errors import Conflict
from core.base.hiding import GUARDED
from core.base.policy import present
from core.base.rooms import is_off
from core.base.words import N_
from core.custom_fields.fields import alive
from core.identity import queries, roles
from core.identity.models import SCOPED_ROOMS, Role
from core.identity.policy import BUILT_IN_ROLES
from core.identity.rights import ALL
from infra import i18n
from web.editing import BETWEEN, as_loaded, changed, chosen, conflict_page, filled, last_change, version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.forms import labels_of
from web.settings.permission_words import FIELD_WORDS, GROUPS, NOT_CHOSEN, ROOM_WORDS, WIDTH_WORDS

bp = Blueprint("roles", __name__, url_prefix="/settings/roles")
USUAL = N_("As for the rest")
LISTS = ("permissions", "hidden", "protected")


class RoleForm(Form):
    """A role: its name, how far it reaches, and each permission as a box; of each field whether it is hidden or read only."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=60)])
    visibility = RadioField(N_("They see"), choices=list(WIDTH_WORDS.items()), default="own")
    changing = SelectField(N_("They change"), choices=list(WIDTH_WORDS.items()), default="own")
    permissions = SelectMultipleField(N_("They may"), option_widget=widgets.CheckboxInput(), choices=[one for _, group in GROUPS for one in group])
    hidden = SelectMultipleField(N_("Hidden"), option_widget=widgets.CheckboxInput())
    protected = SelectMultipleField(N_("Read only"), option_widget=widgets.CheckboxInput())

    def __init__(self, *args: Any, **values: Any):
        super().__init__(*args, **values)
        own = [(f"{room}.{name}", text) for room in GUARDED for name, text in own_words(room).items()]
        self.hidden.choices = [(f"{room}.{name}", FIELD_WORDS[room][name]) for room, one in GUARDED.items() for name in one.hideable] + own
        self.protected.choices = [(f"{room}.{name}", FIELD_WORDS[room][name]) for room, one in GUARDED.items() for name in one.fields] + own


def own_words(room: str) -> dict[str, str]:
    """The tenant's own fields of a room, by name, in the reader's language; those hidden from him too: he gives rights."""
    ctx = g.get("ctx")
    return {one.name: one.called(ctx.locale) for one in alive(ctx, room)} if ctx is not None else {}


for _room in SCOPED_ROOMS:
    for _verb, _label in (("sees", N_("They see")), ("changes", N_("They change"))):
        setattr(RoleForm, f"{_verb}_{_room}", SelectField(_label, choices=[("", USUAL), *WIDTH_WORDS.items()], default=""))


class Here:
    """A role as it stands in this workspace: its permissions and fields without those of rooms that are off."""

    def __init__(self, ctx: Context, role: Role):
        self.role, self.permissions = role, [name for name in role.permissions if name in present(ctx)]
        self.hidden, self.protected = ([name for name in names or () if not is_off(ctx, name.partition(".")[0])] for names in (role.hidden, role.protected))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.role, name)


class NewRoleForm(Form):
    """A name, and the role to begin with."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=60)])
    like = SelectField(N_("Begin with"))


@bp.get("/")
@needs("users.read")
def index(ctx: Context):
    """All roles: how many people have them and how far they reach."""
    return _index(ctx, _new_form(ctx))


@bp.post("/")
@needs("roles.manage", fresh=True)
def create(ctx: Context):
    """A copy of another role under a new name, to be changed on its page."""
    form = _new_form(ctx)
    if form.validate():
        with form.attempt(ctx):
            like = roles.one_role(ctx, form.like.data)
            given = {name: getattr(like, name) for name in roles.ROLE_FIELDS if name != "name"}
            role = roles.create_role(ctx, **given, name=form.name.data)
            say(ctx, N_("The role %(name)s is made"), name=role.name)
            return see_other("roles.show", id=role.id)
    return _index(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("users.read")
def show(ctx: Context, id: UUID):
    """What the role lets its people see and do; who may changes it here."""
    return _show(ctx, roles.role_of(ctx, id))


@bp.post("/<uuid:id>")
@needs("roles.manage", fresh=True)
def update(ctx: Context, id: UUID):
    """Save what was changed; it holds for all who have the role with their next page."""
    role = roles.role_of(ctx, id)
    form, was = filled(RoleForm, Here(ctx, role))
    if form.validate():
        given = chosen(changed(form, was))
        if "permissions" in given:
            given["permissions"] = [*given["permissions"], *(name for name in role.permissions if name in NOT_CHOSEN)]
        try:
            with form.attempt(ctx):
                roles.edit_role(ctx, role, version=version_of_form(), original=was | {name: _listed(was[name]) for name in LISTS}, **given)
                say(ctx, N_("The role %(name)s is saved"), name=said(ctx, role))
                return see_other("roles.show", id=id)
        except Conflict as conflict:
            return _meet(ctx, role, conflict, given, was, form)
    return _show(ctx, role, form, was, status=422)


@bp.post("/<uuid:id>/original")
@needs("roles.manage", fresh=True)
def reset(ctx: Context, id: UUID):
    """Back to what the workspace was delivered with."""
    role = roles.reset_role(ctx, roles.role_of(ctx, id))
    say(ctx, N_("The role %(name)s is as it was delivered"), name=said(ctx, role))
    return see_other("roles.show", id=id)


@bp.post("/<uuid:id>/deletion")
@needs("roles.manage", fresh=True)
def delete(ctx: Context, id: UUID):
    role = roles.role_of(ctx, id)
    roles.delete_role(ctx, role)
    say(ctx, N_("The role %(name)s is deleted"), name=role.name)
    return see_other("roles.index")


def said(ctx: Context, role: Role) -> str:
    """A built-in role's name in the reader's language, another's as it was given."""
    return i18n.gettext(ctx.locale, role.name)


def _new_form(ctx: Context) -> NewRoleForm:
    form = NewRoleForm(request.form if request.method == "POST" else None)
    form.like.choices = [(role.code, said(ctx, role)) for role in queries.roles(ctx) if ALL not in role.permissions]
    return form


def _index(ctx: Context, form: NewRoleForm, status: int = 200):
    found, held = queries.roles(ctx), roles.holders(ctx)
    return page("settings/roles.html", status=status, form=form, roles=[(role, held.get(role.id, 0)) for role in found], widths=WIDTH_WORDS)


def _show(ctx: Context, role: Role, form: RoleForm | None = None, was: dict | None = None, status: int = 200):
    here = Here(ctx, role)
    was, version = (was, version_of_form()) if was is not None else (as_loaded(RoleForm(), here), role.version)
    form = form or RoleForm(obj=here)
    boxes, there = {option.data: option for option in form.permissions}, present(ctx)
    groups = [(title, [(boxes[name], text) for name, text in group if name not in NOT_CHOSEN and name in there]) for title, group in GROUPS]
    return page(
        "settings/role.html", status=status, role=role, form=form, fields=_fields(ctx, form), was=was, version=version, groups=groups, rooms={room: ROOM_WORDS[room] for room in SCOPED_ROOMS if not is_off(ctx, room)}, people=_people(ctx, role),
        last=last_change(ctx, role, roles.ROLE_FIELDS), built_in=role.code in BUILT_IN_ROLES, fixed=role.code == roles.FIXED, widths=WIDTH_WORDS,
    )


def _listed(value: str) -> list[str]:
    return [part for part in value.split(BETWEEN) if part]


def _fields(ctx: Context, form: RoleForm) -> list[tuple[str, list[tuple]]]:
    """(room's name, [(label, box for hidden or None, box for read only)]) of each room."""
    hide, protect = ({option.data: option for option in field} for field in (form.hidden, form.protected))
    return [
        (ROOM_WORDS[room], [
            (text, hide.get(f"{room}.{name}"), protect[f"{room}.{name}"])
            for name, text in ({name: i18n.gettext(g.get("lang", "en"), FIELD_WORDS[room][name]) for name in one.fields} | own_words(room)).items()
        ])
        for room, one in GUARDED.items() if not is_off(ctx, room)
    ]


def _people(ctx: Context, role: Role) -> list[str]:
    """Names of those who have the role first or further."""
    further = roles.people_with(ctx, role)
    return [user.name for user in queries.users(ctx) if user.state == "active" and (user.role_id == role.id or user.id in further)]


def _meet(ctx: Context, role: Role, conflict: Conflict, given: dict, was: dict, form: RoleForm):
    if conflict.code != "conflict":
        raise conflict
    names = {name: i18n.gettext(ctx.locale, text) for _, group in GROUPS for name, text in group}
    names |= {name: i18n.gettext(ctx.locale, text) for name, text in form.protected.choices}
    wide = {wide: i18n.gettext(ctx.locale, text) for wide, text in {**WIDTH_WORDS, "": USUAL}.items()}
    listed = lambda value: ", ".join(names.get(one, one) for one in (value if isinstance(value, list) else str(value).split(", ")))  # noqa: E731
    labels = labels_of(form)
    say_ = {name: wide.get for name in labels if name not in ("name", *LISTS)} | dict.fromkeys(LISTS, listed)
    return conflict_page(
        ctx, conflict, given, was, title=said(ctx, role), action=url_for("roles.update", id=role.id), back=url_for("roles.show", id=role.id),
        labels=labels, last=last_change(ctx, role, conflict.fields), say=say_,
    )
