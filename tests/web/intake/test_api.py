"""Web forms and enquiries for programs: built, changed, judged and deleted by whoever may, each at its version, with every wrong member named."""

from dataclasses import replace
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from core.base import editing
from core.base.context import as_actor
from core.base.errors import NotFound
from core.custom_fields import actions as defining
from core.identity import tokens
from core.intake import deciding, forms, receiving
from core.intake.models import Enquiry
from core.intake.results import came_of
from core.leads import converting
from core.leads.models import Lead
from tests.house.test_cast_walks import token_for
from tests.support.intake import as_stranger, build, sent
from tests.support.world import Browser, House
from web.api import shell

FORMS, ENQUIRIES = "/api/v1/web-forms", "/api/v1/enquiries"
FINE = {"name": "By a program", "fields": [{"name": "name", "needed": True}, {"name": "message", "labels": {"es": "Su consulta"}}], "texts": {"en": {"title": "Write to us"}, "es": {"title": "Escríbanos"}}}


@pytest.fixture(autouse=True)
def no_rate(monkeypatch):
    monkeypatch.setattr(shell, "BURST", 100_000)


@pytest.fixture(scope="module")
def quiet_house(app):
    return House(f"fa-{uuid4().hex[:8]}")


@pytest.fixture
def api(world):
    return world.api("manager")


def at(answer):
    return {"If-Match": answer.headers["ETag"]}


def wrong(answer):
    assert answer.status_code == 422, answer.text
    return {(one["field"], one["code"]) for one in answer.json["errors"]}


def held(house, **given):
    """A held enquiry, and its form."""
    form, code = build(house, **given)
    return sent(house, code, trap="filled in"), form


def narrowed(app, house, who, **given):
    with house.ctx(who) as ctx:
        secret, _ = tokens.make_token(ctx, name="t", **given)
    client = Browser(app, house)
    client.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_a_form_is_made_changed_closed_and_deleted(world, api):
    made = api.json("POST", FORMS, FINE | {"hosts": ["https://Shop.example/x"], "redirect_url": "https://shop.example/thanks", "source": "website"})
    assert (made.status_code, made.json["state"], made.json["hosts"], made.json["confirmed"], made.headers["ETag"]) == (201, "open", ["shop.example"], "never", '"1"')
    assert made.json["fields"] == [{"name": "name", "needed": True, "labels": {}}, {"name": "message", "needed": False, "labels": {"es": "Su consulta"}}]
    path = f"{FORMS}/{made.json['id']}"
    assert made.headers["Location"] == path and api.get(path).json == made.json
    page = world.browser(None).get(urlsplit(made.json["address"]).path, headers={"Accept-Language": "es"})
    assert "Escríbanos" in page.get_data(as_text=True) and "/embed/form/" in made.json["embed_address"]
    changed = api.json("PATCH", path, {"hosts": [], "redirect_url": None, "confirmed": "never", "state": "closed"}, headers=at(made))
    assert (changed.status_code, changed.json["state"], changed.json["hosts"], changed.json["embed_address"], changed.json["source"]) == (200, "closed", [], None, "website")
    assert api.get(path).headers["ETag"] == changed.headers["ETag"] != made.headers["ETag"]
    assert "This form is closed." in world.browser(None).get(urlsplit(made.json["address"]).path).get_data(as_text=True)
    assert api.json("PATCH", path, {"state": "open"}, headers=at(changed)).json["state"] == "open"
    assert api.delete(path, headers=at(api.get(path))).status_code == 204 and api.get(path).status_code == 404
    assert world.browser(None).get(urlsplit(made.json["address"]).path).status_code == 404


def test_a_change_stands_at_the_version_that_was_read(world, api):
    made = api.json("POST", FORMS, FINE)
    path = f"{FORMS}/{made.json['id']}"
    assert api.json("PATCH", path, {"name": "Without"}).status_code == 428
    assert api.json("PATCH", path, {"name": "First"}, headers=at(made)).status_code == 200
    late = api.json("PATCH", path, {"name": "Second"}, headers=at(made)), api.delete(path, headers=at(made))
    assert [one.status_code for one in late] == [412, 412] and api.get(path).json["name"] == "First"


