"""Codes into words: refusals and facts, in the reader's language."""

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from core.base.errors import Refused
from core.base.registry import collect_words
from infra import i18n
from infra.once import made_once


@made_once
def words() -> dict[str, str]:
    """Every code with its message id: core's rooms, the landlord's, billing's, and the web's own."""
    from web.app import web_rooms

    found = dict(collect_words())
    for package in ("tenants", "billing", *(f"web.{room}" for room in web_rooms())):
        if importlib.util.find_spec(f"{package}.words"):
            found.update(importlib.import_module(f"{package}.words").WORDS)
    return found


def say_refusal(refusal: Refused, lang: str) -> str:
    """A refusal as a sentence."""
    message = words().get(refusal.code, refusal.code)
    return i18n.gettext(lang, message, **{k: v for k, v in refusal.params.items()})


def say_fact(kind: str, params: Mapping[str, Any], lang: str, **more: Any) -> Markup:
    """A fact as a sentence; parameters are escaped, and bold."""
    message = i18n.gettext(lang, words().get(kind, kind))
    shown = {key: Markup("<b>%s</b>") % escape("" if value is None else value) for key, value in {**params, **more}.items()}
    try:
        return Markup(escape(message) % shown)
    except (KeyError, ValueError):
        return escape(message)
