"""Use cases of a person's request about his data, in the order of its life: received, searched, ticked, decided, done."""

import hashlib
import json
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_, update

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require, visible
from core.base.text import clean, clean_needed
from core.base.words import N_
from core.consent import recording
from core.identity.rules import normal_mail
from core.parties.models import Contact
from core.parties.restricting import restrict
from core.post.queries import hash_of
from core.privacy.erasing import Erased
from core.privacy.finding import RECORDS, asked_for
from core.privacy.models import KINDS, MOVING, SubjectHit, SubjectRequest
from core.privacy.rows import Person
from infra import i18n
from infra.storage import storage

DAYS, MORE_DAYS = 30, 60  # one month, and two more where it is complicated (GDPR 12.3)
BY_WORKER = ("access", "erase")


def receive(ctx: Context, *, kind: str, who: str | None, mail: str | None = None, also: str | None = None, received_on: date | None = None) -> SubjectRequest:
    """Write a request down, due in a month, and have all rooms searched for the person. also: other names, addresses, numbers, one a line."""
    require(ctx, "privacy.manage")
    if kind not in KINDS:
        raise Refused("unknown_value", field="kind")
    lines = (clean(also, field="also", max_length=2000, multiline=True) or "").splitlines()
    begun = received_on or ctx.today
    if begun > ctx.today:
        raise Refused("unknown_value", field="received_on")
    request = SubjectRequest(
        kind=kind, who=clean_needed(who, field="who", max_length=200), mail=normal_mail(mail, field="mail")[1] if mail else None,
        also=[one.strip() for one in lines if one.strip()][:20], received_on=begun, due_on=begun + timedelta(days=DAYS),
    )
    ctx.session.add(request)
    record(ctx, "subject_request.received", request, what=kind)
    defer(ctx, "privacy.search", request_id=request.id)
    return request


def requests(ctx: Context, limit: int = 100) -> list[SubjectRequest]:
    """The requests, the newest first."""
    require(ctx, "privacy.manage")
    return list(ctx.session.execute(visible(ctx, SubjectRequest).order_by(SubjectRequest.created_at.desc(), SubjectRequest.id.desc()).limit(limit)).scalars())


