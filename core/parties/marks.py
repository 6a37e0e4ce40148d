"""What is known of a mail address or a phone number itself, on whosever record it stands: do not call, no good any more,
no advertising. That a mail gets no advertising is core.post's alone (its suppressions, by which mailings go)."""

from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.base.errors import NotFound
from core.base.facts import record
from core.base.hiding import unhidden
from core.base.text import clean
from core.parties import reach_rules
from core.parties.models import Account, Contact
from core.parties.reach_access import Party, may_write, of_party
from core.parties.reach_models import FIELDS_OF, INVALID, ContactPoint, ReachMark
from core.post import actions as post

MARKED = ("mail", "phone")
OPTED_OUT = "opted_out"
MOST_TOLD = 20


def opt_out(ctx: Context, party: Party, kind: str, value: str) -> None:
    """Whoever is reached so wants no advertising by mail, or no calls. On the record's timeline."""
    key = _key(ctx, party, kind, value)
    if kind == "mail":
        if post.suppress(ctx, value, "marketing", OPTED_OUT):
            _tell(ctx, "reach.no_mailings", party)
        return
    _write(ctx, kind, key, opted_out_at=ctx.now, opted_out_by=ctx.actor.id)
    _tell(ctx, "reach.no_calls", party)


def opt_in(ctx: Context, party: Party, kind: str, value: str) -> None:
    """Take that back. Refuses where the person unsubscribed himself: only he can subscribe again."""
    key = _key(ctx, party, kind, value)
    if kind == "mail":
        post.lift(ctx, value, "marketing", OPTED_OUT, refusal="unsubscribed_himself")
        _tell(ctx, "reach.mailings_again", party)
        return
    _write(ctx, kind, key, opted_out_at=None, opted_out_by=None)
    _tell(ctx, "reach.calls_again", party)


def mark_invalid(ctx: Context, party: Party, kind: str, value: str, reason: str, *, note: str | None = None) -> None:
    """It is no good any more: mails came back (bounced), it is somebody else's (wrong), the person has left (left).
    Mailings leave such an address out."""
    key = _key(ctx, party, kind, value)
    reach_rules.among(INVALID, reason, "reason")
    _write(ctx, kind, key, invalid=reason, invalid_at=ctx.now, invalid_by=ctx.actor.id, note=clean(note, field="note"))
    _tell(ctx, "reach.invalid", party, kind)


def mark_valid(ctx: Context, party: Party, kind: str, value: str) -> None:
    """It is good after all."""
    key = _key(ctx, party, kind, value)
    _write(ctx, kind, key, invalid=None, invalid_at=None, invalid_by=None, note=None)
    _tell(ctx, "reach.valid", party, kind)


def note_bounce(ctx: Context, mail: str, reply: str) -> bool:
    """A server said that nobody has this address: it is marked, and those whose records have it find that on their
    timelines. Other refusals say nothing of the address. For whoever sends; returns whether it was marked now."""
    key = mail.casefold()
    if not reach_rules.says_nobody(reply):
        return False
    with unhidden(ctx.session):  # whoever sends need not see addresses
        known = ctx.session.execute(select(exists().where(ReachMark.kind == "mail", ReachMark.key == key, ReachMark.invalid_at.is_not(None)))).scalar_one()
        if known:
            return False
        _write(ctx, "mail", key, invalid="bounced", invalid_at=ctx.now, note=clean(reply[:200].replace("\x00", " "), field="note"))
        for model in (Contact, Account):
            column = ContactPoint.contact_id if model is Contact else ContactPoint.account_id
            further = select(column).where(ContactPoint.kind == "mail", ContactPoint.key == key, ContactPoint.deleted_at.is_(None), column.is_not(None))
            query = select(model.id, model.name).where(or_(model.mail_norm == key, model.id.in_(further)), model.deleted_at.is_(None)).order_by(model.id)
            for row in ctx.session.execute(query.limit(MOST_TOLD)).all():
                record(ctx, "reach.bounced", _Named(model.__tablename__, row.id), name=row.name)
    return True


class _Named:
    """A record by its key alone: the fact needs no more of it, and nothing hidden is loaded."""

    def __init__(self, table: str, key: Any):
        self.__tablename__, self.id = table, key


def is_invalid(mail_key: Any) -> Any:
    """For queries: is this mail address marked as no good?"""
    return exists().where(ReachMark.kind == "mail", ReachMark.key == mail_key, ReachMark.invalid_at.is_not(None))


def _key(ctx: Context, party: Party, kind: str, value: str) -> str:
    """The key of a value that the record has, for whoever may edit that; NotFound else."""
    reach_rules.among(MARKED, kind, "kind")
    may_write(ctx, party, FIELDS_OF[kind])
    key = reach_rules.key_of(kind, value)
    own = {reach_rules.key_of(kind, typed) for field in FIELDS_OF[kind] if (typed := getattr(party, field, None))}
    with unhidden(ctx.session):  # the kind was asked before
        there = key in own or ctx.session.execute(select(exists().where(of_party(ContactPoint, party), ContactPoint.kind == kind, ContactPoint.key == key))).scalar_one()
    if not there:
        raise NotFound()
    return key


def _write(ctx: Context, kind: str, key: str, **values: Any) -> None:
    """One row for each value, whoever marks it first."""
    row = {"kind": kind, "key": key, "created_at": ctx.now, "created_by": ctx.actor.id, "updated_at": ctx.now, **values}
    statement = insert(ReachMark.__table__).values(row)
    raised = {**values, "updated_at": ctx.now, "version": ReachMark.__table__.c.version + 1}
    with unhidden(ctx.session):  # a conflict is looked for by the key; nothing is told
        ctx.session.execute(statement.on_conflict_do_update(index_elements=["kind", "key"], set_=raised))


def _tell(ctx: Context, kind: str, party: Party, what: str | None = None) -> None:
    about = (party.account_id,) if isinstance(party, Contact) else ()
    record(ctx, kind, party, about=about, name=party.name, **({"fields": [f"the_{what}"]} if what else {}))
