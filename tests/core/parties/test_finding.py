"""Lists by key and search by part of a name."""

import base64
import json

import pytest
from sqlalchemy import select, text

from core.base.errors import Refused
from core.parties import actions, offering, queries
from core.parties.finding import found_by
from core.parties.models import Account
from core.parties.queries import Filters
from core.search.queries import everything
from core.views import pages, paging
from infra.db import database

NAMES = ["Nördlicht Optik GmbH", "ÁLVAREZ e Hijos", "华光商贸有限公司", "한빛 전자", "ООО Северный Ветер", "100% Wolle", "under_score", "back\\slash", "X"]


@pytest.fixture
def named(ctx):
    for name in NAMES:
        actions.create_account(ctx, name=name)
    return ctx


def found(ctx, search):
    return sorted(r.name for r in queries.accounts(ctx, Filters(search=search)).rows)


@pytest.mark.parametrize(("search", "expected"), [
    ("nordlicht", ["Nördlicht Optik GmbH"]), ("NÖRD", ["Nördlicht Optik GmbH"]), ("optik nord", ["Nördlicht Optik GmbH"]), ("lich", ["Nördlicht Optik GmbH"]),
    ("op", ["Nördlicht Optik GmbH"]), ("alvarez", ["ÁLVAREZ e Hijos"]), ("северный", ["ООО Северный Ветер"]), ("ве", ["ООО Северный Ветер"]),
    ("华光", ["华光商贸有限公司"]), ("商贸", ["华光商贸有限公司"]), ("光", ["华光商贸有限公司"]), ("光华", []), ("有限公司", ["华光商贸有限公司"]),
    ("한빛", ["한빛 전자"]), ("전자", ["한빛 전자"]), ("빛", ["한빛 전자"]),
    ("100%", ["100% Wolle"]), ("%", []), ("%_%_%", []), ("_", []), ("under_", ["under_score"]), ("underxscore", []), ("k\\s", ["back\\slash"]), ("\\", []),
    ("％", []), ("' OR 1=1 --", []), ("x", ["X"]), ("", sorted(NAMES)), ("   ", sorted(NAMES)),
])
def test_a_part_of_the_name_finds_it(named, search, expected):
    assert found(named, search) == expected


def test_one_or_two_east_asian_characters_stand_on_an_index(world):
    """Their terms have no trigram that would help; the index of characters does."""
    house = world.globex
    with house.ctx() as ctx:
        ctx.session.execute(text("INSERT INTO account (name) SELECT 'Filler ' || i FROM generate_series(1, 3000) i"))
    with database().owner() as owner:
        owner.execute(f"ANALYZE {house.tenant.schema_name}.account")
    with house.ctx() as ctx:
        for search in ("华光", "한빛", "전"):
            query = select(Account.id).where(found_by(search, Account), Account.deleted_at.is_(None))
            wanted = query.compile(ctx.session.get_bind(), compile_kwargs={"literal_binds": True})
            assert "ix_account_east_asian" in "\n".join(ctx.session.connection().exec_driver_sql(f"EXPLAIN {wanted}").scalars())


def test_people_are_found_by_mail(ctx):
    actions.create_contact(ctx, name="김민준", mail="Kim.MinJun@Hanbit.Example")
    for search in ("minjun@han", "KIM.", "민준", "김 hanbit"):
        assert [r.name for r in queries.contacts(ctx, Filters(search=search)).rows] == ["김민준"], search


@pytest.mark.parametrize("search", ["a\x00b", "x\u202ey", "\x1b[31m"])
def test_control_characters_are_refused(ctx, search):
    with pytest.raises(Refused, match="control_character"):
        queries.accounts(ctx, Filters(search=search))


@pytest.mark.parametrize("search", ["%_" * 500, "(a+)+$" * 200, "a " * 5000, "\U0001f600" * 300, "'\"`;--/*" * 50])
def test_a_monster_of_a_search_costs_little(ctx, search):
    assert queries.accounts(ctx, Filters(search=search)).rows == []


@pytest.mark.parametrize(("filters", "sort"), [
    (Filters(), "name; DROP TABLE account"), (Filters(), "custom"), (Filters(kind="x' OR '1'='1"), "name"), (Filters(role="is_admin"), "name"),
    (Filters(owner="' OR true"), "name"), (Filters(tag="a\x00"), "name"),
])
def test_unknown_orders_and_filters_are_refused(ctx, filters, sort):
    with pytest.raises(Refused, match="unknown_value"):
        queries.accounts(ctx, filters, sort=sort)


@pytest.mark.parametrize("tag", ["{a,b}", '"', "'; DROP TABLE account --", "a,b"])
def test_a_hostile_tag_finds_nothing(ctx, tag):
    assert queries.accounts(ctx, Filters(tag=tag)).rows == []


def walk(ctx, list_, sort, limit=7):
    names, cursor = [], None
    while True:
        page = list_(ctx, sort=sort, cursor=cursor, limit=limit)
        names += [r.name for r in page.rows]
        cursor = page.next
        if not cursor:
            return names, page


@pytest.mark.parametrize("sort", ["name", "changed"])
def test_a_walk_shows_every_row_once_and_back(ctx, sort):
    made = [actions.create_account(ctx, name=f"Same {i % 3}").name for i in range(23)]
    names, page = walk(ctx, queries.accounts, sort)
    assert sorted(names) == sorted(made) and (names == sorted(names) or sort != "name")
    back = [r.name for r in page.rows]
    while page.prev:
        page = queries.accounts(ctx, sort=sort, cursor=page.prev, limit=7)
        back = [r.name for r in page.rows] + back
    assert back == names


def test_a_new_row_before_the_cursor_does_not_shift_the_next_page(ctx):
    for i in range(6):
        actions.create_account(ctx, name=f"N{i}")
    first = queries.accounts(ctx, limit=3)
    actions.create_account(ctx, name="A new one")
    assert [r.name for r in queries.accounts(ctx, cursor=first.next, limit=3).rows] == ["N3", "N4", "N5"]


def test_the_first_page_counts_and_the_count_is_capped(ctx, monkeypatch):
    for i in range(5):
        actions.create_account(ctx, name=f"C{i}", tags="few")
    page = queries.accounts(ctx, limit=2)
    assert (page.total, page.capped, queries.accounts(ctx, cursor=page.next, limit=2).total) == (5, False, None)
    for module in (pages, paging):
        monkeypatch.setattr(module, "MOST_COUNTED", 3)
    for filters in (Filters(), Filters(tag="few")):
        page = queries.accounts(ctx, filters, limit=2)
        assert (page.total, page.capped) == (3, True)


@pytest.mark.parametrize("most", [0, 3, 1000])
def test_a_search_gives_the_same_page_however_many_match(ctx, monkeypatch, most):
    """Few matches are gathered and sorted, many are met on the way down the list: nobody sees the difference."""
    for i in range(20):
        actions.create_account(ctx, name=f"Karin {i % 7}" if i % 2 else f"Other {i}")
    for module in (pages, paging):
        monkeypatch.setattr(module, "MOST_COUNTED", most)
    for sort in ("name", "changed"):
        names, page = walk(ctx, lambda ctx, **rest: queries.accounts(ctx, Filters(search="arin"), **rest), sort, limit=3)
        assert len(names) == 10 and (names == sorted(names) or sort != "name")
        before = queries.accounts(ctx, Filters(search="arin"), sort=sort, cursor=page.prev, limit=3)
        assert [r.name for r in before.rows] == names[6:9]


