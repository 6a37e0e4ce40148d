"""One search over accounts, contacts, the contact log and mailings: what is found, by whom, by which index."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from core.activities import actions as log
from core.activities import queries as log_queries
from core.activities.models import Activity
from core.base.errors import Refused
from core.mailings import drafting
from core.parties import actions
from core.search.queries import everything
from infra.db import database
from tests.support.statements import counted


def names(ctx, search):
    return [(row.kind, row.name) for row in everything(ctx, search)]


@pytest.fixture
def said(ctx):
    account = actions.create_account(ctx, name="Nördlicht Optik")
    ctx.session.flush()
    log.log_activity(ctx, kind="call", account=account, body="Wünscht ein Angebot\nüber Zébrastoff", next_contact="tomorrow", next_contact_note="Quokka-Muster")
    log.log_activity(ctx, kind="call", account=account, body="想要三十箱眼镜")
    log.log_activity(ctx, kind="call", account=account, body="견본 요청", happened_at=ctx.now - timedelta(days=3))
    drafting.draft_mailing(ctx, name="Zebra im Frühling", subject="Neue Brillen", body="x", tags=["a"])
    actions.create_contact(ctx, name="Zoe Zebra", account_id=account.id)
    ctx.session.flush()
    return ctx


@pytest.mark.parametrize(("search", "kinds"), [
    ("zebra", ["contact", "activity", "mailing"]), ("ZÉBRAST", ["activity"]), ("muster quokka", ["activity"]), ("üb", ["activity"]), ("zebra fruhling", ["mailing"]),
    ("brillen", ["mailing"]), ("br", ["mailing"]), ("ri", []), ("眼镜", ["activity"]), ("镜", ["activity"]), ("镜眼", []), ("견본", ["activity"]), ("%", []), ("_", []), ("", []), ("  ", []),
    ("nordlicht", ["account"]), ("' OR 1=1 --", []),
])
def test_each_room_is_searched_in_its_own_words(said, search, kinds):
    assert [row.kind for row in everything(said, search)] == kinds


def test_one_statement_finds_all_kinds(said):
    with counted() as sent:
        everything(said, "zebra")
    assert len(sent) == 2 and "plan_cache_mode" in sent[0]


def test_the_newest_entry_comes_first_and_of_each_kind_so_many(ctx):
    account = actions.create_account(ctx, name="Somebody")
    ctx.session.flush()
    for day in (3, 1, 2):
        log.log_activity(ctx, kind="note", account=account, body=f"Wombat {day}", happened_at=ctx.now - timedelta(days=day))
    assert [name for _, name in names(ctx, "wombat")] == ["Wombat 1", "Wombat 2", "Wombat 3"]
    assert len(everything(ctx, "wombat", limit=2)) == 2


def test_what_is_in_the_bin_is_not_found(said):
    entry = said.session.execute(select(Activity).where(Activity.body.contains("Zébrastoff"))).scalar_one()
    log.delete_activity(said, entry)
    said.session.flush()
    assert "activity" not in [kind for kind, _ in names(said, "zebra")]
    log.restore_activity(said, entry)
    said.session.flush()
    actions.delete_account(said, said.session.get(actions.Account, entry.account_id))
    said.session.flush()
    assert "activity" not in [kind for kind, _ in names(said, "zebra")]


def test_a_monster_and_control_characters(ctx):
    assert everything(ctx, "%_" * 500) == [] and everything(ctx, "(a+)+$ " * 200) == []
    with pytest.raises(Refused, match="control_character"):
        everything(ctx, "a\x00b")


@pytest.fixture(scope="module")
def house(world):
    """Of the salesperson: an account with entries, one about a colleague's person; of a colleague: a whole account."""
    with world.acme.ctx("colleague") as ctx:
        hidden = actions.create_account(ctx, name="Hidden house")
        ctx.session.flush()
        log.log_activity(ctx, kind="call", account=hidden, body="Yapok behind the wall")
        shared = actions.create_account(ctx, name="Shared house", owner_id=None)
        person = actions.create_contact(ctx, name="Colleague's person")
        ctx.session.flush()
        log.log_activity(ctx, kind="call", account=shared, body="Yapok for everyone")
        person.account_id = shared.id
        ctx.session.flush()
        log.log_activity(ctx, kind="call", contact=person, body="Yapok about his person")
    with world.acme.ctx("manager") as ctx:
        drafting.draft_mailing(ctx, name="Yapok News", subject="Yapok", body="x", tags=["a"])
    return world.acme


