"""Names of two signs are looked for as sense allows: as whole words in letters, anywhere where a sign is a syllable."""

from uuid import uuid4

import pytest

from core.activities import actions as log
from core.activities.models import Activity
from core.parties import actions as parties
from core.privacy import requests, rows
from tests.core.privacy.conftest import decide, run_orders
from tests.support.world import House

TEXTS = {
    "Bo": (["Met Bo yesterday.", "(Bo)", "Bo's car", "Bo"], ["Bought a boat", "Bob called", "bo", "Limbo"]),
    "李明": (["昨天李明来了", "李明"], ["李小明", "明李"]),
    "김수": (["김수가 전화함", "김수"], ["김 수", "수김"]),
    "Ив": (["Был Ив вчера"], ["Иван", "Ивы"]),
}


@pytest.fixture(scope="module")
def house(app):
    return House(f"short-{uuid4().hex[:6]}", {"owner": "admin"})


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_at_hand(name):
    there, not_there = TEXTS[name]
    finder = rows.finder({name})
    assert [text for text in there if not finder.search(text)] == [] and [text for text in not_there if finder.search(text)] == []


@pytest.mark.parametrize("name", ["A", "李", "42", "--", " "])
def test_what_would_be_found_everywhere_is_not_looked_for(name):
    assert rows.finder({name}) is None


def ask(house, name):
    with house.ctx() as ctx:
        key = requests.receive(ctx, kind="erase", who=name).id
    assert run_orders(house, "privacy.search") == ["done"]
    return key


@pytest.mark.parametrize("name", TEXTS)
def test_the_search_finds_him_in_texts_and_erasing_takes_him_out_of_those_that_were_ticked(house, name):
    there, not_there = TEXTS[name]
    with house.ctx() as ctx:
        contact = parties.create_contact(ctx, name=name)
        account = parties.create_account(ctx, name=f"Aviary {uuid4().hex[:6]}")
        ctx.session.flush()
        said = {text: log.log_activity(ctx, kind="note", account=account, body=text).id for text in (*there, *not_there)}
        his = contact.id
    key = ask(house, name)
    with house.ctx() as ctx:
        request = requests.one(ctx, key)
        found = {hit.row_key: hit for hit in requests.hits(ctx, request) if hit.table_name == "activity"}
        assert set(found) == {str(said[text]) for text in there} and not any(hit.belongs for hit in found.values())
        requests.tick(ctx, request, [("contact", str(his)), *(("activity", one) for one in found)])
    assert decide(house, key) == ["done"]
    with house.ctx() as ctx:
        bodies = {text: ctx.session.get_one(Activity, one).body for text, one in said.items()}
    assert all(name not in bodies[text] and "Erased person" in bodies[text] for text in there)
    assert [text for text in not_there if bodies[text] != text] == []


def test_without_whole_words_half_the_texts_would_be_his(house, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(rows, "_whole", lambda few: few)
    with house.ctx() as ctx:
        account = parties.create_account(ctx, name=f"Aviary {uuid4().hex[:6]}")
        ctx.session.flush()
        wrong = str(log.log_activity(ctx, kind="note", account=account, body="Bob called").id)
    key = ask(house, "Bo")
    with house.ctx() as ctx:
        assert wrong in {hit.row_key for hit in requests.hits(ctx, requests.one(ctx, key))}
