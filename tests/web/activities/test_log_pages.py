"""The composer and the next contacts on pages."""

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from core.activities import queries
from core.parties import queries as parties
from tests.support.statements import counted
from tests.web.parties.conftest import records  # noqa: F401 (the same records)
from web.parties.api_bodies import AccountOut


def test_a_call_is_logged_on_the_page_with_its_next_contact(world, records):  # noqa: F811
    rep, path = world.browser("rep"), f"/accounts/{records.account}"
    answer = rep.post(f"{path}/activities", {"kind": "call", "body": "Budget is <b>signed</b>", "contact_id": str(records.contact), "next_contact": "+3d 10:00", "next_contact_note": "Send the quote"})
    page = rep.get(answer.location).text
    assert "Budget is &lt;b&gt;signed" in page and "Send the quote" in page and "called <b>Sofie Brandt</b>" in page
    assert "Send the quote" in rep.get(f"/contacts/{records.contact}").text


@pytest.mark.parametrize(("given", "field", "says"), [
    ({"next_contact": "whenever"}, "next_contact", "tomorrow 10:00"), ({"next_contact": "2020-01-01"}, "next_contact", "still to come"), ({"happened_at": "31/2/2026"}, "happened_at", "26/11"),
    ({"body": "x\x01"}, "body", "control characters"), ({"kind": "note", "body": "", "next_contact": ""}, "body", "what was said"), ({"next_contact_note": "x" * 501}, "next_contact_note", "500"),
])
def test_what_cannot_be_read_comes_back_with_everything_typed(world, records, given, field, says):  # noqa: F811
    for path in (f"/accounts/{records.account}", f"/contacts/{records.contact}"):
        answer = world.browser("rep").post(f"{path}/activities", {"kind": "call", "body": "kept body", "next_contact": "fri", "next_contact_note": "kept note"} | given)
        assert answer.status_code == 422
        error = re.search(rf'id="{field}-err">.*?<span>(.*?)</span>', answer.text, re.S)
        assert error and says in error[1]
        assert ("kept body" in answer.text or field == "body") and ("kept note" in answer.text or field == "next_contact_note")


def test_done_and_moved_from_the_days_page(world, records):  # noqa: F811
    rep = world.browser("rep")
    assert "Nordlicht Optik" in rep.get("/").text
    assert rep.post(f"/activities/{records.activity}/rescheduling", {"when": "in 2 weeks", "next": "/"}).location == "/"
    assert f"/activities/{records.activity}/completion" not in rep.get("/").text
    bad = rep.post(f"/activities/{records.activity}/rescheduling", {"when": "whenever", "next": "https://evil.example/"})
    assert bad.status_code == 422 and "whenever" in bad.text and "evil.example" not in bad.text
    assert rep.post(f"/activities/{records.activity}/completion", {"next": "//evil.example"}).location == f"/activities/{records.activity}/next-step?next=/"
    again = rep.post(f"/activities/{records.activity}/completion")
    assert again.status_code == 422
    rep.post(f"/activities/{records.activity}/reopening")
    with world.acme.ctx("rep") as ctx:
        assert queries.one_activity(ctx, records.activity).done_at is None


def test_a_move_is_taken_back_with_its_time_also_to_a_day_that_is_over(world, records):  # noqa: F811
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        activity = queries.one_activity(ctx, records.activity)
        activity.done_at, activity.next_contact_on, activity.next_contact_at = None, ctx.today - timedelta(days=2), ctx.now - timedelta(days=2)
        ctx.session.flush()
        was = activity.next_contact_on, activity.next_contact_at
    rep.post(f"/activities/{records.activity}/rescheduling", {"when": "+3d 14:30", "next": "/"})
    page = rep.get("/").text
    undo = html.unescape(re.search(r'action="(/activities/[^"]+/undo[^"]*)"', page)[1])
    assert re.search(r"Moved to [^<]*(14:30|2:30)", page), "the time is said too"
    rep.post(undo)
    with world.acme.ctx("rep") as ctx:
        activity = queries.one_activity(ctx, records.activity)
        assert (activity.next_contact_on, activity.next_contact_at) == was
    for forged in ("?on=x", "", "?on=2026-01-01&at=x", "?on=2026-01-01&at=2026-03-01T10:00:00%2B00:00", "?on=2026-01-01&at=2026-01-01T10:00:00"):
        assert rep.post(f"/activities/{records.activity}/rescheduling/undo{forged}").status_code == 422
    rep.post(f"/activities/{records.activity}/completion")
    assert rep.post(undo).status_code == 422


