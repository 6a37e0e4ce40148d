"""The engine's connections over a long life."""

from sqlalchemy import text

from tenants import entry


def prepared(world) -> int:
    with entry.enter(world.acme.tenant) as session:
        return session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()


def test_taking_a_connection_again_and_again_prepares_nothing_more(world):
    prepared(world)
    before = prepared(world)
    for _ in range(20):
        prepared(world)
    assert prepared(world) == before


def test_the_ping_leaves_the_guard_against_two_statements_in_place(world):
    import psycopg
    import pytest
    from sqlalchemy.exc import ProgrammingError

    for words in ("SELECT 1; SELECT 2", "; SELECT 1"):
        with pytest.raises((ProgrammingError, psycopg.Error)), entry.enter(world.acme.tenant) as session:
            session.connection().exec_driver_sql(words)
