"""Every way to reach an account or a person, the main ones and the further ones, with what is known of each: one statement
for all of it, and one more where there are further mail addresses."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, literal, null, or_, select, tuple_, union_all

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.hiding import unhidden
from core.base.policy import has, sees
from core.parties.models import Account, Contact
from core.parties.reach_access import Party, kinds_shown, of_party, parent_of
from core.parties.reach_models import ADDRESS_FIELDS, Affiliation, ContactPoint, PostalAddress, ReachMark
from core.parties.reach_rules import key_of
from core.post import queries as post
from core.post.models import Suppression
from infra import addresses, phones

SHOWN_AS = {"mail": "mail", "phone": "phone", "mobile": "phone"}


@dataclass
class Way:
    """One mail, phone or messenger. field: of the record's own ones; a further one has id and version. shown: as people
    read it. link: mailto: or tel:. no_ads: gets no advertising (person: who unsubscribed himself). no_calls, invalid, note: its mark."""

    kind: str
    label: str
    value: str
    key: str
    field: str | None = None
    id: str | None = None
    version: int = 0
    service: str | None = None
    e164: str | None = None
    shown: str = ""
    link: str = ""
    no_ads: bool = False
    himself: bool = False
    no_calls: bool = False
    invalid: str | None = None
    note: str | None = None


@dataclass
class Place:
    """A postal address. main: the account's own columns. lines: as its country prints it."""

    label: str
    parts: dict[str, str | None]
    id: str | None = None
    version: int = 0
    main: bool = False

    @property
    def lines(self) -> list[str]:
        return addresses.lines(self.parts, addresses.country_code(self.parts.get("country")))


@dataclass
class Role:
    """A person at an account beside his own: the other side's id and name, and the role."""

    id: str
    version: int
    party_id: str
    name: str
    title: str | None
    department: str | None
    since: date | None
    until: date | None
    former: bool


@dataclass
class Ways:
    """What stands in the section "Ways to reach", and the roles at several accounts."""

    ways: list[Way] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)

    def of(self, kind: str) -> list[Way]:
        """Those of one kind, the main ones first."""
        return [way for way in self.ways if way.kind == kind]


def ways(ctx: Context, party: Party) -> Ways:
    """All of a record that the actor sees, without what is hidden from him."""
    kinds, mains = kinds_shown(ctx, party.ROOM), _mains(ctx, party)
    parts = [_points(party, kinds), _addresses(ctx, party), _marks(party, kinds, mains), *_suppressions(ctx, mains), *_roles(ctx, party), *_country(ctx, party)]
    with unhidden(ctx.session):  # each part leaves out what is hidden from the actor
        rows: dict[str, list[dict[str, Any]]] = {}
        for part, row in ctx.session.execute(union_all(*parts)):
            rows.setdefault(part, []).append(row)
    further = [_way(row) for row in sorted(rows.get("point", []), key=lambda row: (row["position"], row["id"]))]
    found = Ways([*mains, *further], _places(ctx, party, rows.get("address", [])), [_role(ctx, row) for row in rows.get("role", [])])
    region = addresses.country_code((rows.get("country") or [{"country": getattr(party, "country", None)}])[0]["country"]) or phones.country_of_zone(ctx.tenant.timezone)
    marks = {(row["kind"], row["key"]): row for row in rows.get("mark", [])}
    for way in found.ways:
        _tell(way, marks.get((way.kind, way.key)), region)
    _tell_suppressed(ctx, mains, further, rows.get("suppressed", []))
    found.roles.sort(key=lambda role: (role.former, role.name.casefold(), role.id))
    return found


def one_way(ctx: Context, point: ContactPoint) -> Way:
    """One further mail, phone or messenger that the actor may know, as it stands now."""
    with unhidden(ctx.session):  # asked before, when it was found
        row = ctx.session.execute(select(_point_json()).where(ContactPoint.id == point.id)).scalar_one()
    way = _way(row)
    _tell(way, None, None)
    return way


def _mains(ctx: Context, party: Party) -> list[Way]:
    away, fields = hidden(ctx, party.ROOM), ("mail", "phone", "mobile")
    given = {name: getattr(party, name, None) for name in fields if name not in away}
    labels = {"mail": "main", "phone": "main", "mobile": "mobile"}
    return [Way(SHOWN_AS[name], labels[name], value, key_of(SHOWN_AS[name], value), field=name) for name, value in given.items() if value]


def _point_json() -> Any:
    names = ("id", "version", "kind", "service", "label", "value", "key", "e164", "position")
    return func.jsonb_build_object(*(piece for name in names for piece in (name, ContactPoint.__table__.c[name])))


def _points(party: Party, kinds: Iterable[str]) -> Select:
    return select(literal("point").label("part"), _point_json().label("row")).where(of_party(ContactPoint, party), ContactPoint.kind.in_(kinds))


def _addresses(ctx: Context, party: Party) -> Select:
    away, table = hidden(ctx, "accounts"), PostalAddress.__table__.c
    shown = [name for name in ("recipient", *ADDRESS_FIELDS) if name not in away and not (name == "recipient" and "street" in away)]
    row = func.jsonb_build_object(*(piece for name in ("id", "version", "label", "position", *shown) for piece in (name, table[name])))
    return select(literal("address"), row).where(of_party(PostalAddress, party))