def forged(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


ID = "01900000-0000-7000-8000-000000000000"


@pytest.mark.parametrize("cursor", [
    "x", "!!!", "ü", "a" * 3000, forged(), forged("name", False, "a"), forged("changed", False, "a", ID), forged("name", "no", "a", ID), forged("name", False, 7, ID),
    forged("name", False, "a\x00", ID), forged("name", False, "a", "' OR 1=1"), forged("name", False, ["a"], ID), forged("name", False, None, None), "W10", "bnVsbA", "eyJhIjoxfQ",
])
def test_a_forged_cursor_is_refused(ctx, cursor):
    with pytest.raises(Refused, match="bad_cursor"):
        queries.accounts(ctx, cursor=cursor)


@pytest.mark.parametrize("moment", ["yesterday", "2026-01-01", "2026-01-01T10:00:00", "infinity", "99999-01-01"])
def test_a_forged_moment_is_refused(ctx, moment):
    with pytest.raises(Refused, match="bad_cursor"):
        queries.accounts(ctx, sort="changed", cursor=forged("changed", False, moment, ID))


def test_a_forged_cursor_shows_nothing_hidden(world):
    with world.acme.ctx("colleague") as ctx:
        actions.create_account(ctx, name="Secret")
    with world.acme.ctx("rep") as ctx:
        assert "Secret" not in [r.name for r in queries.accounts(ctx, cursor=forged("name", False, "", ID)).rows]


def test_each_sees_his_own_and_the_pool(world):
    with world.acme.ctx("rep") as ctx:
        actions.create_account(ctx, name="Rep's")
        actions.create_account(ctx, name="Everyone's", owner_id=None)
    with world.acme.ctx("colleague") as ctx:
        actions.create_account(ctx, name="Colleague's")
        names = {r.name for r in queries.accounts(ctx).rows}
        assert {"Colleague's", "Everyone's"} <= names and "Rep's" not in names
        mine = {r.name for r in queries.accounts(ctx, Filters(owner="me")).rows}
        assert "Colleague's" in mine and "Everyone's" not in mine
        assert "Everyone's" in [r.name for r in queries.accounts(ctx, Filters(owner="pool")).rows]
        assert everything(ctx, "Rep") == [] and [r.name for r in everything(ctx, "everyone")] == ["Everyone's"]
        assert "Rep's" not in {r.name for r in ctx.session.execute(offering.recent_part(ctx))}
    with world.acme.ctx("manager") as ctx:
        assert {"Rep's", "Everyone's", "Colleague's"} <= {r.name for r in queries.accounts(ctx).rows}


def test_a_contact_of_a_hidden_account_does_not_name_it(world):
    with world.acme.ctx("colleague") as ctx:
        hidden = actions.create_account(ctx, name="Hidden house")
        contact = actions.create_contact(ctx, name="Shared person", account_id=hidden.id, owner_id=None)
        key = contact.id
    with world.acme.ctx("rep") as ctx:
        row = next(r for r in queries.contacts(ctx).rows if r.id == key)
        assert row.account_name is None and queries.contact_page(ctx, key).account_name is None


def test_likely_duplicates_say_why(ctx):
    kept = actions.create_contact(ctx, name="Sofie Brandt", mail="sofie@nordlicht.example", mobile="+49 (170) 1234-567")
    actions.create_contact(ctx, name="Somebody Else", mail="else@x.example")
    for candidate, reason in (
        ({"mail": "SOFIE@nordlicht.example"}, "mail"), ({"phone": "0049 170 1234567"}, "phone"), ({"name": "SOFIE brandt"}, "name"), ({"name": "Sofie Brand"}, "similar_name"),
    ):
        matches = queries.likely_duplicates(ctx, {"type": "contact", **candidate})
        assert [m.id for m in matches] == [kept.id] and reason in matches[0].reasons, candidate
    assert queries.likely_duplicates(ctx, {"type": "contact", "name": "Sofie Brandt", "id": kept.id}) == []
    assert queries.likely_duplicates(ctx, {"type": "contact", "name": "x\x00", "mail": "half@", "phone": "12"}) == []


def test_a_hidden_duplicate_is_there_and_nothing_more(world):
    with world.acme.ctx("colleague") as ctx:
        actions.create_contact(ctx, name="Hidden Twin", mail="twin@x.example")
    with world.acme.ctx("rep") as ctx:
        match = queries.likely_duplicates(ctx, {"type": "contact", "mail": "twin@x.example"})[0]
        assert (match.id, match.name, match.hidden, match.reasons) == (None, None, True, ("mail",))


@pytest.mark.parametrize("typed", ["DE136695976", "de 136 695 976", "DE-136.695.976"])
def test_a_company_is_found_by_its_vat_number_however_it_is_written(ctx, typed):
    kept = actions.create_account(ctx, name="Taxed", vat_id="DE136695976")
    ctx.session.flush()
    assert [row.id for row in queries.quick_accounts(ctx, typed)] == [kept.id]
