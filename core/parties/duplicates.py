"""Is this company or person there already? Asked while somebody types one in, by imports and programs; it warns and never blocks.

Candidates for a second look come from indexes: the same mail address, number, birthday or place, and names that share
trigrams with what was typed, however it was spelled. Which of them are likely the same says `core.parties.likeness`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Integer,
    Row,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, array

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import plain
from core.base.field_rights import hidden
from core.base.policy import sees
from core.base.text import CONTROL
from core.identity.rules import normal_mail, plain_mail
from core.parties.beside_models import DuplicatePair
from core.parties.likeness import THRESHOLD, Signs, compare, digits, signs
from core.parties.models import Account, Contact
from core.parties.naming import bare_form, spellings, umlauts
from core.parties.reach_access import knows_all, parent_of
from core.parties.reach_finding import further_of
from core.parties.reach_models import ContactPoint
from core.parties.rules import day
from infra import vat_numbers

# Names that share so much of their trigrams are looked at; of each way to find them so many, and so many in all.
SIMILAR, OF_EACH, LOOKED_AT, MOST_SPELLINGS = 0.45, 20, 50, 4
# So many candidates are asked of in one statement: the next one takes twice as many where it was quick, half of them where it was slow
# (names that thousands share, a table without statistics yet), so that none comes near to what a statement may take.
AT_FIRST, FEWEST, MOST, QUICK, SLOW = 40, 10, 200, 0.25, 1.0
FIELDS = ("mail", "phone", "mobile", "birthday", "street", "postcode", "city", "website", "vat_id")
PLACE = ("street", "postcode", "city")


@dataclass(frozen=True)
class Match:
    """A record that may be the same. reasons: mail, phone, name, similar_name, birthday, address, website, vat_id. A record of
    somebody else, whom the actor does not see, comes without id and name: it exists, and that is all that is said."""

    id: UUID | None
    score: float
    reasons: tuple[str, ...]
    name: str | None = None

    @property
    def hidden(self) -> bool:
        return self.id is None


def likely_duplicates(ctx: Context, candidate: Mapping[str, Any], *, limit: int = 3) -> list[Match]:
    """The records most like `candidate`: {"type": "account" or "contact", "name", "mail", "phone", "mobile", "birthday",
    "street", "postcode", "city", "website", "vat_id", "id"}; a contact's place is that of his account.

    id is the record's own, which is left out, as is what somebody said to be another. Nothing is said of a field that is
    hidden from the actor. What cannot be read (half a mail address) is passed over.
    """
    return likely_for_many(ctx, "contact" if candidate.get("type") == "contact" else "account", [candidate], limit=limit)[0]


def likely_for_many(ctx: Context, kind: str, candidates: Sequence[Mapping[str, Any]], *, limit: int = 3) -> list[list[Match]]:
    """The same for many candidates of one kind, some dozens of them in one statement; an answer for each, in their order. Of more
    than one it is not asked what another keyboard would have made of the name: they come from files and records."""
    model = Contact if kind == "contact" else Account
    known = known_fields(ctx, model)
    given = [cleaned(candidate, known, company=kind == "account", typed=len(candidates) == 1) for candidate in candidates]
    found: list[list[Match]] = [[] for _ in given]
    blocks = _blocks(given, known, further=knows_all(ctx))
    if not blocks:
        return found
    ctx.session.execute(text(f"SET LOCAL pg_trgm.similarity_threshold = {SIMILAR}"))
    rows: list[list[Row]] = [[] for _ in given]
    start, many = 0, AT_FIRST
    while start < len(given):
        began = monotonic()
        for row in ctx.session.execute(_looked_at(ctx, model, given[start:start + many], blocks, known)):
            rows[start + row.n].append(row)
        start, took = start + many, monotonic() - began
        many = min(MOST, many * 2) if took < QUICK else max(FEWEST, many // 2) if took > SLOW else many
    return [_likely(candidate, mine, kind == "account", limit) for candidate, mine in zip(given, rows, strict=True)]


def _likely(candidate: Mapping[str, Any], rows: Sequence[Row], company: bool, limit: int) -> list[Match]:
    """The second look: each of the rows compared, the likeliest first."""
    mine = dict.fromkeys(signs({**candidate, "name": name}, company=company) for name in [candidate["name"], *candidate["spelled"]]) if rows else {}
    theirs = [(row, signs(row._mapping, company=company)) for row in rows]
    called = Counter(" ".join(sorted(each.words)) for _, each in theirs)
    judged = [(row, *max(compare(one, each, sharing=called[" ".join(sorted(each.words))]) for one in mine)) for row, each in theirs]
    likely = sorted((one for one in judged if one[1] >= THRESHOLD), key=lambda one: (-one[1], -one[0].alike, str(one[0].id)))
    return [Match(row.id if row.seen else None, round(score, 3), reasons, row.name if row.seen else None) for row, score, reasons in likely[:limit]]


def signs_of(record: Any) -> Signs:
    """Of a record that is loaded."""
    values = {name: getattr(record, name, None) for name in ("name", *FIELDS)}
    return signs(values, company=isinstance(record, Account))


def known_fields(ctx: Context, model: Any) -> frozenset[str]:
    """The fields that are looked at: what records of the kind have, without what is hidden from the actor."""
    own = {"mail", "phone"} | ({"mobile", "birthday"} if model is Contact else {"website", "vat_id", *PLACE})
    place = set() if model is Account else set(PLACE) - hidden(ctx, "accounts")
    return frozenset((own - hidden(ctx, model.ROOM)) | place)


def cleaned(candidate: Mapping[str, Any], known: frozenset[str], *, company: bool, typed: bool) -> dict[str, Any]:
    """What is of use among what was given. core: a company's name without its legal form, a typed one of a person, to be found as a part of a longer one; spelled: how else the name may have been written."""
    name = _line(candidate, "name") or ""
    found: dict[str, Any] = {"name": name, "id": candidate.get("id"), "core": bare_form(name) if name and company else name if typed and name else None}
    found["spelled"] = [*(umlauts(bare_form(name)) if company else ()), *spellings(name, keyboards=typed)][:MOST_SPELLINGS] if name else []
    for name in sorted(known):
        value = READ.get(name, _line)(candidate, name)
        if value and (name not in ("phone", "mobile") or digits(value)):
            found[name] = value
    return found