def test_older_entries_come_by_a_link_that_works_without_script(world, records):  # noqa: F811
    rep, path = world.browser("rep"), f"/accounts/{records.account}"
    for i in range(40):
        rep.post(f"{path}/activities", {"kind": "note", "body": f"note number {i:02}"})
    page = rep.get(path).text
    older = re.search(r'href="([^"]+before=[^"]+)"', page)[1].replace("&amp;", "&")
    part, whole = rep.get(older, headers={"HX-Request": "true"}).text, rep.get(older).text
    assert "note number 05" in part and "<html" not in part and "note number 05" in whole and "<html" in whole
    assert not set(re.findall(r"note number \d\d", page)) & set(re.findall(r"note number \d\d", part))
    for forged in ("x", "2026-01-01~x", "%00", "~"):
        assert rep.get(f"{path}?before={forged}").status_code == (400 if forged == "%00" else 422)
    assert rep.get(f"{path}?show=nonsense").status_code == 422


def test_a_deleted_entry_comes_back(world, records):  # noqa: F811
    rep, path = world.browser("rep"), f"/activities/{records.activity}"
    rep.post(f"{path}/deletion")
    assert "Wants a quote" not in rep.get(f"/accounts/{records.account}").text
    assert world.browser("colleague").post(f"{path}/restoration").status_code == 404
    rep.post(f"{path}/restoration")
    assert "Wants a quote" in rep.get(f"/accounts/{records.account}").text


def test_done_asks_for_the_next_step_and_may_be_skipped(world, records):  # noqa: F811
    rep = world.browser("rep")
    answer = rep.post(f"/accounts/{records.account}/activities", {"kind": "call", "body": "Step by step", "next_contact": "+2d", "next_contact_note": "Ask again"})
    with world.acme.ctx("rep") as ctx:
        key = next(row.id for row in queries.timeline(ctx, parties.one_account(ctx, records.account)).planned if row.next_contact_note == "Ask again")
    part = rep.post(f"/activities/{key}/completion?place=feed", {"next": answer.location}, headers={"HX-Request": "true"})
    assert part.status_code == 200 and "<html" not in part.text and part.text.lstrip().startswith("<li") and f'action="/activities/{key}/next-step"' in part.text
    assert json.loads(part.headers["HX-Trigger"])["toast"]["undo"] == f"/activities/{key}/reopening"
    assert f'href="{answer.location}"' in part.text, "skipped by a link"
    bad = rep.post(f"/activities/{key}/next-step", {f"step-{key}-next_contact": "whenever", f"step-{key}-body": "kept words", "next": "https://evil.example/"})
    assert bad.status_code == 422 and "kept words" in bad.text and "evil.example" not in bad.text
    whole = rep.get(f"/activities/{key}/next-step?next=/").text
    day = re.findall(r'name="day" value="([0-9-]+)"', whole)
    assert len(day) == 3
    done = rep.post(f"/activities/{key}/next-step", {"day": day[0], f"step-{key}-next_contact_note": "The next one", "next": answer.location})
    assert done.location == answer.location and "The next one" in rep.get(answer.location).text
    rep.post(f"/activities/{key}/reopening")
    assert "still to be made" in rep.get(f"/activities/{key}/next-step?next=/").text


