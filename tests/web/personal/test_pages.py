"""The section "Personal" on a person's page, its form, and what suits a person; nothing of it for who may not know."""

import pytest

from core.identity import programs
from core.parties import actions as parties


@pytest.fixture
def contact(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        by = parties.create_contact(ctx, name="Bea Referrer")
        ctx.session.flush()
        found = parties.create_contact(ctx, name="Ada", account_id=account.id, preferred_channel="visit", preferred_hours="mon-fri 9-12", timezone="Tokyo", referred_by_id=by.id, birthday="1990-02-28")
        ctx.session.flush()
        return found.id


def known(browser, contact, **given):
    return browser.post(f"/contacts/{contact}/personal-facts", {"kind": "hobby", "body": "Sails on Sundays", "source": "said", "source_note": "", "noted_on": "2026-05-03"} | given)


def test_what_is_known_stands_on_the_page_of_those_who_may_know(world, contact):
    assert known(world.browser("rep"), contact).status_code == 303
    text = world.browser("rep").get(f"/contacts/{contact}").text
    assert "Sails on Sundays" in text and "Hobby" in text and 'id="personal"' in text
    reader = world.browser("reader")
    for path in (f"/contacts/{contact}", f"/contacts/{contact}/history", "/search?q=Sails", "/contacts?q=Sails"):
        text = reader.get(path).text
        assert "Sails on" not in text and 'id="personal"' not in text, path
    assert reader.get(f"/contacts/{contact}/personal-facts").status_code == 403


def test_the_drawer_has_it_too(world, contact):
    known(world.browser("rep"), contact)
    assert "Sails on Sundays" in world.browser("rep").get(f"/contacts/{contact}", headers={"HX-Request": "true", "HX-Target": "peek"}).text


def test_what_was_refused_comes_back_as_typed(world, contact):
    answer = known(world.browser("rep"), contact, body="", source_note="From Bob")
    assert answer.status_code == 422 and "Write what you know." in answer.text and "From Bob" in answer.text


def test_a_fact_is_corrected_deleted_and_brought_back(world, contact):
    browser = world.browser("rep")
    known(browser, contact)
    api = world.api("rep")
    fact = api.get(f"/api/v1/personal-facts?filter[contact_id][eq]={contact}").json["data"][0]
    assert "Sails on Sundays" in browser.get(f"/personal-facts/{fact['id']}/edit").text
    saved = browser.post(f"/personal-facts/{fact['id']}", {"_version": "1", "body": "Sails", "_was_body": "Sails on Sundays"})
    assert saved.status_code == 303 and saved.headers["Location"].endswith(f"/contacts/{contact}#personal")
    assert browser.post(f"/personal-facts/{fact['id']}", {"_version": "1", "body": "Rows", "_was_body": "Sails on Sundays"}).status_code == 409
    assert browser.post(f"/personal-facts/{fact['id']}/deletion").status_code == 303 and api.get(f"/api/v1/personal-facts/{fact['id']}").status_code == 404
    assert browser.post(f"/personal-facts/{fact['id']}/restoration").status_code == 303 and api.get(f"/api/v1/personal-facts/{fact['id']}").json["body"] == "Sails"


def test_what_suits_a_person_is_said_edited_and_filtered_by(world, contact):
    browser = world.browser("rep")
    text = browser.get(f"/contacts/{contact}").text
    assert "Asia/Tokyo" in text and "there now" in text and "Mon–Fri 09:00–12:00" in text and "Bea Referrer" in text and "years old" in text
    assert browser.post(f"/contacts/{contact}/fields", {"preferred_hours": "tue 14-16"}).status_code == 303
    refused = browser.post(f"/contacts/{contact}/fields", {"timezone": "Atlantis"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422 and "Europe/Berlin" in refused.text
    text = browser.get("/contacts?add=preferred_channel&op=eq&value=Visit", follow_redirects=True).text
    assert "Ada" in text and "Bea Referrer" not in text and "is Visit" in text
    assert "Tue 14:00–16:00" in browser.get("/contacts?columns=preferred_hours,timezone,preferred_channel").text


def test_a_program_that_entered_a_value_is_named(world):
    """Beside the value, and in no list of people that something may be given to."""
    with world.acme.ctx("owner") as ctx:
        secret, row = programs.make_program(ctx, name="Website sync", role="admin", reading=False)
        program = row.user_id
    answer = world.browser().client.post("/api/v1/contacts", base_url=f"http://{world.acme.host}", json={"name": "Mia", "birthday": "1990-02-01"}, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 201, answer.text
    text = world.browser("owner").get(f"/contacts/{answer.json['id']}").text
    assert "entered by Website sync, " in text and f'value="{program}"' not in text


def test_the_form_takes_all_of_it(world, contact):
    browser = world.browser("rep")
    form = browser.get(f"/contacts/{contact}/edit").text
    assert 'name="preferred_channel"' in form and "Bea Referrer" in form
    version = world.api("rep").get(f"/api/v1/contacts/{contact}").json["version"]
    sent = {"_version": str(version), "name": "Ada", "_was_name": "Ada", "referred_by_id": "", "referred_by_id_text": "", "_was_referred_by_id": "x", "preferred_channel": "mail", "_was_preferred_channel": "visit"}
    assert browser.post(f"/contacts/{contact}", sent).status_code == 303
    found = world.api("rep").get(f"/api/v1/contacts/{contact}").json
    assert found["preferred_channel"] == "mail" and found["referred_by_id"] is None
    assert browser.post(f"/contacts/{contact}", {"name": "Ada", "referred_by_id_text": "Nobody Here"}).status_code == 422


def test_nobody_refers_himself(world, contact):
    api = world.api("rep")
    answer = api.json("PATCH", f"/api/v1/contacts/{contact}", {"referred_by_id": str(contact)}, headers={"If-Match": '"1"'})
    assert answer.status_code == 422 and answer.json["code"] == "referred_by_self"


def test_where_a_value_is_known_from_stands_beside_it_for_those_who_may_know(world, contact):
    browser, api = world.browser("rep"), world.api("rep")
    text = browser.get(f"/contacts/{contact}").text
    assert text.count("entered by ") == 4, "birthday, channel, hours, and who referred her"
    found = api.get(f"/api/v1/contacts/{contact}").json
    body = {"birthday_source": "Anna Gil, call", "birthday_noted_on": "2026-03-12", "referred_by_source": "Bea herself"}
    assert api.json("PATCH", f"/api/v1/contacts/{contact}", body, headers={"If-Match": f'"{found["version"]}"'}).json["birthday_source"] == "Anna Gil, call"
    text = browser.get(f"/contacts/{contact}").text
    assert "from Anna Gil, call, Mar 12, 2026" in text and "from Bea herself, " in text
    form = browser.get(f"/contacts/{contact}/edit").text
    assert 'id="known-from"' in form and 'value="Anna Gil, call"' in form and 'value="2026-03-12"' in form
    for path in (f"/contacts/{contact}", f"/contacts/{contact}/history"):
        text = world.browser("reader").get(path).text
        assert "Ada" in text and "Anna Gil" not in text and "entered by" not in text and "known-from" not in text, path


def test_the_form_says_where_it_is_known_from_and_history_puts_it_back(world, contact):
    browser, api = world.browser("rep"), world.api("rep")
    version = api.get(f"/api/v1/contacts/{contact}").json["version"]
    sent = {"_version": str(version), "name": "Ada", "_was_name": "Ada", "birthday": "1990-02-28", "_was_birthday": "1990-02-28", "birthday_source": "Her brother", "_was_birthday_source": "", "birthday_noted_on": "2026-03-12", "_was_birthday_noted_on": ""}
    assert browser.post(f"/contacts/{contact}", sent).status_code == 303
    assert browser.post(f"/contacts/{contact}/fields", {"birthday": "1991-01-01"}).status_code == 303
    assert "Her brother" not in browser.get(f"/contacts/{contact}").text
    history = browser.get(f"/contacts/{contact}/history").text
    assert "Birthday: known from" in history and "Her brother" in history
    entry = history.partition(f"/contacts/{contact}/history/")[2].partition('"')[0]
    assert browser.post(f"/contacts/{contact}/history/{entry}", {"field": "birthday"}).status_code == 303
    found = api.get(f"/api/v1/contacts/{contact}").json
    assert (found["birthday"], found["birthday_source"], found["birthday_noted_on"]) == ("1990-02-28", "Her brother", "2026-03-12")
    refused = browser.post(f"/contacts/{contact}", sent | {"_version": str(found["version"]), "birthday_noted_on": "2099-01-01", "_was_birthday_noted_on": "2026-03-12"})
    assert refused.status_code == 422 and "not still to come" in refused.text and 'id="known-from" open' in refused.text
