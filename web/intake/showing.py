"""How a web form is shown to strangers: its fields and texts in their language, and where they came from."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import g, request
from wtforms import HiddenField, StringField, TextAreaField

from core.base.context import Context
from core.base.words import N_
from core.custom_fields.fields import one_of
from core.intake import links, receiving, rules
from core.intake.forms import offered
from core.intake.models import WebForm
from core.leads.words import LABELS
from infra import i18n
from web.custom_fields.forms import MODES, TYPES, made_field
from web.forms import Form

SEND, THANKS = N_("Send"), N_("Thank you. We have received what you wrote.")
AUTOCOMPLETE = {
    "name": "name", "company": "organization", "job_title": "organization-title", "mail": "email", "phone": "tel", "postcode": "postal-code", "city": "address-level2", "country": "country-name",
}
KINDS = {"mail": "email", "phone": "tel"}
CLICKS = ("gclid", "msclkid", "fbclid", "yclid")
TOUCHED = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
# A field that people do not see and programs fill in.
TRAP = "website"


class PublicForm(Form):
    """What every form has beside its fields."""

    stamp = HiddenField()
    agreed = HiddenField()


def visitors_language(fallback: str) -> str:
    """The link's, then the cookie's, then the browser's where we have it, else the workspace's."""
    wanted = [request.args.get("lang"), request.cookies.get("lang"), *(code for code, _ in request.accept_languages)]
    return next((i18n.language(code) for code in wanted if code and i18n.language(code) == code.split("-")[0].lower()), i18n.language(fallback))


def shown_form(ctx: Context, form: WebForm, given: Any = None) -> tuple[Any, list[dict[str, Any]]]:
    """(the form, [{field, label, needed, attrs}]) in the visitor's language, as far as its fields are there still."""
    there, made, lines = set(offered(ctx)), {}, []
    for one in form.fields:
        if one["name"] in there:
            made[one["name"]] = _field(ctx, one)
    shown = type("ShownForm", (PublicForm,), made)(given)
    for one in form.fields:
        if one["name"] in there:
            needed = rules.is_needed(one, form.confirmed)
            lines.append({"field": shown[one["name"]], "label": label_of(ctx, one), "needed": needed, "attrs": _attrs(ctx, one) | {"required": needed}})
    return shown, lines


def label_of(ctx: Context, one: dict[str, Any]) -> str:
    """What a field is called: the form's own words in the visitor's language or the workspace's, else ours or those of its definition."""
    mine = one["labels"].get(ctx.locale) or one["labels"].get(i18n.language(ctx.tenant.locale))
    if mine:
        return mine
    own = one_of(ctx, "leads", one["name"])
    return own.called(ctx.locale) if own is not None else i18n.gettext(ctx.locale, LABELS[one["name"]])


def texts_of(ctx: Context, form: WebForm) -> dict[str, str]:
    """Title and intro in the visitor's language where they are written, else in the workspace's, else in any; button and thanks in his
    language in any case, since we have words for them."""
    found = {name: rules.spoken({lang: said[name] for lang, said in form.texts.items() if name in said}, ctx.locale, ctx.tenant.locale) for name in ("title", "intro")}
    mine, said = form.texts.get(ctx.locale, {}), lambda text: i18n.gettext(ctx.locale, text)
    return {"title": found["title"] or form.name, "intro": found["intro"] or "", "button": mine.get("button") or said(SEND), "thanks": mine.get("thanks") or said(THANKS)}


def typed_of(form: WebForm) -> dict[str, Any]:
    """What was typed into the form's fields; a field that is sent several times counts once, unless several may be chosen."""
    return {one["name"]: request.form.getlist(one["name"])[:50] if len(request.form.getlist(one["name"])) > 1 and one["name"].startswith("custom.") else request.form.get(one["name"]) for one in form.fields}


def consent_box(ctx: Context, form: WebForm) -> dict[str, str] | None:
    """What the box says, and what it sends; None where there is none. It is ticked again only beside the words that were read."""
    wording = receiving.wording_of(ctx, form, ctx.locale)
    if wording is None:
        return None
    sends = links.box(ctx, form.id, wording.id)
    return {"said": wording.said, "sends": sends, "ticked": request.form.get("agreed") == sends}


def touch_of(embedded: bool) -> dict[str, str]:
    """Where the visitor is, as the address and his browser say it. Of a page that shows the form, its own address says the rest."""
    came = request.referrer or ""
    if urlsplit(came).netloc == request.host:
        came = ""
    beside = {name: values[0] for name, values in parse_qs(urlsplit(came).query, max_num_fields=50).items()} if embedded and came.count("&") < 50 else {}
    asked = {name: request.args.get(name) or beside.get(name, "") for name in (*TOUCHED, *CLICKS)}
    found = {name: asked[name] for name in TOUCHED} | {"click_id": next((asked[name] for name in CLICKS if asked[name]), "")}
    return {name: value[:300] for name, value in (found | {"page" if embedded else "referrer": came}).items() if value}


def speak(ctx: Context, lang: str) -> None:
    """The page is in that language from here on."""
    g.lang = lang


def _field(ctx: Context, one: dict[str, Any]) -> Any:
    own = one_of(ctx, "leads", one["name"])
    if own is not None:
        return made_field(ctx, own)
    return (TextAreaField if one["name"] == "message" else StringField)()


def _attrs(ctx: Context, one: dict[str, Any]) -> dict[str, Any]:
    own, name = one_of(ctx, "leads", one["name"]), one["name"]
    if own is None:
        return {"autocomplete": AUTOCOMPLETE.get(name, "off"), "type": KINDS.get(name), "rows": 5 if name == "message" else None}
    return {"type": TYPES.get(own.kind), "inputmode": MODES.get(own.kind), "autocomplete": "off"}
