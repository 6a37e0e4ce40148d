"""What every template knows: language, theme, person, tenant, navigation, toasts, banner."""

from functools import partial
from typing import NamedTuple

from flask import Flask, current_app, g, request, url_for
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from core.base import field_rights, policy
from core.base.context import Context
from core.deals.knowing import knows_forecast
from infra import i18n
from infra.config import settings
from web import door, frame, pages
from web.keys import CAPS, keys_here, presses
from web.nav import navigation, path_of, pinned_views
from web.once import new_key
from web.parties.chips import hues_of
from web.plumbing import asset

THEMES = ("light", "dark", "auto")


def install(app: Flask) -> None:
    """Register the context and the translation functions."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_gettext, _ngettext, newstyle=True)
    app.jinja_env.globals.update(_=say, gettext=say)
    app.jinja_env.globals.update(asset=asset, may=_may, reaches=_reaches, hides=_hides, hides_forecast=_hides_forecast, tag_hues=_tag_hues, once_key=new_key, key_table=keys_here, key_caps=CAPS, key_presses=presses)
    app.context_processor(everywhere)


@pass_eval_context
def say(reads: EvalContext, message: str, **values) -> str:
    """A message of ours in the reader's language, which may hold markup, with its values put in. Also called for names that
    may be ours or somebody's own (of roles, of views): those are text like any other, escaped, and no pattern for values.
    Jinja's own function calls everything safe that is given to it."""
    text, ours = _gettext(message), i18n.is_ours(message)
    if values:
        return (Markup(text) if ours else escape(text)) % values if reads.autoescape else text % values
    if not ours:
        return text  # escaped where it is shown, as every other text
    text = text.replace("%%", "%")
    return Markup(text) if reads.autoescape else text


def _gettext(message: str) -> str:
    return i18n.catalogue(g.get("lang", "en")).gettext(message)


def _ngettext(one: str, many: str, n: int) -> str:
    return i18n.catalogue(g.get("lang", "en")).ngettext(one, many, n)


def _reaches(room: str, owner_id) -> bool:
    """May the actor change there what that person owns? For rows of a list, which are no records."""
    ctx = g.get("ctx")
    return ctx is not None and policy.changes_of(ctx, room, owner_id)


def _hides(room: str, field: str) -> bool:
    """Must the actor not know that field of that room's records?"""
    ctx = g.get("ctx")
    return ctx is not None and field in field_rights.hidden(ctx, room)


def _hides_forecast() -> bool:
    """Is what a forecast is made of hidden from him?"""
    ctx = g.get("ctx")
    return ctx is not None and not knows_forecast(ctx)


def _tag_hues(tags) -> list[tuple[str, str]]:
    """(tag, hue of its pill) of a record's tags."""
    ctx = g.get("ctx")
    return [(tag, hues_of(ctx, tags)[tag]) for tag in tags] if ctx is not None else []


def _may(permission: str, record=None) -> bool:
    ctx = g.get("ctx")
    return ctx is not None and policy.may(ctx, permission, record)


class Made(NamedTuple):
    """What the templates of a request know, and for whom that was put together."""

    ctx: Context
    sign_in: object
    viewing: bool
    values: dict


def everywhere() -> dict:
    """Made once for all templates of a request, as long as the same person asks in the same transaction."""
    ctx, sign_in = g.get("ctx"), g.get("sign_in")
    if ctx is None or sign_in is None:
        return _made(ctx, sign_in)
    made = g.get("everywhere")
    if made is None or made.ctx is not ctx or made.sign_in is not sign_in or made.viewing != g.get("viewing", False):
        g.everywhere = Made(ctx, sign_in, g.get("viewing", False), _made(ctx, sign_in))
        return g.everywhere.values
    g.lang = ctx.locale
    made.values["flashes"] += pages.take_flashes()
    return made.values


def _made(ctx, sign_in) -> dict:
    signed = ctx is not None and sign_in is not None
    lang = ctx.locale if signed else g.get("lang", "en")
    g.lang = lang
    theme = "auto" if door.among_files() else request.cookies.get("theme", "auto")
    values = {
        "lang": i18n.html_lang(lang),
        "lang_code": lang,
        "theme": theme if theme in THEMES else "auto",
        "csp_nonce": g.get("csp_nonce", ""),
        "csrf_token": g.get("csrf") or (sign_in.csrf if sign_in else ""),
        "ctx": ctx,
        "me": _me(ctx, sign_in) if signed else g.get("me"),
        "tenant": ctx.tenant if ctx else None,
        "nav": navigation(ctx) if signed else [],
        "pinned": pinned_views(ctx) if signed else [],
        "flashes": pages.take_flashes(),
        "viewing": signed and g.get("viewing", False),
        "banner": banner(ctx) if signed else None,
        "base_domain": settings().base_domain,
        "sign_up_url": settings().apex_url + "/sign-up",
        "languages": [] if door.among_files() else [(code, own) for code, (own, _, _) in i18n.LANGUAGES.items()],
        "apex_url": settings().apex_url,
        "links": links() if signed else {"home": settings().apex_url} if door.among_files() else {},
    }
    values["ui"] = current_app.jinja_env.get_template("ui.html").make_module(values)
    values["shell"] = partial(frame.shell, values)
    return values


# Name of a link in the frame -> endpoint; those of rooms that do not exist yet are left out.
LINKS = {
    "home": "home.index", "palette": "search.palette", "new": "home.new", "profile": "settings.profile", "settings": "settings.index",
    "members": "settings.members", "plan": "subscription.show", "sign_out": "session.destroy", "notifications": "notifications.index",
}


def links() -> dict[str, str]:
    """Where the frame's own controls lead."""
    return {name: path_of(endpoint) for name, endpoint in LINKS.items() if endpoint in current_app.view_functions}


def _me(ctx, sign_in) -> dict:
    from web.filters import initials

    name = ctx.actor.name if g.get("viewing") else sign_in.user.name
    return {"id": ctx.actor.id, "name": name, "mail": ctx.actor.mail, "initials": initials(name), "role": ctx.actor.role, "letter_keys": sign_in.user.letter_keys, "density": sign_in.user.density}


def banner(ctx) -> dict | None:
    """What the subscription's state has to say on every page."""
    lang = ctx.locale
    link = url_for("subscription.show") if _may("billing.manage") and _has("subscription.show") else None
    texts = {
        "read_only": (_("Your workspace is read-only. You can read and export everything."), "warn"),
        "suspended": (_("Your workspace is suspended. Export and payment stay open."), "warn"),
        "grace": (_("A payment is overdue. Please settle it so that work goes on."), "warn"),
    }
    found = texts.get(ctx.entitlements.access)
    if found is None:
        return None
    return {"text": i18n.gettext(lang, found[0]), "kind": found[1], "href": link, "link": i18n.gettext(lang, _("Subscription"))}


def _(message: str) -> str:
    """Mark for extraction; translated where it is shown."""
    return message


def _has(endpoint: str) -> bool:
    return endpoint in current_app.view_functions
