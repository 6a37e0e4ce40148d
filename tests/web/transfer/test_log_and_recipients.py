"""The contact log and a mailing's recipients as files: who, what, under which filter, and that it is written down."""

import csv
import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.activities import actions as log
from core.mailings import drafting, running
from core.mailings.models import MailingRecipient
from core.parties.actions import create_account, create_contact
from core.transfer.models import ExportRun

LOG, NEW = "/activities/exports", "/activities/exports/new"


def taken(answer):
    assert answer.status_code == 200 and answer.mimetype == "text/csv" and answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def filled(world):
    """The salesperson's account with two entries, one of them with a formula in it; a colleague's with one."""
    keys = {}
    for who in ("rep", "colleague"):
        with world.acme.ctx(who) as ctx:
            account = create_account(ctx, name=f"{who}'s account")
            ctx.session.flush()
            keys[who] = account.id
            log.log_activity(ctx, kind="call", account=account, body=f"=1+1 {who}", happened_at=ctx.now - timedelta(days=40), direction="out")
            if who == "rep":
                person = create_contact(ctx, name="Pia", account_id=account.id)
                ctx.session.flush()
                keys["person"] = person.id
                log.log_activity(ctx, kind="visit", contact=person, body="two\nlines", next_contact="tomorrow", next_contact_kind="meeting", next_contact_note="=2")
    world.keys = keys
    return world


def texts(world, who, **fields):
    return [row["Text"] for row in taken(world.browser(who).post(LOG, fields))]


def test_the_log_goes_out_as_text_with_names_and_words(filled):
    first, second = taken(filled.browser("rep").post(LOG, {"account_id": str(filled.keys["rep"])}))
    assert (first["Kind"], first["Text"], first["Account"], first["Contact"], first["About"]) == ("Visit", "two\nlines", "rep's account", "Pia", "'=2")
    assert (first["Kind of the next contact"], second["Kind of the next contact"]) == ("Meeting", "")
    assert (second["Kind"], second["Direction"], second["Text"], second["Written by"], second["Owner"]) == ("Call", "Outgoing", "'=1+1 rep", "Rep", "Rep")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", first["When"]) and re.fullmatch(r"\d{4}-\d\d-\d\d", first["Next contact"])


def test_each_takes_out_what_he_sees(filled):
    assert texts(filled, "rep") == ["two\nlines", "'=1+1 rep"] and texts(filled, "colleague") == ["'=1+1 colleague"]
    assert len(texts(filled, "manager")) == 3 and texts(filled, "manager", owner="me") == []
    assert texts(filled, "rep", owner="me") == ["two\nlines", "'=1+1 rep"]
    assert texts(filled, "rep", contact_id=str(filled.keys["person"])) == ["two\nlines"]
    for key in (filled.keys["colleague"], uuid4(), "x"):
        assert filled.browser("rep").post(LOG, {"account_id": str(key)}).status_code == 404


def test_a_period_holds_both_its_days(filled):
    with filled.acme.ctx("rep") as ctx:
        old, today = ctx.today - timedelta(days=40), ctx.today
    assert texts(filled, "rep", since=str(old), until=str(old)) == ["'=1+1 rep"]
    assert texts(filled, "rep", since=str(old + timedelta(days=1))) == ["two\nlines"] and texts(filled, "rep", until=str(today - timedelta(days=1))) == ["'=1+1 rep"]


def test_what_was_deleted_stays_in(filled):
    with filled.acme.ctx("rep") as ctx:
        account = create_account(ctx, name="Gone")
        ctx.session.flush()
        entry = log.log_activity(ctx, kind="note", account=account, body="a slip")
        ctx.session.flush()
        log.delete_activity(ctx, entry)
    assert "a slip" not in texts(filled, "rep", account_id=str(account.id))


@pytest.mark.parametrize("fields", [{"since": "soon"}, {"until": "2026-13-01"}, {"owner": "' OR 1"}, {"since": "2026-02-01", "until": "2026-01-01"}])
def test_a_bad_period_brings_the_form_back(filled, fields):
    answer = filled.browser("rep").post(LOG, fields)
    assert answer.status_code == 422 and 'id="log-export"' in answer.text and "Last day" in answer.text


def test_the_pages_have_the_buttons_for_those_who_may(filled):
    for path, key in ((f"/accounts/{filled.keys['rep']}", "account_id"), (f"/contacts/{filled.keys['person']}", "contact_id")):
        rep = filled.browser("rep")
        form = re.search(rf'<form method="post" action="{LOG}".*?</form>', rep.get(path).text, re.S)[0]
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
        assert key in fields and "two\nlines" in [row["Text"] for row in taken(rep.post(LOG, fields))]
        assert LOG not in filled.browser("reader").get(path).text
    assert f'href="{NEW}"' in filled.browser("rep").get("/").text and f'href="{NEW}"' not in filled.browser("reader").get("/").text
    assert filled.browser("rep").get(NEW).status_code == 200


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("manager", 200), ("rep", 200), ("reader", 403), (None, 303)])
def test_who_may_take_the_log_out(filled, who, status):
    assert filled.browser(who).post(LOG).status_code == status
    assert filled.browser(who).get(NEW).status_code == status


