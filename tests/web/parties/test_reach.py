"""The pages and calls of ways to reach and of roles at several accounts."""

import pytest

from core.parties import actions, queries, reach
from core.parties.reach_queries import ways
from tests.support.statements import counted

HX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def ada(world):
    """(account, contact, a further account) of the rep."""
    with world.acme.ctx("rep") as ctx:
        account = actions.create_account(ctx, name="Nordlicht", country="DE", street="Am Kai 3", postcode="24103", city="Kiel")
        other = actions.create_account(ctx, name="Südstern")
        ctx.session.flush()
        contact = actions.create_contact(ctx, name="Ada Wolf", account_id=account.id, mail="ada@nordlicht.example", mobile="0171 7771236")
        ctx.session.flush()
        return account.id, contact.id, other.id


def seen(world, key, room="contacts"):
    with world.acme.ctx("rep") as ctx:
        return ways(ctx, (queries.one_contact if room == "contacts" else queries.one_account)(ctx, key))


def further(world, key, room="contacts"):
    return [way for way in seen(world, key, room).ways if way.id]


def test_a_further_mail_is_added_edited_made_the_main_one_and_taken_away(world, ada):
    rep, place = world.browser("rep"), f"/contacts/{ada[1]}"
    assert 'name="value"' in rep.get(f"{place}/reach/new?kind=mail").text
    added = rep.post(f"{place}/reach", {"kind": "mail", "value": "ada@home.example", "label": "private"})
    assert added.status_code == 303 and added.location.endswith(f"{place}#reach")
    way = next(one for one in further(world, ada[1]) if one.value == "ada@home.example")
    assert way.label == "home" and "ada@home.example" in rep.get(place).text
    url = f"/contacts/contact-points/{way.id}"
    assert 'value="ada@home.example"' in rep.get(f"{url}/edit").text
    assert rep.post(url, {"value": "ada@hut.example", "label": "Summer house", "_version": str(way.version)}).status_code == 303
    assert rep.post(url, {"value": "ada@other.example", "_version": str(way.version)}).status_code == 409
    assert rep.post(f"{url}/main").status_code == 303
    with world.acme.ctx("rep") as ctx:
        assert queries.one_contact(ctx, ada[1]).mail == "ada@hut.example"
    assert rep.post(f"{url}/deletion").status_code == 303 and way.id not in {one.id for one in further(world, ada[1])}
    assert f"{url}/restoration" in rep.get(place).text
    assert rep.post(f"{url}/restoration").status_code == 303 and way.id in {one.id for one in further(world, ada[1])}


def test_what_is_refused_comes_back_with_what_was_typed(world, ada):
    rep = world.browser("rep")
    for path, sent in ((f"/contacts/{ada[1]}/reach", {"kind": "mail", "value": "nobody at all"}), (f"/accounts/{ada[0]}/reach/addresses", {"country": "nobody at all"})):
        answer = rep.post(path, sent, headers=HX)
        assert answer.status_code == 422 and "nobody at all" in answer.text and answer.headers["HX-Retarget"] == "#reach-form" and "<html" not in answer.text
    assert rep.post(f"/contacts/{ada[1]}/reach", {"kind": "fax", "value": "1"}).status_code == 422


def test_a_script_gets_the_section_anew(world, ada):
    answer = world.browser("rep").post(f"/contacts/{ada[1]}/reach", {"kind": "phone", "value": "0431 5551234", "label": "fax"}, headers=HX)
    assert answer.status_code == 200 and 'id="reach"' in answer.text and "<html" not in answer.text
    assert 'href="tel:+494315551234"' in answer.text and "+49 431 5551234" in answer.text and "Fax" in answer.text


def test_the_records_own_ones_stand_among_them_and_are_edited_in_place(world, ada):
    text = world.browser("rep").get(f"/contacts/{ada[1]}").text
    assert text.count('id="prop-mail"') == 1 and text.count('id="prop-mobile"') == 1 and 'href="tel:+491717771236"' in text


