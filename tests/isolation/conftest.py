"""Two tenants with one sentinel row each, and ways in that an attacker or a mistake of ours might take."""

import os
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from core.base.outbox import Order
from infra.db import GuardedCursor, tenant_scope
from tenants import entry
from tests.support.world import move_in


class Pair:
    """Tenants `one` (where the attempts are made) and `other` (whose data must stay out of reach)."""

    def __init__(self):
        tag = uuid4().hex[:6]
        self.one, self.other = move_in(f"one-{tag}"), move_in(f"other-{tag}")
        for tenant in (self.one, self.other):
            plant(tenant)

    @contextmanager
    def guarded(self):
        """A cursor as request code has it: the app's login, tenant one's scope, prepared statements only."""
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, cursor_factory=GuardedCursor) as connection:
            psycopg.Cursor(connection).execute(tenant_scope(self.one.schema_name).begin(), prepare=False)
            with connection.cursor() as cursor:
                yield cursor

    @contextmanager
    def login(self):
        """The app's login by itself, with no scope at all."""
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            yield connection.cursor()


def plant(tenant) -> None:
    """One row that says whose it is: an order that never becomes due."""
    with entry.enter(tenant) as session:
        session.add(Order(name=tenant.schema_name, state="done"))


def sentinel(session) -> list[str]:
    """What the sentinel rows of the schema in reach say."""
    return list(session.execute(text("SELECT name FROM outbox WHERE state = 'done'")).scalars())


@pytest.fixture(scope="module")
def pair(stack):
    return Pair()
