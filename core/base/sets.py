"""Many records by one statement: facts as core.base.facts.record writes them one by one, values staged as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, any_, case, cast, column, func, insert, literal, select, union_all
from sqlalchemy.dialects.postgresql import JSONB, Insert, array, array_agg
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.types import Text, Uuid

from core.base.context import Context
from core.base.facts import Fact, FactSubject, plain


def among(column: Any, keys: Iterable[UUID]) -> ColumnElement[bool]:
    """Is it one of these keys? One text for any number of them, so that the database prepares it once."""
    return column == any_(literal(list(keys), ARRAY(Uuid)))


def record_all(ctx: Context, kind: str, subject_type: str, rows: Select) -> None:
    """Write the fact `kind` for each row of (subject_id, params, and other columns "…_id" that name records); those may be
    NULL, and each record's timeline shows it once."""
    given = rows.subquery("given")
    about = [one.key for one in given.c if one.key.endswith("_id") and one.key != "subject_id"]
    facts = select(func.uuidv7(type_=Uuid()).label("id"), given.c.subject_id, *(given.c[name] for name in about), given.c.params).cte("facts").prefix_with("MATERIALIZED", dialect="postgresql")
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
        *(
            select(facts.c.id, facts.c[one], at).where(facts.c[one].is_not(None), *(facts.c[one].is_distinct_from(facts.c[other]) for other in ("subject_id", *about[:place])))
            for place, one in enumerate(about)
        ),
    )
    statement = insert(FactSubject).from_select(["fact_id", "subject_id", "at"], timelines, include_defaults=False).add_cte(written)
    ctx.session.execute(statement)


def typed(values: Any, column: Any) -> ColumnElement:
    """One value out of staged JSON, as the column's own type; NULL where it isn't there."""
    if isinstance(column.type, ARRAY):
        return case((func.jsonb_typeof(values[column.name]) == "array", words_of(values[column.name])))
    if isinstance(column.type, JSONB):
        return values[column.name]
    return cast(values[column.name].astext, column.type)


def given_rows(rows: Sequence[Mapping[str, Any]], columns: Iterable[Any], name: str = "given") -> Any:
    """Rows of plain values as a table of a statement: one parameter for all of them, however many they are. columns: what of each
    row is read, with its type."""
    return func.jsonb_to_recordset(literal(plain(list(rows)), JSONB)).table_valued(*(column(one.name, one.type) for one in columns), name=name).render_derived(with_types=True)


def insert_many(table: Any, rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Rows that all have the same columns, by one statement with one parameter."""
    columns = [table.c[name] for name in rows[0]]
    given = given_rows(rows, columns)
    return pg_insert(table).from_select([one.name for one in columns], select(*(given.c[one.name] for one in columns)), include_defaults=False)


def words_of(value: Any) -> ColumnElement:
    """A JSON array of texts as an array of texts."""
    words = func.jsonb_array_elements_text(value).column_valued("word")
    return select(func.coalesce(array_agg(words), cast(array([], type_=Text), ARRAY(Text)))).scalar_subquery()
