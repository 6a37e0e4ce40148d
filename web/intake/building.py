"""The page on which a form is built: fields with their order and labels, texts in five languages, where it may be shown."""

from typing import Any

from flask import g, request, url_for
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.errors import Refused, errors_of
from core.base.words import N_
from core.consent import queries as consents
from core.custom_fields.fields import one_of
from core.intake.forms import offered
from core.intake.models import WebForm
from core.intake.words import CONFIRMED_LABELS
from core.leads.assigning import readers
from core.leads.words import LABELS
from infra import i18n
from web.forms import Form, small_int

BY_RULES = N_("By the rules of assignment")
NO_BOX = N_("No box")
TEXT_LABELS = {"title": N_("Title"), "intro": N_("Text above the fields"), "button": N_("Words of the button"), "thanks": N_("Thanks")}
USES = {"": N_("Not asked"), "asked": N_("Asked"), "needed": N_("Needed")}
# What a new form asks for.
STARTER = (("name", True), ("company", False), ("mail", True), ("phone", False), ("message", True))


class WebFormForm(Form):
    """All of a form but its fields and texts."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=100)])
    source = StringField(N_("Source"), [Length(max=200)])
    campaign = StringField(N_("Campaign"), [Length(max=200)])
    lead_owner_id = SelectField(N_("Owner of its leads"), validate_choice=False)
    purpose_id = SelectField(N_("Box for consent"), validate_choice=False)
    confirmed = RadioField(N_("Has the sender to confirm his address?"), choices=list(CONFIRMED_LABELS.items()), validate_choice=False)
    hosts = TextAreaField(N_("Websites that may show the form"), [Length(max=4000)])
    redirect_url = StringField(N_("Page after sending"), [Length(max=500)])

    def take(self, refusal: Refused) -> None:
        """A text has no field here: what is said of it names its language and what it is called."""
        for one in errors_of(refusal):
            super().take(one)
            if called := _text_called(one.field or ""):
                self.problem = self.form_errors[-1] = f"{called}: {self.problem}"


def _text_called(field: str) -> str:
    """English, Title; nothing for what is no text."""
    place, _, rest = field.partition(".")
    lang, _, name = rest.partition(".")
    is_text = place == "texts" and lang in i18n.LANGUAGES and name in TEXT_LABELS
    return f"{i18n.LANGUAGES[lang][0]}, {i18n.gettext(g.lang, TEXT_LABELS[name])}" if is_text else ""


def loaded(form: WebForm | None) -> dict[str, Any]:
    """What the page begins with."""
    if form is None:
        return {"confirmed": "never", "lead_owner_id": "", "purpose_id": ""}
    plain = {name: getattr(form, name) for name in ("name", "source", "campaign", "confirmed", "redirect_url")}
    return plain | {"hosts": "\n".join(form.hosts), "lead_owner_id": str(form.lead_owner_id or ""), "purpose_id": str(form.purpose_id or "")}


def places_of(ctx: Context, form: WebForm) -> tuple[str, str]:
    """The addresses of its page, and of what stands inside another page."""
    return ctx.tenant.url + url_for("public_forms.show", code=form.code), ctx.tenant.url + url_for("public_forms.show_embedded", code=form.code)


def dress(ctx: Context, form: WebFormForm) -> None:
    """What there is to choose, in the reader's language."""
    said = lambda text: i18n.gettext(ctx.locale, text)  # noqa: E731
    form.lead_owner_id.choices = [("", said(BY_RULES)), *((str(key), name) for key, name in readers(ctx).items())]
    form.purpose_id.choices = [("", said(NO_BOX)), *((str(one.id), one.name) for one in consents.purposes(ctx, running=True))]
    form.confirmed.choices = [(code, said(text)) for code, text in CONFIRMED_LABELS.items()]


def field_rows(ctx: Context, form: WebForm | None) -> list[dict[str, Any]]:
    """Each field that may be asked for: name, what it is called, whether it is asked, its place, its own labels. What is asked comes first."""
    if request.method == "POST":
        return [_typed_row(ctx, n, name) for n, name in enumerate(offered(ctx))]
    kept = form.fields if form is not None else [{"name": name, "needed": needed, "labels": {}} for name, needed in STARTER]
    places = {one["name"]: (n, one) for n, one in enumerate(kept, 1)}
    rows = []
    for n, name in enumerate(offered(ctx)):
        place, one = places.get(name, (len(kept) + n + 1, None))
        rows.append({"name": name, "n": n, "called": called(ctx, name), "use": "" if one is None else "needed" if one["needed"] else "asked", "place": place, "labels": one["labels"] if one else {}})
    return sorted(rows, key=lambda row: row["place"])


def typed_fields(ctx: Context) -> list[dict[str, Any]]:
    """As the use case takes them: those that are asked for, by their places."""
    rows = [_typed_row(ctx, n, name) for n, name in enumerate(offered(ctx))]
    asked = [row for row in rows if row["use"]]
    return [{"name": row["name"], "needed": row["use"] == "needed", "labels": row["labels"]} for row in sorted(asked, key=lambda row: row["place"])]


def texts(form: WebForm | None) -> list[tuple[str, str, dict[str, str]]]:
    """(language, its own name, its texts), as typed or as kept."""
    kept = form.texts if form is not None else {}
    of = (lambda lang: {name: request.form.get(f"{name}_{lang}", "") for name in TEXT_LABELS}) if request.method == "POST" else (lambda lang: kept.get(lang, {}))
    return [(lang, own, of(lang)) for lang, (own, _, _) in i18n.LANGUAGES.items()]


def typed_texts() -> dict[str, dict[str, str]]:
    return {lang: {name: request.form.get(f"{name}_{lang}", "") for name in TEXT_LABELS} for lang in i18n.LANGUAGES}


def called(ctx: Context, name: str) -> str:
    """What a field is called here."""
    own = one_of(ctx, "leads", name)
    return own.called(ctx.locale) if own is not None else i18n.gettext(ctx.locale, LABELS[name])


def _typed_row(ctx: Context, n: int, name: str) -> dict[str, Any]:
    use = request.form.get(f"use{n}", "")
    labels = {lang: text for lang in i18n.LANGUAGES if (text := request.form.get(f"label{n}_{lang}", ""))}
    return {"name": name, "n": n, "called": called(ctx, name), "use": use if use in USES else "", "place": small_int(request.form.get(f"place{n}")) or 100 + n, "labels": labels}
