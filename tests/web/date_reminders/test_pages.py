"""The page of date reminders, its forms and its API."""

import pytest
from sqlalchemy import delete

from core.date_reminders.models import DateReminder
from core.parties import actions as parties

HOME = "/settings/date-reminders/"


@pytest.fixture(autouse=True)
def none(world):
    with world.acme.ctx() as ctx:
        ctx.session.execute(delete(DateReminder))


def test_a_reminder_is_made_changed_deleted_and_brought_back(world):
    browser, api = world.browser("owner"), world.api("owner")
    with world.acme.ctx("rep") as ctx:
        parties.create_contact(ctx, name="Ada Lovelace", birthday=ctx.today.replace(year=1988, day=min(ctx.today.day, 28)))
    assert "No date reminders yet" in browser.get(HOME).text
    sent = {"field": "contacts.birthday", "days_before": "0", "yearly": "1", "to_owner": "1", "role_id": "", "user_id": ""}
    assert browser.post(HOME, sent).status_code == 303
    text = browser.get(HOME).text
    assert "Contacts: Birthday" in text and "on the day" in text
    row = api.get("/api/v1/date-reminders").json["data"][0]
    assert (row["room"], row["field"], row["days_before"], row["to_owner"]) == ("contacts", "birthday", [0], True)
    refused = browser.post(f"{HOME}{row['id']}", sent | {"_version": str(row["version"]), "days_before": "soon"})
    assert refused.status_code == 422 and "0 (the day itself)" in refused.text and "soon" in refused.text
    assert browser.get(f"{HOME}{row['id']}").status_code == 200
    assert browser.post(f"{HOME}{row['id']}", sent | {"_version": str(row["version"]), "days_before": "14, 7", "user_id": str(world.acme.users["rep"].id)}).status_code == 303
    text = browser.get(HOME).text
    assert "14 days before" in text and "Rep" in text
    assert browser.post(f"{HOME}{row['id']}/deletion").status_code == 303 and api.get(f"/api/v1/date-reminders/{row['id']}").status_code == 404
    assert browser.post(f"{HOME}{row['id']}/restoration").status_code == 303 and api.get(f"/api/v1/date-reminders/{row['id']}").json["days_before"] == [14, 7]
    assert "Date reminder" in browser.get("/settings/audit/?table=date_reminder").text


def test_the_api_makes_changes_lists_and_says_what_comes(world):
    api = world.api("owner")
    made = api.json("POST", "/api/v1/date-reminders", {"room": "contacts", "field": "birthday", "days_before": [0]})
    assert made.status_code == 201 and made.json["yearly"] is True
    with world.acme.ctx("rep") as ctx:
        parties.create_contact(ctx, name="Grace", birthday=ctx.today.replace(year=1988, day=min(ctx.today.day, 28)))
        today = ctx.today
    coming = api.get("/api/v1/date-reminders/coming").json["data"]
    assert ("Grace" in [one["name"] for one in coming]) is (today.day <= 28)
    path = f"/api/v1/date-reminders/{made.json['id']}"
    assert api.json("PATCH", path, {"days_before": [7, 7]}, headers={"If-Match": '"1"'}).json["days_before"] == [7]
    assert api.json("PATCH", path, {"to_owner": False}, headers={"If-Match": '"2"'}).json["code"] == "date_reminder_nobody"
    assert api.json("DELETE", path, headers={"If-Match": '"1"'}).status_code == 412
    assert api.json("DELETE", path, headers={"If-Match": '"2"'}).status_code == 204
    assert api.json("POST", "/api/v1/date-reminders", {"room": "accounts", "field": "birthday"}).json["code"] == "date_reminder_field"


def test_it_is_not_for_everybody(world):
    browser, api = world.browser("rep"), world.api("rep")
    assert browser.get(HOME).status_code == 403 == browser.post(HOME, {}).status_code
    assert api.get("/api/v1/date-reminders").status_code == 403 == api.get("/api/v1/date-reminders/coming").status_code
