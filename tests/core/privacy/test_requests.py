"""Requests of persons: due in a month, ticked, decided; the archive of one person; restricting and objecting."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.base.errors import Forbidden, NotFound, Refused
from core.bulk import selecting
from core.consent import queries as ledger
from core.parties import actions as parties
from core.parties import queries
from core.privacy import requests
from core.privacy.models import SubjectHit
from core.quotes.models import QuoteVersion
from tests.core.privacy.conftest import ask, decide, run_orders
from tests.support import canaries


def test_a_request_is_due_in_a_month_and_can_be_extended_once_with_a_reason(house):
    with house.ctx() as ctx:
        request = requests.receive(ctx, kind="access", who="Anna Bell")
        assert request.due_on == request.received_on + timedelta(days=30)
    run_orders(house, "privacy.search")
    with house.ctx() as ctx:
        request = requests.one(ctx, request.id)
        with pytest.raises(Refused, match="required"):
            requests.extend(ctx, request, " ")
        requests.extend(ctx, request, "Many rooms")
        assert request.due_on == request.received_on + timedelta(days=90)
        with pytest.raises(Refused, match="request_extended"):
            requests.extend(ctx, request, "Again")


def test_only_who_may_answers_persons(house, who):
    key = ask(house, who, "access")
    with house.ctx("manager") as ctx:
        for act in (lambda: requests.requests(ctx), lambda: requests.receive(ctx, kind="access", who="x"), lambda: requests.one(ctx, key)):
            with pytest.raises(Forbidden):
                act()


def test_nothing_is_said_to_be_done_for_a_record_that_one_does_not_see(house, who):
    """Restricted would be those records alone that he sees, and the request closed all the same."""
    key = ask(house, who, "restrict")
    with house.ctx("rep") as ctx:
        eyes = replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions | {"privacy.manage"}))
        with pytest.raises(Refused, match="request_beyond_reach"):
            requests.decide(eyes, requests.one(eyes, key), identity="Passport", outcome="As asked")
    with house.ctx() as ctx:
        requests.decide(ctx, requests.one(ctx, key), identity="Passport", outcome="As asked")
        assert queries.one_contact(ctx, who.contact).restricted_at is not None


def test_nothing_is_done_without_a_tick_and_without_knowing_who_asks(house, who):
    key = ask(house, who, "erase")
    with house.ctx() as ctx:
        request = requests.one(ctx, key)
        with pytest.raises(Refused, match="required"):
            requests.decide(ctx, request, identity="")
        requests.tick(ctx, request, [])
        with pytest.raises(Refused, match="nothing_ticked"):
            requests.decide(ctx, request, identity="Passport")


def test_the_archive_holds_everything_of_the_person_and_is_fetched_once(house, who):
    key = ask(house, who, "access")
    assert decide(house, key) == ["done"]
    with house.ctx() as ctx:
        content = requests.fetch(ctx, requests.one(ctx, key))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names, said = archive.namelist(), json.loads(archive.read("person.json"))
        assert "tables/contact.csv" in names and any(name.startswith("files/1-") for name in names)
        assert said["data"]["Contact"][0]["mail"] == who.mail and said["data"]["Consents"][0]["given"] is True
        assert who.secret.encode() in archive.read("tables/activity.csv")
        quoted = archive.read("tables/quote_version.csv").decode()
        with house.ctx() as ctx:
            tokens = set(ctx.session.execute(select(QuoteVersion.token).where(QuoteVersion.id.in_(who.answers.values()))).scalars())
        assert "accepted" in quoted and tokens and not [one for one in tokens if one in quoted or one in json.dumps(said)], "no link that opens a quote"
    with house.ctx() as ctx, pytest.raises(NotFound):
        requests.fetch(ctx, requests.one(ctx, key))


def test_what_was_stopped_is_not_kept(house, who):
    key = ask(house, who, "access")
    with house.ctx() as ctx:
        request = requests.decide(ctx, requests.one(ctx, key), identity="Passport")
        requests.stop(ctx, request)
    assert run_orders(house, "privacy.take_out") == ["done"]
    with house.ctx() as ctx:
        assert requests.one(ctx, key).file_key is None and requests.one(ctx, key).state == "open"


def test_a_refused_request_forgets_who_asked(house, who):
    key = ask(house, who, "erase")
    with house.ctx() as ctx:
        requests.refuse(ctx, requests.one(ctx, key), "Not the person")
    with house.ctx() as ctx:
        request = requests.one(ctx, key)
        assert request.who is None and request.mail is None and request.mail_hash and ctx.session.query(SubjectHit).count() == 0


def test_who_is_restricted_is_left_alone_everywhere(house, who):
    from core.mailings import audience

    with house.ctx() as ctx:
        assert audience.count(ctx, "everyone", []) == 1
    decide(house, ask(house, who, "restrict"))
    with house.ctx() as ctx:
        contact = queries.one_contact(ctx, who.contact)
        assert contact.restricted_at is not None and audience.count(ctx, "everyone", []) == 0
        with pytest.raises(Refused, match="contact_restricted"):
            parties.edit_contact(ctx, contact, phone="1234567")
        with pytest.raises(Refused, match="bulk_nothing_selected"):
            selecting.select_records(ctx, "contacts", keys=[contact.id])


def test_the_database_itself_keeps_a_restricted_person_as_he_is(house, who):
    from sqlalchemy import text

    decide(house, ask(house, who, "restrict"))
    with house.ctx() as ctx:
        with pytest.raises(Exception, match="is restricted"), ctx.session.begin_nested():
            ctx.session.execute(text("UPDATE contact SET notes = 'x'"))
        ctx.session.execute(text("UPDATE contact SET restricted_at = NULL"))
        ctx.session.execute(text("UPDATE contact SET notes = 'x'"))


def test_who_objects_has_withdrawn_everything(house, who):
    with house.ctx() as ctx:
        assert [row.given for row in ledger.standing(ctx, queries.one_contact(ctx, who.contact))] == [True]
    decide(house, ask(house, who, "object"))
    with house.ctx() as ctx:
        assert [row.given for row in ledger.standing(ctx, queries.one_contact(ctx, who.contact))] == [False]


def test_a_restricted_person_can_still_be_erased(house, who):
    decide(house, ask(house, who, "restrict"))
    key = ask(house, who, "erase")
    assert decide(house, key) == ["done"]
    # The request to restrict is open to whoever answers for it, and names the person until it is removed by hand.
    left = [one for one in canaries.everywhere(house, who.words) if not one.startswith(("subject_request", "subject_hit"))]
    assert left == []
