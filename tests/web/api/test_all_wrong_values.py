"""All wrong values of one request are named at once: by the API, by a use case, and each under its field of a form."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import delete

from core.base.editing import cleaned
from core.base.errors import Forbidden, Gathered, Invalid, NotFound, Refused
from core.custom_fields import actions as own
from core.custom_fields.models import CustomField
from core.parties import actions

NOBODY = str(uuid4())


@pytest.fixture
def fields(world):
    """Two numbers and a text of the workspace's own that is asked for where the first number is filled in."""
    with world.acme.ctx() as ctx:
        for label in ("Size", "Weight"):
            own.create_field(ctx, room="accounts", kind="whole", label=label)
        own.create_field(ctx, room="accounts", kind="text", label="Reason", is_required=True, shown_when={"field": "custom.size", "op": "filled"})
    yield
    with world.acme.ctx() as ctx:
        ctx.session.execute(delete(CustomField))


def told(answer):
    assert answer.status_code == 422, answer.text
    body = answer.json
    assert (body["code"], body.get("field")) == (body["errors"][0]["code"], body["errors"][0]["field"]) and body["detail"] == body["errors"][0]["detail"]
    assert all(one["detail"] and one["detail"] != one["code"] for one in body["errors"])
    return [(one["field"], one["code"]) for one in body["errors"]]


def wrong_in(page):
    """The fields of a form that say that they are wrong."""
    return {re.search(r'name="([^"]*)"', tag)[1] for tag in re.findall(r'<(?:input|select|textarea)[^>]*aria-invalid="true"[^>]*>', page.text)}


def test_a_new_account_names_them_all(api, fields):
    found = told(api.post("/accounts", {"name": " ", "mail": "no address", "website": "javascript:alert(1)", "parent_id": NOBODY, "owner_id": NOBODY, "custom": {"size": "big", "weight": "12x"}}))
    assert ("name", "required") in found
    assert dict(found).keys() == {"name", "mail", "website", "parent_id", "owner_id", "custom.size", "custom.weight"}


def test_a_changed_account_names_them_all(api, fields):
    made = api.post("/accounts", {"name": "Right"}).json
    answer = api.patch(f"/accounts/{made['id']}", {"name": "Better", "mail": "no address", "owner_id": NOBODY, "custom": {"size": "big", "weight": "12x"}}, made["version"])
    assert dict(told(answer)).keys() == {"mail", "owner_id", "custom.size", "custom.weight"}
    assert api.get(f"/accounts/{made['id']}").json["version"] == 1


def test_a_contact_names_them_all(api):
    found = told(api.post("/contacts", {"name": "Rosa", "mail": "rosa@", "account_id": NOBODY, "referred_by_id": NOBODY}))
    assert dict(found) == {"mail": "not_a_mail", "account_id": "account_unknown", "referred_by_id": "contact_unknown"}


def test_nothing_is_concluded_from_a_wrong_value(api, fields):
    """Whether a reason is asked for hangs on the size; that one is wrong, so only it is told."""
    assert told(api.post("/accounts", {"name": "A", "custom": {"size": "big"}})) == [("custom.size", "custom_not_a_number")]
    assert told(api.post("/accounts", {"name": "A", "mail": "x", "custom": {"size": 5}})) == [("mail", "not_a_mail"), ("custom.reason", "required")]


def test_one_wrong_value_is_one_error(api):
    assert told(api.post("/accounts", {"name": "A", "mail": "x"})) == [("mail", "not_a_mail")]


def test_a_form_shows_each_under_its_field(world):
    owner = world.browser("owner")
    page = owner.post("/accounts", {"name": "A", "mail": "no address", "website": "javascript:alert(1)", "employees": "many"})
    assert page.status_code == 422
    assert {"mail", "website", "employees"} == wrong_in(page)


def test_a_form_that_refuses_by_itself_shows_the_rest_too(world):
    page = world.browser("owner").post("/accounts", {"name": "", "mail": "no address", "employees": "many"})
    assert page.status_code == 422
    assert {"name", "mail", "employees"} == wrong_in(page)


def test_what_an_import_left_is_not_told_where_it_was_not_touched(world):
    with world.acme.ctx() as ctx:
        account = actions.create_account(ctx, name="From a file")
        account.mail = "left by a file"
        key, version = account.id, account.version
    page = world.browser("owner").post(f"/accounts/{key}", {"name": "", "_was_name": "From a file", "mail": "left by a file", "_was_mail": "left by a file", "employees": "many", "_was_employees": "", "_version": version})
    assert page.status_code == 422
    assert {"name", "employees"} == wrong_in(page)


def number(value, name):
    if not str(value).isdigit():
        raise Refused("not_a_number", field=name)
    return int(value)


def test_cleaning_gathers():
    with pytest.raises(Invalid) as refusal:
        cleaned({"a": number, "b": number, "c": number}, {"a": "x", "b": "2", "c": "y"})
    assert [one.field for one in refusal.value.errors] == ["a", "c"] and (refusal.value.code, refusal.value.field) == ("not_a_number", "a")
    wrong = Gathered()
    assert cleaned({"a": number, "b": number}, {"a": "x", "b": "2"}, wrong) == {"b": 2} and [one.field for one in wrong.errors] == ["a"]


def test_one_alone_stays_what_it_is():
    with pytest.raises(Refused) as refusal:
        cleaned({"a": number}, {"a": "x"})
    assert type(refusal.value) is Refused


@pytest.mark.parametrize("other", [Forbidden(), NotFound()])
def test_what_is_no_matter_of_values_is_not_gathered(other):
    wrong = Gathered()
    with pytest.raises(type(other)), wrong.taking():
        raise other
    assert not wrong


def test_members_of_the_wrong_shape_and_wrong_values_are_named_together(api, fields):
    found = dict(told(api.post("/accounts", {"name": "", "mail": "no address", "employees": "many", "colour": 1, "custom": {"size": "big"}})))
    assert found == {"name": "required", "mail": "not_a_mail", "employees": "not_a_number", "colour": "unknown_field", "custom.size": "custom_not_a_number"}
    made = api.post("/accounts", {"name": "Right"}).json
    assert dict(told(api.patch(f"/accounts/{made['id']}", {"employees": "many", "mail": "no address"}, 1))) == {"employees": "not_a_number", "mail": "not_a_mail"}


@pytest.mark.parametrize("body", [[], "text", 5, [{"mail": "x"}]])
def test_what_is_no_object_is_refused_as_before(api, body):
    assert api.post("/accounts", body).status_code == 422
