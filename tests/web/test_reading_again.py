"""A connection that dies under a request: what was only read is read again, a call of the API that kept nothing too; nothing is written twice."""

import os

import psycopg
import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.engine import Engine

from core.base.context import Context
from core.parties import actions, queries
from core.parties.models import Account
from tenants import entry


@pytest.fixture
def admin(stack):
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as connection:
        yield connection


@pytest.fixture
def dying(monkeypatch, admin):
    """dying(module, name, times): the first calls lose their connection at the server; gives how often it was called."""

    def arrange(module, name, times):
        real, calls = getattr(module, name), []

        def call(ctx: Context, *args, **values):
            calls.append(name)
            if len(calls) <= times:
                pid = ctx.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
            return real(ctx, *args, **values)

        monkeypatch.setattr(module, name, call)
        return calls

    return arrange


def test_a_page_whose_connection_died_is_read_once_more(world, dying):
    calls = dying(queries, "accounts", 1)
    assert world.browser("rep").get("/accounts").status_code == 200 and len(calls) == 2


def test_a_call_of_the_api_too(world, dying):
    reader = world.api("owner")
    with world.acme.ctx("owner") as ctx:
        key = actions.create_account(ctx, name="Nordlicht").id
    calls = dying(queries, "one_account", 1)
    assert reader.json("GET", f"/api/v1/accounts/{key}").status_code == 200 and len(calls) == 2


def test_it_is_tried_twice_and_not_for_ever(world, dying):
    calls = dying(queries, "accounts", 9)
    assert world.browser("rep").get("/accounts").status_code == 503 and len(calls) == 2


def named(world, name):
    with world.acme.ctx() as ctx:
        return ctx.session.execute(select(func.count()).select_from(Account).where(Account.name == name)).scalar_one()


def create(world, name):
    return world.api("rep").json("POST", "/api/v1/accounts", {"name": name}).status_code


def test_a_form_is_not_sent_again(world, dying):
    calls = dying(actions, "create_account", 1)
    assert world.browser("rep").post("/accounts", {"name": "Once or never"}).status_code == 503
    assert len(calls) == 1 and named(world, "Once or never") == 0


def test_a_call_of_the_api_that_kept_nothing_is_done_again(world, dying):
    calls = dying(actions, "create_account", 1)
    assert create(world, "Once and whole") == 201
    assert len(calls) == 2 and named(world, "Once and whole") == 1


@pytest.fixture
def dying_commit(dying, admin):
    """The server ends the connection of each create_account right before its COMMIT; gives the calls and who was ended."""
    calls, killed = dying(actions, "create_account", 0), []

    def kill(connection):
        if len(killed) < len(calls):
            killed.append(connection.connection.dbapi_connection.info.backend_pid)
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (killed[-1],))

    event.listen(Engine, "commit", kill)
    yield calls, killed
    event.remove(Engine, "commit", kill)


def test_a_call_whose_commit_died_is_not_done_again(world, dying_commit):
    """Nobody knows whether a COMMIT that was not answered took."""
    calls, killed = dying_commit
    assert create(world, "Perhaps") == 503
    assert len(calls) == len(killed) == 1


def test_a_call_that_kept_something_is_not_done_again(world, dying, monkeypatch):
    calls = dying(actions, "create_account", 1)
    dies = actions.create_account

    def create_account(ctx, **values):
        with entry.control():
            pass
        return dies(ctx, **values)

    monkeypatch.setattr(actions, "create_account", create_account)
    assert create(world, "Half kept") == 503
    assert len(calls) == 1 and named(world, "Half kept") == 0
