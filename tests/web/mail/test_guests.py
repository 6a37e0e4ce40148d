"""Guests of a planned meeting are told by a button alone, after a look at who gets what; they answer by mail or on a page of their own."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.activities import actions as log
from core.activities import participants, queries
from core.activities.models import Guest
from core.mail import inviting, preferring
from core.parties import actions as parties
from core.post.models import OutgoingMail
from tests.support.every_page import speak


@pytest.fixture(scope="module", autouse=True)
def english(world):
    speak(world.acme, "en")


@pytest.fixture
def meeting(world):
    """(key of the meeting, its account, its person)."""
    with world.acme.ctx("rep") as ctx:
        firm = parties.create_account(ctx, name="Guests Optik")
        ctx.session.flush()
        sofie = parties.create_contact(ctx, name="Sofie Guest", mail="sofie@guests.example", account_id=firm.id, language="es")
        ctx.session.flush()
        made = log.log_activity(ctx, kind="meeting", contact=sofie, body="inner words", next_contact=ctx.now + timedelta(days=3), next_contact_note="Spring frames", next_contact_minutes=45, place="Quay 7")
        ctx.session.flush()
        participants.add(ctx, made, user_id=world.acme.users["colleague"].id)
        preferring.workspace(ctx).reply_address = "replies@acme.example"
        return made.id, firm.id, sofie.id


def go(world, key, who="rep"):
    """The seconds are over; gives the letters that went, by address."""
    with world.acme.ctx(who) as ctx:
        inviting.send_due(replace(ctx, now=ctx.now + timedelta(minutes=3)), key)
    with world.acme.ctx("owner") as ctx:
        keys = [str(one) for one in ctx.session.execute(select(Guest.id).where(Guest.activity_id == key)).scalars()]
        found = ctx.session.execute(select(OutgoingMail).where(OutgoingMail.dedupe_key.is_not(None)).order_by(OutgoingMail.created_at)).scalars()
        return {one.to_mail: one.body_text for one in found if any(key in one.dedupe_key for key in keys)}


def told(world, key):
    assert world.browser("rep").post(f"/activities/{key}/guests/notices").status_code == 303
    return go(world, key)


def page_of(letter):
    return re.search(r"(/meeting/\w+)\?lang", letter)[1]


def test_the_record_offers_to_invite_shows_who_gets_what_and_tells_only_when_asked(world, meeting):
    key, firm, sofie = meeting
    rep = world.browser("rep")
    assert f"/activities/{key}/guests" in rep.get(f"/accounts/{firm}").text and "Invite by mail" in rep.get(f"/contacts/{sofie}").text
    shown = rep.get(f"/activities/{key}/guests?next=/accounts/{firm}").text
    assert shown.count("Gets an invitation") == 2 and "sofie@guests.example" in shown and "Send 2 mails" in shown and "replies@acme.example" in shown and not go(world, key)
    answer = rep.post(f"/activities/{key}/guests/notices", {"next": f"/accounts/{firm}"})
    assert answer.status_code == 303
    waits = rep.get(f"/activities/{key}/guests").text
    assert waits.count("The mail goes at") == 2 and "Stop it" in waits and "Send 2 mails" not in waits
    again = rep.post(f"/activities/{key}/guests/notices")
    assert again.status_code == 422 and "All who are asked know of it as it stands." in again.text
    assert rep.post(f"/activities/{key}/guests/notices/stopping").status_code == 303 and not go(world, key)
    assert "Send 2 mails" in rep.get(f"/activities/{key}/guests").text


def test_after_a_move_and_a_deletion_the_page_offers_to_tell_and_a_second_time_it_does_not(world, meeting):
    key, firm, sofie = meeting
    rep = world.browser("rep")
    told(world, key)
    day = (world.acme.users["rep"].created_at + timedelta(days=5)).date().isoformat()
    moved = rep.post(f"/activities/{key}/rescheduling", {"when": f"{day} 10:00", "place": "Quay 8", "next": f"/accounts/{firm}"})
    assert moved.status_code == 303 and moved.location.startswith(f"/activities/{key}/guests?next=")
    assert rep.get(moved.location).text.count("Is told of the change") == 2
    page = rep.get(f"/accounts/{firm}").text
    assert "Guests know otherwise" in page and "Tell the guests" in page
    assert "Guests know otherwise" in rep.get(f"/calendar/?view=day&day={day}").text
    told(world, key)
    assert "Guests know otherwise" not in rep.get(f"/accounts/{firm}").text and "No answer yet 2" in rep.get(f"/accounts/{firm}").text
    gone = rep.post(f"/activities/{key}/deletion", {"next": f"/accounts/{firm}"})
    assert gone.location.startswith(f"/activities/{key}/guests") and rep.get(gone.location).text.count("Is told that it is off") == 2
    told(world, key)
    assert "Is told that it is off" not in rep.get(gone.location).text


def test_a_meeting_nobody_was_told_of_is_moved_without_a_word_of_guests(world, meeting):
    key, firm, _ = meeting
    day = (world.acme.users["rep"].created_at + timedelta(days=5)).date().isoformat()
    answer = world.browser("rep").post(f"/activities/{key}/rescheduling", {"when": f"{day} 10:00", "next": f"/accounts/{firm}"})
    assert answer.location == f"/accounts/{firm}"


def test_a_guest_answers_on_his_page_without_signing_in_and_only_by_posting(world, meeting):
    key, firm, sofie = meeting
    path, nobody = page_of(told(world, key)["sofie@guests.example"]), world.browser(None)
    shown = nobody.get(f"{path}?lang=es")
    assert shown.status_code == 200 and "Spring frames" in shown.text and "Quay 7" in shown.text and "inner words" not in shown.text and '<html lang="es"' in shown.text
    assert shown.headers["X-Robots-Tag"] == "noindex" and shown.headers["Cache-Control"] == "no-store" and shown.headers["Referrer-Policy"] == "no-referrer"
    assert world.acme.users["colleague"].name not in shown.text
    nobody.get(f"{path}?lang=en&answer=accepted")
    with world.acme.ctx("rep") as ctx:
        assert ctx.session.execute(select(Guest.answer).where(Guest.contact_id == sofie, Guest.activity_id == key)).scalar_one() == "waiting"
    answer = nobody.post(f"{path}/answer?lang=en", {"answer": "declined"})
    assert answer.status_code == 303 and "is told" in nobody.get(answer.location).text
    assert "Declined" in world.browser("rep").get(f"/contacts/{sofie}").text and "A guest declined" in world.browser("rep").get(f"/contacts/{sofie}").text
    assert "Sofie Guest declined: Spring frames" in re.sub(r"<[^>]+>", "", world.browser("rep").get("/notifications").text)
    assert nobody.post(f"{path}/answer?lang=en", {"answer": "whatever"}).status_code == 422
    assert nobody.get(path[:-1] + ("0" if path[-1] != "0" else "1")).status_code == 404 and nobody.get("/meeting/x").status_code == 404


def test_the_page_of_a_meeting_that_is_off_says_so(world, meeting):
    key, *_ = meeting
    path, nobody = page_of(told(world, key)["sofie@guests.example"]), world.browser(None)
    world.browser("rep").post(f"/activities/{key}/deletion")
    assert "called off" in nobody.get(f"{path}?lang=en").text
    assert nobody.post(f"{path}/answer?lang=en", {"answer": "accepted"}).status_code == 410


def test_who_does_not_see_the_meeting_or_may_not_write_mails_tells_nobody(world, meeting):
    key, firm, _ = meeting
    assert world.browser("colleague").get(f"/activities/{key}/guests").status_code == 404
    assert world.browser("colleague").post(f"/activities/{key}/guests/notices").status_code == 404
    assert "Send 2 mails" not in world.browser("reader").get(f"/activities/{key}/guests").text
    assert world.browser("reader").post(f"/activities/{key}/guests/notices").status_code == 403
    assert not go(world, key)


def test_programs_see_tell_and_stop(world, meeting):
    key, _, sofie = meeting
    api = world.api("rep")
    (first, second) = api.get(f"/api/v1/activities/{key}/guests").json["data"]
    assert (first["contact_id"], first["would_get"], second["user_id"]) == (str(sofie), "request", str(world.acme.users["colleague"].id))
    assert all(one["waits_until"] for one in api.json("POST", f"/api/v1/activities/{key}/guests/notices", {}).json["data"])
    again = api.json("POST", f"/api/v1/activities/{key}/guests/notices", {})
    assert (again.status_code, again.json["code"]) == (422, "guests_know")
    assert api.json("POST", f"/api/v1/activities/{key}/guests/notices/stopping", {}).status_code == 200 and not go(world, key)
    assert world.api("colleague").get(f"/api/v1/activities/{key}/guests").status_code == 404


def test_a_page_of_the_log_costs_no_statement_more_for_its_guests(world, meeting):
    from tests.support.statements import counted

    key, firm, sofie = meeting
    with world.acme.ctx("rep") as ctx:
        contact = ctx.session.get(queries.Contact, sofie)
        with counted() as seen:
            queries.timeline(ctx, contact)
        assert len(seen) == 1
