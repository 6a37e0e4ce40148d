"""A company that contacts name and that is there under another spelling is noted for a person to decide; it is never doubled without a word."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.context import as_actor
from core.parties import actions
from core.parties.models import Account, Contact
from core.transfer import company_doubles, fixing, problems, queries
from core.transfer.beside_each_other import SPELLED
from core.transfer.company_doubles import KNOWN, KNOWN_HIDDEN
from tests.support.statements import counted
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    return House(f"comp-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "colleague": "sales"})


@pytest.fixture
def tag():
    return f"Q{uuid4().hex[:7]}"


def there(house, name, who="owner", **values):
    with house.ctx() as ctx:
        account = actions.create_account(ctx, name=name, owner_id=house.users[who].id, **values)
        ctx.session.flush()
        return account.id


def brought(bring, content, who="owner", **choices):
    return bring(who).upload(content, kind="contacts").choose(**{"mode": "create", "key_field": "", **choices}).check()


def notes(one):
    """line -> (column, code, params) of what is said of companies."""
    with one.door() as ctx:
        return {t.line: (t.column, t.code, t.params) for t in queries.troubles(ctx, queries.one(ctx, one.id)) if t.code in (KNOWN, KNOWN_HIDDEN)}


def companies(house, tag):
    with house.ctx() as ctx:
        return sorted(ctx.session.execute(select(Account.name).where(Account.name.contains(tag), Account.deleted_at.is_(None))).scalars())


def test_another_legal_form_in_words_is_noted_and_taken_by_one_click(bring, house, tag):
    key = there(house, f"{tag} GmbH")
    one = brought(bring, f"name,company\nAda,{tag} Gesellschaft mbH\nBob,{tag} Gesellschaft mbH\nCleo,{tag} GmbH\nDora,Otherwise {tag[::-1]}\n")
    assert notes(one) == {line: (1, KNOWN, {"name": f"{tag} GmbH", "id": str(key)}) for line in (2, 3)}
    with one.door() as ctx:
        assert fixing.replace_all(ctx, queries.one(ctx, one.id), code=KNOWN, place=1, was=f"{tag} Gesellschaft mbH", text=f"{tag} GmbH") == 2
    assert notes(one) == {}
    one.run()
    with one.door() as ctx:
        assert {name: account for name, account in ctx.session.execute(select(Contact.name, Contact.account_id).where(Contact.account_id == key))} == dict.fromkeys(("Ada", "Bob", "Cleo"), key)
    assert companies(house, tag) == [f"{tag} GmbH"]


def test_whoever_leaves_it_adds_a_company_beside_it(bring, house, tag):
    there(house, f"{tag} GmbH")
    one = brought(bring, f"name,company\nAda,{tag} Gesellschaft mbH\n")
    assert one.counts == {"create": 1, "noted": 1}
    one.run()
    assert companies(house, tag) == [f"{tag} Gesellschaft mbH", f"{tag} GmbH"]


@pytest.mark.parametrize("mode", ["create", "update", "both"])
def test_in_every_mode_the_row_stands_in_the_grid(bring, house, tag, mode):
    there(house, f"{tag} GmbH")
    with house.ctx() as ctx:
        actions.create_contact(ctx, name=f"Known {tag}", mail=f"{tag.lower()}@known.example")
    who = "new" if mode == "create" else "known"
    one = brought(bring, f"name,mail,company\nKnown {tag},{tag.lower()}@{who}.example,{tag} Gesellschaft mbH\n", mode=mode, key_field="mail")
    with one.door() as ctx:
        (line,) = problems.lines(ctx, queries.one(ctx, one.id), code=KNOWN, place=2)
    assert line.cells[2] == f"{tag} Gesellschaft mbH"


def test_of_a_company_of_another_team_it_is_said_that_it_exists(bring, house, tag):
    there(house, f"{tag} GmbH", "colleague")
    one = brought(bring, f"name,company\nAda,{tag} Gesellschaft mbH\n", who="rep")
    assert notes(one) == {2: (1, KNOWN_HIDDEN, {})}


def test_what_the_row_says_of_the_company_counts(bring, house, tag):
    key = there(house, f"Wholly other {tag}", mail=f"info@{tag.lower()}.example")
    one = brought(bring, f"name,company,company mail\nAda,Never heard of,info@{tag.lower()}.example\n", mapping=["name", "account", "account_mail"])
    assert notes(one)[2][2]["id"] == str(key)


def test_each_company_is_looked_for_once(bring, house, tag, monkeypatch):
    there(house, f"{tag} GmbH")
    monkeypatch.setattr(company_doubles, "AT_ONCE", 5)
    asked = []
    likely = company_doubles.likely_for_many
    monkeypatch.setattr(company_doubles, "likely_for_many", lambda ctx, kind, some: asked.extend(one["name"] for one in some) or likely(ctx, kind, some))
    one = brought(bring, "name,company\n" + "".join(f"Ada {n},{tag} Gesellschaft mbH\n" for n in range(12)))
    assert len(notes(one)) == 12 and asked == [f"{tag} Gesellschaft mbH"]
    with one.door() as ctx, counted() as statements:
        company_doubles.note_some(ctx, queries.one(ctx, one.id))
    assert len(statements) <= 6, statements


def test_whoever_looks_at_anothers_import_hears_of_no_company_that_he_does_not_see(bring, house, tag):
    there(house, f"{tag} GmbH")
    one = brought(bring, f"name,company\nAda {tag},{tag} Gesellschaft mbH\n")

    def heard(**narrowed):
        with house.ctx("rep") as ctx:
            looks = as_actor(ctx, replace(ctx.actor, visibility="all", **narrowed))
            return [t.code for t in queries.troubles(looks, queries.one(looks, one.id))]

    assert heard() == [KNOWN] and heard(scopes={"accounts": ("own", "own")}) == []


# ---- two spellings in one file, both of them new ----


def spelled(one):
    """line -> (column, name, line) of what is said of rows that may name the same."""
    with one.door() as ctx:
        return {t.line: (t.column, t.params["name"], t.params["line"]) for t in queries.troubles(ctx, queries.one(ctx, one.id)) if t.code == SPELLED}


def test_two_new_spellings_in_one_file_are_noted_and_joined_by_one_click(bring, house, tag):
    first, second = f"Mülder{tag} GmbH", f"Muelder{tag} G.m.b.H."
    one = brought(bring, f"name,company\nAda,{first}\nBob,{second}\nCleo,Otherwise {tag[::-1]}\nDora,{second}\nEve,{first}\n")
    assert spelled(one) == {line: (1, first, 2) for line in (3, 5)} and notes(one) == {} and one.counts["create"] == 5
    with one.door() as ctx:
        assert fixing.replace_all(ctx, queries.one(ctx, one.id), code=SPELLED, place=1, was=second, text=first) == 2
    assert spelled(one) == {}
    one.run()
    assert [name for name in companies(house, tag) if name.startswith("M")] == [first]


def test_they_are_noted_wherever_they_stand_in_a_long_file(bring, house, tag, monkeypatch):
    monkeypatch.setattr(company_doubles, "AT_ONCE", 2)
    one = brought(bring, "name,company\n" + f"Ada,{tag} GmbH\n" + "".join(f"P{n},Else {uuid4().hex}\n" for n in range(6)) + f"Zoe,{tag} Gesellschaft mbH\n")
    assert spelled(one) == {9: (1, f"{tag} GmbH", 2)}


def test_a_correction_to_another_spelling_is_noted_too(bring, house, tag):
    one = brought(bring, f"name,company\nAda,{tag} GmbH\nBob,Wrong {tag[::-1]}\n")
    assert spelled(one) == {}
    with one.door() as ctx:
        fixing.fix_row(ctx, queries.one(ctx, one.id), 3, {1: f"{tag} Gesellschaft mbH"})
    assert spelled(one) == {3: (1, f"{tag} GmbH", 2)}


def test_rows_of_a_list_of_accounts_are_noted_too(bring, house, tag):
    one = bring().upload(f"name,city\nMülder{tag} GmbH,Ulm\nOther {tag[::-1]},Ulm\nMuelder{tag} G.m.b.H.,Ulm\n").choose(mode="create", key_field="name").check()
    assert spelled(one) == {4: (None, f"Mülder{tag} GmbH", 2)}


def test_the_same_name_twice_and_other_names_are_not_noted(bring, house, tag):
    one = brought(bring, f"name,company\nAda,{tag} North\nBob,{tag} NORTH\nCleo,{tag} South\nDora,{tag} East\n")
    assert spelled(one) == {}


def test_what_is_noted_of_records_is_not_noted_of_the_file(bring, house, tag):
    there(house, f"{tag} GmbH")
    one = brought(bring, f"name,company\nAda,{tag} Gesellschaft mbH\nBob,{tag} mbH\n")
    assert set(notes(one)) == {2, 3} and spelled(one) == {}
