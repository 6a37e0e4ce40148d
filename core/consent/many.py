"""Consents and lawful bases of many people at once, for lists that go out and come in: what stands, what must not be written over, what is
written down, and what an import takes back when it is taken back itself. The ledger stays what it is: lines are added, never changed."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Uuid, any_, column, delete, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.base.context import Context
from core.base.errors import Refused
from core.base.hiding import unhidden
from core.base.ids import new_id
from core.base.policy import changes, require
from core.base.sets import among, given_rows, record_all
from core.consent.models import Consent, ConsentPurpose, LawfulBasis
from core.parties.models import Contact
from core.parties.restricting import free
from core.post import queries as suppressions
from core.post.queries import hash_of

# Before the proof of a line by which an import takes its own yes back: it is nobody's withdrawal, so a later yes may follow.
TAKEN_BACK = "↶ "
SAME = "consent_same"
LINES, BASES = Consent.__table__, LawfulBasis.__table__
Standing = dict[tuple[UUID, UUID], bool]


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of a purpose, and where that can be looked up. certain: a no that is not only says that no yes stands."""

    contact_id: UUID
    purpose_id: UUID
    given: bool
    proof: str | None = None
    certain: bool = True


def standing_of_many(ctx: Context, people: Mapping[UUID, str | None], purposes: Collection[UUID]) -> Standing:
    """(person, purpose) -> agreed (True) or withdrawn (False), where anything stands: the newest line of the person and of his address, and
    the no of one who was merged into him. people: key -> mail address as records keep it; the caller has seen them."""
    if not people or not purposes:
        return {}
    with_hash: dict[bytes, list[UUID]] = {}
    hashed_as = suppressions.hashing(ctx)
    for key, mail in people.items():
        if mail:
            with_hash.setdefault(hashed_as(mail), []).append(key)
    merged = dict(tuple(row) for row in ctx.session.execute(select(Contact.id, Contact.merged_into).where(among(Contact.merged_into, people))))
    mine = or_(among(LINES.c.contact_id, [*people, *merged]), LINES.c.address_hash == any_(literal(list(with_hash), ARRAY(LargeBinary))))
    query = select(LINES.c.contact_id, LINES.c.address_hash, LINES.c.purpose_id, LINES.c.given, LINES.c.source, LINES.c.proof)
    query = query.where(mine, among(LINES.c.purpose_id, purposes)).order_by(LINES.c.created_at, LINES.c.id)
    stands: dict[tuple[UUID, UUID], bool | None] = {}
    for line in ctx.session.execute(query):
        given = None if line.source == "import" and not line.given and (line.proof or "").startswith(TAKEN_BACK) else line.given
        for key in {line.contact_id, *with_hash.get(line.address_hash, ())}:
            stands[key, line.purpose_id] = given
    refused = {(merged[key], purpose): False for (key, purpose), given in stands.items() if key in merged and given is False}
    return {pair: given for pair, given in (stands | refused).items() if given is not None and pair[0] in people}


def refusals(ctx: Context, people: Mapping[UUID, str | None], said: Sequence[Said]) -> dict[tuple[UUID, UUID], str]:
    """(person, purpose) -> why what a list says of it is not written down: `SAME` (it stands so already), `consent_withdrawn` and
    `consent_objected` (the person said no, to this or to advertising by mail: only he can say yes again), `purpose_over`."""
    stands = standing_of_many(ctx, people, {one.purpose_id for one in said})
    running = set(ctx.session.execute(select(ConsentPurpose.id).where(~ConsentPurpose.ended, among(ConsentPurpose.id, {one.purpose_id for one in said}))).scalars())
    objected = suppressions.reasons(ctx, [mail for one in said if one.given and (mail := people.get(one.contact_id))], kept=True)
    found = {}
    for one in said:
        pair, mail = (one.contact_id, one.purpose_id), people.get(one.contact_id)
        if stands.get(pair) == one.given or (not one.certain and pair not in stands):
            found[pair] = SAME
        elif one.given:
            code = "consent_withdrawn" if stands.get(pair) is False else "consent_objected" if mail and objected.get(mail) else None if one.purpose_id in running else "purpose_over"
            found |= {pair: code} if code else {}
    return found


def record_many(ctx: Context, said: Sequence[Said]) -> tuple[dict[UUID, list[UUID]], dict[tuple[UUID, UUID], str]]:
    """Write down what a list says (source "import", no wording: which words were used then, it does not know). Passed over is a person whom the
    actor may not change, and what `refusals` names. Gives (person -> keys of the new lines, what was refused and why)."""
    require(ctx, "consents.record")
    mails = _mails(ctx, {one.contact_id for one in said})
    said = [one for one in said if one.contact_id in mails]
    refused = refusals(ctx, mails, said)
    rows = [
        {"id": new_id(), "contact_id": one.contact_id, "address_hash": _hash(ctx, mails[one.contact_id]), "purpose_id": one.purpose_id, "given": one.given, "source": "import",
         "proof": one.proof, "created_at": ctx.now, "created_by": ctx.actor.id}
        for one in said if (one.contact_id, one.purpose_id) not in refused
    ]
    _add(ctx, rows)
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row["contact_id"], []).append(row["id"])
    return found, refused


