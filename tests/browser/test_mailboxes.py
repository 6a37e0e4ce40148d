"""Mailboxes in a real browser: set up, refused in words, what waits, a secret shown once; narrow, dark and in Chinese."""

from uuid import uuid4

import pytest
from sqlalchemy import delete

from core.base.outbox import Order
from core.mailboxes import actions, arriving, looking
from infra.inbox.reading import Unreadable, read
from tests.infra.inbox.mails import mail
from tests.support.every_page import speak
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    made = House(f"mailboxes-{uuid4().hex[:6]}")
    with made.ctx() as ctx:
        box, _ = actions.make(ctx, way="webhook", shared=True, name="Leads of the website", purpose="leads")
        for raw, found in ((mail("Auto-Submitted: auto-generated"), None), (b"\x00", Unreadable("bomb"))):
            key, _ = arriving.store(ctx, box, raw)
            arriving.settle(ctx, key, arriving.Came(raw, found or read(raw)))
    with made.ctx() as ctx:
        broken, _ = actions.make(ctx, way="imap", name="Mine", password="x", host="imap.example.com", port="993", username="owner", since="2026-11-01")
        ctx.session.execute(delete(Order).where(Order.name == actions.LOOK))  # nobody is called from here
        looking.fail(ctx, broken.id, "login")
        made.boxes = (box.id, broken.id)
    return made


def test_a_mailbox_is_set_up_and_says_what_went_wrong(person, sign_in, house):
    speak(house, "en")
    someone = person()
    base = sign_in(someone, house, "owner")
    page = opened(someone, base + "/settings/mailboxes/new")
    look(someone, "new", of="mailboxes")
    page.fill("#door-name", "Fair")
    page.locator("#door [data-save]").click()
    page.locator("#new-token").wait_for()
    look(someone, "secret", of="mailboxes")
    opened(someone, f"{base}/settings/mailboxes/{house.boxes[1]}")
    assert page.locator(".notice", has_text="does not take this user name and password").is_visible()
    look(someone, "wrong-password", of="mailboxes")
    opened(someone, f"{base}/settings/mailboxes/{house.boxes[0]}")
    look(someone, "waiting", of="mailboxes")


@pytest.mark.parametrize("options", [{"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}])
def test_on_a_phone_in_the_dark(person, sign_in, house, options):
    someone = person(**options)
    base = sign_in(someone, house, "owner")
    for name, path in (("list", ""), ("one", f"{house.boxes[0]}"), ("form", "new")):
        opened(someone, f"{base}/settings/mailboxes/{path}")
        look(someone, f"phone-{name}", of="mailboxes")
        someone.buttons_are_whole(name)


def test_in_chinese(person, sign_in, house):
    with house.ctx() as ctx:
        from core.identity.models import User

        ctx.session.get(User, house.users["owner"].id).locale = "zh"
    someone = person()
    base = sign_in(someone, house, "owner")
    opened(someone, f"{base}/settings/mailboxes/{house.boxes[0]}")
    look(someone, "zh", of="mailboxes")
