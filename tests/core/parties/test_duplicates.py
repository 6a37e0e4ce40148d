"""The one call that says whether somebody is there already: by what it finds people, what it leaves alone, how good it is."""

from dataclasses import replace

import pytest

from core.base.context import as_actor
from core.parties import actions, duplicates, queries
from core.parties import among as among_rules
from core.parties.among import Among
from core.parties.duplicates import likely_for_many
from core.parties.models import Contact
from core.parties.naming import core_of, korean, spellings, umlauts
from tests.support import people_sets
from tests.support.statements import counted

FORMS = [
    ("Müller Maschinenbau GmbH", "Muller Maschinenbau Gesellschaft mit beschränkter Haftung"), ("Volvo AB", "A B Volvo"), ("ООО «Ромашка»", "Romashka LLC"),
    ("Acme, Inc.", "ACME Incorporated"), ("Talleres Ríos S.L.", "Talleres Rios Sociedad Limitada"), ("삼성전자 주식회사", "(주)삼성전자"), ("北京科技有限公司", "北京科技"),
]


@pytest.mark.parametrize("kept, typed", FORMS)
def test_a_legal_form_is_no_part_of_a_name(ctx, kept, typed):
    account = actions.create_account(ctx, name=kept)
    ctx.session.flush()
    assert account.id in [match.id for match in queries.likely_duplicates(ctx, {"type": "account", "name": typed})]


@pytest.mark.parametrize("kept, typed", [
    ("Иван Петров", "Ivan Petrov"), ("Ivan Petrov", "Иван Петров"), ("José Núñez", "nunez jose"), ("Anna Katharina Schmidt", "Schmidt, Anna Katharina"), ("Jonathan Whitfield", "Jonathon Whitfeild"),
    ("Привет Медиа", "ghbdtn vtlbf"), ("Bakery Nordlicht", "ифлукн тщквдшсре"), ("김철수", "rlacjftn"), ("Zhang Wei", "张伟"),
])
def test_a_person_is_found_however_he_is_spelled(ctx, kept, typed):
    contact = actions.create_contact(ctx, name=kept)
    ctx.session.flush()
    assert contact.id in [match.id for match in queries.likely_duplicates(ctx, {"type": "contact", "name": typed})]


@pytest.mark.parametrize("kept, typed", [("Anna Schmidt", "Berta Vogel"), ("Maria Garcia", "Pedro Garcia"), ("Peter Jones", "Peter Hammond")])
def test_another_person_is_left_alone(ctx, kept, typed):
    actions.create_contact(ctx, name=kept)
    ctx.session.flush()
    assert queries.likely_duplicates(ctx, {"type": "contact", "name": typed}) == []


def test_a_birthday_and_a_place_tell_people_of_one_name_apart(ctx):
    home = actions.create_account(ctx, name="Home", street="12 Main Street", postcode="4011", city="Perth")
    ctx.session.flush()
    twin = actions.create_contact(ctx, name="Mary Smith", birthday="1980-05-17", account_id=home.id)
    ctx.session.flush()
    found = queries.likely_duplicates(ctx, {"type": "contact", "name": "Mary Smyth", "birthday": "1980-05-17", "street": "12 Main St", "postcode": "4011"})
    assert [match.id for match in found] == [twin.id] and {"birthday", "similar_name"} <= set(found[0].reasons)
    weaker = queries.likely_duplicates(ctx, {"type": "contact", "name": "Mary Smyth", "birthday": "1951-11-02", "street": "9 Elm Road", "postcode": "9999"})
    assert weaker == []


def test_a_vat_number_tells_that_two_names_are_one_company(ctx):
    kept = actions.create_account(ctx, name="Nordlicht Optik GmbH", vat_id="DE 136695976")
    ctx.session.flush()
    (found,) = queries.likely_duplicates(ctx, {"type": "account", "name": "Brillen Petersen", "vat_id": "de136695976"})
    assert found.id == kept.id and found.reasons == ("vat_id",)
    assert queries.likely_duplicates(ctx, {"type": "account", "name": "Brillen Petersen", "vat_id": "DE12"}) == []


def test_a_name_that_many_share_says_less(ctx):
    rare = actions.create_contact(ctx, name="Zebulon Quist", mail="z@one.example")
    for n in range(30):
        actions.create_contact(ctx, name="Hans Meier", mail=f"hans{n}@many.example")
    ctx.session.flush()
    (match,) = queries.likely_duplicates(ctx, {"type": "contact", "name": "Zebulon Quist"})
    many = queries.likely_duplicates(ctx, {"type": "contact", "name": "Hans Meier"}, limit=50)
    assert match.id == rare.id and all(one.score < match.score for one in many)


@pytest.mark.parametrize("called, looked_at", [(duplicates.OF_EACH - 1, True), (duplicates.OF_EACH, False)])
def test_a_name_that_fills_the_list_is_not_looked_for_in_other_spellings(ctx, called, looked_at):
    for _ in range(called):
        actions.create_contact(ctx, name="Maria Silva")
    alike = actions.create_contact(ctx, name="Maria Silvas")
    ctx.session.flush()
    given = [duplicates.cleaned({"name": "María Silva"}, frozenset(), company=False, typed=False)]
    rows = ctx.session.execute(duplicates._looked_at(ctx, Contact, given, duplicates._blocks(given, frozenset(), further=False), frozenset())).all()
    assert len(rows) == called + looked_at and (alike.id in {row.id for row in rows}) is looked_at


