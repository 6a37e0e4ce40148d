"""LDIF (RFC 2849), as Thunderbird and directories write it: entries of people into the columns of `cards`."""

import base64
import binascii
import re
from collections.abc import Iterator
from pathlib import Path

from infra.readers.cards import Person
from infra.readers.rows import MAX_CELL, Unreadable

MOST_LINE = 1_000_000
MOST_VALUES = 2000
COLUMNS = {
    "cn": "Name", "displayname": "Name", "givenname": "First name", "sn": "Last name", "surname": "Last name", "mail": "Mail", "mozillasecondemail": "Mail",
    "telephonenumber": "Phone (work)", "homephone": "Phone (home)", "mobile": "Mobile", "cellphone": "Mobile", "fax": "Fax",
    "facsimiletelephonenumber": "Fax", "pager": "Pager", "pagerphone": "Pager", "street": "Street (work)", "streetaddress": "Street (work)",
    "l": "City (work)", "locality": "City (work)", "st": "Region (work)", "region": "Region (work)", "postalcode": "Postcode (work)", "c": "Country (work)",
    "co": "Country (work)", "countryname": "Country (work)", "mozillahomestreet": "Street (home)", "mozillahomelocalityname": "City (home)",
    "mozillahomestate": "Region (home)", "mozillahomepostalcode": "Postcode (home)", "mozillahomecountryname": "Country (home)", "title": "Job title",
    "ou": "Department", "department": "Department", "o": "Company", "company": "Company", "mozillaworkurl": "Website", "workurl": "Website",
    "mozillahomeurl": "Website", "homeurl": "Website", "labeleduri": "Website", "description": "Notes", "notes": "Notes", "mozillanickname": "Nickname",
    "xmozillanickname": "Nickname", "nickname": "Nickname", "preferredlanguage": "Language", "employeenumber": "Employee number",
}
PASSED = frozenset("dn objectclass modifytimestamp createtimestamp mozillausehtmlmail xmozillausehtmlmail jpegphoto photo userpassword usercertificate version changetype memberof".split())
SECOND = {"mozillaworkstreet2": "Street (work)", "mozillahomestreet2": "Street (home)"}
GROUPS = frozenset({"groupofnames", "groupofuniquenames", "posixgroup"})


def read_entries(path: Path, charset: str) -> Iterator[Person]:
    """The people of a directory; groups, and entries that change or delete something, are passed over."""
    entry: list[tuple[str, str]] = []
    begins = 1
    for number, name, value in _attributes(path, charset):
        if name is None:
            if entry:
                yield from _person(begins, entry)
            entry = []
            continue
        if not entry:
            begins = number
        entry.append((name, value))
        if len(entry) > MOST_VALUES:
            raise Unreadable("too_many_columns", line=begins, max=MOST_VALUES)
    if entry:
        yield from _person(begins, entry)


def _attributes(path: Path, charset: str) -> Iterator[tuple[int, str | None, str]]:
    """(line, attribute, value); None between entries."""
    held, begins, passing = None, 0, False
    for number, line in _lines(path):
        if line[:1] in (b" ", b"\t") and held is not None and line.strip():
            if not passing:
                held += line[1:]  # in place, as for cards
            if len(held) > 4 * MAX_CELL:
                raise Unreadable("cell_too_long", line=begins, max=MAX_CELL)
            continue
        if held is not None:
            yield from _taken(begins, bytes(held), charset)
        begins, held = number, None
        if not line.strip():
            yield number, None, ""
        elif not line.startswith(b"#"):
            held = bytearray(line)
            passing = line.split(b":", 1)[0].split(b";")[0].strip().lower().decode("ascii", "replace") in PASSED
    if held is not None:
        yield from _taken(begins, bytes(held), charset)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        number = 0
        while line := file.readline(MOST_LINE):
            number += 1
            if len(line) == MOST_LINE and not line.endswith(b"\n"):
                raise Unreadable("line_too_long", line=number, max=MOST_LINE)
            yield number, line.rstrip(b"\r\n")


def _taken(line: int, held: bytes, charset: str) -> Iterator[tuple[int, str, str]]:
    name, colon, value = held.partition(b":")
    attribute = name.split(b";")[0].strip().lower().decode("ascii", "replace").replace("-", "")
    if not colon or not attribute or value.startswith(b"<"):  # what lies elsewhere is not fetched
        return
    data = value.lstrip(b" ")
    if value.startswith(b":"):
        try:
            data = base64.b64decode(value[1:].strip())
        except (binascii.Error, ValueError):
            data = b""
    yield line, attribute, _decoded(data, charset).replace("\0", "").strip()


def _decoded(data: bytes, charset: str) -> str:
    for name in ("utf-8", charset, "cp1252"):
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("utf-8", "replace")


def _person(line: int, entry: list[tuple[str, str]]) -> Iterator[Person]:
    kinds = {value.casefold() for name, value in entry if name == "objectclass"}
    if kinds & GROUPS or any(name == "changetype" and value.casefold() != "add" for name, value in entry):
        return
    person, birth = Person(line), {}
    for name, value in entry:
        if name in ("birthyear", "birthmonth", "birthday"):
            birth[name] = value
        elif name == "labeleduri":
            person.add("Website", value.split(" ", 1)[0])
        elif name in SECOND:
            person.join(SECOND[name], value, ", ")
        elif COLUMNS.get(name) == "Notes":
            person.join("Notes", value, "\n")
        elif name in COLUMNS:
            person.add(COLUMNS[name], value)
        elif name not in PASSED and re.fullmatch(r"[a-z][a-z0-9]{1,60}", name):
            person.add(re.sub(r"^mozillacustom(\d)$", r"custom \1", name).capitalize(), value)
    if birth:
        day = "-".join(birth.get(part, "").zfill(size) for part, size in (("birthyear", 4), ("birthmonth", 2), ("birthday", 2)))
        person.add("Birthday" if len(birth) == 3 else "Birthday (as written)", day)  # without a year it is no day of a calendar
    yield person
