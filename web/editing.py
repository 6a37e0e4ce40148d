"""Forms of records that two people may edit at once, and the page on which they meet.

Every field `x` of such a form travels with `_was_x`, the value that it was loaded with, and the form with `_version`
(`ui.was`): what the person left as it was is not written at all, and a conflict can show all three values.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar
from uuid import UUID

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, SelectMultipleField

from core.audit import queries as audit
from core.base.context import Context
from core.base.errors import Conflict
from core.base.words import N_
from core.identity import queries as people
from infra import i18n
from web.forms import Form, small_int
from web.pages import page

WAS, BETWEEN = "_was_", ", "
F = TypeVar("F", bound=Form)
SOMEBODY = N_("Somebody")


def shown(value: Any) -> str:
    """A value of a record as its form field shows it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, list | tuple):
        return BETWEEN.join(value)
    if isinstance(value, dict):  # an amount and its currency
        return " ".join(map(str, value.values()))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _of_record(field: Any, record: Any) -> str:
    """What a field of the form shows of a record; a field may know better how (`show`)."""
    return getattr(field, "show", shown)(getattr(record, field.name))


def as_loaded(form: Form, record: Any) -> dict[str, str]:
    """What the form's fields show of a record."""
    return {field.name: _of_record(field, record) for field in form if not withheld(field)}


def as_locked(form: Form, record: Any) -> dict[str, str]:
    """What stands in the fields that may be read and not changed."""
    return {field.name: _of_record(field, record) for field in form if withheld(field) == "protected"}


def withheld(field: Any) -> str:
    """Why a field is neither filled nor read: "hidden" or "protected" from the actor; empty for any other."""
    return getattr(field, "withheld", "")


def filled(kind: type[F], record: Any) -> tuple[F, dict[str, str]]:
    """(the form as sent, what it was loaded with). What was not sent at all stands as the record has it."""
    blank = kind()
    loaded = as_loaded(blank, record)
    was = {name: same_lines(request.form.get(WAS + name, value)) for name, value in loaded.items()}
    sent = [(field.name, value) for field in blank if field.name in loaded for value in _sent(field, loaded[field.name])]
    return kind(MultiDict([*sent, *as_locked(blank, record).items()])), was


def _sent(field: Any, loaded: str) -> list[str]:
    """The values of a field as sent, empty ones only where the field must be filled: others take "" for a wrong date."""
    sent = request.form.getlist(field.name) or ([] if WAS + field.name in request.form else [loaded])
    if isinstance(field, SelectMultipleField):
        return [part for value in sent for part in value.split(BETWEEN) if part]
    return [value for value in sent[:1] if value != "" or field.flags.required]


def changed(form: Form, was: Mapping[str, str]) -> dict[str, Any]:
    """The values that differ from what the form was loaded with."""
    return {field.name: typed_value(field) for field in form if field.name in was and not _same(field, was[field.name])}


def _same(field: Any, was: str) -> bool:
    now = same_lines(shown(typed_value(field)))
    if isinstance(field, SelectMultipleField):  # the order of boxes says nothing
        return set(now.split(BETWEEN)) == set(was.split(BETWEEN))
    return now == was


def typed_value(field: Any) -> Any:
    """What a field holds, as it was typed."""
    if isinstance(field, BooleanField):
        return bool(field.data)
    if isinstance(field, DateField):
        return (field.raw_data or [""])[0]
    return field.data if field.data is not None else ""


def same_lines(text: str) -> str:
    """Browsers send line ends as CRLF, whatever the value had."""
    return text.replace("\r\n", "\n")


def version_of_form() -> int | None:
    """The version that the form was loaded with; None where it does not say."""
    return small_int(request.form.get("_version"))


def chosen(given: dict[str, Any]) -> dict[str, Any]:
    """Without what the conflict page was told to leave to the other."""
    return {name: value for name, value in given.items() if request.form.get(f"keep_{name}") != "theirs"}


def last_change(ctx: Context, record: Any, fields: Collection[str]) -> tuple[str, Any] | None:
    """(name of who, when) changed any of these fields of a record last, as its page says it."""
    found = audit.last_change(ctx, record.id, {name.partition(".")[0] for name in fields})  # own fields are keys of one column
    return (name_of(ctx, found[0]), found[1]) if found else None


def name_of(ctx: Context, user_id: UUID | None) -> str:
    return people.actor_names(ctx).get(user_id, "") if user_id else ""


def conflict_page(
    ctx: Context, conflict: Conflict, given: Mapping[str, Any], original: Mapping[str, Any], *, title: str, action: str, back: str,
    labels: Mapping[str, str], last: tuple[str, Any] | None, say: Mapping[str, Callable[[Any], str]] | None = None,
):
    """Mine, theirs and how it was, with 409; what is not in conflict travels along and is saved with the choice.

    title and back: the record's name and page; action: where the choice goes. labels: message ids of the fields.
    last: who changed it and when, of `last_change`. say: field -> its value in words, where the value itself is a key.
    """
    fields = {name: shown(value) for name, value in given.items() if name not in conflict.fields}
    fields |= {WAS + name: shown(original.get(name)) for name in given if name not in conflict.fields}
    fields |= {WAS + name: shown(theirs) for name, (_, theirs, _) in conflict.fields.items()}  # the choice is made against what stands there now
    rows = [_row(ctx, name, values, labels[name], (say or {}).get(name)) for name, values in conflict.fields.items()]
    who, when = last or ("", ctx.now)
    values = {"rows": rows, "who": who or i18n.gettext(ctx.locale, SOMEBODY), "when": when, "version": conflict.params["version"], "fields": fields}
    response = page("conflict.html", block="part", status=409, record_name=title, action=action, back=back, **values)
    if request.headers.get("HX-Request"):
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#modal", "innerHTML"
    return response


def _row(ctx: Context, name: str, values: tuple[Any, Any, Any], label: str, say: Callable[[Any], str] | None) -> dict[str, str]:
    mine, theirs, before = values
    row = {"name": name, "label": i18n.gettext(ctx.locale, label), "mine": shown(mine), "theirs": shown(theirs), "original": shown(before)}
    return row | ({"mine_said": say(mine), "theirs_said": say(theirs), "original_said": say(before)} if say else {})