def test_a_value_is_marked_and_shows_it_wherever_it_stands(world, ada):
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        other = actions.create_contact(ctx, name="Bo", mobile="+49 171 777 12 36", mail="bo@nordlicht.example")
        ctx.session.flush()
        other = other.id
    place = f"/contacts/{ada[1]}/reach/marks"
    assert rep.post(place, {"kind": "phone", "value": "0171 7771236", "what": "opted_out"}).status_code == 303
    assert "Do not call</span>" in rep.get(f"/contacts/{other}").text
    assert rep.post(f"/contacts/{other}/reach/marks", {"kind": "mail", "value": "bo@nordlicht.example", "what": "opted_out"}).status_code == 303
    assert "No advertising</span>" in rep.get(f"/contacts/{other}").text
    assert "reason" in rep.get(f"/contacts/{other}/reach/marks/new?kind=mail&value=bo@nordlicht.example").text
    assert rep.post(f"/contacts/{other}/reach/marks", {"kind": "mail", "value": "bo@nordlicht.example", "what": "invalid", "reason": "left", "note": "Told at the fair"}).status_code == 303
    text = rep.get(f"/contacts/{other}").text
    assert "Person has left" in text and "Told at the fair" in text
    assert rep.post(place, {"kind": "phone", "value": "0171 7771236", "what": "opted_in"}).status_code == 303
    assert "Do not call</span>" not in rep.get(f"/contacts/{other}").text
    assert rep.post(place, {"kind": "phone", "value": "0431 1", "what": "opted_out"}).status_code == 404
    assert rep.post(place, {"kind": "phone", "value": "0171 7771236", "what": "invalid", "reason": "?"}).status_code == 422


def test_addresses_stand_as_their_country_prints_them(world, ada):
    rep, place = world.browser("rep"), f"/accounts/{ada[0]}"
    sent = {"label": "Delivery", "recipient": "Gate 4", "street": "1 Main St\r\nDock 2", "postcode": "94303", "city": "Palo Alto", "region": "CA", "country": "usa"}
    assert rep.post(f"{place}/reach/addresses", sent).status_code == 303
    text = rep.get(place).text
    assert "Gate 4\n1 Main St\nDock 2\nPalo Alto, CA 94303\nUnited States" in text and "Am Kai 3\n24103 Kiel\nGermany" in text
    (further_one,) = [one for one in seen(world, ada[0], "accounts").places if one.id]
    url = f"/accounts/addresses/{further_one.id}"
    assert "Palo Alto" in rep.get(f"{url}/edit").text and further_one.label == "delivery"
    assert rep.post(url, {"city": "Menlo Park", "_version": str(further_one.version)}).status_code == 303
    assert rep.post(f"{url}/deletion").status_code == 303 and rep.post(f"{url}/restoration").status_code == 303
    assert "Menlo Park" in rep.get(place).text
    assert rep.get(url.replace("accounts", "contacts") + "/edit").status_code == 404


def test_they_are_put_into_another_order(world, ada):
    with world.acme.ctx("rep") as ctx:
        contact = actions.create_contact(ctx, name="Orderly")
        ctx.session.flush()
        key = contact.id
        points = [reach.add_point(ctx, contact, "mail", f"m{n}@order.example").id for n in range(3)]
    rep = world.browser("rep")
    assert rep.post(f"/contacts/contact-points/{points[0]}/place", {"down": "1"}).status_code == 303
    assert [way.value for way in further(world, key)] == ["m1@order.example", "m0@order.example", "m2@order.example"]


def test_a_person_has_a_role_at_a_further_account(world, ada):
    rep, place = world.browser("rep"), f"/contacts/{ada[1]}"
    assert rep.post(f"{place}/affiliations", {"account_id_text": "Südstern", "title": "Advisor", "since": "2024-01-01"}).status_code == 303
    assert "Südstern" in rep.get(place).text and "Advisor" in rep.get(f"/accounts/{ada[2]}").text and "Ada Wolf" in rep.get(f"/accounts/{ada[2]}").text
    assert rep.post(f"{place}/affiliations", {"account_id_text": "Nowhere"}).status_code == 422
    (role,) = seen(world, ada[1]).roles
    assert "Advisor" in rep.get(f"/affiliations/{role.id}/edit").text
    assert rep.post(f"/affiliations/{role.id}", {"title": "Advisor", "until": "2024-02-01", "_version": str(role.version)}).status_code == 303
    assert "1 former" in rep.get(f"/accounts/{ada[2]}").text
    assert rep.post(f"/affiliations/{role.id}/deletion").status_code == 303 and "1 former" not in rep.get(f"/accounts/{ada[2]}").text
    assert rep.post(f"/affiliations/{role.id}/restoration").status_code == 303


