"""A form that is sent twice is saved once, and what is typed after that is never lost (FEATURES 2.7)."""

import hashlib
import re
from datetime import timedelta
from threading import Thread
from uuid import UUID

from sqlalchemy import func, select, update

from core.activities.models import Activity
from core.identity.models import IdempotencyKey
from core.parties.actions import create_account
from core.parties.models import Account
from web import guard


def key_of(page: str) -> str:
    """The key of the first form of a page that has one."""
    return re.search(r'name="_once" value="([^"]+)"', page)[1]


def named(world, name: str) -> int:
    with world.acme.ctx() as ctx:
        return ctx.session.execute(select(func.count()).select_from(Account).where(Account.name == name)).scalar_one()


def test_the_same_form_sent_again_is_answered_as_before_and_saves_nothing(world):
    rep = world.browser("rep")
    form = {"name": "Sent twice", "_once": key_of(rep.get("/accounts/new").text)}
    first, second = rep.post("/accounts", form), rep.post("/accounts", form)
    assert first.status_code == second.status_code == 303 and first.location == second.location
    assert named(world, "Sent twice") == 1


def test_without_the_guard_it_would_be_saved_twice(world, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(guard, "once", lambda ctx, act: act())
    rep = world.browser("rep")
    form = {"name": "Twice indeed", "_once": key_of(rep.get("/accounts/new").text)}
    rep.post("/accounts", form), rep.post("/accounts", form)
    assert named(world, "Twice indeed") == 2


def test_other_words_under_the_same_key_are_a_save_of_their_own(world):
    """Somebody goes back to the form, changes the name and saves: nothing of what he typed may be dropped."""
    rep = world.browser("rep")
    key = key_of(rep.get("/accounts/new").text)
    for name in ("Before", "After"):
        assert rep.post("/accounts", {"name": name, "_once": key}).status_code == 303
    assert named(world, "Before") == named(world, "After") == 1


def test_a_refused_form_may_be_sent_again_under_its_key(world):
    rep = world.browser("rep")
    key = key_of(rep.get("/accounts/new").text)
    assert rep.post("/accounts", {"name": "", "_once": key}).status_code == 422
    assert rep.post("/accounts", {"name": "Mended", "_once": key}).status_code == 303 and named(world, "Mended") == 1


def test_an_entry_whose_answer_was_lost_and_that_then_waited_for_the_network_is_saved_once(world):
    """The queue of the page adds when it was typed: that makes no other form of it."""
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        key, typed = create_account(ctx, name="On the road").id, ctx.now - timedelta(days=1)
    entry = {"kind": "note", "body": "Said it once", "next_contact": "in 3 days", "_once": key_of(rep.get(f"/accounts/{key}").text)}
    for more in ({}, {"_written_at": typed.isoformat()}):
        assert rep.post(f"/accounts/{key}/activities", entry | more).status_code == 303
    with world.acme.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Activity).where(Activity.account_id == key)).scalar_one() == 1


def test_it_may_wait_for_as_long_as_a_browser_keeps_it(world):
    """The answer was lost on Friday, the phone lay in a drawer until Thursday; others have saved much since."""
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        key = create_account(ctx, name="Long on the road").id
    entry = {"kind": "note", "body": "Said it once", "_once": key_of(rep.get(f"/accounts/{key}").text)}
    assert rep.post(f"/accounts/{key}/activities", entry).status_code == 303
    with world.acme.ctx() as ctx:
        then = ctx.now - timedelta(days=6, hours=23)
        aged = UUID(int=(int(then.timestamp() * 1000) << 80) + (7 << 76) + 1)
        ctx.session.execute(update(IdempotencyKey).where(IdempotencyKey.key == f"form.{entry['_once']}").values(id=aged, created_at=then))
    for n in range(2):
        rep.post("/accounts", {"name": f"Another {n}", "_once": key_of(rep.get("/accounts/new").text)})
    assert rep.post(f"/accounts/{key}/activities", entry | {"_written_at": then.isoformat()}).status_code == 303
    with world.acme.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Activity).where(Activity.account_id == key)).scalar_one() == 1


def test_what_waited_for_the_network_is_of_the_day_on_which_it_was_typed(world):
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        key, typed, today = create_account(ctx, name="Yesterday").id, ctx.now - timedelta(days=1), ctx.today
    for body, at in (("Typed then", typed), ("Of no time", typed - timedelta(days=90))):
        rep.post(f"/accounts/{key}/activities", {"kind": "note", "body": body, "next_contact": "in 3 days", "_written_at": at.isoformat()})
    with world.acme.ctx() as ctx:
        found = {one.body: one for one in ctx.session.execute(select(Activity).where(Activity.account_id == key)).scalars()}
        assert found["Typed then"].happened_at == typed and found["Typed then"].next_contact_on == today + timedelta(days=2)
        assert found["Of no time"].next_contact_on == today + timedelta(days=3)


def test_two_that_come_at_once_are_saved_once(world, app):
    rep, answers = world.browser("rep"), []
    form = {"name": "At once", "_once": key_of(rep.get("/accounts/new").text)}
    threads = [Thread(target=lambda: answers.append(rep._open("POST", "/accounts", data={"_csrf": rep.csrf, **form}).location)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert named(world, "At once") == 1 and len(set(answers)) == 1


def test_a_key_is_one_persons_own(world):
    rep, colleague = world.browser("rep"), world.browser("colleague")
    key = key_of(rep.get("/accounts/new").text)
    rep.post("/accounts", {"name": "Same words", "_once": key})
    colleague.post("/accounts", {"name": "Same words", "_once": key})
    assert named(world, "Same words") == 2


def test_no_password_of_a_form_can_be_guessed_from_what_is_kept(world):
    """The stored mark of a form is keyed: without the key of this installation nobody can try words against it."""
    owner = world.browser("owner")
    form = {"name": "New", "mail": "once@x.example", "role": "sales", "password": "correct horse battery", "_once": key_of(owner.get("/settings/members").text)}
    assert owner.post("/settings/members", form).status_code == 303
    fields = sorted((name, value) for name, value in form.items() if name != "_once")
    with world.acme.ctx() as ctx:
        marks = list(ctx.session.execute(select(IdempotencyKey.fingerprint)).scalars())
    assert marks and hashlib.sha256(repr(("/settings/members?", fields)).encode()).digest() not in marks


def test_a_script_that_sends_a_form_is_told_where_to_go(world):
    rep = world.browser("rep")
    answer = rep.post("/accounts", {"name": "By script"}, headers={"X-Stay": "1"})
    assert answer.status_code == 204 and answer.headers["X-Go"].startswith("/accounts/") and "Location" not in answer.headers
    refused = rep._open("POST", "/accounts", data={"_csrf": "wrong", "name": "x"}, headers={"X-Stay": "1"})
    assert refused.status_code == 422 and refused.headers["X-Refused"] == "form_expired"
    assert world.browser().post("/accounts", {"name": "x"}, headers={"X-Stay": "1"}).status_code == 401


def test_an_entry_of_the_log_is_written_once(world):
    with world.acme.ctx("rep") as ctx:
        account = create_account(ctx, name="Logged once")
    rep = world.browser("rep")
    form = {"kind": "note", "body": "Said once", "_once": key_of(rep.get(f"/accounts/{account.id}").text)}
    for _ in range(2):
        assert rep.post(f"/accounts/{account.id}/activities", form).status_code == 303
    with world.acme.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Activity).where(Activity.body == "Said once")).scalar_one() == 1