def test_who_took_what_is_written_down_and_looking_writes_nothing(filled):
    with filled.acme.ctx() as ctx:
        before = set(ctx.session.execute(select(ExportRun.id)).scalars())
    filled.browser("rep").get(NEW)
    filled.browser("rep").post(LOG, {"owner": "me", "_csrf": "another"})
    filled.browser("rep").post(LOG, {"owner": "me", "since": "2026-01-01"})
    with filled.acme.ctx() as ctx:
        (run,) = (run for run in ctx.session.execute(select(ExportRun)).scalars() if run.id not in before)
        assert (run.kind, run.filters, run.rows, run.created_by) == ("activities", {"owner": "me", "since": "2026-01-01"}, 2, filled.acme.users["rep"].id)


@pytest.fixture(scope="module")
def mailing(world):
    """Three recipients: one has it, one has left, one was refused."""
    with world.acme.ctx() as ctx:
        for n in range(3):
            create_contact(ctx, name=f"=P{n}", mail=f"p{n}@people.example", tags=["round"])
        made = drafting.draft_mailing(ctx, subject="Spring", body="x", tags=["round"])
        ctx.session.flush()
        running.start_mailing(ctx, made.id)
        for n, values in enumerate(({"state": "sent", "sent_at": ctx.now, "provider_reply": "250 ok"}, {"state": "suppressed", "reason": "unsubscribed", "unsubscribed_at": ctx.now}, {"state": "failed", "reason": "refused"})):
            ctx.session.execute(update(MailingRecipient).where(MailingRecipient.mailing_id == made.id, MailingRecipient.address == f"p{n}@people.example").values(**values))
        return made.id


def test_the_recipients_go_out_with_what_became_of_them(world, mailing):
    rows = taken(world.browser("manager").post(f"/mailings/{mailing}/exports"))
    assert [(row["Name"], row["State"], row["What happened"]) for row in rows] == [
        ("'=P0", "Sent", ""), ("'=P1", "Left out", "has unsubscribed"), ("'=P2", "Failed", "the mail server refused it")]
    assert rows[0]["Sent at"] and rows[1]["Left at"] and rows[0]["Answer of the mail server"] == "250 ok"
    assert [row["Name"] for row in taken(world.browser("manager").post(f"/mailings/{mailing}/exports", {"state": "failed"}))] == ["'=P2"]
    assert world.browser("manager").post(f"/mailings/{mailing}/exports", {"state": "x"}).status_code == 422
    page = world.browser("manager").get(f"/mailings/{mailing}?state=sent").text
    assert f'action="/mailings/{mailing}/exports"' in page and 'name="state" value="sent"' in page
    assert "/exports" not in world.browser("reader").get(f"/mailings/{mailing}").text


def test_who_may_take_recipients_out(world, mailing):
    for who, status in (("owner", 200), ("manager", 200), ("rep", 403), ("reader", 403), (None, 303)):
        assert world.browser(who).post(f"/mailings/{mailing}/exports").status_code == status
    assert world.browser("owner", world.globex).post(f"/mailings/{mailing}/exports").status_code == 404


def test_recipients_that_one_does_not_see_stay_in(world, mailing):
    """A role of its own: it may take mailings out and sees only its own people."""
    with world.acme.ctx("rep") as ctx:
        from dataclasses import replace

        from core.mailings import queries
        from core.transfer.wanted import Wanted, take_out

        seen = replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions | {"mailings.read", "mailings.export"}))
        assert take_out(seen, Wanted("recipients", mailing_id=queries.one(seen, mailing).id), io.BytesIO()) == 0


def test_the_use_cases_ask_again(world, mailing):
    """The web is not the only door."""
    from core.base.errors import Forbidden
    from core.mailings import queries
    from core.transfer.wanted import Wanted, take_out

    with world.acme.ctx("reader") as ctx:
        with pytest.raises(Forbidden):
            take_out(ctx, Wanted("activities"), io.BytesIO())
        with pytest.raises(Forbidden):
            take_out(ctx, Wanted("recipients", mailing_id=queries.one(ctx, mailing).id), io.BytesIO())


def test_the_api_has_the_rows(world, filled, mailing):
    api = world.api("owner")
    rows = api.get(f"/api/v1/activities?filter[account_id][eq]={filled.keys['rep']}").json["data"]
    assert {row["body"] for row in rows} == {"two\nlines", "=1+1 rep"}
    assert {row["state"] for row in api.get(f"/api/v1/mailings/{mailing}/recipients").json["data"]} == {"sent", "suppressed", "failed"}
