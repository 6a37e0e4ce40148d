"""Find my workspaces: the index follows people, and only the address itself learns what it says."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from core.identity import actions, queries
from infra import mail as post
from infra.db import database
from tenants import entry, mail_index
from tenants.models import ControlOrder, MailIndex
from tests.support.world import PASSWORD, House
from workers.jobs import identity
from workers.run import work


@pytest.fixture
def houses(app):
    return [House(f"fw{n}-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales"}) for n in range(2)]


@pytest.fixture
def address():
    return f"zoe-{uuid4().hex[:8]}@people.example"


def add(house, address):
    """Somebody with that address, and the orders of it done."""
    with house.ctx() as ctx:
        actions.add_user(ctx, mail=address, name="Zoe", password=PASSWORD)
    settle(house)


def settle(house):
    from core.base.outbox import Order

    with entry.enter(house.tenant) as session:
        found = session.execute(select(Order.id).where(Order.name == "identity.index_mail", Order.state == "waiting")).scalars().all()
    for order_id in found:
        assert work(str(order_id), str(house.tenant.id)) == "done"


def known(address):
    with entry.control() as session:
        return [name for name, _ in mail_index.workspaces_of(session, address)]


def test_the_index_follows_people(houses, address):
    for house in houses:
        add(house, address)
    assert known(address) == sorted(house.tenant.name for house in houses)
    with houses[0].ctx() as ctx:
        actions.disable_user(ctx, queries.user_by_mail(ctx.session, address))
    settle(houses[0])
    assert known(address) == [houses[1].tenant.name]


def test_a_workspace_that_is_leaving_is_found_no_more_and_an_erased_one_is_gone(houses, address):
    from datetime import timedelta

    from tenants import lifecycle

    add(houses[0], address)
    run = lifecycle.ask_deletion(houses[0].fresh(), "test", grace=timedelta(0))
    assert known(address) == []
    lifecycle.erase(run.id)
    with entry.control() as session:
        assert session.execute(select(MailIndex).where(MailIndex.tenant_id == houses[0].tenant.id)).all() == []


def test_it_is_made_anew_from_the_people_there_are(houses, address):
    """After a restore, and for workspaces that were there before the index was."""
    add(houses[0], address)
    with entry.enter(houses[0].tenant) as session:
        session.execute(text("UPDATE app_user SET mail_norm = 'was-' || mail_norm WHERE mail_norm = :mail"), {"mail": address})
    assert mail_index.refill(houses[0].tenant) == 3
    assert known(address) == [] and known(f"was-{address}") == [houses[0].tenant.name] and known(houses[0].users["rep"].mail) == [houses[0].tenant.name]


def test_a_restore_leaves_the_order_of_it(houses):
    with entry.control() as session:
        mail_index.order_refill(session, houses[0].tenant.id, entry.utcnow())
    with entry.control() as session:
        order_id = session.execute(select(ControlOrder.id).where(ControlOrder.name == "identity.fill_mail_index").order_by(ControlOrder.id.desc())).scalars().first()
    assert work(str(order_id), "control") == "done"
    assert known(houses[0].users["owner"].mail) == [houses[0].tenant.name]


def test_the_table_holds_no_address(houses, address):
    add(houses[0], address)
    with database().owner() as connection:
        dump = str(connection.execute("SELECT row_to_json(m)::text FROM control.mail_index m UNION ALL SELECT row_to_json(o)::text FROM control.outbox o WHERE name LIKE 'identity.%'").fetchall())
    assert address not in dump and address.split("@")[0] not in dump


# ---- the page ----

def ask(app, mail, **headers):
    return app.test_client().post("/sign-in/workspaces", data={"mail": mail}, base_url="http://localhost", headers=headers)


def newest_order():
    with entry.control() as session:
        return session.execute(select(ControlOrder).where(ControlOrder.name == "identity.mail_workspaces").order_by(ControlOrder.id.desc())).scalars().first()


@pytest.fixture
def sent(monkeypatch):
    """What goes to the post, as messages."""
    found = []
    monkeypatch.setattr(identity.mail, "send", lambda url, message, before_data: found.append(message) or post.Sent("250"))
    return found


def test_the_answer_is_one_for_all_and_the_letter_only_for_who_is_known(app, houses, address, sent):
    for house in houses:
        add(house, address)
    known_, unknown = ask(app, address.upper()), ask(app, f"nobody-{address}")
    bare = lambda answer: re.sub(r'nonce="[^"]*"|[\w-]+@people.example', "", answer.text.replace(address.upper(), ""))  # noqa: E731
    assert known_.status_code == unknown.status_code == 200 and bare(known_) == bare(unknown)
    assert work(str(newest_order().id), "control") == "done" and sent == [], "nothing goes to the unknown"
    ask(app, address)
    order = newest_order()
    assert work(str(order.id), "control") == "done"
    (letter,) = sent
    assert letter.to_mail == address and all(f"{house.tenant.name}: http://{house.tenant.slug}.localhost" in letter.text for house in houses)
    with entry.enter(houses[0].tenant) as session:
        assert session.execute(text("SELECT count(*) FROM outgoing_mail WHERE template = 'workspaces'")).scalar_one() == 0, "no tenant sees the others"


def test_it_is_limited_and_asked_from_its_own_page_only(app, address):
    assert [ask(app, address).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert ask(app, f"x{address}", **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert ask(app, "no address").status_code == 422


def test_revision_four_leaves_one_order_where_there_are_tenants(app, houses):
    from tenants.migration import head

    assert head("control") >= "0004"
    from pathlib import Path

    import tenants.migrations.control as history

    source = (Path(history.__path__[0]) / "versions" / "0004_mail_index.py").read_text()
    insert = re.search(r'"(INSERT INTO.*?)"\n\s+"(WHERE.*?)"', source, re.S)
    with database().owner() as connection, connection.transaction(force_rollback=True):
        assert connection.execute(insert[1] + insert[2]).rowcount == 1
        connection.execute("UPDATE control.tenant SET state = 'deleted'")
        connection.execute("DELETE FROM control.outbox WHERE dedupe_key = 'revision:0004'")
        assert connection.execute(insert[1] + insert[2]).rowcount == 0
