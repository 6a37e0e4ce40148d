"""vCard 2.1, 3.0 and 4.0 (RFC 2426, 6350) as telephones and mail programs really write them.

Pictures, keys and sounds are passed over line by line, so that a large one costs no memory. Every property may say its
own character set; groups ("item1.TEL") give a value its label.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from quopri import decodestring

from infra.readers.card_ways import Beside, kinds_of, parts_of, plain
from infra.readers.cards import Person
from infra.readers.rows import MAX_CELL, Unreadable

MOST_LINE = 1_000_000
MOST_DEEP = 5
# What no list needs: technical, or bytes.
PASSED = frozenset(
    "VERSION PRODID REV PHOTO LOGO SOUND KEY SOURCE SORT-STRING CLIENTPIDMAP XML MAILER PROFILE CLASS AGENT BEGIN END LABEL MEMBER GEO TZ FBURL CALURI CALADRURI "
    "X-ABADR X-ABLABEL X-MS-OL-DESIGN X-MS-CARDPICTURE X-MS-OL-DEFAULT-POSTAL-ADDRESS X-ETAG X-MOZILLA-HTML X-EVOLUTION-FILE-AS X-ABUID X-ABSHOWAS "
    "X-IMAGETYPE X-IMAGEHASH X-CRYPTO-KEY X-GOOGLE-TALK-PHOTO".split()
)
PLAIN = {
    "FN": "Name", "TITLE": "Job title", "ROLE": "Role", "NICKNAME": "Nickname", "UID": "UID", "LANG": "Language", "GENDER": "Gender",
    "X-PHONETIC-FIRST-NAME": "Phonetic first name", "X-PHONETIC-LAST-NAME": "Phonetic last name",
}
ADDRESS = ("PO box", "", "Street", "City", "Region", "Postcode", "Country")
LABEL = re.compile(r"^_\$!<(.*)>!\$_$")


def read_cards(path: Path, charset: str) -> Iterator[Person]:
    """The people of a file of cards."""
    depth, person, labels, labelled, beside = 0, None, {}, [], Beside()
    for line, name, group, params, raw in properties(path):
        if name == "BEGIN":
            depth += 1
            if depth > MOST_DEEP:
                raise Unreadable("bomb")
            if depth == 1:
                person, labels, labelled, beside = Person(line), {}, [], Beside()
        elif name == "END":
            depth = max(0, depth - 1)
            if depth == 0 and person is not None:
                yield beside.put(_labelled(person, labels, labelled), labels)
                person = None
        elif depth == 1 and person is not None:
            if name == "X-ABLABEL":
                labels[group] = LABEL.sub(r"\1", plain(_text(raw, params, charset)))[:60].strip()
            elif name in ("X-ABDATE", "X-ABRELATEDNAMES"):
                labelled.append((group, "Date" if name == "X-ABDATE" else "Related person", plain(_text(raw, params, charset))))
            elif name not in PASSED and not beside.take(name, group, params, _text(raw, params, charset)):
                _take(person, name, params, raw, charset)
    if person is not None:
        yield beside.put(_labelled(person, labels, labelled), labels)


def properties(path: Path) -> Iterator[tuple[int, str, str, dict[str, list[str]], bytes]]:
    """(line, name, group, parameters, value as bytes) of each property, its folded lines put together."""
    begins, held, soft, passing = 0, None, False, False
    for number, line in _lines(path):
        more = line[:1] in (b" ", b"\t")
        if held is not None and (soft or (more and line.strip())):
            if not passing:
                if soft:
                    del held[-1:]
                held += line if soft and not more else line[1:]  # in place: folded without end it would else be copied without end
                if len(held) > 4 * MAX_CELL:
                    raise Unreadable("cell_too_long", line=begins, max=MAX_CELL)
                soft = soft and held.endswith(b"=")
            continue
        if held is not None:
            yield from _property(begins, bytes(held))
        begins, held = number, bytearray(line) if line.strip() else None
        head = line.split(b":", 1)[0].upper()
        passing = head.split(b";")[0].rsplit(b".", 1)[-1].decode("ascii", "replace") in PASSED - {"X-ABLABEL", "BEGIN", "END"}
        soft = not passing and b"QUOTED-PRINTABLE" in head and line.endswith(b"=")
    if held is not None:
        yield from _property(begins, bytes(held))


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines without their ends, whatever mixture of CR and LF; UTF-16 as UTF-8."""
    with path.open("rb") as file:
        mark = file.read(2)
    wide = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(mark)
    if wide:
        with path.open(encoding=wide, errors="replace") as text:
            for number, line in enumerate(iter(lambda: text.readline(MOST_LINE), ""), 1):
                yield number, line.rstrip("\r\n").encode()
        return
    with path.open("rb") as file:
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        number = 0
        while line := file.readline(MOST_LINE):
            if len(line) == MOST_LINE and not line.endswith(b"\n"):
                raise Unreadable("line_too_long", line=number + 1, max=MOST_LINE)
            for part in line.rstrip(b"\r\n").split(b"\r"):
                number += 1
                yield number, part


