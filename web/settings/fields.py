"""Settings, fields: what the workspace keeps of its records beside the built-in fields."""

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.policy import require
from core.base.rooms import is_off
from core.base.words import N_
from core.custom_fields import actions, counting, queries
from core.custom_fields.definition import COLOURS, WIDER
from core.custom_fields.fields import CHOOSING, ROOMS, TEXTS, UNIQUE, fields_of, own_of
from core.custom_fields.models import KINDS, CustomField
from core.custom_fields.words import KIND_LABELS
from infra import i18n
from web.custom_fields.forms import condition
from web.custom_fields.saying import raw, said
from web.editing import changed, conflict_page, filled, last_change, version_of_form
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.field_form import ErasureForm, FieldForm, original, said_by, sent_options, told_by
from web.settings.forms import labels_of

bp = Blueprint("fields", __name__, url_prefix="/settings/fields")
ROOM_LABELS = {"accounts": N_("Accounts"), "contacts": N_("Contacts"), "deals": N_("Deals"), "leads": N_("Leads"), "quotes": N_("Quotes"), "products": N_("Products")}
COLOUR_LABELS = {"grey": N_("Grey"), "blue": N_("Blue"), "green": N_("Green"), "amber": N_("Amber"), "red": N_("Red"), "violet": N_("Violet"), "cyan": N_("Turquoise"), "pink": N_("Pink")}
ALWAYS = N_("Always")
NEW_LINES = 3


@bp.get("/")
@needs("fields.configure")
def index(ctx: Context):
    """The fields of each room in their order, with how much they are used."""
    rooms = [_room(ctx, room) for room in ROOMS if not is_off(ctx, room)]
    return page("settings/fields.html", rooms=rooms, kinds=KIND_LABELS)


@bp.get("/new")
@needs("fields.configure")
def new(ctx: Context):
    """An empty definition of a field of ?room=; ?kind= and ?label= begin with these."""
    room = _known(request.args.get("room", "accounts"))
    kind = request.args.get("kind", "text")
    form = FieldForm(data={"kind": kind if kind in KINDS else "text", "label": request.args.get("label", "")[:60]})
    return _form(ctx, room, form)


@bp.post("/")
@needs("fields.configure")
def create(ctx: Context):
    room = _known(request.form.get("room", ""))
    form = FieldForm(request.form)
    if form.validate():
        with form.attempt(ctx), _named(form):
            row = actions.create_field(ctx, room=room, kind=form.kind.data, key=request.form.get("key") or None, **said_by(form))
            say(ctx, N_("The field %(name)s is there for everybody"), name=row.label)
            return see_other("fields.index")
    return _form(ctx, room, form, status=422)


@bp.get("/<uuid:id>")
@needs("fields.configure")
def show(ctx: Context, id: UUID):
    """One definition, to be changed."""
    row = queries.one(ctx, id)
    was = _loaded(ctx, row)
    return _form(ctx, row.room, FieldForm(data=was | _ticks(row)), row, was)


@bp.post("/<uuid:id>")
@needs("fields.configure")
def update(ctx: Context, id: UUID):
    """Save what was changed. Two who do so at once meet."""
    row = queries.one(ctx, id)
    loaded = _loaded(ctx, row)
    form, was = filled(FieldForm, _View(row.kind, loaded))
    if form.validate():
        names = set(changed(form, was))
        given = {name: value for name, value in said_by(form).items() if told_by(name) & names or (name == "options" and "opt-0-label" in request.form)}
        try:
            with form.attempt(ctx), _named(form):
                actions.edit_field(ctx, row, version=version_of_form(), original=original(was, given), **given)
                say(ctx, N_("The field %(name)s is saved"), name=row.label)
                return see_other("fields.index")
        except Conflict as conflict:
            if conflict.code != "conflict":
                raise
            return conflict_page(
                ctx, conflict, given, was, title=row.label, action=url_for("fields.update", id=id), back=url_for("fields.show", id=id),
                labels=labels_of(form) | {"labels": N_("Name in other languages"), "options": N_("Options"), "shown_when": N_("Shown")}, last=last_change(ctx, row, conflict.fields),
                say=dict.fromkeys(("labels", "options", "shown_when"), _plain),
            )
    return _form(ctx, row.room, form, row, was, status=422)


@bp.post("/<uuid:id>/place")
@needs("fields.configure")
def move(ctx: Context, id: UUID):
    """One place up or down; or (order, by script) all of the room as they stand."""
    row = queries.one(ctx, id)
    if request.form.get("order"):
        actions.arrange(ctx, row.room, [UUID(key) for key in request.form["order"].split(",") if re.fullmatch("[0-9a-f-]{36}", key)])
    else:
        actions.move(ctx, row, -1 if request.form.get("step") == "up" else 1)
    return see_other("fields.index", _anchor=f"field-{id}")


@bp.post("/<uuid:id>/kind")
@needs("fields.configure")
def widen(ctx: Context, id: UUID):
    """Another kind that takes every value as it stands."""
    row = queries.one(ctx, id)
    actions.widen_field(ctx, row, request.form.get("kind", ""))
    say(ctx, N_("The field %(name)s is saved"), name=row.label)
    return see_other("fields.show", id=id)


