"""People as vCard 4.0 (RFC 6350): messengers as IMPP with their service (RFC 9554), roles at further accounts as a group each."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import IO, Any
from urllib.parse import quote

LINE = 75
# Service -> what cards call it. Its name is the scheme of the address, but for the last one.
SERVICES = {
    "whatsapp": "WhatsApp", "telegram": "Telegram", "wechat": "WeChat", "kakaotalk": "KakaoTalk", "line": "LINE", "signal": "Signal", "viber": "Viber", "skype": "Skype",
    "other": "Other messenger",
}
KINDS = ("work", "home")


def write_cards(file: IO[str], people: Iterable[Mapping[str, Any]]) -> int:
    """A card for each; returns how many. A person has name, id, and as far as known company, mail, phone, mobile,
    job_title, birthday, tags, notes, language, messengers: (service, label, value), roles at further accounts: with name, title,
    department, since, until, is_former."""
    count = 0
    for person in people:
        file.write("".join(f"{folded(line)}\r\n" for line in card(person)))
        count += 1
    return count


def card(person: Mapping[str, Any]) -> list[str]:
    """The lines of one card, not yet folded."""
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"UID:urn:uuid:{person['id']}", f"FN:{escaped(person['name'])}"]
    for name, head in (("company", "ORG:"), ("job_title", "TITLE:"), ("mail", "EMAIL;TYPE=work:"), ("phone", "TEL;TYPE=work:"), ("mobile", "TEL;TYPE=cell:"),
                       ("language", "LANG:"), ("notes", "NOTE:")):
        if person.get(name):
            lines.append(head + escaped(person[name]))
    if isinstance(person.get("birthday"), date):
        lines.append(f"BDAY:{person['birthday']:%Y%m%d}")
    if person.get("tags"):
        lines.append("CATEGORIES:" + ",".join(map(escaped, person["tags"])))
    for number, one in enumerate(person.get("messengers") or (), 1):
        lines += _messenger(number, *one)
    for number, one in enumerate(person.get("roles") or (), 1):
        lines += _role(number, one)
    return [*lines, "END:VCARD"]


def _messenger(number: int, service: str, label: str, value: str) -> Iterator[str]:
    """Its address under its service; a label that the format has no word for in the manner of Apple."""
    named = label not in (*KINDS, "other")
    kind = f";TYPE={label}" if label in KINDS else ""
    name = SERVICES.get(service, SERVICES["other"])
    scheme = service if service in SERVICES and service != "other" else "im"
    group = f"chat{number}." if named else ""
    yield f'{group}IMPP;SERVICE-TYPE="{name}"{kind}:{scheme}:{quote(value, safe="@+")}'
    if named:
        yield f"{group}X-ABLabel:{escaped(label)}"


def _role(number: int, role: Any) -> Iterator[str]:
    """ORG and TITLE of one group. A role that is over stands where no program takes it for one that is held."""
    if role.is_former:
        parts = (role.name, role.title, role.department, role.since, role.until)
        yield "X-FORMER-ROLE:" + ";".join(escaped("" if part is None else part) for part in parts)
        return
    group = f"role{number}."
    yield f"{group}ORG:{escaped(role.name)}" + (f";{escaped(role.department)}" if role.department else "")
    for head, value in (("TITLE", role.title), ("X-ROLE-SINCE", role.since), ("X-ROLE-UNTIL", role.until)):
        if value:
            yield f"{group}{head}:{escaped(value)}"


def escaped(value: object) -> str:
    """Text as a value: no sign of it is taken for one of the format's own."""
    text = str(value).replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return "\\n".join(text.replace("\0", "").splitlines())


def folded(line: str) -> str:
    """In pieces of at most 75 bytes; a sign is never cut."""
    pieces, now = [], ""
    for sign in line:
        if len((now + sign).encode()) > LINE - (1 if pieces else 0):
            pieces.append(now)
            now = ""
        now += sign
    return "\r\n ".join([*pieces, now])
