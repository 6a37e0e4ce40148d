"""Forms of several lines, each with its own fields: moved, taken away, and refused line by line."""

from collections.abc import Sequence
from typing import Any

from flask import g, request

from core.base.errors import Refused, errors_of
from core.base.words import N_
from infra import i18n
from web.forms import Form, small_int
from web.words import say_refusal


def rearrange(rows: list[tuple[Form, Any]], forms: Sequence[Form]) -> None:
    """Move one line up (up=), or take one away (gone=), as a button said; both name a place among all forms."""
    for name in ("gone", "up"):
        place = small_int(request.form.get(name))
        if place is None or place >= len(forms):
            continue
        at = next((at for at, (form, _) in enumerate(rows) if form is forms[place]), None)
        if at is not None and name == "gone":
            rows.pop(at)
        elif at:
            rows[at - 1], rows[at] = rows[at], rows[at - 1]


def take_by_line(refusal: Refused, forms: Sequence[Form], thing: str = "product_id", rows: str = "lines") -> str:
    """Each wrong value ("lines.2.price") under its field; what is said above the lines names them. thing: the field that also holds a line's name; rows: what the use case calls them."""
    said, language = [], g.get("lang", "en")
    for one in errors_of(refusal):
        text, parts = say_refusal(one, language), (one.field or "").split(".")
        if len(parts) == 3 and parts[0] == rows:
            form, name = forms[int(parts[1])], thing if parts[2] in ("name", thing) else parts[2]
            if name in form:
                form[name].errors = [*form[name].errors, text]
            text = i18n.gettext(language, N_("Line %(line)s: %(what)s"), line=int(parts[1]) + 1, what=text) if one.code != "line_needs" else text
        said.append(text)
    return " ".join(said)
