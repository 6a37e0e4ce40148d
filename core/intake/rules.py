"""What a web form may be, and what looks like spam, as pure rules."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from core.base.cleaning import line, paragraphs
from core.base.errors import Refused
from infra.i18n import LANGUAGES

# The lead's fields that a form may ask for; own fields come beside them.
OFFERED = ("name", "company", "job_title", "mail", "phone", "postcode", "city", "country", "interest", "message")
# One of these must be asked for and needed: a lead is called by it.
NAMING = frozenset({"name", "company", "mail"})
TEXTS = {"title": line, "intro": paragraphs, "button": line, "thanks": paragraphs}
MOST_FIELDS, MOST_HOSTS = 30, 20
SOONEST, LONGEST = timedelta(seconds=3), timedelta(days=2)
MOST_LINKS = 3
# Within this time one network sends a few of one form; more are held back.
OFTEN_WITHIN = timedelta(minutes=10)
# Letters to one address within a day: a form must not be a way to write to others.
MOST_LETTERS = 3
HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?::[0-9]{1,5})?")
LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


def checked_fields(given: Sequence[Mapping[str, Any]], known: Collection[str]) -> list[dict[str, Any]]:
    """The fields in their order; refuses unknown ones, one twice, and a form that asks nobody's name."""
    names = [str(one.get("name", "")) for one in given]
    if len(given) > MOST_FIELDS:
        raise Refused("too_many_items", field="fields", max=MOST_FIELDS)
    if len(set(names)) != len(names) or any(name not in known for name in names):
        raise Refused("unknown_value", field="fields")
    found = [{"name": str(one["name"]), "needed": bool(one.get("needed")), "labels": _by_language(one.get("labels"), line, "fields")} for one in given]
    if not any(one["needed"] and one["name"] in NAMING for one in found):
        raise Refused("form_nameless", field="fields")
    return found


def is_needed(field: Mapping[str, Any], confirmed: str) -> bool:
    """Has a sender to fill it in? The mail address too where he confirms by a letter, whatever the form said before."""
    return bool(field["needed"]) or (field["name"] == "mail" and confirmed != "never")


def check_confirmable(fields: Sequence[Mapping[str, Any]], confirmed: str) -> None:
    """Refuses a form whose senders are to confirm and that asks for no mail address."""
    if confirmed != "never" and not any(one["name"] == "mail" and one["needed"] for one in fields):
        raise Refused("form_unconfirmable", field="confirmed")


def checked_texts(given: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Language -> what is said; refuses a form without a title in any language."""
    found: dict[str, dict[str, str]] = {}
    for lang in LANGUAGES:
        said = {name: text for name, cleaner in TEXTS.items() if (text := cleaner((given.get(lang) or {}).get(name), f"texts.{lang}.{name}"))}
        if said:
            found[lang] = said
    if not any("title" in said for said in found.values()):
        raise Refused("form_untitled", field="texts")
    return found


def checked_hosts(given: Any) -> list[str]:
    """Names of hosts, one a line; whole addresses are cut down to their hosts."""
    typed = given.split() if isinstance(given, str) else [str(one) for one in given or ()]
    if len(typed) > MOST_HOSTS:
        raise Refused("too_many_items", field="hosts", max=MOST_HOSTS)
    return list(dict.fromkeys(_host(one) for one in typed))


def shown_by(hosts: Collection[str]) -> list[str]:
    """Those of the kept hosts that may stand in a policy."""
    return [one for one in hosts if HOST.fullmatch(one)]


def checked_redirect(given: Any, own: Collection[str]) -> str | None:
    """An address on one of these hosts; refuses any other, and what is no web address."""
    typed = line(given, "redirect_url")
    if not typed:
        return None
    try:
        parts = urlsplit(typed)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise Refused("redirect_elsewhere", field="redirect_url") from None
    named = f"{host}:{port}" if port else host
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or "\\" in typed or not any(_is_on(named, one) for one in own):
        raise Refused("redirect_elsewhere", field="redirect_url")
    return typed


def leads_to(address: str | None, own: Collection[str]) -> str | None:
    """The same of an address that is kept: where the form leads now, nowhere if its hosts have changed since."""
    try:
        return checked_redirect(address, own)
    except Refused:
        return None


def suspicion(*, now: datetime, issued: datetime | None, trap: str, said: Mapping[str, Any], often: bool) -> str | None:
    """Why this looks like no person, or None."""
    if trap:
        return "trap"
    if issued is None:
        return "no_stamp"
    if now - issued < SOONEST:
        return "fast"
    if now - issued > LONGEST:
        return "old"
    if often:
        return "often"
    texts = " ".join(str(value) for value in said.values() if value)
    return "links" if len(LINK.findall(texts)) > MOST_LINKS else None


def spoken(by_language: Mapping[str, Any], lang: str, fallback: str) -> Any:
    """What is there in a language, else in the workspace's, else in any; None where there is nothing."""
    return by_language.get(lang) or by_language.get(fallback) or next(iter(by_language.values()), None)


def _by_language(given: Any, cleaner: Any, field: str) -> dict[str, str]:
    found = {lang: cleaner((given or {}).get(lang), field) for lang in LANGUAGES}
    return {lang: text for lang, text in found.items() if text}


def _host(typed: str) -> str:
    bare = re.sub(r"^https?://", "", typed.strip().lower()).split("/")[0]
    try:
        name, colon, port = bare.partition(":")
        known = (name if name.isascii() else name.encode("idna").decode()) + colon + port
    except UnicodeError:
        raise Refused("not_a_host", field="hosts", host=typed[:80]) from None
    if len(known) > 200 or not HOST.fullmatch(known):
        raise Refused("not_a_host", field="hosts", host=typed[:80])
    return known


def _is_on(host: str, allowed: str) -> bool:
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed
