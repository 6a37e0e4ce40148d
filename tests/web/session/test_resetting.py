"""Forgotten passwords through the pages: one answer for all, a link on the right host alone, one use (RELIABILITY X13, X14)."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.base.outbox import Order
from core.identity import resetting
from core.post.models import OutgoingMail
from tenants import entry
from tests.core.identity.test_second_step import set_up
from tests.support.world import PASSWORD, Browser, House
from tests.web.test_sessions import all_refused, five_sessions
from web import door
from workers.jobs.identity import mail_reset

NEW = "another good password"


@pytest.fixture
def house(app):
    return House(f"fg-{uuid4().hex[:8]}")


@pytest.fixture
def visitor(app, house):
    """From an address of his own: what a network may ask is counted too."""
    made = Browser(app, house)
    made.client.environ_base["REMOTE_ADDR"] = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
    return made


def orders(house):
    with entry.enter(house.tenant) as session:
        return session.execute(select(Order).where(Order.name == "identity.mail_reset").order_by(Order.id)).scalars().all()


def letters(house):
    """Every letter that the orders lead to."""
    with house.ctx() as ctx:
        for order in orders(house):
            mail_reset(ctx, **order.args)
        return ctx.session.execute(select(OutgoingMail.to_mail, OutgoingMail.body_text).order_by(OutgoingMail.id)).all()


def link(house, visitor, who="rep", **rest):
    visitor.post("/password/forgotten", {"mail": f"{who}@{house.tenant.slug}.example"}, **rest)
    return re.search(r"https?://\S+/password/\S+", letters(house)[-1].body_text)[0]


def bare(answer, mail):
    return re.sub(r'nonce="[^"]*"', "", answer.text.replace(mail, "MAIL"))


def test_known_disabled_and_unknown_get_one_answer_and_one_order(visitor, house):
    """The same bytes, and the same work: time can tell nothing that work does not."""
    mails = [f"{who}@{house.tenant.slug}.example" for who in ("rep", "ex", "nobody")]
    answers = [visitor.post("/password/forgotten", {"mail": mail}) for mail in mails]
    assert {answer.status_code for answer in answers} == {200}
    assert len({bare(answer, mail) for answer, mail in zip(answers, mails, strict=True)}) == 1
    assert [sorted(order.args) for order in orders(house)] == [["sealed"]] * 3
    assert [to for to, _ in letters(house)] == [mails[0]]


def test_a_shortcut_for_the_unknown_would_be_seen(visitor, house, monkeypatch):
    """Negative control: orders only for who works here."""
    ask = resetting.ask
    monkeypatch.setattr(resetting, "ask", lambda ctx, mail: ask(ctx, mail) if mail.startswith("rep@") else None)
    for who in ("rep", "nobody"):
        visitor.post("/password/forgotten", {"mail": f"{who}@{house.tenant.slug}.example"})
    assert len(orders(house)) != 2


FORGED = [
    {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}, {"X-Host": "evil.example"}, {"X-Original-Host": "evil.example"},
    {"X-Forwarded-Server": "evil.example"}, {"X-Forwarded-Proto": "gopher"}, {"Referer": "http://evil.example/"},
]


@pytest.mark.parametrize("headers", FORGED, ids=lambda headers: next(iter(headers)))
def test_the_link_stands_on_the_tenants_own_host_whatever_the_request_says(visitor, house, headers):
    found = link(house, visitor, headers=headers)
    from infra.config import settings

    assert found.startswith(settings().tenant_url(house.tenant.slug) + "/password/") or found.startswith(f"http://{house.host}/password/")
    assert "evil" not in str(letters(house))


@pytest.mark.parametrize("host", ["evil.example", "{slug}.localhost.evil.example", "evil.example:80", "{slug}.localhost@evil.example", ""])
def test_another_host_is_refused(app, house, host):
    answer = app.test_client().post("/password/forgotten", data={"mail": house.users["rep"].mail}, base_url=f"http://{house.host}", headers={"Host": host.format(slug=house.tenant.slug)})
    assert answer.status_code in (400, 404) and orders(house) == []


def test_the_link_is_followed_once_and_signs_nobody_in(app, house, visitor):
    set_up(house)
    sessions = five_sessions(app, house)
    path = link(house, visitor).split("/password/")[1]
    page = visitor.get(f"/password/{path}")
    assert page.status_code == 200 and (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert not all_refused(sessions[:1]), "looking at the page changes nothing"
    assert visitor.post(f"/password/{path}", {"password": "short"}).status_code == 422
    answer = visitor.post(f"/password/{path}", {"password": NEW})
    assert answer.status_code == 303 and answer.headers["Location"] == "/sign-in?changed=1"
    assert not any(line.startswith(f"{door.cookie_name()}=") for line in answer.headers.getlist("Set-Cookie"))
    assert all_refused(sessions)
    assert visitor.post(f"/password/{path}", {"password": "a third good password"}).status_code == 404
    assert visitor.get(f"/password/{path}").status_code == 404
    signed = visitor.post("/sign-in", {"mail": house.users["rep"].mail, "password": NEW})
    assert signed.headers["Location"].endswith("/sign-in/code"), "the second step is asked for as before"
    assert visitor.post("/sign-in", {"mail": house.users["rep"].mail, "password": PASSWORD}).status_code == 422


def test_another_site_posts_nothing(house, visitor):
    path = link(house, visitor).split("/password/")[1]
    for where, data in (("/password/forgotten", {"mail": "x@x.example"}), (f"/password/{path}", {"password": NEW})):
        assert visitor.post(where, data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_three_letters_an_hour_for_an_address_known_or_not(visitor, house):
    for who in ("rep", "nobody"):
        given = {"mail": f"{who}@{house.tenant.slug}.example"}
        assert [visitor.post("/password/forgotten", given).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_whoever_has_to_pay_comes_in_all_the_same(app, house, visitor):
    from tenants.models import Tenant

    with entry.control() as session:
        session.get_one(Tenant, house.tenant.id).access = "suspended"
    house.fresh()
    path = link(house, visitor, "owner").split("/password/")[1]
    assert visitor.post(f"/password/{path}", {"password": NEW}).status_code == 303


def test_an_administrator_has_a_letter_sent(app, house):
    owner, rep = Browser(app, house, "owner"), house.users["rep"]
    assert owner.post(f"/settings/members/{rep.id}/password-letter").status_code == 303
    assert [to for to, _ in letters(house)] == [rep.mail]
    assert Browser(app, house, "manager").post(f"/settings/members/{rep.id}/password-letter").status_code == 403
    with entry.enter(house.tenant) as session:
        assert session.execute(select(func.count()).select_from(Order).where(Order.name == "identity.mail_reset")).scalar_one() == 1
