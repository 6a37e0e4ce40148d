"""Own values in words, and as a form or a cell takes them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import g, url_for
from markupsafe import Markup, escape

from core.base.context import Context
from core.base.words import N_
from core.custom_fields.fields import Own, defined, fields_of, is_own, label_of
from core.custom_fields.values import linked
from core.identity import queries as people
from infra import i18n, phones
from web.filters import amount, day, moment, number, phone, web_address

YES, NO, UNKNOWN = N_("Yes"), N_("No"), N_("A record that you have no access to")
# Kind -> the input that edits it where it stands; kinds that are not here are edited on the form.
INPUTS = {
    "text": "text", "long_text": "textarea", "whole": "text", "decimal": "text", "amount": "text", "date": "date", "moment": "datetime-local", "yes_no": "select", "choice": "select",
    "mail": "email", "phone": "tel", "link": "text", "user": "select",
}


def said(ctx: Context, own: Own, value: Any, names: Mapping[UUID, str] | None = None) -> str:
    """A value as people know it. names: of users and of linked records, where the page has them already."""
    if value in (None, "", []):
        return ""
    if own.kind in ("user", "account", "contact"):
        return _named(ctx, own, str(value), names)
    if own.kind in ("choice", "choices"):
        return ", ".join(one.label if (one := own.option(key)) else str(key) for key in (value if isinstance(value, list) else [value]))
    if own.kind == "phone":
        return phone(str(value), _region(ctx))
    says = SAYS.get(own.kind)
    try:
        return says(value) if says else str(value)
    except (ValueError, ArithmeticError, TypeError, KeyError):
        return str(value)


def _region(ctx: Context) -> str | None:
    """The country whose numbers are typed without a +."""
    return phones.country_of_zone(ctx.tenant.timezone)


def _named(ctx: Context, own: Own, key: str, names: Mapping[UUID, str] | None) -> str:
    try:
        wanted = UUID(key)
    except ValueError:
        return key
    if names is None or (own.kind != "user" and wanted not in names):
        names = people.user_names(ctx) if own.kind == "user" else linked(ctx, own.kind, [wanted])
    return names.get(wanted) or _(UNKNOWN)


SAYS = {
    "whole": number, "decimal": lambda value: number(Decimal(str(value))), "amount": lambda value: amount(Decimal(value["amount"]), value["currency"]),
    "date": lambda value: day(date.fromisoformat(value)), "moment": lambda value: moment(datetime.fromisoformat(value)), "yes_no": lambda value: _(YES if value is True else NO),
}


def raw(ctx: Context, own: Own, value: Any) -> str:
    """A value as its input takes it."""
    if own.kind == "yes_no":
        return {True: "1", False: "0"}.get(value, "") if isinstance(value, bool) else ""
    if value is None:
        return ""
    if own.kind == "amount" and isinstance(value, dict):
        return f"{value.get('amount', '')} {value.get('currency', '')}".strip()
    if own.kind == "moment":
        try:
            return datetime.fromisoformat(value).astimezone(ctx.zone).strftime("%Y-%m-%dT%H:%M")
        except ValueError:
            return str(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def options(ctx: Context, own: Own, value: Any = None, names: Mapping[UUID, str] | None = None) -> list[tuple[str, str]]:
    """What a list to choose from offers: an archived option only where it stands already."""
    if own.kind == "yes_no":
        return [("", ""), ("1", _(YES)), ("0", _(NO))]
    if own.kind == "user":
        return [("", ""), *((str(key), name) for key, name in (people.user_names(ctx) if names is None else names).items())]
    held = value if isinstance(value, list) else [value]
    found = [(one.key, one.label) for one in own.options if not one.archived or one.key in held]
    return found if own.kind == "choices" else [("", ""), *found]


def label(ctx: Context, room: str, name: str, labels: Mapping[str, str]) -> str:
    """What a field is called for the reader, own or not."""
    return label_of(ctx, room, name) if is_own(name) else i18n.gettext(ctx.locale, labels.get(name, name))


def own_named(ctx: Context, room: str, name: str) -> Own | None:
    """The definition of that name, an archived one too; whether the actor may know of it has been asked."""
    return next((one for one in defined(ctx, room) if one.name == name), None)


def links_of(ctx: Context, room: str, rows: Iterable[Any], names: Iterable[str]) -> dict[UUID, str]:
    """Names of the accounts and contacts that these rows' own fields lead to, in one statement a kind."""
    wanted: dict[str, set[UUID]] = {}
    chosen = set(names)
    for own in fields_of(ctx, room):
        if own.name in chosen and own.kind in ("account", "contact"):
            wanted.setdefault(own.kind, set()).update(UUID(value) for row in rows if (value := getattr(row, own.name)))
    return {key: name for kind, keys in wanted.items() for key, name in linked(ctx, kind, sorted(keys)).items()}


def cell(ctx: Context, own: Own, value: Any, names: Mapping[UUID, str]) -> Markup | str:
    """A value in a list: options as pills, addresses as links."""
    if value in (None, "", []):
        return ""
    if own.kind in ("choice", "choices"):
        keys = value if isinstance(value, list) else [value]
        pills = [Markup('<span class="pill h-{}">{}</span>').format(one.colour if (one := own.option(key)) else "grey", one.label if one else key) for key in keys]
        return Markup(" ").join(pills)
    text = said(ctx, own, value, names)
    href = href_of(ctx, own, value)
    return Markup('<a href="{}"{}>{}</a>').format(href, Markup(' rel="noopener noreferrer" target="_blank"') if own.kind == "link" else "", text) if href and text != _(UNKNOWN) else escape(text)


def href_of(ctx: Context, own: Own, value: Any) -> str:
    """Where a value leads: a web address, a mail address, a number to call, a record."""
    if own.kind == "link":
        return web_address(value)
    if own.kind == "mail":
        return f"mailto:{value}"
    if own.kind == "phone":
        found = phones.known(value, _region(ctx))
        return f"tel:{found.e164 if found else ''.join(sign for sign in value if sign.isdigit() or sign == '+')}"
    if own.kind in ("account", "contact"):
        return url_for(f"{own.kind}s.show", id=value)
    return ""


def _(text: str) -> str:
    return i18n.gettext(g.get("lang", "en"), text)
