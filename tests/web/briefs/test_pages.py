"""The brief on its page, on paper and for programs: the same facts, one sheet whatever stands in them, nothing that is hidden or not his."""

import io
import re
import time
from datetime import timedelta

import pypdf
import pytest
from sqlalchemy import update

from core.activities import actions as log
from core.identity.models import Role
from core.notifications.words import MORE
from core.parties import actions as parties
from core.parties.queries import one_account
from infra import i18n
from tests.core.briefs.conftest import fill
from tests.infra.test_fonts import at, boxes_in, brought  # noqa: F401 (fixtures)
from tests.support.statements import counted

SCRIPTS = {
    "en": "Agreed on the delivery of forty trays", "es": "Acordamos la entrega de cuarenta bandejas, mañana a las ocho", "ru": "Договорились о поставке сорока поддонов, щётка и ёжик",
    "zh": "我们商定下周交付四十个激光水平仪托盘", "ko": "다음 주에 레이저 수평기 선반을 납품하기로 합의",
}


@pytest.fixture(scope="module")
def account(world):
    with world.acme.ctx("rep") as ctx:
        return fill(ctx)[0].id


def read(answer):
    assert answer.status_code == 200 and answer.mimetype == "application/pdf", answer.status_code
    return pypdf.PdfReader(io.BytesIO(answer.data))


def text_of(pdf):
    return "".join("".join(page.extract_text() for page in pdf.pages).replace("\u200b", "").split())


def bare(text):
    return "".join(text.split())


def test_the_page_says_what_was_promised_who_is_there_and_what_to_say(world, account):
    rep = world.browser("rep")
    page = rep.get(f"/accounts/{account}/brief")
    for told in ("Apologise, and say when it comes: Send the samples", "Rep promised it for", "Sofie Brandt", "Head of purchasing", "Forty trays", "Call about the drawing", "Old racks", "Too dear", "12,400.00 EUR", "Wish Sofie Brandt a happy birthday"):
        assert told in page.text, told
    assert f'href="/accounts/{account}/brief.pdf"' in page.text and page.headers["X-Brief"] == "Nordlicht"
    assert f'href="/accounts/{account}/brief"' in rep.get(f"/accounts/{account}").text
    assert world.browser("colleague").get(f"/accounts/{account}/brief").status_code == world.browser("colleague").get(f"/accounts/{account}/brief.pdf").status_code == 404


def test_it_takes_few_statements_and_less_than_a_second_on_paper_too(world, account):
    rep = world.browser("rep")
    rep.get(f"/accounts/{account}/brief.pdf")  # the press and the application are warm
    for path in ("brief", "brief.pdf"):
        began = time.perf_counter()
        with counted() as sent:
            assert rep.get(f"/accounts/{account}/{path}").status_code == 200
        assert time.perf_counter() - began < 1 and len(sent) <= 18, len(sent)


