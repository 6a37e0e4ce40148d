"""Comments among what a search over everything finds: by whom, by which index."""

import pytest
from sqlalchemy import text

from core.discussions import actions
from core.discussions import queries as discussions
from core.parties import actions as parties
from core.search.queries import everything
from infra.db import database


def found(ctx, search):
    return [(row.name, row.note, row.about) for row in everything(ctx, search) if row.kind == "comment"]


@pytest.fixture
def said(ctx):
    account = parties.create_account(ctx, name="Nordlicht")
    ctx.session.flush()
    person = parties.create_contact(ctx, name="Sofie")
    ctx.session.flush()
    actions.add_comment(ctx, account, "Wünscht ein Angebot\nüber Zébrastoff")
    actions.add_comment(ctx, person, "想要三十箱眼镜")
    return ctx


@pytest.mark.parametrize(("search", "names"), [
    ("zebrast", [("Wünscht ein Angebot\nüber Zébrastoff", "Nordlicht", "account")]), ("angebot ZEBRA", [("Wünscht ein Angebot\nüber Zébrastoff", "Nordlicht", "account")]),
    ("üb", [("Wünscht ein Angebot\nüber Zébrastoff", "Nordlicht", "account")]), ("眼镜", [("想要三十箱眼镜", "Sofie", "contact")]), ("镜", [("想要三十箱眼镜", "Sofie", "contact")]), ("%", []), ("zzz", []), ("", []),
])
def test_a_comment_is_found_by_its_words_in_any_script(said, search, names):
    assert found(said, search) == names


def test_what_was_taken_away_is_not_found(said):
    (row,) = (row for row in everything(said, "zebrast") if row.kind == "comment")
    actions.delete_comment(said, discussions.one_comment(said, row.id))
    said.session.flush()
    assert found(said, "zebrast") == []


def test_each_finds_what_stands_on_records_that_he_sees(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Ours")
        ctx.session.flush()
        actions.add_comment(ctx, account, "Between us: yapok")
    for who, number in (("rep", 1), ("manager", 1), ("reader", 1), ("colleague", 0)):
        with world.acme.ctx(who) as ctx:
            assert len(found(ctx, "yapok")) == number, who


def test_without_the_reach_a_colleague_would_find_it(world, monkeypatch):
    """Negative control."""
    from core.base import records

    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Ours")
        ctx.session.flush()
        actions.add_comment(ctx, account, "Between us: quokka")
    monkeypatch.setattr(records, "sees", lambda ctx, model: records.literal(True))
    with world.acme.ctx("colleague") as ctx:
        assert len(found(ctx, "quokka")) == 1


def test_a_hit_leads_to_the_comment_on_its_page(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Ours")
        ctx.session.flush()
        key = actions.add_comment(ctx, account, "Look at the <b>wombat</b>").id
    for path in ("/palette", "/search"):
        page = world.browser("rep").get(f"{path}?q=wombat").text
        assert f"/accounts/{account.id}#c-{key}" in page and "&lt;b&gt;wombat" in page
    assert f'id="c-{key}"' in world.browser("rep").get(f"/accounts/{account.id}").text


@pytest.mark.parametrize(("search", "index"), [("yapok", "ix_comment_find"), ("眼镜", "ix_comment_east_asian")])
def test_comments_are_searched_by_an_index(world, search, index):
    house = world.globex
    with house.ctx() as ctx:
        account = parties.create_account(ctx, name="Filler")
        ctx.session.flush()
        ctx.session.execute(text(
            "INSERT INTO comment (record_kind, record_id, author_id, body) SELECT 'account', :id, :who, 'Said about nothing ' || i FROM generate_series(1, 2000) i"
        ), {"id": account.id, "who": ctx.actor.id})
    with database().owner() as owner:
        owner.execute(f"VACUUM ANALYZE {house.tenant.schema_name}.comment")
    with house.ctx() as ctx:
        ctx.session.execute(text("SET LOCAL enable_seqscan = off"))  # so few rows are read whole as quickly
        wanted = discussions.quick(ctx, search)[0].compile(ctx.session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(ctx.session.connection().exec_driver_sql(f"EXPLAIN {wanted}".replace("%", "%%")).scalars())
        assert index in plan, plan