def _marks(party: Party, kinds: tuple[str, ...], mains: list[Way]) -> Select:
    own = tuple_(ReachMark.kind, ReachMark.key).in_([(way.kind, way.key) for way in mains])
    further = select(ContactPoint.kind, ContactPoint.key).where(of_party(ContactPoint, party), ContactPoint.kind.in_(kinds))
    row = func.jsonb_build_object(*(piece for name in ("kind", "key", "opted_out_at", "invalid", "note") for piece in (name, ReachMark.__table__.c[name])))
    return select(literal("mark"), row).where(or_(own, tuple_(ReachMark.kind, ReachMark.key).in_(further)))


def _suppressions(ctx: Context, mains: list[Way]) -> list[Select]:
    """Of the main mail address; whoever has further ones is asked about them together (`_tell_suppressed`)."""
    hashes = [_hash(ctx, way.value) for way in mains if way.kind == "mail"]
    wanted = and_(Suppression.mail_hash == hashes[0], Suppression.scope.in_(("all", "marketing"))) if hashes and hashes[0] else None
    return [] if wanted is None else [select(literal("suppressed"), func.jsonb_build_object("reason", Suppression.reason)).where(wanted)]


def _roles(ctx: Context, party: Party) -> list[Select]:
    """The accounts where a person is too, or the people who are at an account too; only those that the actor sees."""
    other, room = (Account, "accounts") if isinstance(party, Contact) else (Contact, "contacts")
    if not has(ctx, f"{room}.read"):
        return []
    titled = "job_title" not in hidden(ctx, "contacts")
    named = {"title": Affiliation.title, "department": Affiliation.department} if titled else {"title": null(), "department": null()}
    shown = {"id": Affiliation.id, "version": Affiliation.version, "party_id": other.id, "name": other.name, "since": Affiliation.since, "until": Affiliation.until, "is_former": Affiliation.is_former}
    row = func.jsonb_build_object(*(piece for pair in (shown | named).items() for piece in pair))
    query = select(literal("role"), row).join(other, and_(other.id == parent_of(Affiliation, room), other.deleted_at.is_(None), sees(ctx, other)))
    return [query.where(parent_of(Affiliation, party.ROOM) == party.id, Affiliation.deleted_at.is_(None))]


def _country(ctx: Context, party: Party) -> list[Select]:
    """Where a person's numbers are at home: his account's country."""
    if not isinstance(party, Contact) or party.account_id is None or "country" in hidden(ctx, "accounts"):
        return []
    return [select(literal("country"), func.jsonb_build_object("country", Account.country)).where(Account.id == party.account_id, sees(ctx, Account))]


def _way(row: dict[str, Any]) -> Way:
    return Way(**{name: value for name, value in row.items() if name != "position"})


def _places(ctx: Context, party: Party, rows: list[dict[str, Any]]) -> list[Place]:
    found = []
    if isinstance(party, Account):
        own = {name: getattr(party, name) for name in ADDRESS_FIELDS}
        found = [Place("main", own, main=True)] if any(own[name] for name in ("street", "postcode", "city")) else []
    parts = ("recipient", *ADDRESS_FIELDS)
    rows = sorted(rows, key=lambda row: (row["position"], row["id"]))
    return found + [Place(row["label"], {name: row.get(name) for name in parts}, row["id"], row["version"]) for row in rows]


def _role(ctx: Context, row: dict[str, Any]) -> Role:
    since, until = (date.fromisoformat(row[name]) if row[name] else None for name in ("since", "until"))
    former = row["is_former"] or (until is not None and until < ctx.today)
    return Role(row["id"], row["version"], row["party_id"], row["name"], row["title"], row["department"], since, until, former)


def _tell(way: Way, mark: dict[str, Any] | None, region: str | None) -> None:
    """How it is shown and linked, and its mark."""
    number = phones.known(way.e164 or way.value, region) if way.kind == "phone" else None
    way.e164 = number.e164 if number else way.e164
    way.shown = number.international if number else way.value
    way.link = {"mail": f"mailto:{way.value}", "phone": f"tel:{way.e164 or way.value}"}.get(way.kind, "")
    if mark:
        way.no_calls, way.invalid, way.note = mark["opted_out_at"] is not None, mark["invalid"], mark["note"]


def _tell_suppressed(ctx: Context, mains: list[Way], further: list[Way], rows: list[dict[str, Any]]) -> None:
    for way in mains:
        if way.kind == "mail" and rows:
            way.no_ads, way.himself = True, any(row["reason"] != "opted_out" for row in rows)
    mails = [way for way in further if way.kind == "mail"]
    reasons = post.reasons(ctx, [way.value for way in mails]) if mails else {}
    for way in mails:
        why = reasons.get(way.value, set())
        way.no_ads, way.himself = bool(why), bool(why - {"opted_out"})


def _hash(ctx: Context, mail: str) -> bytes | None:
    """None for what an import left that is no address."""
    try:
        return post.hash_of(ctx, mail)
    except Refused:
        return None

