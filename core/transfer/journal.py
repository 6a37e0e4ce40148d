"""Facts for many records by one statement, as core.base.facts.record writes them one by one."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, literal, select, union_all
from sqlalchemy.types import Text, Uuid

from core.base.context import Context
from core.base.facts import Fact, FactSubject


def record_all(ctx: Context, kind: str, subject_type: str, rows: Select) -> None:
    """Write the fact `kind` for each row of (subject_id, about_id, params); about_id may be NULL."""
    given = rows.subquery("given")
    facts = select(
        func.uuidv7(type_=Uuid()).label("id"), given.c.subject_id, given.c.about_id, given.c.params
    ).cte("facts").prefix_with("MATERIALIZED", dialect="postgresql")
    at: ColumnElement[Any] = literal(ctx.now)
    written = (
        insert(Fact).from_select(
            ["id", "kind", "at", "actor_id", "actor_name", "subject_type", "subject_id", "params"],
            select(facts.c.id, literal(kind), at, literal(ctx.actor.id, Uuid()), literal(ctx.actor.name, Text()), literal(subject_type), facts.c.subject_id, facts.c.params),
            include_defaults=False,
        ).returning(Fact.id).cte("written")
    )
    timelines = union_all(
        select(facts.c.id, facts.c.subject_id, at),
        select(facts.c.id, facts.c.about_id, at).where(facts.c.about_id.is_not(None), facts.c.about_id != facts.c.subject_id),
    )
    statement = insert(FactSubject).from_select(["fact_id", "subject_id", "at"], timelines, include_defaults=False).add_cte(written)
    ctx.session.execute(statement)
