"""Where a value is known from, as pages say it beside the value: in whose words and since when, or who entered it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.words import N_
from core.parties.origins import KNOWN_FROM, ORIGINS
from infra import i18n
from web.filters import day


def said(ctx: Context, contact: Any, name: str, names: Mapping[UUID, str]) -> str:
    """Of one field; nothing where it has no value, or is not the reader's to know."""
    origin = ORIGINS.get(name)
    if origin is None or KNOWN_FROM in hidden(ctx, "contacts") or getattr(contact, name) is None:
        return ""
    source, noted_on, noted_by = (getattr(contact, column) for column in origin)
    on, who = day(noted_on), names.get(noted_by, "")
    if source:
        return _(ctx, N_("from %(source)s, %(on)s"), source=source, on=on) if on else _(ctx, N_("from %(source)s"), source=source)
    if who and on:
        return _(ctx, N_("entered by %(user)s, %(on)s"), user=who, on=on)
    return _(ctx, N_("entered on %(on)s"), on=on) if on else ""


def _(ctx: Context, text: str, **params: str) -> str:
    return i18n.gettext(ctx.locale, text, **params)
