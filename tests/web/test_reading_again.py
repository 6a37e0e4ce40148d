"""A connection that dies under a request: what was only read is read again, what was written is not written twice."""

import os

import psycopg
import pytest
from sqlalchemy import func, select, text

from core.base.context import Context
from core.parties import actions, queries
from core.parties.models import Account


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


def test_what_was_written_is_not_written_again(world, dying):
    calls = dying(actions, "create_account", 1)
    browser = world.browser("rep")
    assert browser.post("/accounts", {"name": "Once or never"}).status_code == 503 and len(calls) == 1
    with world.acme.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Account).where(Account.name == "Once or never")).scalar_one() == 0
