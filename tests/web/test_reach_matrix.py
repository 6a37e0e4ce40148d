"""Every exit of the web and the API against the model of tests/core/identity/test_reach.py: who sees and changes whose
records (V8, fault 39). Together with that file's exits of the middle more than 10,000 cells."""

import os
import re
from itertools import product

import pytest

from core.parties.models import Account, Contact
from tests.core.identity.conftest import PEOPLE, company  # noqa: F401 (a fixture)
from tests.core.identity.test_reach import ROOMS, everybody, reaches, records  # noqa: F401 (a fixture)
from tests.support.world import Browser
from web.api import shell

DEEP = os.environ.get("TENDERO_DEEP") == "1"
OWNERS = (*PEOPLE, "owner", None)
PARTIES = {"accounts": Account, "contacts": Contact}
EXITS_OF_THE_MIDDLE = 7 * len(ROOMS)
NO_EXPORT = {"eva", "kai", "pam", "pia"}
CALLED = {"accounts": "Acme of", "contacts": "Person of", "activities": "Note of"}


@pytest.fixture(scope="module")
def clients(app, company):  # noqa: F811
    patch = pytest.MonkeyPatch()
    patch.setattr(shell, "BURST", 1_000_000)
    made = {}
    for who in everybody():
        token = Browser(app, company.house)
        token.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_of(company, who)}"
        made[who] = (Browser(app, company.house, who), token)
    yield made
    patch.undo()


def token_of(company, who):  # noqa: F811
    from uuid import uuid4

    from core.identity.models import ApiToken
    from infra.crypto import token_hash

    secret = uuid4().hex
    with company.ctx() as ctx:
        ctx.session.add(ApiToken(user_id=company.house.users[who].id, name="matrix", token_hash=token_hash(secret), hint=secret[:8]))
    return secret


def lists(page, api, room):
    """What each list, search and export of a room says, by exit; one request each."""
    found = {"api list": ids(api, f"/api/v1/{room}?limit=100")}
    if room in PARTIES:
        found |= {
            "list": page.get(f"/{room}").text, "searched list": page.get(f"/{room}?q=of").text, "api search": ids(api, f"/api/v1/{room}?limit=100&q=of"),
            "export": page.post(f"/{room}/exports").get_data(as_text=True), "sorted list": page.get(f"/{room}?sort=changed").text,
        }
    return found


def ids(api, path):
    return "\n".join(row["id"] for row in api.get(path).json.get("data", ()))


def shown_in(found, room, key, name):
    """Is the record in it? By key where the exit has keys, by name in a file."""
    return {exit_: str(key) in text or (exit_ == "export" and re.search(rf"{CALLED[room]} {name}\b", text) is not None) for exit_, text in found.items()}


def asked_about(who, room) -> set:
    """Whose records this person asks for one by one; lists show all at once. Every two people meet in one of the rooms, and each
    person hears every answer of the model in every room. Deep: all of them."""
    one_of_each = {(reaches(who, room, owner, 0), reaches(who, room, owner, 1)): owner for owner in OWNERS}
    turn = everybody().index(who) + list(ROOMS).index(room)
    return set(OWNERS) if DEEP else {*one_of_each.values(), *(owner for place, owner in enumerate(OWNERS) if (place + turn) % len(ROOMS) == 0)}


def looked_at(page, api, room, key, name, record):
    """What asking for this one record answers; record: its page."""
    sought = f"?q={CALLED[room].replace(' ', '+')}+{name}"
    seen = {"api get": api.get(f"/api/v1/{room}/{key}").status_code == 200, "palette": str(key) in page.get(f"/palette{sought}").text}
    if room in PARTIES:
        seen |= {
            "page": record.status_code == 200, "sight": page.get(f"/{room}/{key}/sight").status_code == 200,
            "timeline": api.get(f"/api/v1/{room}/{key}/timeline").status_code == 200, "search": str(key) in page.get(f"/search{sought}").text,
            "peek": page.get(f"/{room}/{key}", headers={"HX-Request": "true", "HX-Target": "peek"}).status_code == 200,
        }
    return seen


def changed(page, api, room, key, record):
    """Would it be changed? Asked with a version that is not the record's: who may hears of that, who may not is refused first."""
    done = {"api patch": api.json("PATCH", f"/api/v1/{room}/{key}", {}, headers={"If-Match": '"999999"'}).status_code == 412}
    if room in PARTIES:
        done |= {
            "form": page.get(f"/{room}/{key}/edit").status_code == 200,
            "in place": page.post(f"/{room}/{key}/fields", {"source": "x", "_version": "999999"}).status_code == 409,
            "menu": f'href="/{room}/{key}/edit"' in record.text,
        }
    return done


def test_every_exit_of_the_web_agrees_with_the_model(company, records, clients):  # noqa: F811
    wrong, cells = [], 0
    for who, room in product(everybody(), ROOMS):
        page, api = clients[who]
        found, one_by_one = lists(page, api, room), asked_about(who, room)
        for owner in OWNERS:
            key = records[room][owner]
            answers = {"sees": shown_in(found, room, key, owner)}
            if owner in one_by_one:
                record = page.get(f"/{room}/{key}") if room in PARTIES else None
                answers = {"sees": answers["sees"] | looked_at(page, api, room, key, owner, record), "changes": changed(page, api, room, key, record)}
            for verb, (what, said) in enumerate(answers.items()):
                cells += len(said)
                # An entry of the log is found where its account's page may be read, which a share by name gives too.
                right = lambda exit_: reaches(who, "accounts" if (room, exit_) == ("activities", "palette") else room, owner, verb)  # noqa: B023, E731
                wrong += [(who, room, owner, what, exit_) for exit_, answer in said.items() if answer is not (right(exit_) and (exit_ != "export" or who not in NO_EXPORT))]
    assert wrong == []
    assert cells + EXITS_OF_THE_MIDDLE * len(everybody()) * len(OWNERS) >= 10_000, cells


def test_every_two_people_meet_and_every_answer_is_heard():
    """What is asked for one by one leaves out no pair and no answer of the model."""
    met = {(who, owner) for who, room in product(everybody(), ROOMS) for owner in asked_about(who, room)}
    assert met == set(product(everybody(), OWNERS))
    for who, room in product(everybody(), ROOMS):
        assert {tuple(reaches(who, room, owner, verb) for verb in (0, 1)) for owner in asked_about(who, room)} == {tuple(reaches(who, room, owner, verb) for verb in (0, 1)) for owner in OWNERS}


def test_an_exit_that_forgets_the_reach_is_seen(company, records, clients, monkeypatch):  # noqa: F811
    """Negative control: the API's list without the predicate."""
    from sqlalchemy import select

    from core.base import policy

    monkeypatch.setattr(policy, "visible", lambda ctx, model: select(model))
    page, api = clients["bea"]
    assert str(records["accounts"]["finn"]) in lists(page, api, "accounts")["api list"]