def test_every_wrong_member_is_named_at_once(api):
    given = FINE | {"name": "", "fields": [{"name": "message", "needed": True}], "hosts": ["no_host"], "redirect_url": "https://evil.example/", "lead_owner_id": str(uuid4()), "confirmed": "perhaps"}
    assert wrong(api.json("POST", FORMS, given)) == {("name", "required"), ("confirmed", "unknown_value"), ("fields", "form_nameless"), ("hosts", "not_a_host"), ("redirect_url", "redirect_elsewhere"), ("lead_owner_id", "owner_unknown")}
    assert wrong(api.json("POST", FORMS, FINE | {"texts": {"en": {"title": "a\x07"}}})) == {("texts.en.title", "control_character")}
    assert wrong(api.json("POST", FORMS, FINE | {"texts": {"en": {"thanks": "a\x07"}}, "name": 7})) == {("texts.en.thanks", "control_character"), ("name", "not_text")}
    assert wrong(api.json("POST", FORMS, FINE | {"texts": {"en": {"title": "x" * 201}, "fr": {"title": "Bonjour"}}})) >= {("texts.en.title", "too_long")}
    assert wrong(api.json("POST", FORMS, FINE | {"fields": [{"name": "name", "needed": "yes"}, {"name": "message", "colour": 1}]})) == {("fields.0.needed", "not_true_or_false"), ("fields.1.colour", "unknown_field")}
    assert wrong(api.json("POST", FORMS, {"name": "No more"})) == {("fields", "required"), ("texts", "required")}
    assert api.json("POST", FORMS, FINE | {"code": "mine", "id": str(uuid4())}).status_code == 422


def test_a_change_names_what_is_wrong_in_it_and_nothing_else(api):
    made = api.json("POST", FORMS, FINE | {"hosts": ["shop.example"]})
    path = f"{FORMS}/{made.json['id']}"
    assert wrong(api.json("PATCH", path, {"name": 7, "redirect_url": "https://shop.example/x", "lead_owner_id": str(uuid4())}, headers=at(made))) == {("name", "not_text"), ("lead_owner_id", "owner_unknown")}
    assert wrong(api.json("PATCH", path, {"hosts": [], "redirect_url": "https://shop.example/x"}, headers=at(made))) == {("redirect_url", "redirect_elsewhere")}
    assert {answer.json["code"] for answer in (api.json("PATCH", path, {name: None}, headers=at(made)) for name in ("fields", "texts", "state", "confirmed", "name"))} == {"form_nameless", "form_untitled", "unknown_value", "required"}
    assert wrong(api.json("PATCH", path, {"confirmed": "before"}, headers=at(made))) == {("confirmed", "form_unconfirmable")}
    assert api.get(path).json == made.json


def test_the_examples_of_the_description_are_taken(world, api):
    schemas = world.browser(None).get("/api/v1/openapi.json").json["components"]["schemas"]
    made = api.json("POST", FORMS, schemas["WebFormIn"]["examples"][0])
    assert made.status_code == 201, made.text
    path = f"{FORMS}/{made.json['id']}"
    answers = [api.json("PATCH", path, one, headers=at(api.get(path))).status_code for one in schemas["WebFormPatch"]["examples"]]
    assert len(answers) == 2 and set(answers) == {200}
    key, _ = held(world.acme)
    assert api.get(f"{ENQUIRIES}/{key}").json.keys() == schemas["EnquiryOut"]["examples"][0].keys()


