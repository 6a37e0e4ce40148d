"""Facts: what happened, for the timeline, notifications and automation. Written once, never changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, Uuid, case, event, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from core.base.context import Context
from core.base.hiding import unsaid
from core.base.model import Keyed, TenantBase
from core.base.personal import Personal
from core.base.rooms import facts_off


class Fact(Keyed, TenantBase):
    """Something that happened. kind is a word id ("account.created"), params are its values, never sentences."""

    __tablename__ = "fact"
    __table_args__ = {"info": {"append_only": True}}
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str | None]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    params: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))


class FactSubject(TenantBase):
    """On whose timelines a fact stands: the record itself and those it is about. Ordered as a page reads it."""

    __tablename__ = "fact_subject"
    __table_args__ = (
        Index("ix_fact_subject_timeline", "subject_id", text("at DESC"), text("fact_id DESC")),
        {"info": {"append_only": True}},
    )
    fact_id: Mapped[UUID] = mapped_column(ForeignKey("fact.id", ondelete="CASCADE"), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]


@event.listens_for(Fact, "load")
def _without_hidden(fact: Fact, context: Any, *_: Any) -> None:
    """What a fact tells of a field is hidden with the field."""
    gaps = unsaid(context.session).get(fact.kind)
    if gaps:
        set_committed_value(fact, "params", fact.params | gaps)


def params_shown(ctx: Context) -> ColumnElement:
    """The same for a statement that reads columns."""
    gaps = unsaid(ctx.session)
    return case(*((Fact.kind == kind, Fact.params.concat(literal(each, JSONB))) for kind, each in gaps.items()), else_=Fact.params).label("params") if gaps else Fact.params


def record(ctx: Context, kind: str, subject: Any, *, about: tuple[UUID | None, ...] = (), **params: Any) -> Fact:
    """Write down that `kind` happened to `subject`; `about` names other records whose timeline shows it.

    params must be JSON values (UUIDs and dates as strings are converted). Flushes: the fact needs the subject's key.
    """
    if subject.id is None:
        ctx.session.flush()  # the fact names its subject by key
    fact = Fact(
        kind=kind, at=ctx.now, actor_id=ctx.actor.id, actor_name=ctx.actor.name,
        subject_type=subject.__tablename__, subject_id=subject.id, params=plain(params),
    )
    ctx.session.add(fact)
    ctx.session.flush()  # the timeline rows name the fact by key
    for subject_id in dict.fromkeys(i for i in (subject.id, *about) if i is not None):
        ctx.session.add(FactSubject(fact_id=fact.id, subject_id=subject_id, at=ctx.now))
    return fact


def tell_on_too(ctx: Context, subject_id: UUID, other_id: UUID) -> None:
    """What happened to the one so far stands on the other's timeline too: it became him."""
    before = select(FactSubject.fact_id, literal(other_id, Uuid), FactSubject.at).where(FactSubject.subject_id == subject_id)
    ctx.session.execute(insert(FactSubject).from_select(["fact_id", "subject_id", "at"], before).on_conflict_do_nothing())


def plain(value: Any) -> Any:
    """A JSON value of what Python has: UUID, date, Decimal, Money become strings; containers are walked."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def shown_here(ctx: Context) -> list[ColumnElement[bool]]:
    """Conditions of the facts that are shown: none of a room that is off."""
    return [~Fact.kind.startswith(prefix, autoescape=True) for prefix in facts_off(ctx)]


def timeline(subject_id: UUID, *, before: tuple[datetime, UUID] | None = None, limit: int = 30) -> Select:
    """The newest facts about a record; `before` is the (at, id) of the last one shown. The caller has checked
    that the actor sees the record."""
    query = (
        select(Fact).join(FactSubject, FactSubject.fact_id == Fact.id)
        .where(FactSubject.subject_id == subject_id)
        .order_by(FactSubject.at.desc(), FactSubject.fact_id.desc()).limit(limit)
    )
    if before:
        query = query.where(
            func.row(FactSubject.at, FactSubject.fact_id) < func.row(before[0], before[1])
        )
    return query


def latest_by_others(ctx: Context, subject_id: UUID, since: datetime) -> Fact | None:
    """The newest fact on a record's timeline after a moment that somebody else than the actor brought about. The caller
    has checked that the actor sees the record."""
    others = Fact.actor_id.is_distinct_from(ctx.actor.id)
    query = select(Fact).join(FactSubject, FactSubject.fact_id == Fact.id).where(FactSubject.subject_id == subject_id, FactSubject.at > since, others, *shown_here(ctx))
    return ctx.session.execute(query.order_by(FactSubject.at.desc(), FactSubject.fact_id.desc()).limit(1)).scalar_one_or_none()

PERSONAL = (Personal("fact", by=("subject_id",), told=("params",)),)
HARMLESS = {"fact.kind": "a word of a list", "fact.actor_name": "a colleague", "fact.subject_type": "a kind of record", "fact_subject": "keys alone"}
