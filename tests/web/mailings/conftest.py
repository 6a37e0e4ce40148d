"""A tenant with people under the tag news, and a draft to them."""

from uuid import uuid4

import pytest
from sqlalchemy import event

from core.mailings import drafting
from infra.db import database
from tests.core.mailings.conftest import add_contact


@pytest.fixture(scope="module")
def news(world):
    with world.acme.ctx() as ctx:
        for n in range(120):
            add_contact(ctx, f"Person {n:03} <i>", f"p{n}@people.example", tags=["news", "b&w"] if n % 2 else ["news"])
    return world


@pytest.fixture
def draft(news):
    with news.acme.ctx() as ctx:
        return drafting.draft_mailing(ctx, subject=f"News {uuid4().hex[:6]} <script>", body="Dear **{{ contact.name }}**", tags=["news"]).id


@pytest.fixture
def statements():
    """The statements that a block sends, BEGIN and COMMIT not counted."""
    seen = []

    def note(connection, cursor, statement, *rest):
        seen.append(statement)

    engine = database().engine()
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