def test_what_came_of_a_form_is_counted_as_its_reader_sees_leads(world, api):
    form, code = build(world.acme, lead_owner_id=world.acme.users["rep"].id)
    keys = [sent(world.acme, code, given={"mail": f"{n}-{form.hex[:6]}@people.example"}) for n in range(2)]
    sent(world.acme, code, given={"mail": f"0-{form.hex[:6]}@people.example", "message": "Again"})
    sent(world.acme, code, trap="x")
    with world.acme.ctx() as ctx:
        converting.convert(ctx, ctx.session.get_one(Lead, ctx.session.get_one(Enquiry, keys[0]).lead_id), contact="none")
    came = api.get(f"{FORMS}/{form}").json["came"]
    assert came.pop("last") and came == {"held": 1, "waiting": 0, "taken": 3, "discarded": 0, "leads": 2, "converted": 1}
    assert next(one for one in api.get(f"{FORMS}?sort=-created_at&limit=200").json["data"] if one["id"] == str(form))["came"]["taken"] == 3
    alone = narrowed(world.app, world.acme, "manager", rooms=["forms"])
    assert (alone.get(f"{FORMS}/{form}").json["came"]["leads"], alone.get(f"{FORMS}/{form}").json["came"]["taken"]) == (None, 3)
    with world.acme.ctx("colleague") as ctx:
        may_build = as_actor(ctx, replace(ctx.actor, permissions=ctx.actor.permissions | {"forms.manage"}))
        assert (came_of(may_build, [form])[form].leads, came_of(may_build, [form])[form].taken) == (0, 3), "leads of others he does not see"


def test_a_form_by_which_somebody_wrote_is_closed_and_never_deleted(world, api):
    _, form = held(world.acme)
    path = f"{FORMS}/{form}"
    refused = api.delete(path, headers=at(api.get(path)))
    assert (refused.status_code, refused.json["code"]) == (422, "form_used") and api.get(path).status_code == 200
    browser = world.browser("manager")
    assert browser.post(f"/settings/forms/{form}/deletion").status_code == 422 and "Delete form" not in browser.get(f"/settings/forms/{form}").text
    unused, _ = build(world.acme)
    assert "Delete form" in browser.get(f"/settings/forms/{unused}").text and browser.post(f"/settings/forms/{unused}/deletion").status_code == 303
    assert browser.get(f"/settings/forms/{unused}").status_code == 404


def test_whoever_sends_while_it_is_deleted_hears_that_it_is_gone(world):
    form, code = build(world.acme)
    with as_stranger(world.acme) as stranger:
        found = forms.by_code(stranger, code)
        with world.acme.ctx() as ctx:
            forms.delete_form(ctx, forms.one_form(ctx, form))
        with pytest.raises(NotFound):
            receiving.receive(stranger, found, {"name": "Ada", "mail": "ada@people.example"}, stamp="", lang="en")


@pytest.mark.parametrize("second", [
    forms.delete_form, lambda ctx, form: shell.at_version(ctx, form, form.version, "forms.manage"), editing.hold,
], ids=["page", "api", "edit"])
def test_whoever_deletes_it_second_hears_that_it_is_gone(world, second):
    form, _ = build(world.acme)
    with world.acme.ctx() as ctx:
        found = forms.one_form(ctx, form)
        with world.acme.ctx() as first:
            forms.delete_form(first, forms.one_form(first, form))
        with pytest.raises(NotFound):
            second(ctx, found)


def test_the_same_key_makes_one_form_and_lets_in_once(world, api):
    key = {"Idempotency-Key": uuid4().hex}
    first, second = (api.json("POST", FORMS, FINE, headers=key) for _ in range(2))
    assert first.json["id"] == second.json["id"] and second.headers["Idempotency-Replayed"] == "true"
    enquiry, _ = held(world.acme)
    key = {"Idempotency-Key": uuid4().hex}
    let = [api.json("POST", f"{ENQUIRIES}/{enquiry}/admission", None, headers=key) for _ in range(2)]
    assert [one.json["state"] for one in let] == ["taken", "taken"] and let[0].json == let[1].json
    assert api.json("POST", f"{ENQUIRIES}/{enquiry}/admission", None).status_code == 404


def test_it_obeys_the_rate(world, api, monkeypatch):
    monkeypatch.setattr(shell, "BURST", 2)
    monkeypatch.setattr(shell, "RATE", 0.01)
    fresh = narrowed(world.app, world.acme, "manager")
    answers = [fresh.get(FORMS) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429] and answers[2].headers["Retry-After"]