def take_back(ctx: Context, keys: Sequence[UUID]) -> int:
    """An import is taken back: where a yes that it wrote down is still what stands, a further line says that it was none. What was withdrawn
    stays withdrawn. Says how many."""
    lines = ctx.session.execute(select(LINES).where(among(LINES.c.id, keys), LINES.c.given, LINES.c.contact_id.is_not(None))).all() if keys else []
    mails = dict(tuple(row) for row in _unhidden(ctx, select(Contact.id, Contact.mail_norm).where(among(Contact.id, {one.contact_id for one in lines})))) if lines else {}
    stands = standing_of_many(ctx, mails, {one.purpose_id for one in lines})
    rows = [
        {"id": new_id(), "contact_id": one.contact_id, "address_hash": one.address_hash, "purpose_id": one.purpose_id, "given": False, "source": "import",
         "proof": TAKEN_BACK + (one.proof or ""), "created_at": ctx.now, "created_by": ctx.actor.id}
        for one in lines if stands.get((one.contact_id, one.purpose_id))
    ]
    _add(ctx, rows)
    return len(rows)


# ---- lawful bases: what all that is kept of a person rests on ----


def bases_of_many(ctx: Context, keys: Collection[UUID]) -> dict[UUID, str]:
    """Person -> the basis that holds for all that is kept of him."""
    query = select(BASES.c.contact_id, BASES.c.basis).where(among(BASES.c.contact_id, keys), BASES.c.purpose_id.is_(None), BASES.c.ended_on.is_(None))
    return dict(tuple(row) for row in ctx.session.execute(query.order_by(BASES.c.since, BASES.c.id)))


def set_many(ctx: Context, rows: Mapping[UUID, tuple[str, str | None]]) -> tuple[dict[UUID, UUID], set[UUID]]:
    """Person -> (basis, note): said of whom nothing is said yet; another basis that holds is left as it is. Passed over is a person whom the actor
    may not change. Gives (person -> key of the new row, those who have another)."""
    require(ctx, "consents.record")
    ours = _mails(ctx, rows)
    stands = bases_of_many(ctx, ours)
    new = {key: new_id() for key in ours if key not in stands}
    if new:
        stamped = {"source": "import", "since": ctx.today, "created_at": ctx.now, "updated_at": ctx.now, "created_by": ctx.actor.id}
        ctx.session.execute(insert(BASES), [{"id": made, "contact_id": key, "basis": rows[key][0], "note": rows[key][1], **stamped} for key, made in new.items()])
        _tell(ctx, "basis.set", [{"id": key, "params": {"code": rows[key][0]}} for key in new])
    return new, {key for key, basis in stands.items() if basis != rows[key][0]}


def unset_many(ctx: Context, keys: Sequence[UUID]) -> None:
    """An import is taken back: what it said of people, and nobody has touched since, goes."""
    ctx.session.execute(delete(BASES).where(among(BASES.c.id, keys), BASES.c.version == 1, BASES.c.source == "import"))


# ---- parts ----


def _mails(ctx: Context, keys: Collection[UUID]) -> dict[UUID, str | None]:
    """Key -> mail address of those of these people that the actor may change. Nothing of it is told."""
    mine = select(Contact.id, Contact.mail_norm).where(among(Contact.id, keys), Contact.deleted_at.is_(None), changes(ctx, Contact), free())
    return dict(tuple(row) for row in _unhidden(ctx, mine))


def _unhidden(ctx: Context, query: Any) -> list[Any]:
    with unhidden(ctx.session):  # under its hash an address is found, never told
        return list(ctx.session.execute(query))


def _hash(ctx: Context, mail: str | None) -> bytes | None:
    with suppress(Refused):  # what an import left that is no address
        return hash_of(ctx, mail) if mail else None
    return None


def _add(ctx: Context, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    ctx.session.execute(insert(LINES), rows)
    names = dict(tuple(row) for row in ctx.session.execute(select(ConsentPurpose.id, ConsentPurpose.name).where(among(ConsentPurpose.id, {row["purpose_id"] for row in rows}))))
    for given, kind in ((True, "consent.given"), (False, "consent.withdrawn")):
        _tell(ctx, kind, [{"id": row["contact_id"], "params": {"purpose": names[row["purpose_id"]]}} for row in rows if row["given"] is given])


def _tell(ctx: Context, kind: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    given = given_rows(rows, (column("id", Uuid()), column("params", JSONB)))
    facts = select(Contact.id.label("subject_id"), Contact.account_id.label("about_id"), given.c.params.label("params"))
    record_all(ctx, kind, "contact", facts.join(given, given.c.id == Contact.id))