def test_paper_is_one_tagged_sheet_that_says_the_same(world, account):
    pdf = read(world.browser("rep").get(f"/accounts/{account}/brief.pdf"))
    assert len(pdf.pages) == 1 and [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == [595, 842]
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in pdf.trailer["/Root"] and pdf.metadata.title == "Brief: Nordlicht"
    text = text_of(pdf)
    for told in ("Apologise, and say when it comes: Send the samples", "Sofie Brandt", "sofie@nordlicht.example", "Forty trays", "Too dear", "As Rep sees it on"):
        assert bare(told) in text, told


@pytest.mark.parametrize("script", SCRIPTS)
def test_however_much_there_is_it_stays_one_sheet_in_every_script_and_says_how_much_more(world, at, brought, script):  # noqa: F811
    at(brought)
    with world.acme.ctx("rep", locale=script) as ctx:
        found = parties.create_account(ctx, name=f"{SCRIPTS[script]} {script} " * 3)
        ctx.session.flush()
        key = found.id
        for number in range(30):
            person = parties.create_contact(ctx, name=f"{SCRIPTS[script][:40]} {number}", account_id=key, job_title=SCRIPTS[script], mail=f"{'w' * 50}{number}@example.com")
            ctx.session.flush()
            log.log_activity(ctx, kind="call", account=found, contact=person, body=f"{number} {SCRIPTS[script] * 8} {'W' * 200}")
            log.log_activity(ctx, kind="call", account=found, body="x", next_contact=ctx.today + timedelta(days=1), next_contact_note=f"{number} {SCRIPTS[script] * 6}", next_contact_kind="promise" if number % 2 else "call")
    with world.acme.ctx("rep") as ctx:
        ctx.session.get_one(type(world.acme.users["rep"]), ctx.actor.id).locale = script
    answer = world.browser("rep").get(f"/accounts/{key}/brief.pdf")
    with world.acme.ctx("rep") as ctx:
        ctx.session.get_one(type(world.acme.users["rep"]), ctx.actor.id).locale = "en"
    pdf = read(answer)
    text = text_of(pdf)
    assert len(pdf.pages) == 1 and boxes_in(answer.data) == 0
    before, after = (bare(part) for part in i18n.gettext(script, MORE, count="#").split("#"))
    assert bare(SCRIPTS[script])[:20] in text and re.search(rf"{re.escape(before)}\d+{re.escape(after)}", text)
    assert "…" in text


def test_a_program_gets_the_same_facts(world, account):
    found = world.api("rep").json("GET", f"/api/v1/accounts/{account}/brief").json
    assert [one["code"] for one in found["words"]] == ["broken", "birthday_age", "overdue", "lost"]
    assert found["words"][0]["say"] == "Apologise, and say when it comes: Send the samples"
    assert found["deals"][0]["amount"] == {"amount": "12400.00", "currency": "EUR"} and found["people"][0]["mail"] == "sofie@nordlicht.example"
    assert found["won"]["number"] == 2 and found["won"]["amount"] == {"amount": "11100.00", "currency": "EUR"} and {one["name"] for one in found["won"]["newest"]} == {"Ten trays", "Counter"}
    person = world.api("rep").json("GET", f"/api/v1/contacts/{found['people'][0]['id']}/brief").json
    assert person["above"] == "Nordlicht" and person["people"] is None
    assert world.api("colleague").json("GET", f"/api/v1/accounts/{account}/brief").status_code == 404


def test_hidden_fields_stand_neither_on_the_page_nor_on_paper_nor_in_the_answer(world, account):
    with world.acme.ctx() as ctx:
        role = ctx.session.get_one(Role, world.acme.users["rep"].role_id)
        was, role.hidden = role.hidden, ["contacts.mail", "contacts.job_title", "contacts.birthday", "accounts.industry"]
    try:
        page, paper = world.browser("rep").get(f"/accounts/{account}/brief").text, text_of(read(world.browser("rep").get(f"/accounts/{account}/brief.pdf")))
        answer = world.api("rep").json("GET", f"/api/v1/accounts/{account}/brief").text
        for secret in ("sofie@nordlicht.example", "Head of purchasing", "happy birthday", "Optics"):
            assert secret not in page and bare(secret) not in paper and secret not in answer, secret
    finally:
        with world.acme.ctx() as ctx:
            ctx.session.execute(update(Role).where(Role.id == world.acme.users["rep"].role_id).values(hidden=was))


def test_a_device_may_keep_a_brief_as_long_as_its_record_is_seen(world, account):
    rep, colleague = world.browser("rep"), world.browser("colleague")
    path = f"/accounts/{account}/brief"
    assert rep.get(f"/offline/seen?path={path}").json == {"seen": [path]} and colleague.get(f"/offline/seen?path={path}").json == {"seen": []}
    with world.acme.ctx("rep") as ctx:
        assert one_account(ctx, account).name == "Nordlicht"