@bp.post("/<uuid:id>/archiving")
@needs("fields.configure")
def archive(ctx: Context, id: UUID):
    """Out of everything; the values stay."""
    row = queries.one(ctx, id)
    actions.archive_field(ctx, row)
    say(ctx, N_("The field %(name)s is archived"), undo=url_for("fields.restore", id=id), name=row.label)
    return see_other("fields.index")


@bp.post("/<uuid:id>/restoration")
@needs("fields.configure")
def restore(ctx: Context, id: UUID):
    row = queries.one(ctx, id)
    actions.restore_field(ctx, row)
    say(ctx, N_("The field %(name)s is back"), name=row.label)
    return see_other("fields.index")


@bp.post("/<uuid:id>/erasure")
@needs("fields.configure", fresh=True)
def erase(ctx: Context, id: UUID):
    """The values of an archived field, for good."""
    row = queries.one(ctx, id)
    form = ErasureForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            actions.erase_values(ctx, row, typed=form.typed.data)
            say(ctx, N_("The values of %(name)s are being erased"), name=row.label)
            return see_other("fields.index")
    was = _loaded(ctx, row)
    return _form(ctx, row.room, FieldForm(data=was | _ticks(row)), row, was, erasing=form, status=422)


# ---- parts ----


class _View:
    """A definition as its form shows it: every field an attribute."""

    def __init__(self, kind: str, values: dict[str, str]):
        self.__dict__.update(values, kind=kind)


class _named:
    """A refusal under the field of the form that it is about."""

    def __init__(self, form: FieldForm):
        self.form = form

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, Refused) and error.field == "shown_when":
            error.field = "when_field"


def _known(room: str) -> str:
    if room not in ROOMS:
        raise Refused("unknown_value", field="room")
    return room


def _room(ctx: Context, room: str) -> dict[str, Any]:
    total, used = counting.usage(ctx, room)
    rows = queries.fields(ctx, room)
    alive = [row for row in rows if row.archived_at is None]
    said_when = {row.id: condition(ctx, room, row.shown_when) for row in alive if row.shown_when}
    return {"name": room, "label": ROOM_LABELS.get(room, room), "total": total, "used": used, "alive": alive, "archived": [row for row in rows if row.archived_at is not None], "when": said_when, "loose": counting.loose(ctx, room)}


def _loaded(ctx: Context, row: CustomField) -> dict[str, str]:
    own, when = own_of(row), row.shown_when or {}
    found = {name: getattr(row, name) or "" for name in ("label", "help", "section")} | {f"label_{code}": (row.labels or {}).get(code, "") for code in i18n.LANGUAGES}
    found |= {name: "1" if getattr(row, name) else "" for name in ("is_required", "is_unique", "in_list", "is_searched", "is_personal")}
    value = when.get("value")
    found |= {"when_field": when.get("field", ""), "when_op": when.get("op", "eq"), "when_value": ", ".join(map(str, value)) if isinstance(value, list) else {True: "1", False: "0"}.get(value, "") if isinstance(value, bool) else str(value or "")}
    return found | {"kind": row.kind, "preset": said(ctx, own, own.preset) if own.kind in CHOOSING else raw(ctx, own, own.preset)}


def _ticks(row: CustomField) -> dict[str, bool]:
    return {name: getattr(row, name) for name in ("is_required", "is_unique", "in_list", "is_searched", "is_personal")}


def _form(ctx: Context, room: str, form: FieldForm, row: CustomField | None = None, was: dict[str, str] | None = None, *, erasing: ErasureForm | None = None, status: int = 200):
    require(ctx, "fields.configure")
    form.when_field.choices = _conditions(ctx, room, row)
    for field in (form.kind, form.when_op):
        field.choices = [(value, i18n.gettext(ctx.locale, text)) for value, text in field.choices]
    lines = sent_options() if request.method == "POST" and "opt-0-label" in request.form else [dict(one) for one in row.options] if row else []
    total, used = counting.usage(ctx, room) if row else (0, {})
    return page(
        "settings/field.html", status=status, form=form, row=row, room=room, key=request.values.get("key", "")[:60] if row is None else "", room_label=ROOM_LABELS.get(room, room), was=was or {}, version=version_of_form() or (row.version if row else None),
        lines=lines + [{}] * NEW_LINES, colours=COLOUR_LABELS, colour_names=COLOURS, choosing=sorted(CHOOSING), texts=sorted(TEXTS), unique=sorted(UNIQUE), kinds=KIND_LABELS, wider=WIDER.get(row.kind) if row else None,
        total=total, filled=used.get(row.key, 0) if row else 0, erasing=erasing or ErasureForm(), last=last_change(ctx, row, ("label", "options", "is_required")) if row else None,
    )


def _conditions(ctx: Context, room: str, row: CustomField | None) -> list[tuple[str, str]]:
    """The fields that a condition may ask."""
    built_in = sorted(((name, i18n.gettext(ctx.locale, text)) for name, text in ROOMS[room].labels().items()), key=lambda pair: pair[1].casefold())
    own = [(one.name, one.called(ctx.locale)) for one in fields_of(ctx, room) if row is None or one.id != row.id]
    return [("", i18n.gettext(ctx.locale, ALWAYS)), *own, *built_in]


def _plain(value: Any) -> str:
    """Several values of a definition in a line, where two people meet."""
    if isinstance(value, dict):
        return ", ".join(str(one) for one in value.values())
    return ", ".join(one["label"] for one in value) if isinstance(value, list) else str(value or "")
