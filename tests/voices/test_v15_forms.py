"""V15, customer: "I wrote through your website a month ago. Nothing." Who writes by a form sees on a page of his own who answers and by when; where
nobody does, the manager is told; and when somebody has, the page says so."""

import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.consent import recording
from core.identity.models import User
from core.intake import links
from core.intake.models import Enquiry
from core.leads import clock
from core.leads.models import Lead
from tenants import entry
from tests.support.intake import FIELDS, build, hours_go_by, letter, sent, told
from tests.support.looking import look, opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}
TEXTS = {
    "en": {"title": "Ask our workshop", "intro": "Counters, ovens, trays: tell us what you need.\nWe answer on the same working day.", "button": "Send to the workshop", "thanks": "Thank you. We have your words, and a letter is on its way to you."},
    "zh": {"title": "咨询我们的工坊", "intro": "柜台、烤箱、托盘：请告诉我们您的需求。"}, "es": {"title": "Pregunte a nuestro taller"},
}


@pytest.fixture
def house(server, room):
    found = House(f"v15-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        clock.change_clock(ctx, hours="1", warn_hours="0.5", days="0123456", opens="0:00", closes="24:00")
    return found


@pytest.fixture
def form(house):
    """(key, address) of a form for the salesperson's leads, with a box for consent."""
    with house.ctx() as ctx:
        purpose = recording.add_purpose(ctx, name="Newsletter", said="Send me your news by mail, once a month at most. I can take this back at any time.", lang="en").id
    return build(house, texts=TEXTS, lead_owner_id=house.users["rep"].id, purpose_id=purpose, hosts=["shop.example"], fields=[*FIELDS[:3], {"name": "phone", "needed": False, "labels": {}}, FIELDS[3]])


def until(house, holds):
    """A round of the servers may hold the row just now, and what the night brings too: whoever looks again finds it."""
    for _ in range(50):
        if holds():
            return
        hours_go_by(house, 0)
        time.sleep(0.2)
    raise AssertionError("it never came to be")


def test_a_stranger_writes_nobody_answers_the_manager_is_told_and_then_somebody_does(person, sign_in, house, form):
    inside = person()
    url = sign_in(inside, house, "rep")
    stranger = person(java_script_enabled=False)
    page = stranger.page
    page.goto(f"{url}/form/{form[1]}?utm_source=fair")
    page.locator("#name").fill("Ada Lace")
    page.locator("#mail").fill("ada@people.example")
    page.locator("#message").fill("Forty trays for a bakery?")
    page.get_by_label("Send me your news").check()
    page.wait_for_timeout(3200)
    page.get_by_role("button", name="Send to the workshop").click()
    page.get_by_text("We have your words").wait_for()
    with house.ctx() as ctx:
        enquiry = ctx.session.execute(select(Enquiry)).scalar_one()
        lead = ctx.session.get_one(Lead, enquiry.lead_id)
        assert (enquiry.state, lead.name, lead.owner_id, lead.answer, lead.first_touch["utm_source"]) == ("taken", "Ada Lace", house.users["rep"].id, "running", "fair")
        key, lead = enquiry.id, lead.id
    status = url + letter(house, key)
    page.goto(status)
    shown = page.locator("main").inner_text()
    assert "The first answer comes by" in shown and "Rep" in shown and not [word for word in ("Ada", "people.example", "trays") if word in shown]
    soon, late = "told.answer_soon", "told.answer_missed"
    for hours, known in ((0.75, [("rep", soon)]), (1, [("manager", late), ("owner", late), ("rep", late), ("rep", soon)]), (5, [("manager", late), ("owner", late), ("rep", late), ("rep", soon)])):
        hours_go_by(house, hours)
        until(house, lambda known=known: told(house, lead) == known)
    page.reload()
    assert "the manager has been told" in page.locator("main").inner_text()
    manager = person()
    opened(manager, sign_in(manager, house, "manager") + "/notifications")
    assert manager.page.get_by_text("Not answered in time: Ada Lace").count() == 1
    opened(inside, f"{url}/leads/{lead}")
    assert "Answered late or not at all" in inside.page.locator(".facts").inner_text()
    look(inside, "lead", of="v15")
    inside.page.get_by_label("Message to the sender").fill("Sorry, Ada. Forty trays are on the way.")
    inside.page.get_by_role("button", name="Show him").click()
    inside.page.get_by_text("The sender's page says so now").first.wait_for()
    page.reload()
    shown = page.locator("main").inner_text()
    assert "It was answered on" in shown and "Forty trays are on the way." in shown and "the manager has been told" not in shown


@pytest.mark.parametrize(("name", "options", "lang"), [("light", {}, "en"), ("zh", {}, "zh"), ("phone-dark", PHONE, "es")])
def test_the_public_pages_are_whole(person, sign_in, house, form, name, options, lang):
    someone = person(**options)
    url = sign_in(person(), house)
    key = sent(house, form[1], lang=lang)
    asked = sent(house, build(house, texts=TEXTS, confirmed="before")[1], lang=lang)
    page = someone.page
    for what, path in (("form", f"/form/{form[1]}?lang={lang}"), ("embedded", f"/embed/form/{form[1]}?lang={lang}"), ("thanks", f"/form/{form[1]}/thanks?lang={lang}&confirm=1"), ("status", letter(house, key)), ("confirm", letter(house, asked))):
        page.goto(url + path)
        look(someone, f"{what}-{name}", of="v15")
    with house.ctx(now=entry.utcnow() - links.LASTS[links.STATUS] - timedelta(hours=1)) as ctx:
        over = links.token(ctx, key)
    assert page.goto(f"{url}/enquiry/{over}?lang={lang}").status == 410
    look(someone, f"over-{name}", of="v15")
    page.goto(f"{url}/form/{form[1]}?lang={lang}")
    page.locator("button[type=submit]").click()
    assert page.locator("[aria-invalid=true]").count() == 2
    look(someone, f"refused-{name}", of="v15")


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", PHONE)])
def test_the_pages_inside_are_whole(person, sign_in, house, form, name, options):
    someone = person(**options)
    sent(house, form[1], trap="x")
    sent(house, build(house, texts=TEXTS, confirmed="before")[1])
    with house.ctx() as ctx:
        ctx.session.get_one(User, house.users["rep"].id).state = "disabled"
    if name == "zh":
        with house.ctx() as ctx:
            ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh"
    url = sign_in(someone, house)
    for what, path in (("forms", "/settings/forms/"), ("built", f"/settings/forms/{form[0]}"), ("new", "/settings/forms/new"), ("enquiries", "/enquiries"), ("waiting", "/enquiries?state=waiting"), ("first-answer", "/settings/first-answer/"), ("sources", "/leads/sources")):
        opened(someone, url + path)
        look(someone, f"{what}-{name}", of="v15")


@pytest.fixture
def website():
    """(its port, what it answers) of somebody's website on this machine."""
    page = {}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page["body"].encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, page
    server.shutdown()
    server.server_close()


def test_it_stands_in_the_pages_of_the_named_websites_and_in_no_other(person, sign_in, house, website):
    port, shown = website
    _, code = build(house, texts=TEXTS, hosts=[f"localhost:{port}"])
    url = sign_in(person(), house)
    shown["body"] = f'<!doctype html><title>Shop</title><iframe src="{url}/embed/form/{code}" width="600" height="900" title="Form"></iframe>'
    someone = person()
    page = someone.page
    inside = page.frame_locator("iframe")
    page.goto(f"http://localhost:{port}/")
    inside.locator("#name").fill("Framed")
    inside.locator("#mail").fill("framed@people.example")
    page.wait_for_timeout(3200)
    inside.get_by_role("button", name="Send to the workshop").click()
    inside.get_by_text("We have your words").wait_for()
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Enquiry.state)).scalar_one() == "taken"
    page.goto(f"http://127.0.0.1:{port}/")
    page.wait_for_timeout(1000)
    assert inside.locator("#name").count() == 0
    assert len(someone.errors) == 1 and f"frame-ancestors localhost:{port}" in someone.errors.pop()
