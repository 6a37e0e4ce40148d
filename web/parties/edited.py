"""A record's form, as every room with own fields has it: how it is loaded, and how what was changed in it is saved."""

from collections.abc import Callable
from typing import Any

from core.base.context import Context
from core.base.errors import Conflict
from core.base.words import N_
from web.custom_fields.forms import as_data, own_picked, with_own
from web.editing import as_loaded, as_locked, changed, chosen, filled, version_of_form
from web.pages import say
from web.parties.record import conflict_page


def form_of(ctx: Context, kind: type, record: Any, **more: Any) -> tuple[Any, dict[str, str]]:
    """(the form with the record's values, what it was loaded with). more: values that are no text."""
    with_fields = with_own(ctx, kind, record)
    was, blank = as_loaded(with_fields(), record), with_fields()
    return with_fields(data=as_data(blank, was | as_locked(blank, record)) | more), was


def save_edited(
    ctx: Context, record: Any, kind: type, edit: Callable, *, picked: Callable[[Context, dict[str, str]], dict[str, str]], done: Callable[[], Any], again: Callable[..., Any],
) -> Any:
    """Save what was changed. Somebody else's change of other fields stays; of the same field it is asked about.

    edit: the use case. picked: what was chosen beside the form's fields. done: the answer once it is saved; again: the form with what
    was refused.
    """
    form, was = filled(with_own(ctx, kind, record), record)
    if form.validate():
        given: dict[str, Any] = {}
        try:
            with form.attempt(ctx):
                given = chosen(changed(form, was) | picked(ctx, was) | own_picked(ctx, record.ROOM, was))
                edit(ctx, record, version=version_of_form(), original=was, **given)
                say(ctx, N_("%(name)s saved"), name=record.name)
                return done()
        except Conflict as conflict:
            if conflict.code != "conflict":
                raise
            return conflict_page(ctx, record, conflict, given, was)
    return again(ctx, form, record, was, status=422, version=version_of_form())