def _line(candidate: Mapping[str, Any], name: str) -> str | None:
    found = str(candidate.get(name) or "").strip()[:200]
    return found if len(found) > 1 and not CONTROL.search(found) else None


def _mail(candidate: Mapping[str, Any], name: str) -> str | None:
    typed = str(candidate.get(name) or "")
    try:
        return plain_mail(typed) or normal_mail(typed)[1] if typed else None
    except Refused:
        return None


def _birthday(candidate: Mapping[str, Any], name: str) -> Any:
    try:
        return day(candidate.get(name), name)
    except Refused:
        return None


def _vat_id(candidate: Mapping[str, Any], name: str) -> str | None:
    found = vat_numbers.read(str(candidate.get(name) or ""))
    return found.written if found else None


# How a field is read where it is no mere line.
READ = {"mail": _mail, "birthday": _birthday, "vat_id": _vat_id}


def _given(candidates: Sequence[Mapping[str, Any]]) -> Any:
    """The candidates as rows of the statement, named `given`; their names are folded here, once, and not for every row that they are compared with."""
    rows = []
    for n, one in enumerate(candidates):
        name, numbers = one["name"], {digits(one.get("phone")), digits(one.get("mobile"))} - {""}
        rows.append(plain({
            "n": n, "id": one["id"], "name": name or None, "core": one["core"], "spelled": one["spelled"], "mail": one.get("mail"),
            "phones": sorted(numbers), "birthday": one.get("birthday"), "postcode": one.get("postcode"), "vat_id": one.get("vat_id"),
        }))
    columns = [column("n", Integer), column("id", Uuid), *(column(name, Text) for name in ("name", "core", "mail", "birthday", "postcode", "vat_id")), column("spelled", ARRAY(Text)), column("phones", ARRAY(Text))]
    raw = func.jsonb_to_recordset(cast(literal(rows, JSONB), JSONB)).table_valued(*columns).render_derived("typed", with_types=True)
    spelling = func.unnest(raw.c.spelled).table_valued(column("spelling", Text)).render_derived("spelling")
    other = _folded(spelling.c.spelling) != _folded(raw.c.name)
    spelled = select(func.array_agg(_folded(spelling.c.spelling), type_=ARRAY(Text))).select_from(spelling).where(other).correlate(raw).scalar_subquery()
    kept = [raw.c[name] for name in ("n", "id", "mail", "phones", "birthday", "postcode", "vat_id")]
    return select(*kept, _folded(raw.c.name).label("fold"), _folded(raw.c.core).label("core"), spelled.label("spelled")).cte("given").prefix_with("MATERIALIZED")