def test_what_was_held_back_is_read_as_on_the_page(world, api):
    key, form = held(world.acme, name="Fair")
    one = api.get(f"{ENQUIRIES}/{key}").json
    assert (one["state"], one["held_for"], one["reason"], one["form_name"], one["lead_id"], one["language"]) == ("held", "trap", "A field was filled in that people do not see", "Fair", None, "en")
    told = {line["field"]: (line["label"], line["value"]) for line in one["said"]}
    assert list(told) == ["name", "mail", "message"] and (told["name"], told["message"]) == (("Name", "Ada Lace"), ("Message", "Forty trays?"))
    assert "192.0.2.1" not in str(one) and one == next(row for row in api.get(f"{ENQUIRIES}?filter[form_id][eq]={form}").json["data"])
    assert [row["id"] for row in api.get(f"{ENQUIRIES}?filter[state][eq]=held&filter[held_for][eq]=trap&filter[form_id][eq]={form}").json["data"]] == [str(key)]
    assert api.get(f"{ENQUIRIES}?filter[state][eq]=waiting&filter[form_id][eq]={form}").json["data"] == [] and api.get(f"{ENQUIRIES}?filter[state][eq]=taken").status_code == 422


def test_it_is_let_in_thrown_away_and_brought_back(world, api):
    key, _ = held(world.acme)
    path = f"{ENQUIRIES}/{key}"
    assert api.json("POST", f"{path}/restoration", None).json["code"] == "enquiry_decided"
    thrown = api.json("POST", f"{path}/discarding", None)
    assert (thrown.status_code, thrown.json["state"]) == (200, "discarded") and thrown.json["decided_at"]
    assert api.json("POST", f"{path}/admission", None).json["code"] == "enquiry_decided"
    assert api.json("POST", f"{path}/restoration", None).json["state"] == "held"
    taken = api.json("POST", f"{path}/admission", None)
    assert taken.json["state"] == "taken" and api.get(f"/api/v1/leads/{taken.json['lead_id']}").json["name"] == "Ada Lace"
    assert api.get(path).status_code == 404, "it is read on its lead now"


def test_one_that_waits_becomes_a_lead_without_its_senders_word(world, api):
    form, code = build(world.acme, confirmed="before")
    waits, suspicious = sent(world.acme, code), sent(world.acme, code, trap="x")
    assert {row["state"] for row in api.get(f"{ENQUIRIES}?filter[form_id][eq]={form}").json["data"]} == {"waiting", "held"}
    assert api.json("POST", f"{ENQUIRIES}/{suspicious}/admission", None).json["state"] == "waiting"
    assert api.json("POST", f"{ENQUIRIES}/{waits}/admission", None).json["state"] == "taken"


def test_one_that_can_not_be_let_in_yet_says_why(world, api):
    _, code = build(world.acme, confirmed="before")
    mail = f"flood-{uuid4().hex[:6]}@people.example"
    keys = [sent(world.acme, code, given={"mail": mail, "message": str(n)}) for n in range(4)]
    answer = api.json("POST", f"{ENQUIRIES}/{keys[3]}/admission", None)
    assert (answer.status_code, answer.json["state"], answer.json["held_for"], answer.json["lead_id"]) == (200, "held", "letters", None)


def test_the_lead_is_named_to_whoever_sees_it_alone(world):
    key, _ = held(world.acme, lead_owner_id=world.acme.users["rep"].id)
    alone = narrowed(world.app, world.acme, "manager", rooms=["enquiries"])
    taken = alone.json("POST", f"{ENQUIRIES}/{key}/admission", None)
    assert (taken.json["state"], taken.json["lead_id"]) == ("taken", None)
    for who, sees in (("rep", True), ("colleague", False), ("manager", True)):
        with world.acme.ctx(who) as ctx:
            assert bool(deciding.lead_seen(ctx, ctx.session.get_one(Enquiry, key))) is sees


