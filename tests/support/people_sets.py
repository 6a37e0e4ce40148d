"""Sets of real records with known duplicates (data/dedupe-*), as rows of our tables, and how well the one call finds them."""

import csv
import itertools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID
from zlib import crc32

from sqlalchemy import insert

from core.parties.duplicates import likely_for_many
from core.parties.models import Account, Contact
from core.parties.rules import with_mail_norm


@dataclass(frozen=True)
class People:
    """kind: what the rows are in our house. rows: name in the set -> fields. true: pairs of names that are the same."""

    kind: str
    rows: Mapping[str, Mapping[str, Any]]
    true: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Score:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall or 1)


def febrl(path: Path, *more: Path) -> People:
    """People with place and birthday: contacts, each at an account of his own that has the place."""
    rows = {}
    for row in itertools.chain.from_iterable(_read(one) for one in (path, *more)):
        born = row["date_of_birth"]
        rows[row["rec_id"]] = {
            "name": f"{row['given_name']} {row['surname']}".strip() or "?", "street": f"{row['street_number']} {row['address_1']}".strip() or None, "postcode": row["postcode"] or None,
            "city": row["suburb"] or None, "birthday": f"{born[:4]}-{born[4:6]}-{born[6:]}" if _is_day(born) else None,
        }
    return People("contact", rows, _pairs((name.split("-")[1], name) for name in rows))


def splink(path: Path) -> People:
    rows, groups = {}, []
    for row in _read(path):
        name = row["unique_id"].zfill(4)
        rows[name] = {"name": f"{row['first_name']} {row['surname']}".strip() or "?", "birthday": row["dob"] or None, "city": row["city"] or None, "mail": row["email"] or None}
        groups.append((row["cluster"], name))
    return People("contact", rows, _pairs(groups))


def chicago(path: Path) -> People:
    rows, groups = {}, []
    for number, row in enumerate(_read(path)):
        name = f"{number:04}"
        rows[name] = {
            "name": " ".join(row["Site name"].split())[:200] or "?", "street": " ".join(row["Address"].split())[:200] or None, "postcode": row["Zip"].strip() or None,
            "phone": row["Phone"].strip() or None,
        }
        groups.append((row["True Id"], name))
    return People("account", rows, _pairs(groups))


def put_in(ctx, people: People) -> dict[str, UUID]:
    """The rows as accounts or contacts; name in the set -> key."""
    names, keys = list(people.rows), {}
    place = ("street", "postcode", "city")
    if people.kind == "account":
        made = [_values(people.rows[name]) | {"owner_id": None} for name in names]
        found = ctx.session.execute(insert(Account.__table__).returning(Account.__table__.c.id, sort_by_parameter_order=True), made)
    else:
        homes = [{"name": f"Home {name}", "kind": "person", **{field: people.rows[name].get(field) for field in place}} for name in names]
        homes_made = list(ctx.session.execute(insert(Account.__table__).returning(Account.__table__.c.id, sort_by_parameter_order=True), homes).scalars())
        made = [{"account_id": home} | {name: value for name, value in _values(people.rows[key]).items() if name not in place} for key, home in zip(names, homes_made, strict=True)]
        found = ctx.session.execute(insert(Contact.__table__).returning(Contact.__table__.c.id, sort_by_parameter_order=True), made)
    keys = dict(zip(names, found.scalars(), strict=True))
    ctx.session.flush()
    return keys


def measured(ctx, people: People, keys: Mapping[str, UUID], asked=None, *, limit: int = 20) -> Score:
    """Precision and recall of the pairs that the one call names when it is asked of each record (or of those `asked`)."""
    return score(named(ctx, people, keys, asked, limit=limit), people.true)


def named(ctx, people: People, keys: Mapping[str, UUID], asked=None, *, limit: int = 20, told=lambda done, of: None) -> frozenset[tuple[str, str]]:
    """The pairs that the one call names; told: hears how many records were asked of."""
    names = {key: name for name, key in keys.items()}
    wanted = list(people.rows) if asked is None else list(asked)
    found = set()
    for start in range(0, len(wanted), 500):
        chunk = wanted[start:start + 500]
        candidates = [{**people.rows[name], "id": keys[name]} for name in chunk]
        for name, matches in zip(chunk, likely_for_many(ctx, people.kind, candidates, limit=limit), strict=True):
            found |= {tuple(sorted((name, names[match.id]))) for match in matches if match.id in names}
        told(min(start + 500, len(wanted)), len(wanted))
    return frozenset(found)


def score(found: frozenset[tuple[str, str]], true: frozenset[tuple[str, str]]) -> Score:
    right = len(found & true)
    return Score(right / len(found) if found else 1.0, right / (len(true) or 1))


def half(pairs: frozenset[tuple[str, str]], *, odd: bool) -> frozenset[tuple[str, str]]:
    """Half of the pairs, always the same one, by the hash of the first name: rules are thought out on the even half alone."""
    return frozenset(pair for pair in pairs if crc32(pair[0].encode()) % 2 == odd)


def fewer(people: People, one_in: int) -> People:
    """A part of the rows, with the true pairs that are left."""
    rows = dict(list(sorted(people.rows.items()))[: max(50, len(people.rows) // one_in)])
    return People(people.kind, rows, frozenset(pair for pair in people.true if pair[0] in rows and pair[1] in rows))


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    return with_mail_norm(dict(row))


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def _is_day(text: str) -> bool:
    return len(text) == 8 and text.isdigit() and "01" <= text[4:6] <= "12" and "01" <= text[6:] <= "28"


def _pairs(groups) -> frozenset[tuple[str, str]]:
    members = defaultdict(list)
    for group, name in groups:
        members[group].append(name)
    return frozenset(pair for names in members.values() for pair in itertools.combinations(sorted(names), 2))
