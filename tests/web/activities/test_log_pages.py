"""The composer and the next contacts on pages."""

import html
import re
from datetime import timedelta

import pytest

from core.activities import queries
from tests.web.parties.conftest import records  # noqa: F401 (the same records)


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
    assert rep.post(f"/activities/{records.activity}/completion", {"next": "//evil.example"}).location == "/"
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