def test_a_field_that_is_hidden_is_not_told(quiet_house):
    with quiet_house.ctx() as ctx:
        name = f"custom.{defining.create_field(ctx, room='leads', kind='text', label='Secret').key}"
    _, code = build(quiet_house, fields=[{"name": "name", "needed": True}, {"name": name, "needed": False}])
    key = sent(quiet_house, code, given={name: "Canary"}, trap="x")
    with quiet_house.ctx("manager") as ctx:
        enquiry = deciding.one_enquiry(ctx, key)
        asked = deciding.forms_of(ctx, [enquiry.form_id])[enquiry.form_id].asked
        assert dict(deciding.told(ctx, enquiry, asked)) == {"name": "Ada Lace", name: "Canary"}
        blind = as_actor(ctx, replace(ctx.actor, hidden=frozenset({f"leads.{name}"})))
        assert dict(deciding.told(blind, enquiry, asked)) == {"name": "Ada Lace"}


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("manager", 200), ("rep", 403), ("colleague", 403), ("reader", 403), ("ex", 401), (None, 401)])
def test_forms_and_enquiries_are_for_those_who_may(world, who, status):
    key, form = held(world.acme)
    client = Browser(world.app, world.acme)
    if who:
        client.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(world.acme, who)}"
    assert {client.get(path).status_code for path in (FORMS, f"{FORMS}/{form}", ENQUIRIES, f"{ENQUIRIES}/{key}")} == {status}
    if status != 200:
        writes = [client.json("POST", FORMS, FINE), client.json("PATCH", f"{FORMS}/{form}", {"name": "X"}, headers={"If-Match": '"1"'}), client.delete(f"{FORMS}/{form}", headers={"If-Match": '"1"'})]
        writes += [client.json("POST", f"{ENQUIRIES}/{key}/{verb}", None) for verb in ("admission", "discarding", "restoration")]
        assert {one.status_code for one in writes} == {status}


def test_another_tenants_forms_and_enquiries_are_none_here(world):
    key, form = held(world.acme)
    other = world.api("owner", world.globex)
    reads = [other.get(f"{FORMS}/{form}"), other.get(f"{ENQUIRIES}/{key}")]
    writes = [other.json("PATCH", f"{FORMS}/{form}", {"name": "X"}, headers={"If-Match": '"1"'}), other.delete(f"{FORMS}/{form}", headers={"If-Match": '"1"'}), other.json("POST", f"{ENQUIRIES}/{key}/admission", None)]
    assert {one.status_code for one in reads + writes} == {404}
    assert str(form) not in other.get(FORMS).text and str(key) not in other.get(f"{ENQUIRIES}?filter[form_id][eq]={form}").text


def test_a_token_works_in_its_rooms_alone_and_one_that_reads_builds_nothing(app, world):
    key, form = held(world.acme)
    by_forms, by_enquiries, by_leads = (narrowed(app, world.acme, "manager", rooms=[room]) for room in ("forms", "enquiries", "leads"))
    assert [by_forms.get(path).status_code for path in (f"{FORMS}/{form}", f"{ENQUIRIES}/{key}")] == [200, 403]
    assert [by_enquiries.get(path).status_code for path in (f"{FORMS}/{form}", f"{ENQUIRIES}/{key}")] == [403, 200]
    assert {by_leads.get(path).status_code for path in (FORMS, ENQUIRIES)} == {403}
    reading = narrowed(app, world.acme, "manager", rooms=["forms", "enquiries"], reading=True)
    assert {reading.json("POST", FORMS, FINE).status_code, reading.json("POST", f"{ENQUIRIES}/{key}/admission", None).status_code} == {403}


def test_the_button_of_the_waiting_ones_is_a_quiet_one(world):
    _, code = build(world.acme, confirmed="before")
    waits, suspicious = sent(world.acme, code), sent(world.acme, code, trap="x")
    manager = world.browser("manager")
    for state, key, kind in (("waiting", waits, "ghost"), ("held", suspicious, "primary")):
        text = manager.get(f"/enquiries?state={state}").text
        button = text.partition(f'action="/enquiries/{key}/admission"')[2].partition("</button>")[0]
        assert f'class="btn {kind}"' in button and "Let in" in button
