"""Pure rules of letters: their words in a language, safe headers, the identity of a message."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.numbers import format_currency
from markupsafe import Markup, escape

from core.base.errors import Refused
from core.base.money import Money
from core.base.text import LINE_END
from core.base.words import N_
from infra import crypto, dates, i18n

HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
BROKEN = re.compile(r"[\r\n\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")
# Set by us alone: a room that could set them could forge a sender or split the message.
RESERVED = frozenset({"from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "reply-to", "return-path", "mime-version", "received"})


@dataclass(frozen=True)
class Letter:
    """The words of one kind of mail, as message ids with %(name)s places. button: the words of the link that
    params["link"] holds; foot: of the small one below, to the place params["settings"] where the reader chooses what
    he gets. private: the content is wiped once sent (it carries a key, for example to sign in). platform: the landlord
    writes it, not the tenant. Paragraphs that come out empty are left out."""

    subject: str
    body: tuple[str, ...]
    button: str | None = None
    private: bool = False
    platform: bool = False
    foot: str | None = None


@dataclass(frozen=True)
class Line:
    """One thing of a list in a letter: its name, the page that it leads to, and what is said of it."""

    title: str
    link: str
    text: str = ""


@dataclass(frozen=True)
class Section:
    """A list in a letter under a heading. more: said below it, of what it leaves out."""

    title: str
    lines: tuple[Line, ...]
    more: str = ""


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str


FRAME = Markup(
    '<!doctype html>\n<html lang="{lang}">\n<head><meta charset="utf-8"><title>{subject}</title></head>\n'
    '<body>\n<div style="max-width:36em;margin:0 auto;font-family:sans-serif;line-height:1.5">\n{body}\n'
    '<p style="color:#666;font-size:.875em">{sender}</p>\n</div>\n</body>\n</html>\n'
)
# How a letter begins, to somebody whose name is known and to anybody.
GREETING, NAMELESS = N_("Hello %(name)s,"), N_("Hello,")
PARAGRAPH = Markup("<p>{}</p>")
BUTTON = Markup('<p><a href="{link}">{words}</a></p>')
HEADING = Markup('<h2 style="font-size:1em;margin:1.5em 0 .5em">{title}</h2>\n<ul style="margin:0;padding-left:1.25em">\n{lines}\n</ul>')
ENTRY = Markup('<li><a href="{link}">{title}</a>{text}</li>')
FOOT = Markup('<p style="font-size:.875em"><a href="{link}">{words}</a></p>')


def render(letter: Letter, params: Mapping[str, Any], *, lang: str, timezone: str, sender: str, sections: Sequence[Section] = ()) -> Rendered:
    """A letter in the recipient's language; dates, times and money as read there. Values are escaped in the HTML
    and never looked into for further places. sections: lists of things below its paragraphs, each thing a link."""
    values = {name: shown(value, lang, timezone) for name, value in params.items()}
    subject = re.sub(r"[ \t\r\n]+", " ", i18n.gettext(lang, letter.subject, **values)).strip()
    body = (NAMELESS if part == GREETING and not values.get("name") else part for part in letter.body)
    paragraphs = [said for said in (i18n.gettext(lang, part, **values) for part in body) if said.strip()]
    plain, rich = list(paragraphs), [PARAGRAPH.format(_lines(p)) for p in paragraphs]
    for one in sections:
        plain.append(_plain_list(one))
        rich += _rich_list(one)
    for message, place, shape in ((letter.button, "link", BUTTON), (letter.foot, "settings", FOOT)):
        if message and values.get(place):
            words, link = i18n.gettext(lang, message, **values), safe_link(values[place])
            plain.append(f"{words}: {link}")
            rich.append(shape.format(link=link, words=words))
    html = FRAME.format(lang=i18n.html_lang(lang), subject=subject, body=Markup("\n").join(rich), sender=sender)
    return Rendered(subject, "\n\n".join([*plain, f"-- \n{sender}\n"]), str(html))


def shown(value: Any, lang: str, timezone: str) -> str:
    """A parameter as a person reads it in that language."""
    if isinstance(value, Money):
        return format_currency(value.amount, value.currency, locale=i18n.babel_locale(lang))
    if isinstance(value, datetime):
        return dates.say_moment(value, "medium", ZoneInfo(timezone), lang)
    if isinstance(value, date):
        return dates.say_day(value, "long", lang)
    return "" if value is None else str(value)


def safe_link(link: str) -> str:
    """Only http and https; anything else would run or open something in the reader's program."""
    if not re.match(r"https?://", link) or BROKEN.search(link) or " " in link:
        raise Refused("mail_link", field="link")
    return link


def one_line(value: str, *, field: str, max_length: int = 200) -> str:
    """A header's value; refuses line breaks and other control characters (`header_injection`), and overlong text."""
    if BROKEN.search(value):
        raise Refused("header_injection", field=field)
    if len(value) > max_length:
        raise Refused("too_long", field=field, max=max_length)
    return value.strip()


def made_one_line(value: str) -> str:
    """A name fit for a header, whatever it holds: no letter is lost to what was stored before names were cleaned."""
    return " ".join(BROKEN.sub(" ", value).split())[:200]


def made_plain(value: Any) -> Any:
    """A parameter of a letter: text keeps its lines and loses every other control character."""
    if not isinstance(value, str):
        return value
    return "\n".join(BROKEN.sub(" ", line) for line in LINE_END.sub("\n", value).split("\n"))[:10_000]


def checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Additional headers of a room; refuses odd names, the ones that are ours, and broken values."""
    for name in headers or {}:
        if not HEADER_NAME.fullmatch(name) or name.lower() in RESERVED:
            raise Refused("header_injection", field=name)
    return {name: one_line(value, field=name, max_length=900) for name, value in (headers or {}).items()}


def message_id(key: bytes, tenant_id: UUID, mail_id: UUID, domain: str) -> str:
    """Always the same for one mail: if it must go twice, the recipient's server can fold the copies."""
    return f"<{crypto.sign(key, str(tenant_id), str(mail_id))[:40]}@{domain}>"


def mail_hash(key: bytes, tenant_id: UUID, mail_norm: str) -> bytes:
    """What a suppression keeps of an address."""
    return bytes.fromhex(crypto.sign(key, str(tenant_id), mail_norm))


def _plain_list(section: Section) -> str:
    """Each thing with its address below it."""
    lines = [f"\u2022 {made_one_line(one.title)}{_said(one)}\n  {safe_link(one.link)}" for one in section.lines]
    return "\n".join([made_one_line(section.title), *lines, *([section.more] if section.more else [])])


def _rich_list(section: Section) -> list[Markup]:
    lines = Markup("\n").join(ENTRY.format(link=safe_link(one.link), title=made_one_line(one.title), text=_said(one)) for one in section.lines)
    return [HEADING.format(title=made_one_line(section.title), lines=lines), *([PARAGRAPH.format(section.more)] if section.more else [])]


def _said(line: Line) -> str:
    return f" \u00b7 {made_one_line(line.text)}" if line.text else ""


def _lines(paragraph: str) -> Markup:
    return Markup("<br>\n").join(escape(line) for line in paragraph.split("\n"))
