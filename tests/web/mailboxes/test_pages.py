"""Mailboxes as people set them up and programs post to them."""

import re

import pytest
from sqlalchemy import select

from core.base.outbox import Order
from core.leads.models import Lead
from core.mailboxes import actions, arriving, queries
from core.mailboxes.models import Mailbox, MailboxArrival
from core.privacy import erasing
from core.privacy.rows import Person
from infra.inbox.limited import read_many
from tenants import tombstones
from tests.infra.inbox.mails import mail

IMAP = {"name": "Mine", "host": "imap.example.com", "port": "993", "username": "anna", "password": "a secret of the box", "since": "2026-11-01", "trusted": "mx.example.com", "purpose": "mail"}


@pytest.fixture
def door(world):
    """(its key, its secret) of one to which a program posts."""
    with world.acme.ctx() as ctx:
        mailbox, secret = actions.make(ctx, way="webhook", shared=True, name="Leads", purpose="leads", trusted="mx.acme.example")
        return mailbox.id, secret


def post(world, door, raw, secret=None):
    return world.browser().client.post(f"/inbound/{door[0]}", base_url=f"http://{world.acme.host}", data=raw, headers={"X-Mailbox-Secret": door[1] if secret is None else secret}, content_type="message/rfc822")


def opened(world):
    """What the order does with what waits."""
    with world.acme.ctx() as ctx:
        for one in ctx.session.execute(select(MailboxArrival.id).where(MailboxArrival.state == "waiting")).scalars().all():
            raw, trusted = arriving.waiting(ctx, one)
            arriving.settle(ctx, one, arriving.Came(raw, read_many([raw], trusted=trusted)[0]))


def test_an_own_mailbox_is_set_up_seen_by_its_owner_alone_and_never_tells_its_password(world):
    rep = world.browser("rep")
    assert "No mailboxes yet" in world.browser("manager").get("/settings/mailboxes/").get_data(as_text=True)
    made = rep.post("/settings/mailboxes/", IMAP)
    assert made.status_code == 303
    page = rep.get(made.location).get_data(as_text=True)
    assert "imap.example.com" in page and IMAP["password"] not in page and "Being looked at" in page
    assert world.browser("owner").get(made.location).status_code == 404 and world.browser("manager").get(made.location).status_code == 404
    assert "Mine" not in world.browser("owner").get("/settings/mailboxes/").get_data(as_text=True)
    with world.acme.ctx("rep") as ctx:
        row = ctx.session.execute(select(Mailbox).where(Mailbox.name == "Mine")).scalar_one()
        assert IMAP["password"].encode() not in row.password and actions.unsealed(ctx, row) == IMAP["password"] and not row.shared
        assert ctx.session.execute(select(Order.name).where(Order.name == actions.LOOK)).first()
        ctx.session.rollback()


def test_a_stored_password_goes_to_no_other_server(world):
    rep = world.browser("rep")
    key = rep.post("/settings/mailboxes/", IMAP | {"name": "Moved"}).location.rsplit("/", 1)[1]
    answer = rep.post(f"/settings/mailboxes/{key}", IMAP | {"host": "imap.evil.example", "password": "", "_version": "1"})
    assert answer.status_code == 422 and "Type the password again" in answer.get_data(as_text=True)
    assert rep.post(f"/settings/mailboxes/{key}", IMAP | {"name": "Renamed", "password": "", "_version": "1"}).status_code == 303


@pytest.mark.parametrize(("change", "said"), [({"host": "127.0.0.1:1"}, "no name of a server"), ({"port": "x"}, "port"), ({"password": ""}, "password"), ({"trusted": "a b"}, "one word")])
def test_what_can_not_be_is_refused_by_its_field(world, change, said):
    answer = world.browser("rep").post("/settings/mailboxes/", IMAP | change)
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)


def test_only_whoever_manages_them_makes_and_sees_shared_ones(world, door):
    rep, owner = world.browser("rep"), world.browser("owner")
    assert rep.post("/settings/mailboxes/doors", {"name": "X", "purpose": "leads"}).status_code == 403 and rep.get(f"/settings/mailboxes/{door[0]}").status_code == 404
    answer = owner.post("/settings/mailboxes/doors", {"name": "Fair", "purpose": "leads", "owner_id": str(world.acme.users["rep"].id)})
    page = answer.get_data(as_text=True)
    secret = re.search(r'id="new-token" value="([^"]+)"', page)[1]
    assert answer.status_code == 201 and answer.headers["Cache-Control"] == "no-store" and "/inbound/" in page
    key = re.search(r"/inbound/([0-9a-f-]{36})", page)[1]
    assert secret not in owner.get(f"/settings/mailboxes/{key}").get_data(as_text=True)
    assert post(world, (key, secret), mail()).status_code == 202
    assert rep.post("/settings/mailboxes/", IMAP | {"name": "Sly", "shared": "y", "purpose": "leads"}).status_code == 303
    with world.acme.ctx() as ctx:
        assert not ctx.session.execute(select(Mailbox.shared).where(Mailbox.name == "Sly")).scalar_one()


