"""Forms of print templates: a new one, its values, and the columns of its table one by one."""

from typing import Any

from wtforms import BooleanField, FileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.words import N_
from core.documents.models import (
    COLUMNS,
    FONTS,
    LANGUAGES,
    LAYOUTS,
    NEEDED_COLUMNS,
    PAPERS,
    SIDES,
    TICKS,
    PrintTemplate,
)
from core.documents.words import COLUMN_LABELS, FONT_LABELS, LABELS, LAYOUT_LABELS, PAPER_LABELS
from infra import i18n
from web.forms import Form

ALL_LANGUAGES, NOT_SHOWN = N_("All languages"), N_("Not shown")
PLACES = tuple(str(number + 1) for number in range(len(COLUMNS)))
LINES = ("letterhead", "footer_left", "footer_middle", "footer_right")
TEXTS = ("intro", "closing", "terms")
PLAIN = ("name", "language", "layout", "colour", "font", "paper", *SIDES, *LINES, "title", *TEXTS, *TICKS)


class NewTemplateForm(Form):
    """What a further template begins with."""

    name = StringField(LABELS["name"], [InputRequired(), Length(max=80)])
    language = SelectField(LABELS["language"], validate_choice=False, default="")
    layout = SelectField(LABELS["layout"], validate_choice=False, default="letter")

    def offer(self, ctx: Context) -> "NewTemplateForm":
        for name, said in (("language", {"": ALL_LANGUAGES} | {code: i18n.LANGUAGES[code][0] for code in LANGUAGES}), ("layout", {one: LAYOUT_LABELS[one] for one in LAYOUTS})):
            self[name].choices = [SelectChoice(value, i18n.gettext(ctx.locale, text)) for value, text in said.items()]
        return self


class _Values(NewTemplateForm):
    colour = StringField(LABELS["colour"], [InputRequired(), Length(max=7)])
    font = SelectField(LABELS["font"], validate_choice=False)
    paper = SelectField(LABELS["paper"], validate_choice=False)
    title = StringField(LABELS["title"], [Length(max=120)])

    def offer(self, ctx: Context) -> "_Values":
        super().offer(ctx)
        for name, said in (("font", {one: FONT_LABELS[one] for one in FONTS}), ("paper", {one: PAPER_LABELS[one] for one in PAPERS})):
            self[name].choices = [SelectChoice(value, i18n.gettext(ctx.locale, text)) for value, text in said.items()]
        for name in COLUMNS:
            first = [] if name in NEEDED_COLUMNS else [SelectChoice("", i18n.gettext(ctx.locale, NOT_SHOWN))]
            self[f"place_{name}"].choices = [*first, *(SelectChoice(place, place) for place in PLACES)]
        return self

    def given(self, stood: list[str]) -> dict[str, Any]:
        """As the use cases know it. A column that was moved to the place of another pushes it on: before it where it came from below."""
        places = {name: int(data) for name in COLUMNS if (data := self[f"place_{name}"].data or "") in PLACES}
        before = {name: stood.index(name) + 1 if name in stood else len(COLUMNS) + 1 for name in COLUMNS}
        shown = sorted(places, key=lambda name: (places[name], (places[name] > before[name]) - (places[name] < before[name])))
        return {name: self[name].data for name in PLAIN} | {"columns": shown, "headings": {name: self[f"heading_{name}"].data for name in COLUMNS}}


# The fields that are alike, made in one go.
_FIELDS: dict[str, Any] = {
    **{name: StringField(LABELS[name], [InputRequired(), Length(max=3)]) for name in SIDES}, **{name: TextAreaField(LABELS[name], [Length(max=600)]) for name in LINES},
    **{name: TextAreaField(LABELS[name], [Length(max=20_000)]) for name in TEXTS}, **{name: BooleanField(LABELS[name]) for name in TICKS},
    **{f"place_{name}": SelectField(COLUMN_LABELS[name], validate_choice=False) for name in COLUMNS}, **{f"heading_{name}": StringField(COLUMN_LABELS[name], [Length(max=40)]) for name in COLUMNS},
}
TemplateForm = type("TemplateForm", (_Values,), _FIELDS)


class LogoForm(Form):
    """A picture for the head of the documents."""

    file = FileField(LABELS["logo"])


def form_of(row: PrintTemplate) -> Any:
    """The form as a template stands."""
    places = {f"place_{name}": str(row.columns.index(name) + 1) if name in row.columns else "" for name in COLUMNS}
    headings = {f"heading_{name}": row.headings.get(name, "") for name in COLUMNS}
    return TemplateForm(data={name: getattr(row, name) for name in PLAIN} | places | headings)