def _folded(value: Any) -> Any:
    return func.lower(func.ext.immutable_unaccent(value))


def _blocks(candidates: Sequence[Mapping[str, Any]], known: frozenset[str], *, further: bool) -> list[str]:
    """The ways in which there is anything to look for. further: among the records' further mails and phones too."""
    asked = {name for one in candidates for name, value in one.items() if value}
    found = [*(("name", "same_name") if "name" in asked else ()), *(name for name in ("core", "spelled") if name in asked)]
    found += [name for name in ("mail", "birthday", "postcode", "vat_id") if name in asked and name in known]
    found += ["phone"] if asked & {"phone", "mobile"} else []
    return found + [f"further_{name}" for name in ("mail", "phone") if further and name in found]


def _looked_at(ctx: Context, model: Any, candidates: Sequence[Mapping[str, Any]], blocks: Sequence[str], known: frozenset[str]) -> Select:
    """(n, the record's fields, seen, alike) of up to 50 records for each candidate."""
    given = _given(candidates)
    ways = union_all(*(_way(model, name, given, known) for name in blocks)).subquery("ways")
    best = select(ways.c.id, func.max(ways.c.alike).label("alike")).group_by(ways.c.id).order_by(func.max(ways.c.alike).desc(), ways.c.id).limit(LOOKED_AT).lateral("best")
    record = _record(ctx, model, given, best, blocks, known)
    pair = (DuplicatePair.a_id == func.least(record.c.id, given.c.id), DuplicatePair.b_id == func.greatest(record.c.id, given.c.id), DuplicatePair.state == "not_duplicates")
    told_apart = select(literal(1)).where(*pair).correlate(record, given).exists()
    query = select(given.c.n, best.c.alike, *record.c).select_from(given).join(best, true()).join(record, true())
    return query.where(or_(given.c.id.is_(None), and_(record.c.id != given.c.id, ~told_apart)))


def _record(ctx: Context, model: Any, given: Any, best: Any, blocks: Sequence[str], known: frozenset[str]) -> Any:
    """One of the best with its fields. Its LIMIT keeps PostgreSQL from reading the whole table to join it with the few that were found."""
    place = _seen_place(ctx, model, known)
    columns = [_of(model, name, place, given, blocks).label(name) for name in FIELDS if name in known and (hasattr(model, name) or place is not None)]
    query = select(model.id, model.name, sees(ctx, model).label("seen"), *columns).where(model.id == best.c.id).correlate(given, best)
    if place is not None:
        query = query.select_from(model).outerjoin(place, and_(place.id == model.account_id, place.deleted_at.is_(None), sees(ctx, place)))
    return query.limit(1).lateral("record")