def test_a_posted_mail_is_stored_before_the_answer_and_becomes_one_lead(world, door):
    raw = mail("Authentication-Results: mx.acme.example; dkim=pass header.d=example.com", sender="Bo Ray <bo@example.com>")
    assert [post(world, door, raw).status_code for _ in range(3)] == [202, 200, 200]
    with world.acme.ctx() as ctx:
        (kept,) = ctx.session.execute(select(MailboxArrival).where(MailboxArrival.mailbox_id == door[0])).scalars()
        assert kept.state == "waiting" and ctx.session.execute(select(Order).where(Order.name == arriving.OPEN_ORDER, Order.dedupe_key == str(kept.id))).first()
    opened(world), opened(world)
    with world.acme.ctx() as ctx:
        (lead,) = ctx.session.execute(select(Lead).where(Lead.mail == "bo@example.com")).scalars()
        assert (lead.name, lead.source, lead.interest, lead.touches) == ("Bo Ray", "mail", "Pumps", 1)


def test_a_wrong_secret_a_foreign_one_and_no_mailbox_are_all_the_same(world, door):
    with world.globex.ctx() as ctx:
        other = actions.make(ctx, way="webhook", shared=True, name="Theirs", purpose="leads")[1]
    answers = [post(world, door, mail(), secret) for secret in ("", "x", door[1][:-1], other)] + [post(world, ("01a00000-0000-7000-8000-000000000000", door[1]), mail())]
    assert {(one.status_code, one.get_data()) for one in answers} == {(401, answers[0].get_data())}


def test_too_large_empty_and_stopped_are_refused_so_that_nothing_is_lost(world, door, monkeypatch):
    from web.mailboxes import inbound

    assert post(world, door, b" \r\n").status_code == 422
    monkeypatch.setattr(inbound, "MOST_BYTES", 1000)
    assert post(world, door, b"x" * 1000).status_code == 413
    world.browser("owner").post(f"/settings/mailboxes/{door[0]}/stop")
    answer = post(world, door, mail())
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    with world.acme.ctx() as ctx:
        assert ctx.session.execute(select(MailboxArrival).where(MailboxArrival.mailbox_id == door[0])).first() is None


def test_a_mail_that_waits_is_shown_fetched_made_a_lead_and_put_aside(world, door):
    owner, raw = world.browser("owner"), mail("Auto-Submitted: auto-generated", sender="Robot <robot@example.com>")
    post(world, door, raw), post(world, door, raw.replace(b"Pumps", b"Valves"))
    opened(world)
    page = owner.get(f"/settings/mailboxes/{door[0]}").get_data(as_text=True)
    assert "A program wrote it" in page and "robot@example.com" in page
    first, second = dict.fromkeys(re.findall(r"/arrivals/([0-9a-f-]{36})\"", page))
    fetched = owner.get(f"/settings/mailboxes/arrivals/{second}")
    assert fetched.get_data() == raw and fetched.headers["Content-Disposition"].startswith("attachment") and fetched.mimetype == "application/octet-stream"
    assert "/leads/" in owner.post(f"/settings/mailboxes/arrivals/{second}/lead").location
    assert owner.post(f"/settings/mailboxes/arrivals/{first}/removal").status_code == 303
    assert "robot@example.com" not in owner.get(f"/settings/mailboxes/{door[0]}").get_data(as_text=True)
    assert owner.post(f"/settings/mailboxes/{door[0]}/removal").status_code == 303 and owner.get(f"/settings/mailboxes/{door[0]}").status_code == 404
    with world.acme.ctx() as ctx:
        assert ctx.session.execute(select(Lead.name).where(Lead.mail == "robot@example.com")).scalar_one() == "Robot" and queries.standings(ctx) is not None


def test_programs_are_told_how_they_stand(world, door):
    api = world.api("owner")
    listed = api.json("GET", "/api/v1/mailboxes").json["data"]
    one = next(found for found in listed if found["id"] == str(door[0]))
    assert one["way"] == "webhook" and one["state"] == "on" and not {"password", "secret"} & set(one)
    assert world.api("rep").json("GET", f"/api/v1/mailboxes/{door[0]}").status_code == 404
    assert api.json("POST", f"/api/v1/mailboxes/{door[0]}/looks").status_code == 422


def test_of_a_mail_whose_bytes_an_erasure_took_nothing_is_offered_but_to_put_it_aside(world, door):
    owner, raw = world.browser("owner"), mail("Auto-Submitted: auto-generated", sender="Robot <robot2@example.com>").replace(b"Pumps", b"From vera@erased.example")
    post(world, door, raw)
    opened(world)
    show, one = f"/settings/mailboxes/{door[0]}", "/settings/mailboxes/arrivals/{}".format(re.search(r"/arrivals/([0-9a-f-]{36})\"", owner.get(f"/settings/mailboxes/{door[0]}").get_data(as_text=True))[1])
    with world.acme.ctx() as ctx:
        erasing.erase(ctx, tombstones.chain_key(ctx.tenant.id), Person(sure={"vera@erased.example"}, mark="Person 1"))
    page = owner.get(show).get_data(as_text=True)
    assert "vera@" not in page and "its bytes with him" in page and f'href="{one}"' not in page and f"{one}/lead" not in page
    assert owner.get(one).status_code == 404 and owner.post(f"{one}/lead").status_code == 422
    assert owner.post(f"{one}/removal").status_code == 303 and one not in owner.get(show).get_data(as_text=True)