def test_one_call_asks_for_many_in_their_order(ctx):
    keys = [actions.create_account(ctx, name=name).id for name in ("Alpha Werke AG", "Beta Handel", "Gamma Stahl")]
    ctx.session.flush()
    found = likely_for_many(ctx, "account", [{"name": "Gamma Stahl GmbH"}, {"name": "nothing like it"}, {"name": "Alpha Werke"}, {}])
    assert [[match.id for match in each] for each in found] == [[keys[2]], [], [keys[0]], []]


def test_many_asked_at_once_are_answered_as_each_of_them_alone(ctx, data):
    people = people_sets.febrl(data / "dedupe-febrl" / "dataset1.csv")
    few = people_sets.People("contact", dict(list(people.rows.items())[:160]), people.true)
    keys = people_sets.put_in(ctx, few)
    asked = [{"type": "contact", **row, "id": keys[name]} for name, row in list(few.rows.items())[:60]]
    together = likely_for_many(ctx, "contact", asked)
    assert together == [queries.likely_duplicates(ctx, one) for one in asked] and any(together)
    with counted() as statements:
        likely_for_many(ctx, "contact", asked[:40])
    assert len(statements) == 2  # how alike names have to be, and all the rest


@pytest.mark.parametrize(("quick", "slow", "most"), [(0.0, 0.0, 1 + 1 + 1 + 4), (60.0, 60.0, 1 + 2)])
def test_slow_statements_ask_of_fewer_and_quick_ones_of_more(ctx, monkeypatch, quick, slow, most):
    monkeypatch.setattr(duplicates, "QUICK", quick)
    monkeypatch.setattr(duplicates, "SLOW", slow)
    with counted() as statements:
        found = likely_for_many(ctx, "account", [{"name": f"Nobody {n}"} for n in range(100)])
    assert len(found) == 100 and len(statements) == most


def test_what_the_set_of_febrl_has_twice_is_found(ctx, data):
    """F1 of at least 0.90 on 500 people that are there twice, damaged as people damage them (FEATURES 2.1)"""
    people = people_sets.febrl(data / "dedupe-febrl" / "dataset1.csv")
    keys = people_sets.put_in(ctx, people)
    score = people_sets.measured(ctx, people, keys, [name for name in people.rows if "-dup-" in name])
    assert score.f1 >= 0.90, score


def test_names_in_other_letters_are_compared_in_latin():
    assert core_of("株式会社 北京") == "beijing" and core_of("Society Hill Bakery Ltd.") == "society hill bakery" and core_of("The Limited Company") != ""
    assert "привет" in spellings("ghbdtn") and korean("dkssud") == "안녕" and korean("hello") == ""


@pytest.mark.parametrize("kept, typed", [("Привет Медиа", "ghbdtn"), ("Иван Петров", "petrov"), ("Romashka Trade", "Ромашка"), ("김철수", "rlacjftn"), ("Talleres Ríos", "Rios Talleres S.L."), ("Beijing Tools", "北京")])
def test_a_search_while_typing_finds_what_was_meant(ctx, kept, typed):
    key = actions.create_account(ctx, name=kept).id
    assert key in [row.id for row in queries.quick_accounts(ctx, typed)]

@pytest.mark.parametrize("one, other", [("Müldner GmbH", "Mueldner G.m.b.H."), ("Mueldner GmbH", "Müldner AG & Co. KG")])
def test_an_umlaut_written_in_two_letters_is_the_same_company(ctx, one, other):
    account = actions.create_account(ctx, name=one)
    ctx.session.flush()
    assert [match.id for match in queries.likely_duplicates(ctx, {"type": "account", "name": other})] == [account.id]


@pytest.mark.parametrize("name, spelled", [("Müller", ["mueller"]), ("Mueller", ["muller"]), ("Neue Bauer", []), ("Acme", []), ("Boehm & Raeder", ["bohm & rader"])])
def test_how_else_an_umlaut_is_written(name, spelled):
    assert umlauts(name) == spelled


# ---- candidates of one list ----


def among(ctx, *candidates, kind="account"):
    """Of each the one before it that it may be, by its place."""
    seen = Among(kind)
    return [found and found[0] for place, candidate in enumerate(candidates) for found in [seen.look(ctx, candidate, place)]]


def test_candidates_are_compared_with_those_before_them(ctx):
    names = ["Nordlicht Optik GmbH", "Südlicht AG", "Optik Nordlicht", "Nordlicht Optic Gesellschaft mbH", "Suedlicht", "Müller GmbH", "Mueller G.m.b.H."]
    assert among(ctx, *({"name": name} for name in names)) == [None, None, 0, 0, 1, None, 5]


def test_a_value_of_ones_own_tells_even_where_names_differ(ctx):
    told = among(ctx, {"name": "Abc Trading", "vat_id": "DE811907980"}, {"name": "Wholly Other", "vat_id": "DE811907980"}, {"name": "Third", "vat_id": "DE136695976"})
    assert told == [None, 0, None]


def test_nothing_is_told_of_a_field_that_is_hidden(ctx):
    blind = as_actor(ctx, replace(ctx.actor, hidden=frozenset({"accounts.vat_id"})))
    assert among(blind, {"name": "Abc Trading", "vat_id": "DE811907980"}, {"name": "Wholly Other", "vat_id": "DE811907980"}) == [None, None]


def test_what_thousands_share_is_not_compared_with_all_of_them(ctx):
    seen = Among("account")
    for n in range(200):
        seen.look(ctx, {"name": f"Filiale {n % 7}"}, n)
    assert max(map(len, seen.by_key.values())) <= among_rules.OF_EACH