def _property(line: int, text: bytes) -> Iterator[tuple[int, str, str, dict[str, list[str]], bytes]]:
    """Taken apart; nothing where it is no property."""
    quoted, place = False, -1
    for index, sign in enumerate(text[:4000]):
        if sign == 0x22:
            quoted = not quoted
        elif sign == 0x3A and not quoted:
            place = index
            break
    if place < 1:
        return
    head = text[:place].decode("utf-8", "replace")
    name, *given = head.split(";")
    group, _, name = name.rpartition(".")
    params: dict[str, list[str]] = {}
    for one in given[:50]:
        key, equals, value = one.partition("=")
        key, value = (key.upper(), value) if equals else _bare(key)
        params.setdefault(key, []).extend(part.strip('" ') for part in value.split(","))
    yield line, name.strip().upper(), group.casefold(), params, text[place + 1 :]


def _bare(word: str) -> tuple[str, str]:
    """A parameter of vCard 2.1 without its name."""
    return ("ENCODING", word) if word.upper() in ("QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT") else ("TYPE", word)


def _text(raw: bytes, params: dict[str, list[str]], charset: str) -> str:
    """A value as text, in its own character set, not yet unescaped."""
    ways = {way.upper() for way in params.get("ENCODING", ())}
    if ways & {"BASE64", "B"}:
        return ""
    data = decodestring(raw) if "QUOTED-PRINTABLE" in ways else raw
    own = (params.get("CHARSET") or [charset])[0]
    for name in (own, "utf-8", charset, "cp1252"):
        try:
            return data.decode(name).replace("\0", "")
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return data.decode("utf-8", "replace").replace("\0", "")


def _take(person: Person, name: str, params: dict[str, list[str]], raw: bytes, charset: str) -> None:
    """One property into the person's columns."""
    text, kinds = _text(raw, params, charset), kinds_of(params)
    if name == "N":
        last, first, *rest = [*(plain(part) for part in parts_of(text)), "", ""][:5]
        for column, value in zip(("Last name", "First name", "Middle name", "Name prefix", "Name suffix"), (last, first, *rest), strict=False):
            person.add(column, value)
    elif name == "ORG":
        company, *units = (plain(part) for part in parts_of(text))
        person.add("Company", company)
        person.add("Department", ", ".join(filter(None, units)))
    elif name == "ADR":
        _address(person, text, kinds)
    elif name == "TEL":
        person.add(_phone_column(kinds), _number(plain(text)))
    elif name == "EMAIL":
        person.add("Mail", plain(text).removeprefix("mailto:"))
    elif name == "URL":
        person.add("Website", plain(text))
    elif name in ("BDAY", "ANNIVERSARY", "X-MS-ANNIVERSARY"):
        column = "Birthday" if name == "BDAY" else "Anniversary"
        day = _day(plain(text))
        person.add(column if day else f"{column} (as written)", day or plain(text))
    elif name == "NOTE":
        person.join("Notes", plain(text), "\n")
    elif name == "CATEGORIES":
        person.join("Tags", ", ".join(part for part in (plain(one) for one in re.split(r"(?<!\\),", text)) if part), ", ")
    elif name == "IMPP":
        person.add("Chat", plain(text))
    elif name in PLAIN:
        person.add(PLAIN[name], plain(text))
    else:
        _other(person, name, plain(text))


def _other(person: Person, name: str, value: str) -> None:
    """What programs add of their own is offered under its name, unless it is a program's own matter."""
    if 0 < len(value) <= 2000 and re.fullmatch(r"[A-Z][A-Z0-9-]{1,40}", name):
        person.add(name.removeprefix("X-").replace("-", " ").capitalize(), value)


def _phone_column(kinds: set[str]) -> str:
    if "fax" in kinds:
        return "Fax"
    if "pager" in kinds:
        return "Pager"
    if kinds & {"cell", "iphone"}:
        return "Mobile"
    return "Phone (work)" if "work" in kinds else "Phone (home)" if "home" in kinds else "Phone"


def _number(text: str) -> str:
    """A number of a tel: address as people write it."""
    if not text.casefold().startswith("tel:"):
        return text
    number, *params = text[4:].split(";")
    extension = next((one[4:] for one in params if one.casefold().startswith("ext=")), "")
    return f"{number} ext. {extension}" if extension else number


def _address(person: Person, text: str, kinds: set[str]) -> None:
    parts = [plain(part).replace("\n", ", ") for part in parts_of(text)]
    kind = "work" if "work" in kinds else "home" if "home" in kinds else ""
    box, extended, street = (parts + [""] * 7)[:3]
    values = [box if street or extended else "", "", ", ".join(filter(None, (street, extended))) or box, *(parts + [""] * 7)[3:7]]
    for column, value in zip(ADDRESS, values, strict=True):
        if column:
            person.add(f"{column} ({kind})" if kind else column, value)


def _day(text: str) -> str:
    """A whole date as ISO text, else nothing."""
    match = re.match(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?$", text)
    try:
        return date(*map(int, match.groups())).isoformat() if match else ""
    except ValueError:
        return ""


def _labelled(person: Person, labels: dict[str, str], labelled: list[tuple[str, str, str]]) -> Person:
    """Dates and people that only a label of their group explains ("Anniversary", "Spouse") get it as their column."""
    for group, usual, value in labelled:
        person.add(labels.get(group) or usual, value)
    return person
