"""The engine's connections over a long life."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from infra.db import database
from tenants import entry


def prepared(world) -> int:
    with entry.enter(world.acme.tenant) as session:
        return session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()


def test_taking_a_connection_again_and_again_prepares_nothing_more(world):
    database().close()  # of several connections of earlier tests each would have its own number
    prepared(world)
    before = prepared(world)
    for _ in range(20):
        prepared(world)
    assert prepared(world) == before


def test_the_ping_leaves_the_guard_against_two_statements_in_place(world):
    with pytest.raises(ProgrammingError), entry.enter(world.acme.tenant) as session:
        session.connection().exec_driver_sql("SELECT 1; SELECT 2")