def test_lists_show_filter_group_and_take_out_last_and_next_contact(world, records):  # noqa: F811
    rep = world.browser("rep")
    rep.post(f"/accounts/{records.account}/activities", {"kind": "visit", "body": "Was there", "next_contact": "+5d"})
    columns = "columns=last_contact,last_contact_kind,next_contact,next_contact_kind"
    page = rep.get(f"/accounts?{columns}&filter[last_contact][past]=1&group=last_contact_kind").text
    assert "Nordlicht Optik" in page and ">Visit<" in page and "Kind of the last contact" in page and "is Visit" in rep.get("/accounts?filter[last_contact_kind][eq]=visit").text
    assert "Nordlicht Optik" not in rep.get("/accounts?filter[last_contact][older]=3").text
    added = rep.get("/accounts?add=last_contact_kind&op=eq&value=Visit").location
    assert "filter[last_contact_kind][eq]=visit" in unquote(added)
    csv = rep.post("/accounts/exports", {"fields": "view", "columns": "last_contact,last_contact_kind,next_contact"})
    rows = csv.text.splitlines()
    assert "Last contact" in rows[0] and any("Nordlicht Optik" in row and "Visit" in row for row in rows)


def test_programs_filter_and_sort_by_last_and_next_contact(world, records):  # noqa: F811
    api = world.api("rep")
    found = api.get("/api/v1/accounts?filter[last_contact][past]=1&sort=-last_contact").json["data"]
    assert str(records.account) in [one["id"] for one in found]
    page = api.get("/api/v1/contacts?sort=next_contact&limit=1").json
    seen = [one["id"] for one in page["data"]]
    while page["next_cursor"]:
        page = api.get("/api/v1/contacts", query_string={"sort": "next_contact", "limit": 1, "cursor": page["next_cursor"]}).json
        seen += [one["id"] for one in page["data"]]
    assert len(seen) == len(set(seen)) == len(api.get("/api/v1/contacts?limit=200").json["data"])
    assert api.get("/api/v1/accounts?filter[next_contact_kind][eq]=fax").status_code == 422


def test_answers_say_last_and_next_contact_for_a_whole_page_in_one_statement_more(world, records):  # noqa: F811
    rep, api = world.browser("rep"), world.api("rep")
    rep.post(f"/accounts/{records.account}/activities", {"kind": "visit", "body": "Was there", "next_contact": "+5d"})
    today = datetime.now(UTC).date().isoformat()
    listed = {one["id"]: one for one in api.get("/api/v1/accounts?limit=200").json["data"]}[str(records.account)]
    assert (listed["last_contact"], listed["last_contact_kind"]) == (today, "visit") and listed["next_contact"] > today and listed["next_contact_kind"]
    alone = api.get(f"/api/v1/accounts/{records.account}")
    changed = api.json("PATCH", f"/api/v1/accounts/{records.account}", {"notes": "Called"}, headers={"If-Match": alone.headers["ETag"]})
    names = ("last_contact", "last_contact_kind", "next_contact", "next_contact_kind")
    assert {name: listed[name] for name in names} == {name: alone.json[name] for name in names} == {name: changed.json[name] for name in names}
    made = api.json("POST", "/api/v1/contacts", {"name": "Never called"})
    assert made.status_code == 201 and {made.json[name] for name in names} == {None}
    asked = {}
    for query in ("limit=2&fields=name", "limit=2", "limit=200", "limit=200&fields=name,last_contact"):
        api.get(f"/api/v1/contacts?{query}")
        with counted() as statements:
            assert api.get(f"/api/v1/contacts?{query}").status_code == 200
        asked[query] = len(statements)
    few, *rest = asked.values()
    assert rest == [few + 1] * 3, asked


def test_who_may_not_read_the_log_is_not_told_when_somebody_was_in_touch(world, records):  # noqa: F811
    with world.acme.ctx("rep") as ctx:
        account = parties.one_account(ctx, records.account)
        blind = replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions - {"activities.read"}))
        AccountOut.look_beside(blind, [account], None)
        assert account.last_contact is None and {"last_contact", "last_contact_kind", "next_contact", "next_contact_kind"} <= AccountOut.away(blind, account)
        AccountOut.look_beside(ctx, [account], None)
        assert account.last_contact is not None and "last_contact" not in AccountOut.away(ctx, account)