def _seen_place(ctx: Context, model: Any, known: frozenset[str]) -> Any:
    return Account if model is Contact and known & set(PLACE) else None


def _of(model: Any, name: str, place: Any, given: Any, blocks: Sequence[str]) -> Any:
    """The column that has the field: the record's own, or its account's; of mails and phones a further one where it is the candidate's."""
    own = model.mail_norm if name == "mail" else getattr(model, name) if hasattr(model, name) else getattr(place, name)
    if f"further_{name}" not in blocks:
        return own
    same = further_of(model, name, _same_key(name, given)).where(parent_of(ContactPoint, model.ROOM) == model.id).correlate(model, given)
    return func.coalesce(same.with_only_columns(ContactPoint.key).limit(1).scalar_subquery(), own)


def _same_key(kind: str, given: Any) -> Any:
    return ContactPoint.key == (given.c.mail if kind == "mail" else func.any(given.c.phones))


def _way(model: Any, name: str, given: Any, known: frozenset[str]) -> Select:
    """(id, alike) of the records that one index finds for one candidate, the best first."""
    fold, whole = model.name_fold, given.c.fold
    alike = func.coalesce(func.similarity(fold, whole), 0)
    query = select(model.id, alike.label("alike"))
    if name == "spelled":
        spelled = func.unnest(given.c.spelled).table_valued(column("spelling", Text)).render_derived("spelled")
        alike = func.similarity(fold, spelled.c.spelling)
        query = select(model.id, alike.label("alike")).join(spelled, fold.op("%")(spelled.c.spelling))
    elif name == "core":
        alike = func.word_similarity(given.c.core, fold)
        query = select(model.id, alike.label("alike")).where(given.c.core.op("<%")(fold))
    elif name == "same_name":
        return _called(model, given).add_columns(literal(1.0).label("alike"))
    elif name == "name":
        query = query.where(fold.op("%")(whole), _shared_by_few(model, given))
    else:
        query = select(model.id, (alike + 2).label("alike")).where(_same(model, name, given, known))
    return query.where(model.deleted_at.is_(None)).correlate(given).order_by(alike.desc(), model.id).limit(OF_EACH)


def _called(model: Any, given: Any) -> Select:
    """The first records of the very name."""
    query = select(model.id).where(model.name_fold == given.c.fold, model.deleted_at.is_(None))
    return query.correlate(given).order_by(model.id).limit(OF_EACH)


def _shared_by_few(model: Any, given: Any) -> Any:
    """Whether names like it are worth looking for: where so many have the very name, they are all that would be looked at."""
    return select(func.count()).select_from(_called(model, given).subquery("called")).scalar_subquery() < OF_EACH


def _same(model: Any, name: str, given: Any, known: frozenset[str]) -> Any:
    """The same value: mail address, number, birthday, or place."""
    if name.startswith("further_"):
        kind = name.removeprefix("further_")
        return model.id.in_(further_of(model, kind, _same_key(kind, given)).with_only_columns(parent_of(ContactPoint, model.ROOM)).correlate(given))
    if name == "phone":
        keys = [key for field, key in (("phone", model.phone_key), ("mobile", getattr(model, "mobile_key", None))) if field in known and key is not None]
        return or_(*(key == func.any(given.c.phones) for key in keys))
    if name == "mail":
        return model.mail_norm == given.c.mail
    if name == "vat_id":
        return Account.vat_id == given.c.vat_id
    if name == "birthday":
        return model.birthday == cast(given.c.birthday, Contact.birthday.type)
    if model is Account:
        return Account.postcode == given.c.postcode
    # As an array made beforehand: joined, every contact would be looked at beside every account where nothing is known of either yet.
    homes = select(func.array_agg(Account.id)).where(Account.postcode == given.c.postcode, Account.deleted_at.is_(None)).correlate(given)
    return model.account_id == any_(func.coalesce(homes.scalar_subquery(), array([], type_=Account.id.type)))


