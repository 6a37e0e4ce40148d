"""A web form on the tenant's own host, and inside pages of the hosts that it names. No sign-in, no script."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, g, redirect, request

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.words import N_
from core.intake import links, receiving
from core.intake.forms import by_code, leads_to
from core.intake.models import WebForm
from core.intake.rules import OFTEN_WITHIN, shown_by
from infra import i18n, limits
from web.guard import stranger
from web.intake.showing import TRAP, consent_box, shown_form, texts_of, touch_of, typed_of, visitors_language
from web.pages import page, quiet, see_other

bp = Blueprint("public_forms", __name__)
# In so many seconds: looks by one network, what one network and one form may send, and from how many on they are held back.
LOOKS, SENT, SENT_BY_FORM, OFTEN = (120, 60), (30, 600), (600, 3600), (5, int(OFTEN_WITHIN.total_seconds()))
TOO_MANY = N_("Too much was sent from your network just now. Please try again in some minutes; what you wrote is still here.")
CLOSED = N_("This form is closed.")


PLAIN, EMBEDDED = {"embedded": False}, {"embedded": True}


@bp.get("/form/<code>", defaults=PLAIN)
@bp.get("/embed/form/<code>", endpoint="show_embedded", defaults=EMBEDDED)
@stranger("enquiries.send")
def show(ctx: Context, code: str, embedded: bool):
    """The form: on a page of its own, or inside another page, which only the hosts that it names may do (frame-ancestors)."""
    return _shown(*_placed(ctx, code, embedded), embedded=embedded)


@bp.post("/form/<code>", defaults=PLAIN)
@bp.post("/embed/form/<code>", endpoint="create_embedded", defaults=EMBEDDED)
@stranger("enquiries.send")
def create(ctx: Context, code: str, embedded: bool):
    """What was typed."""
    return _sent(*_placed(ctx, code, embedded), embedded=embedded)


@bp.get("/form/<code>/thanks", defaults=PLAIN)
@bp.get("/embed/form/<code>/thanks", endpoint="thanks_embedded", defaults=EMBEDDED)
@stranger("enquiries.send")
def thanks(ctx: Context, code: str, embedded: bool):
    """It was received."""
    return _thanked(*_placed(ctx, code, embedded), embedded=embedded)


def _placed(ctx: Context, code: str, embedded: bool) -> tuple[Context, WebForm]:
    """In the visitor's language. On its own page a form that leads elsewhere afterwards may do so (form-action); NotFound inside
    another page where it names no hosts."""
    limits.hit("form_look", f"{ctx.tenant.id}:{limits.network(request.remote_addr)}", *LOOKS)
    form = by_code(ctx, code)
    g.lang = visitors_language(ctx.tenant.locale)
    if embedded:
        hosts = shown_by(form.hosts)
        if not hosts:
            raise NotFound()
        g.framed_by = " ".join(hosts)
    elif led := leads_to(ctx, form):
        parts = urlsplit(led)
        g.form_action = f" {parts.scheme}://{parts.netloc}"
    return replace(ctx, locale=g.lang), form


def _shown(ctx: Context, form: WebForm, *, embedded: bool):
    shown, lines = shown_form(ctx, form)
    return _page(ctx, form, shown, lines, touch_of(embedded), embedded)


def _sent(ctx: Context, form: WebForm, *, embedded: bool):
    shown, lines = shown_form(ctx, form, request.form)
    touch = {name: request.form.get(f"touch_{name}", "") for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer", "page", "click_id")}
    network = f"{ctx.tenant.id}:{limits.network(request.remote_addr)}"
    try:
        _check_number(ctx, form, network)
        with ctx.session.begin_nested():
            enquiry = receiving.receive(
                ctx, form, typed_of(form), stamp=request.form.get("stamp", ""), trap=request.form.get(TRAP, ""), agreed=links.read_box(ctx, form.id, request.form.get("agreed")), touch=touch,
                address=request.remote_addr or "", often=lambda: not limits.look("form_often", network, *OFTEN).allowed, lang=ctx.locale,
            )
    except limits.TooOften:
        shown.problem = i18n.gettext(ctx.locale, TOO_MANY)
        return _page(ctx, form, shown, lines, touch, embedded, status=429)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        shown.take(refusal)
        return _page(ctx, form, shown, lines, touch, embedded, status=422)
    led = leads_to(ctx, form)
    if led and not embedded:
        return quiet(redirect(led, code=303))
    asks = enquiry.wanted != "never" and enquiry.mail_norm and enquiry.held_for not in ("letters", "unconfirmed")
    return quiet(see_other("public_forms.thanks_embedded" if embedded else "public_forms.thanks", code=form.code, lang=g.lang, confirm=1 if asks else None))


def _check_number(ctx: Context, form: WebForm, network: str) -> None:
    """Count each try; refuses (TooOften) what no person sends."""
    limits.hit("form_sent", network, *SENT, closed=True)
    limits.hit("form_sent_by", f"{ctx.tenant.id}:{form.id}", *SENT_BY_FORM, closed=True)


def _page(ctx: Context, form: WebForm, shown: Any, lines: list[dict[str, Any]], touch: dict[str, str], embedded: bool, *, status: int = 200):
    """A stamp of now with each showing, unless what was sent is shown again: then its own, which says since when he writes."""
    stamp = request.form.get("stamp", "") if request.method == "POST" else ""
    stamp = stamp if links.read_stamp(ctx, form.id, stamp)[1] else links.stamp(ctx, form.id)
    return quiet(page(
        "intake/embedded.html" if embedded else "intake/form.html", status=status, webform=form, form=shown, lines=lines, texts=texts_of(ctx, form), touch=touch, trap=TRAP,
        stamp=stamp, consent=consent_box(ctx, form), closed=form.state != "open", embedded=embedded,
    ))


def _thanked(ctx: Context, form: WebForm, *, embedded: bool):
    further = leads_to(ctx, form) if embedded else None
    return quiet(page("intake/embedded.html" if embedded else "intake/form.html", webform=form, form=None, thanked=True, texts=texts_of(ctx, form), confirm="confirm" in request.args, further=further, embedded=embedded))