def test_a_colleague_without_sight_finds_nothing(world, ada):
    colleague = world.browser("colleague")
    world.browser("rep").post(f"/contacts/{ada[1]}/reach", {"kind": "mail", "value": "ada@unseen.example", "label": "work"})
    keys = [way.id for way in further(world, ada[1])]
    assert keys and colleague.get(f"/contacts/contact-points/{keys[0]}/edit").status_code == 404
    assert colleague.get(f"/contacts/{ada[1]}/reach").status_code == 404 and colleague.post(f"/contacts/{ada[1]}/reach", {"kind": "mail", "value": "x@y.example"}).status_code == 404


def test_all_of_it_costs_the_page_two_statements(world, ada):
    with world.acme.ctx("rep") as ctx:
        lone = actions.create_contact(ctx, name="Lone", mail="lone@nordlicht.example", account_id=ada[0])
        ctx.session.flush()
        lone = lone.id
        contact = queries.one_contact(ctx, lone)
        with counted() as sent:
            ways(ctx, contact)
        assert len(sent) == 1, sent
        for n in range(5):
            reach.add_point(ctx, contact, "mail", f"m{n}@lone.example")
            reach.add_address(ctx, contact, city=f"City {n}")
        ctx.session.flush()
        with counted() as sent:
            ways(ctx, contact)
        assert len(sent) == 2, sent


def test_the_drawer_shows_them_without_forms(world, ada):
    text = world.browser("rep").get(f"/contacts/{ada[1]}", headers=HX | {"HX-Target": "aside#peek"}).text
    assert "Ways to reach" in text and "/reach/marks" not in text


def test_programs_list_create_change_and_remove(world, ada):
    api, place = world.api("rep"), f"/api/v1/accounts/{ada[0]}"
    made = api.json("POST", f"{place}/contact-points", {"kind": "phone", "value": "0431 888 1234", "label": "fax"})
    assert made.status_code == 201 and made.json["e164"] == "+494318881234" and made.headers["ETag"] == f'"{made.json["version"]}"'
    url, version = f"/api/v1/accounts/contact-points/{made.json['id']}", made.headers["ETag"]
    assert api.json("PATCH", url, {"label": "x"}).status_code == 428
    changed = api.json("PATCH", url, {"value": "0431 888 9999"}, headers={"If-Match": version})
    assert changed.status_code == 200 and changed.json["e164"] == "+494318889999" and changed.json["label"] == "fax"
    assert api.json("PATCH", url, {"label": "x"}, headers={"If-Match": version}).status_code == 412
    assert [one["value"] for one in api.get(f"{place}/contact-points").json["data"]] == ["0431 888 9999"]
    assert api.json("POST", f"{place}/contact-points", {"kind": "phone", "value": "+49 431 8889999"}).json["code"] == "point_there"
    assert api.json("DELETE", url, headers={"If-Match": changed.headers["ETag"]}).status_code == 204
    assert api.get(f"{place}/contact-points").json["data"] == []


def test_programs_keep_addresses_and_roles(world, ada):
    api = world.api("rep")
    made = api.json("POST", f"/api/v1/contacts/{ada[1]}/addresses", {"city": "Kiel", "country": "Germany", "label": "home"})
    assert made.status_code == 201 and made.json["country"] == "DE"
    url = f"/api/v1/contacts/addresses/{made.json['id']}"
    changed = api.json("PATCH", url, {"postcode": "24105"}, headers={"If-Match": made.headers["ETag"]})
    assert changed.json["postcode"] == "24105" and api.get(f"/api/v1/contacts/{ada[1]}/addresses").json["data"][0]["postcode"] == "24105"
    assert api.json("DELETE", url, headers={"If-Match": changed.headers["ETag"]}).status_code == 204
    with world.acme.ctx("rep") as ctx:
        further_account = actions.create_account(ctx, name="Third")
        ctx.session.flush()
        key = further_account.id
    role = api.json("POST", f"/api/v1/contacts/{ada[1]}/affiliations", {"account_id": str(key), "title": "Guest", "since": "2024-01-01"})
    assert role.status_code == 201, role.json
    assert [one["contact_id"] for one in api.get(f"/api/v1/accounts/{key}/affiliations").json["data"]] == [str(ada[1])]
    changed = api.json("PATCH", f"/api/v1/affiliations/{role.json['id']}", {"is_former": True}, headers={"If-Match": role.headers["ETag"]})
    assert changed.json["is_former"] is True and "Guest" in str(api.get(f"/api/v1/contacts/{ada[1]}/affiliations").json)
    assert api.json("DELETE", f"/api/v1/affiliations/{role.json['id']}", headers={"If-Match": changed.headers["ETag"]}).status_code == 204
