"""The audit shows who signed in and who failed to; and goes out as a file, without what is hidden (FEATURES 1.12, 160)."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.identity import pruning, roles, sign_in_log
from core.identity.models import SignInEvent
from core.parties import actions as parties
from core.transfer import preparing
from core.transfer.models import ExportRun
from infra import limits
from tenants import entry
from tests.core.identity.test_second_step import set_up
from tests.support.world import PASSWORD, Browser, House

PAGE = "/settings/audit/"


@pytest.fixture
def house(app):
    limits.forget()
    return House(f"si-{uuid4().hex[:8]}")


def sign_in(app, house, mail, password, ip="2001:db8:1:2:3::4"):
    browser = Browser(app, house)
    return browser, browser.post("/sign-in", {"mail": mail, "password": password}, environ_base={"REMOTE_ADDR": ip})


def kept(house):
    with entry.enter(house.tenant) as session:
        return [(row.user_id, row.succeeded, row.way, row.network) for row in session.execute(select(SignInEvent).order_by(SignInEvent.at, SignInEvent.id)).scalars()]


def test_a_sign_in_and_a_try_that_failed_are_kept_with_way_and_network_alone(app, house):
    rep = house.users["rep"]
    sign_in(app, house, rep.mail, "wrong wrong wrong")
    sign_in(app, house, rep.mail, PASSWORD)
    assert kept(house) == [(rep.id, False, "password", "2001:db8:1:2::/64"), (rep.id, True, "password", "2001:db8:1:2::/64")]


def test_of_an_address_that_nobody_here_has_nothing_is_kept(app, house):
    for mail in ("nobody@people.example", "no address", house.users["rep"].mail + "x"):
        sign_in(app, house, mail, PASSWORD)
    assert kept(house) == []


def test_who_has_left_and_tries_is_seen(app, house):
    sign_in(app, house, house.users["ex"].mail, PASSWORD)
    assert kept(house)[0][:2] == (house.users["ex"].id, False)


def test_codes_and_recovery_codes_are_told_apart(app, house):
    authenticator, recovery = set_up(house)
    with entry.enter(house.tenant) as session:
        session.execute(SignInEvent.__table__.delete())
    for code in ("000000", authenticator.now(), recovery[0]):
        browser, _ = sign_in(app, house, house.users["rep"].mail, PASSWORD)
        browser.post("/sign-in/code", {"code": code}, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert [(succeeded, way) for _, succeeded, way, _ in kept(house)] == [(False, "code"), (True, "code"), (True, "recovery")]


def test_without_the_way_back_a_try_at_nobody_would_be_kept(app, house, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(sign_in_log, "_refuse_nobody", lambda user_id: None)
    sign_in(app, house, "nobody@people.example", PASSWORD)
    assert len(kept(house)) == 1


def test_the_page_shows_them_among_the_changes_and_by_themselves(app, house):
    sign_in(app, house, house.users["rep"].mail, "wrong wrong wrong")
    with house.ctx() as ctx:
        parties.create_account(ctx, name="Nordlicht")
    owner = Browser(app, house, "owner")
    both, alone, others = owner.get(PAGE).text, owner.get(f"{PAGE}?table=sign_in").text, owner.get(f"{PAGE}?table=account").text
    assert "2001:db8:1:2::/64" in both and 'Created' not in alone and "Failed" in alone and "2001:db8" not in others and "Created" in others and "Created" in both
    rep, colleague = (owner.get(f"{PAGE}?table=sign_in&person={house.users[who].id}").text for who in ("rep", "colleague"))
    assert "2001:db8" in rep and "2001:db8" not in colleague
    assert Browser(app, house, "manager").get(PAGE).status_code == 403


def test_pages_follow_each_other_without_a_gap(app, house):
    with house.ctx() as ctx:
        for n in range(120):
            sign_in_log.note(ctx.session, house.users["rep"].id, way="password", now=ctx.now - timedelta(minutes=n), ip=f"192.0.2.{n}")
    owner, path, seen = Browser(app, house, "owner"), f"{PAGE}?table=sign_in&person={house.users['rep'].id}", set()
    import html
    import re

    while path:
        page = owner.get(path).text
        seen |= set(re.findall(r"192\.0\.2\.(\d+)", page))
        more = re.search(r'href="([^"]*)" rel="next"', page)
        path = html.unescape(more[1]) if more else ""
    assert len(seen) == 120


def test_after_ninety_days_they_are_gone(house):
    with house.ctx() as ctx:
        for days in (1, 89, 91):
            sign_in_log.note(ctx.session, house.users["rep"].id, way="password", now=ctx.now - timedelta(days=days), ip=None)
        assert len(sign_in_log.events(ctx)) == 2
        assert pruning.prune(ctx)["sign_ins"] == 1
        assert ctx.session.execute(select(func.count()).select_from(SignInEvent)).scalar_one() == 2


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def test_it_goes_out_as_a_file_as_it_is_narrowed_and_that_is_written_down(app, house):
    sign_in(app, house, house.users["rep"].mail, "wrong wrong wrong")
    with house.ctx("rep") as ctx:
        parties.create_account(ctx, name="=Nordlicht")
    owner = Browser(app, house, "owner")
    whole = owner.post(f"{PAGE}exports")
    assert whole.status_code == 200 and whole.mimetype == "text/csv" and "no-store" in whole.headers["Cache-Control"]
    assert {"Account", "Sign-in"} <= {row["Kind of record"] for row in rows_of(whole)}
    assert [row["When"] for row in rows_of(whole)] == sorted((row["When"] for row in rows_of(whole)), reverse=True)
    narrowed = rows_of(owner.post(f"{PAGE}exports", {"table": "sign_in", "person": str(house.users["rep"].id)}))
    assert [(row["Person"], row["What"], row["Changes"], row["Network"]) for row in narrowed] == [("Rep", "Failed", "with the password", "2001:db8:1:2::/64")]
    with house.ctx() as ctx:
        runs = ctx.session.execute(select(ExportRun).where(ExportRun.kind == "audit").order_by(ExportRun.created_at)).scalars().all()
        assert [run.rows for run in runs] == [len(rows_of(whole)), 1] and runs[1].filters["table"] == "sign_in"


def test_a_long_one_is_prepared_in_the_background(app, house, monkeypatch):
    monkeypatch.setattr(preparing, "SMALL", 0)
    with house.ctx() as ctx:
        parties.create_account(ctx, name="Nordlicht")
    answer = Browser(app, house, "owner").post(f"{PAGE}exports")
    assert answer.status_code == 303 and "/exports/" in answer.headers["Location"]


def test_what_is_hidden_from_whoever_takes_it_is_not_in_the_file(app, house):
    with house.ctx() as ctx:
        account = parties.create_account(ctx, name="Nordlicht", phone="+34 600 111 222")
        ctx.session.flush()
        account.phone = "+34 600 333 444"
        roles.edit_role(ctx, roles.one_role(ctx, "manager"), permissions=["audit.read", "audit.export", "accounts.read", "home.read", "profile.edit"], hidden=["accounts.phone"])
    texts = {who: Browser(app, house, who).post(f"{PAGE}exports", {"table": "account"}).get_data(as_text=True) for who in ("owner", "manager")}
    assert "333 444" in texts["owner"] and "333 444" not in texts["manager"] and "Account" in texts["manager"]


def test_who_does_not_read_the_audit_takes_none_out(app, house):
    assert Browser(app, house, "rep").post(f"{PAGE}exports").status_code == 403