SHARED = "Yapok for everyone"
ALL = {SHARED, "Yapok behind the wall", "Yapok about his person"}


@pytest.mark.parametrize(("who", "entries", "mailings"), [("owner", ALL, 1), ("manager", ALL, 1), ("reader", ALL, 1), ("colleague", ALL, 0), ("rep", {SHARED}, 0)])
def test_each_finds_what_the_rooms_show_him(house, who, entries, mailings):
    with house.ctx(who) as ctx:
        found = everything(ctx, "yapok")
        assert {row.name for row in found if row.kind == "activity"} == entries
        assert len([row for row in found if row.kind == "mailing"]) == mailings
        assert all("Hidden" not in row.note for row in found if row.note and who == "rep")


def test_what_is_found_stands_on_the_timeline_it_leads_to(house):
    """The search and the timeline have one rule of who sees an entry."""
    from core.parties.models import Account, Contact

    for who in ("owner", "rep", "colleague"):
        with house.ctx(who) as ctx:
            for row in (row for row in everything(ctx, "yapok") if row.kind == "activity"):
                record = ctx.session.get(Account if row.about == "account" else Contact, row.about_id)
                assert row.id in {entry.id for entry in log_queries.timeline(ctx, record).entries}


@pytest.mark.parametrize(("search", "index"), [("yapok", "ix_activity_find"), ("眼镜", "ix_activity_east_asian")])
def test_the_log_is_searched_by_an_index(world, search, index):
    house = world.globex
    with house.ctx() as ctx:
        account = actions.create_account(ctx, name="Filler")
        ctx.session.flush()
        ctx.session.execute(text("INSERT INTO activity (kind, account_id, body, happened_at) SELECT 'note', :id, 'Entry about nothing ' || i, now() FROM generate_series(1, 3000) i"), {"id": account.id})
    with database().owner() as owner:
        owner.execute(f"VACUUM ANALYZE {house.tenant.schema_name}.activity")
    with house.ctx() as ctx:
        ctx.session.execute(text("SET LOCAL enable_seqscan = off"))  # so few rows are read whole as quickly
        part = log_queries.quick(ctx, search)[0]
        wanted = part.compile(ctx.session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(ctx.session.connection().exec_driver_sql(f"EXPLAIN {wanted}".replace("%", "%%")).scalars())
        assert index in plan, plan


def test_a_common_word_finds_the_newest(ctx, monkeypatch):
    """The index gives matches in no order: where there are more than are looked at, the newest are found all the same."""
    account = actions.create_account(ctx, name="Chatty")
    ctx.session.flush()
    ctx.session.execute(text(
        "INSERT INTO activity (kind, account_id, body, happened_at) SELECT 'note', :id, 'Numbat ' || i, now() - i * interval '1 hour' FROM generate_series(30, 1, -1) i"
    ), {"id": account.id})
    ctx.session.execute(text("SET LOCAL enable_indexscan = off"))  # matches come as they lie, the oldest first
    monkeypatch.setattr(log_queries, "MOST_TAKEN", 3)
    monkeypatch.setattr(log_queries, "MOST_WALKED", 10)
    assert [name for _, name in names(ctx, "numbat")][:3] == ["Numbat 1", "Numbat 2", "Numbat 3"]
    assert [name for _, name in names(ctx, "numbat 30")] == ["Numbat 30"]
