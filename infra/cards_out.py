"""People as vCard 4.0 (RFC 6350)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import IO, Any

LINE = 75


def write_cards(file: IO[str], people: Iterable[Mapping[str, Any]]) -> int:
    """A card for each; returns how many. A person has name, id, and as far as known company, mail, phone, mobile,
    job_title, birthday, tags, notes, language."""
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
    return [*lines, "END:VCARD"]


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
