"""Promises on pages: captured with the contact log, listed on the account, on Today and all together."""

import re

from core.activities import queries
from core.parties.queries import one_account
from tests.web.parties.conftest import records  # noqa: F401 (the same records)


def test_a_promise_is_captured_shown_everywhere_and_kept(world, records):  # noqa: F811
    rep = world.browser("rep")
    answer = rep.post(f"/accounts/{records.account}/activities", {"kind": "call", "body": "Wants samples", "next_contact": "today", "next_contact_note": "Send <b>samples</b>", "next_contact_kind": "promise"})
    account = rep.get(answer.location).text
    assert re.search(r'<span class="pill h-amber">Promise</span> <span class="b">Send &lt;b&gt;samples', account)
    assert re.search(r'<span class="pill h-amber">Promise</span>.*?Send &lt;b&gt;samples', rep.get("/").text, re.S)
    assert "Send &lt;b&gt;samples" in rep.get("/promises").text and "Nordlicht Optik" in rep.get("/promises").text
    assert "Send &lt;b&gt;samples" not in rep.get("/promises?state=kept").text and rep.get("/promises?state=x").status_code == 422
    with world.acme.ctx("rep") as ctx:
        key = next(row.id for row in queries.timeline(ctx, one_account(ctx, records.account)).planned if row.next_contact_kind == "promise")
    rep.post(f"/activities/{key}/completion", {"next": "/promises"})
    assert "Send &lt;b&gt;samples" in rep.get("/promises?state=kept").text and "Send &lt;b&gt;samples" not in rep.get("/promises").text
    assert "Send &lt;b&gt;samples" not in world.browser("colleague").get("/promises?state=kept").text


def test_an_unknown_kind_of_next_contact_comes_back(world, records):  # noqa: F811
    answer = world.browser("rep").post(f"/accounts/{records.account}/activities", {"kind": "call", "body": "kept body", "next_contact": "fri", "next_contact_kind": "fax"})
    assert answer.status_code == 422 and "kept body" in answer.text


def test_programs_promise_and_see_what_was_broken(world, records):  # noqa: F811
    api = world.api("rep")
    made = api.json("POST", "/api/v1/activities", {"kind": "note", "account_id": str(records.account), "next_contact_on": "2199-01-01", "next_contact_kind": "promise", "next_contact_note": "Far away"}).json
    assert made["next_contact_kind"] == "promise" and made["broken_at"] is None
    assert made["id"] in [one["id"] for one in api.get("/api/v1/activities?filter[next_contact_kind][eq]=promise").json["data"]]
