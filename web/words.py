"""Codes into words: refusals and facts, in the reader's language."""

import importlib
import importlib.util
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import g, has_request_context
from markupsafe import Markup, escape

from core.base.errors import Refused
from core.base.formats import Formats
from core.base.registry import collect_words
from infra import dates, i18n
from infra.once import made_once

MONEY_KEYS, MONEY = ("total", "price", "amount"), re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) ([A-Z]{3})", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


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
    """A fact as a sentence; parameters are escaped, and bold, days as the reader writes them."""
    message = i18n.gettext(lang, words().get(kind, kind))
    shown = {key: Markup("<b>%s</b>") % escape("" if value is None else _said(value, lang, key)) for key, value in {**params, **more}.items()}
    try:
        return Markup(escape(message) % shown)
    except (KeyError, ValueError):
        return escape(message)


def _said(value: Any, lang: str, key: str = "") -> Any:
    """A day in the reader's format, an amount of money ("12.00 EUR" of a total) as he reads it; anything else as it is."""
    if key in MONEY_KEYS and isinstance(value, str) and (found := MONEY.fullmatch(value)) and has_request_context():
        from web.filters import amount  # filters say refusals and facts

        return amount(Decimal(found[1]), found[2])
    if not (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    try:
        return dates.say_day(date.fromisoformat(value), "medium", lang, g.ctx.formats.date_format if has_request_context() and "ctx" in g else Formats().date_format)
    except ValueError:
        return value