def one(ctx: Context, request_id: UUID) -> SubjectRequest:
    """One of them; NotFound otherwise."""
    require(ctx, "privacy.manage")
    found = ctx.session.execute(visible(ctx, SubjectRequest).where(SubjectRequest.id == request_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def hits(ctx: Context, request: SubjectRequest) -> list[SubjectHit]:
    """What was found, records first."""
    require(ctx, "privacy.manage")
    order = (SubjectHit.why != "record", SubjectHit.table_name, SubjectHit.why == "name", SubjectHit.row_key)
    return list(ctx.session.execute(select(SubjectHit).where(SubjectHit.request_id == request.id).order_by(*order).limit(2000)).scalars())


def tick(ctx: Context, request: SubjectRequest, ticked: Collection[tuple[str, str]]) -> None:
    """Say which of the rows are about the person: these, and no other."""
    require(ctx, "privacy.manage")
    held = _held(ctx, request, "open")
    ctx.session.execute(update(SubjectHit).where(SubjectHit.request_id == held.id).values(belongs=tuple_(SubjectHit.table_name, SubjectHit.row_key).in_(list(ticked) or [("", "")])))


def extend(ctx: Context, request: SubjectRequest, why: str | None) -> None:
    """Two months more; the person must be told why within the first (GDPR 12.3). Once."""
    require(ctx, "privacy.manage")
    held = _held(ctx, request, "open")
    if held.extended_why:
        raise Refused("request_extended")
    held.extended_why = clean_needed(why, field="why", max_length=500)
    held.due_on = held.received_on + timedelta(days=DAYS + MORE_DAYS)
    record(ctx, "subject_request.extended", held, until=held.due_on)


def decide(ctx: Context, request: SubjectRequest, *, identity: str | None, outcome: str | None = None) -> SubjectRequest:
    """Do what was asked: take out and erase in the background, restrict and object at once; a correction was made by hand.
    identity: how it was made sure who asks. Refuses where nothing was ticked."""
    require(ctx, "privacy.manage")
    held = _held(ctx, request, "open", "failed")
    held.identity = clean_needed(identity, field="identity", max_length=300)
    held.outcome = clean(outcome, field="outcome", max_length=2000, multiline=True)
    held.decided_by, held.decided_at = ctx.actor.id, ctx.now
    person = person_of(ctx, held)
    if not person.rows:
        raise Refused("nothing_ticked")
    if held.kind in BY_WORKER:
        held.state = "working"
        if held.kind == "erase":
            defer(ctx, "privacy.erase", request_id=held.id)
        else:
            defer(ctx, "privacy.take_out", request_id=held.id)
    else:
        _at_once(ctx, held, person)
        close(ctx, held, {})
    record(ctx, "subject_request.decided", held, what=held.kind)
    return held


def refuse(ctx: Context, request: SubjectRequest, why: str | None) -> None:
    """Refuse a request, with the reason that the person is told."""
    require(ctx, "privacy.manage")
    held = _held(ctx, request, "open", "failed", "searching")
    held.outcome, held.state = clean_needed(why, field="why", max_length=500), "refused"
    held.decided_by, held.decided_at = ctx.actor.id, ctx.now
    forget(ctx, held)
    record(ctx, "subject_request.refused", held, what=held.kind)


def stop(ctx: Context, request: SubjectRequest) -> None:
    """Stop what is being taken out. An erasure that has begun goes on to its end."""
    require(ctx, "privacy.manage")
    held = _held(ctx, request, "working")
    if held.kind != "access":
        raise Refused("request_not_so")
    held.state = "open"


def fetch(ctx: Context, request: SubjectRequest) -> bytes:
    """What was taken out, once: it is gone with that."""
    require(ctx, "privacy.manage")
    held = _held(ctx, request, "done")
    if held.file_key is None:
        raise NotFound()
    content, key = storage().path(ctx.tenant.id, held.file_key).read_bytes(), held.file_key
    held.file_key = None
    record(ctx, "subject_request.fetched", held)
    ctx.session.flush()
    storage().remove(ctx.tenant.id, key)
    return content


def person_of(ctx: Context, request: SubjectRequest) -> Person:
    """The person of a request with the rows that were ticked."""
    person = asked_for(request)
    for table, key in ctx.session.execute(select(SubjectHit.table_name, SubjectHit.row_key).where(SubjectHit.request_id == request.id, SubjectHit.belongs)):
        person.rows.setdefault(table, []).append(key)
    person.ids = {UUID(key) for name in RECORDS for key in person.rows.get(name, ()) if _is_record(ctx, request, name, key)}
    return person


def close(ctx: Context, request: SubjectRequest, proof: dict[str, Any]) -> None:
    """Done: what is left says that it was, and by a keyed hash of the address for whom."""
    request.state, request.proof = "done", proof
    if request.kind == "erase":
        forget(ctx, request)


def certify(ctx: Context, request: SubjectRequest, done: Erased, archives: int) -> None:
    """The proof of an erasure: how many rows of which table, what the law keeps and why, a digest over it."""
    said = {
        "at": ctx.now.isoformat(), "tables": done.counts, "files": len(done.files), "archives": archives, "pseudonym": pseudonym(ctx, request),
        "kept": {table: {"rows": count, "why": why} for table, (count, why) in done.kept.items()},
    }
    close(ctx, request, said | {"sha256": hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()})
    record(ctx, "subject_request.erased", request)


def pseudonym(ctx: Context, request: SubjectRequest) -> str:
    """What stands in the person's place, in the workspace's language."""
    return i18n.gettext(ctx.tenant.locale, N_("Erased person %(number)s"), number=request.id.int % 1_000_000)


def forget(ctx: Context, request: SubjectRequest) -> None:
    """The request itself holds nothing of the person any more."""
    ctx.session.execute(delete(SubjectHit).where(SubjectHit.request_id == request.id))
    request.mail_hash = hash_of(ctx, request.mail) if request.mail else request.mail_hash
    request.who, request.mail, request.also, request.identity = None, None, [], None


def overdue(ctx: Context) -> int:
    """How many wait though their month is over."""
    waiting = (SubjectRequest.state.in_(("open", "failed", *MOVING)), SubjectRequest.due_on < ctx.today)
    return ctx.session.execute(select(func.count()).select_from(SubjectRequest).where(*waiting)).scalar_one()


def _is_record(ctx: Context, request: SubjectRequest, table: str, key: str) -> bool:
    """A ticked contact is the person; an account only where it was found as a private person's own record."""
    if table == "contact":
        return True
    hit = ctx.session.get(SubjectHit, (request.id, table, key))
    return hit is not None and hit.why == "record"


def _at_once(ctx: Context, request: SubjectRequest, person: Person) -> None:
    contacts = list(ctx.session.execute(visible(ctx, Contact).where(Contact.id.in_(person.ids))).scalars())
    if ctx.session.execute(select(func.count()).select_from(Contact).where(Contact.id.in_(person.ids))).scalar_one() > len(contacts):
        raise Refused("request_beyond_reach")  # else it would be said to be done for all of them
    for contact in contacts:
        if request.kind == "restrict":
            restrict(ctx, contact, request.outcome or "GDPR 18")
        elif request.kind == "object":
            recording.withdraw_all(ctx, contact, source="mail")


def _held(ctx: Context, request: SubjectRequest, *states: str) -> SubjectRequest:
    """The request under its row's lock; refuses one in another state (`request_not_so`)."""
    query = visible(ctx, SubjectRequest).where(SubjectRequest.id == request.id).with_for_update().execution_options(populate_existing=True)
    held = ctx.session.execute(query).scalar_one()
    if held.state not in states:
        raise Refused("request_not_so")
    return held

