"""Another mail address through the pages: asked with the password, confirmed by the link, stopped from the old one."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.outbox import Order
from core.identity.models import MailChange
from core.post.models import OutgoingMail
from tenants import entry
from tests.support.world import PASSWORD, Browser, House
from tests.web.test_sessions import all_refused, five_sessions
from workers.jobs.identity import mail_change_letter

PAGE = "/settings/mail-address/"


@pytest.fixture
def house(app):
    return House(f"ma-{uuid4().hex[:8]}", {"owner": "admin", "rep": "sales"})


def links(house):
    """to whom -> path of the link, over all letters about the change."""
    with house.ctx() as ctx:
        for order in ctx.session.execute(select(Order).where(Order.name == "identity.mail_change_letter")).scalars():
            mail_change_letter(ctx, **order.args)
        found = ctx.session.execute(select(OutgoingMail.to_mail, OutgoingMail.body_text).order_by(OutgoingMail.id)).all()
    return {to: re.search(r"https?://[^/\s]+(/\S+)", body)[1] for to, body in found}


def test_the_whole_way_to_a_new_address(app, house):
    browsers, new = five_sessions(app, house), "fresh@people.example"
    old, rep = house.users["rep"].mail, browsers[0]
    assert rep.post(PAGE, {"mail": new}).headers["Location"] == PAGE
    assert new in rep.get(PAGE).text and old in rep.get("/settings/profile").text
    path = links(house)[new]
    shown = rep.get(path)
    assert shown.status_code == 200 and (shown.headers["Referrer-Policy"], shown.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert Browser(app, house).get(path).headers["Location"].startswith("/sign-in?next="), "a stranger with the link signs in first"
    assert Browser(app, house, "owner").get(path).status_code == 404
    answer = rep.post(path)
    assert answer.headers["Location"] == "/sign-in?moved=1" and "Expires=Thu, 01 Jan 1970" in answer.headers["Set-Cookie"]
    assert all_refused(browsers)
    visitor = Browser(app, house)
    assert "Your mail address is changed" in visitor.get("/sign-in?moved=1").text
    assert [visitor.post("/sign-in", {"mail": mail, "password": PASSWORD}).status_code for mail in (old, new)] == [422, 303]


def test_an_old_session_is_asked_who_it_is(app, house):
    from datetime import timedelta

    from sqlalchemy import update

    from core.identity.models import SignIn

    rep = Browser(app, house, "rep")
    with entry.enter(house.tenant) as session:
        session.execute(update(SignIn).values(confirmed_at=entry.utcnow() - timedelta(minutes=11)))
    answer = rep.post(PAGE, {"mail": "fresh@people.example"})
    assert answer.status_code == 403 and 'name="secret"' in answer.text
    with house.ctx() as ctx:
        assert ctx.session.execute(select(MailChange)).all() == []


def test_free_and_taken_addresses_get_one_answer(app, house):
    rep, answers = Browser(app, house, "rep"), []
    for mail in (house.users["owner"].mail, "nobody@people.example"):
        answer = rep.post(PAGE, {"mail": mail})
        answers.append((answer.status_code, answer.headers["Location"], re.sub(r'nonce="[^"]*"|[0-9a-f-]{36}|name="_once"[^>]*', "", rep.get(PAGE).text.replace(mail, "MAIL"))))
    assert answers[0][:2] == answers[1][:2] == (303, PAGE)
    assert "MAIL" in answers[0][2] and "MAIL" in answers[1][2]


def test_it_is_called_off_and_a_bad_address_is_said(app, house):
    rep = Browser(app, house, "rep")
    assert [rep.post(PAGE, {"mail": mail}).status_code for mail in ("", "nobody", house.users["rep"].mail)] == [422] * 3
    rep.post(PAGE, {"mail": "fresh@people.example"})
    path = links(house)["fresh@people.example"]
    assert rep.post(PAGE + "stop").status_code == 303
    rep.get(PAGE)  # says what was done, once
    assert "fresh@people.example" not in rep.get(PAGE).text and rep.post(path).status_code == 404


def test_the_old_address_says_that_it_was_not_me(app, house):
    rep, old = Browser(app, house, "rep"), house.users["rep"].mail
    rep.post(PAGE, {"mail": "thief@people.example"})
    found, visitor = links(house), Browser(app, house)
    rep.post(found["thief@people.example"])
    page = visitor.get(found[old])
    assert page.status_code == 200 and "thief@people.example" in page.text and page.headers["Referrer-Policy"] == "no-referrer"
    assert visitor.post(found[old], headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    kept = visitor.post(found[old])
    assert kept.status_code == 200 and old in kept.text
    assert visitor.post(found[old]).status_code == 404
    assert [visitor.post("/sign-in", {"mail": mail, "password": PASSWORD}).status_code for mail in (old, "thief@people.example")] == [422, 422]


def test_five_letters_an_hour_for_a_person_and_three_for_an_address(app, house):
    rep, owner = Browser(app, house, "rep"), Browser(app, house, "owner")
    assert [owner.post(PAGE, {"mail": "one@people.example"}).status_code for _ in range(4)] == [303] * 3 + [429]
    assert [rep.post(PAGE, {"mail": f"n{n}@people.example"}).status_code for n in range(6)] == [303] * 5 + [429]


def test_whoever_comes_in_through_the_company_is_told_that_this_stays(app, house):
    from core.identity.models import IdentityProvider, UserIdentity

    rep = Browser(app, house, "rep")
    assert "You come in through" not in rep.get(PAGE).text
    with entry.enter(house.tenant) as session:
        session.add(IdentityProvider(name="Kontoso", issuer="https://id.example", client_id="x", client_secret=b"x", discovery={"authorization_endpoint": "https://id.example/a"}))
        session.add(UserIdentity(user_id=house.users["rep"].id, issuer="https://id.example", subject="s1", created_at=entry.utcnow()))
    assert "You come in through Kontoso" in rep.get(PAGE).text
