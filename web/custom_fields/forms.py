"""A record's form with the tenant's own fields in it."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from flask import request, url_for
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.words import N_
from core.custom_fields.fields import Own, fields_of
from core.custom_fields.words import OPERATOR_LABELS
from infra import i18n
from web.custom_fields.picking import picked_link
from web.custom_fields.saying import label, options, own_named, raw, said
from web.forms import Form

F = TypeVar("F", bound=Form)
TYPES = {"date": "date", "moment": "datetime-local", "mail": "email", "phone": "tel"}
MODES = {"whole": "numeric", "decimal": "decimal", "amount": "text", "link": "url"}
OWN_FIELDS = N_("More about it")


def with_own(ctx: Context, kind: type[F], record: Any = None) -> type[F]:
    """The form's class with a field for each own field of the room. record: whose archived options stay."""
    room = kind.ROOM  # type: ignore[attr-defined]
    made = {own.name: made_field(ctx, own, getattr(record, own.name) if record is not None else None) for own in fields_of(ctx, room)}
    return type(kind.__name__, (kind,), made) if made else kind


def made_field(ctx: Context, own: Own, value: Any = None) -> Any:
    """The field of a form in which a value of this definition is typed."""
    # Whether it must be filled in depends on other fields: the rules ask, not the form.
    given: dict[str, Any] = {"id": f"custom-{own.id}", "description": own.help or "", "render_kw": {"required": True} if own.is_required and not own.shown_when else {}}
    if own.kind == "yes_no":
        return BooleanField(own.called(ctx.locale), id=given["id"], description=given["description"])
    if own.kind in ("choice", "user", "choices"):
        choices = [SelectChoice(key, text) for key, text in options(ctx, own, value)]
        if own.kind == "choices":
            return SelectMultipleField(own.called(ctx.locale), choices=choices, validate_choice=False, option_widget=widgets.CheckboxInput(), id=given["id"], description=given["description"])
        return SelectField(own.called(ctx.locale), choices=choices, validate_choice=False, **given)
    made = TextAreaField if own.kind == "long_text" else StringField
    return made(own.called(ctx.locale), **given)


def dress(ctx: Context, form: Any) -> None:
    """What the fields of a made form know of their definitions: how a record's value is shown in them."""
    for field in form:
        own = own_named(ctx, form.ROOM, field.name)
        if own is not None:
            field.own, field.show = own, lambda value, own=own: shown(ctx, own, value)
            field.is_needed = own.is_required


def shown(ctx: Context, own: Own, value: Any) -> str:
    """A record's value as the form's field holds it; a box is ticked or not."""
    return ("1" if value is True else "") if own.kind == "yes_no" else raw(ctx, own, value)


def presets(ctx: Context, room: str) -> dict[str, Any]:
    """What an empty form begins with."""
    found = {own.name: own.preset for own in fields_of(ctx, room) if own.preset is not None}
    return {name: value if isinstance(value, bool | list) else raw(ctx, own_named(ctx, room, name), value) for name, value in found.items()}  # type: ignore[arg-type]


def as_data(form: Any, was: Mapping[str, str]) -> dict[str, Any]:
    """What a form is filled with, out of what it was loaded with: several options are a list."""
    return {name: [one for one in value.split(", ") if one] if getattr(form[name], "own", None) and form[name].own.kind == "choices" else value for name, value in was.items() if name in form}


def sections(ctx: Context, form: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """[(title, lines)]: the own fields in their order, those without a section first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for field in form:
        own = getattr(field, "own", None)
        if own is not None:
            found.setdefault(own.section or "", []).append(_line(ctx, form, field, own))
    first = found.pop("", None)
    return ([(i18n.gettext(ctx.locale, OWN_FIELDS), first)] if first else []) + list(found.items())


def _line(ctx: Context, form: Any, field: Any, own: Own) -> dict[str, Any]:
    line: dict[str, Any] = {"field": field, "label": own.called(ctx.locale), "attrs": {}, "when": "", "hint": own.help or "", "url": "", "text": "", "needed": own.is_required}
    if own.kind in TYPES:
        line["attrs"]["type"] = TYPES[own.kind]
    if own.kind in MODES:
        line["attrs"]["inputmode"] = MODES[own.kind]
    if own.kind == "amount":
        line["hint"] = own.help or i18n.gettext(ctx.locale, N_("The amount with its currency, for example 1200.50 %(currency)s."), currency=ctx.tenant.currency)
    if own.kind in ("account", "contact"):
        line["url"] = url_for(f"{own.kind}s.options")
        line["text"] = request.form.get(f"{field.name}_text") if request.method == "POST" else said(ctx, own, field.data)
    if own.shown_when:
        line["when"] = json.dumps(own.shown_when, ensure_ascii=False)
        line["hint"] = " ".join(part for part in (line["hint"], condition(ctx, own.room, own.shown_when, form)) if part)
    return line


def condition(ctx: Context, room: str, when: Mapping[str, Any], form: Any = None) -> str:
    """A condition as a sentence: "Only where Status is Active."."""
    name = when["field"]
    own = own_named(ctx, room, name)
    if own is not None:
        called, value = own.called(ctx.locale), when.get("value")
        text = said(ctx, own, [value] if own.kind == "choices" and isinstance(value, str) else value) if not isinstance(value, list) else ", ".join(said(ctx, own, one) for one in value)
    else:
        called, text = label(ctx, room, name, _built_in(room)), _text(ctx, when.get("value"))
        choices = dict((str(key), str(said_)) for key, said_, *_ in form[name].iter_choices()) if form is not None and name in form and hasattr(form[name], "iter_choices") else {}
        text = choices.get(str(when.get("value")), text)
    op = i18n.gettext(ctx.locale, OPERATOR_LABELS.get(when["op"], OPERATOR_LABELS["eq"]))
    return i18n.gettext(ctx.locale, N_("Only where %(field)s %(comparison)s."), field=called, comparison=f"{op} {text}".strip())


def _built_in(room: str) -> Mapping[str, str]:
    from core.custom_fields.fields import ROOMS

    return ROOMS[room].labels()


def _text(ctx: Context, value: Any) -> str:
    if isinstance(value, bool):
        return i18n.gettext(ctx.locale, N_("Yes") if value else N_("No"))
    return "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def own_picked(ctx: Context, room: str, was: Mapping[str, str] | None = None) -> dict[str, str]:
    """The records chosen in own fields, by key or (without script) by the name that was typed."""
    found = {}
    for own in fields_of(ctx, room):
        if own.kind in ("account", "contact"):
            key = picked_link(ctx, own.kind, own.name)
            if key is not None and (was is None or key != was.get(own.name, "")):
                found[own.name] = key
    return found
