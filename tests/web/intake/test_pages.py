"""Web forms as admins build them and strangers fill them in: on the tenant's host, in other pages, in five languages, with hostile posts."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.rooms import switches
from core.consent import recording
from core.consent.queries import wordings
from core.intake import links
from core.intake.models import Enquiry, WebForm
from core.post.actions import suppress
from tenants import entry
from tests.support.intake import as_stranger, build, sent
from web.editing import BETWEEN
from web.intake import public


@pytest.fixture
def anybody(world):
    return world.browser(None)


@pytest.fixture(autouse=True)
def roomy(monkeypatch):
    """All tests come from one network."""
    for name in ("LOOKS", "SENT", "SENT_BY_FORM", "OFTEN"):
        monkeypatch.setattr(public, name, (100_000, 60))


def enquiries(world, form):
    with world.acme.ctx() as ctx:
        found = list(ctx.session.execute(select(Enquiry).where(Enquiry.form_id == form).order_by(Enquiry.id)).scalars())
        ctx.session.expunge_all()
        return found


def hidden(text, name):
    return re.search(f'name="{name}" value="([^"]*)"', text)[1]


def test_an_admin_builds_a_form_and_gets_its_address_and_what_to_copy(world):
    owner = world.browser("owner")
    page = owner.get("/settings/forms/new").get_data(as_text=True)
    names = dict(re.findall(r'<legend class="lab">([^<]+)</legend>.*?name="use(\d+)"', page, re.DOTALL))
    typed = {f"use{names['Name']}": "needed", f"use{names['Message']}": "asked", f"place{names['Message']}": "1", f"place{names['Name']}": "2", f"label{names['Message']}_zh": "您的问题"}
    given = {"name": "Fair <2026>", "title_en": "Ask us", "title_zh": "联系我们", "confirmed": "never", "hosts": "https://www.shop.example/\n*.fair.example", "redirect_url": "https://www.shop.example/thanks", "lead_owner_id": "", "purpose_id": ""}
    answer = owner.post("/settings/forms/", given | typed)
    assert answer.status_code == 303
    whole = owner.get(answer.location).get_data(as_text=True)
    assert "&amp;lt;2026&amp;gt;" in whole and "/embed/form/" in whole
    with world.acme.ctx() as ctx:
        made = ctx.session.execute(select(WebForm).where(WebForm.name == "Fair <2026>")).scalar_one()
        assert [(one["name"], one["needed"]) for one in made.fields] == [("message", False), ("name", True)] and made.hosts == ["www.shop.example", "*.fair.example"]
    refused = owner.post("/settings/forms/", given | typed | {"title_en": "", "title_zh": "", "redirect_url": "https://evil.example/", "name": "Kept"})
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422 and 'value="Kept"' in text and "您的问题" in text and "your own pages only" in text
    long = owner.post("/settings/forms/", given | typed | {"title_zh": "x" * 5000, "button_es": "y" * 5000}).get_data(as_text=True)
    assert "Español, Words of the button: " in long
    assert world.browser("rep").get("/settings/forms/").status_code == 403


def test_a_stranger_reads_it_in_his_language_without_script_and_sends_it_once(world, anybody):
    form, code = build(world.acme)
    page = anybody.get(f"/form/{code}", headers={"Accept-Language": "es-MX,es;q=0.9"})
    text = page.get_data(as_text=True)
    assert "Escríbanos" in text and "Su consulta" in text and 'lang="es"' in text and "<script" not in text
    assert page.headers["Cache-Control"] == "no-store" and page.headers["X-Robots-Tag"] == "noindex" and "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    key = sent(world.acme, code)
    assert [one.id for one in enquiries(world, form)] == [key]
    post = {"name": "Bo", "mail": "bo@people.example", "stamp": hidden(text, "stamp")}
    answers = [anybody.post(f"/form/{code}?lang=es", post) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303} and len(enquiries(world, form)) == 2
    assert enquiries(world, form)[-1].held_for == "fast"
    assert "Gracias" in anybody.get(answers[0].location).get_data(as_text=True)


def test_where_he_came_from_goes_along(world, anybody):
    form, code = build(world.acme, hosts=["shop.example"])
    text = anybody.get(f"/form/{code}?utm_source=fair&gclid=abc", headers={"Referer": "https://search.example/?q=ovens"}).get_data(as_text=True)
    assert (hidden(text, "touch_utm_source"), hidden(text, "touch_click_id"), hidden(text, "touch_referrer")) == ("fair", "abc", "https://search.example/?q=ovens")
    inside = anybody.get(f"/embed/form/{code}", headers={"Referer": "https://shop.example/page?utm_campaign=May"}).get_data(as_text=True)
    assert (hidden(inside, "touch_utm_campaign"), hidden(inside, "touch_page")) == ("May", "https://shop.example/page?utm_campaign=May")


def test_only_the_named_hosts_show_it_inside_their_pages(world, anybody):
    form, code = build(world.acme, hosts=["shop.example", "*.fair.example"], redirect_url="https://shop.example/thanks")
    page = anybody.get(f"/embed/form/{code}")
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors shop.example *.fair.example;" in policy and "form-action 'self';" in policy
    assert "form-action 'self' https://shop.example;" in anybody.get(f"/form/{code}").headers["Content-Security-Policy"]
    answer = anybody.post(f"/embed/form/{code}", {"name": "Bo", "mail": "bo@people.example"})
    thanks = anybody.get(answer.location)
    assert 'target="_top"' in thanks.get_data(as_text=True) and "frame-ancestors shop.example" in thanks.headers["Content-Security-Policy"]
    led = anybody.post(f"/form/{code}", {"name": "Bo", "mail": "bo@people.example", "message": "again"})
    assert (led.status_code, led.location) == (303, "https://shop.example/thanks")
    _, alone = build(world.acme)
    assert anybody.get(f"/embed/form/{alone}").status_code == 404


def test_another_tenants_form_is_none_here_and_a_made_up_one_neither(world, anybody):
    _, code = build(world.globex)
    assert anybody.get(f"/form/{code}").status_code == 404 and anybody.post(f"/form/{code}", {"name": "X"}).status_code == 404 and anybody.get("/form/none").status_code == 404


@pytest.mark.parametrize("name", ["name", "mail", "message"])
def test_hostile_values_are_refused_or_kept_as_text_and_never_break_it(world, anybody, name):
    form, code = build(world.acme)
    fine = {"name": "Bo", "mail": "bo@people.example", "message": "x"}
    for value in ("x" * 10_000, "a\0b", "\x1b[31m", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "=cmd()", "\ud7ff\u202e", "9" * 400):
        answer = anybody.post(f"/form/{code}", fine | {name: value})
        assert answer.status_code in (303, 400, 422), (name, value[:20], answer.status_code)
        assert "<script>alert" not in answer.get_data(as_text=True)
    assert anybody.post(f"/form/{code}", fine | {name: ["one", "two"], f"{name}[]": "three", f"{name}[a]": "four", "owner_id": str(uuid4()), "state": "converted"}).status_code in (303, 422)
    assert all(one.state == "held" for one in enquiries(world, form)), "none of them had a stamp"


def test_a_missing_or_replayed_stamp_a_wrong_host_and_a_closed_form(world, anybody):
    form, code = build(world.acme)
    assert anybody.post(f"/form/{code}", {"name": "Bo", "mail": "bo@people.example"}).status_code == 303 and enquiries(world, form)[-1].held_for == "no_stamp"
    other, there = build(world.acme)
    stamp = hidden(anybody.get(f"/form/{there}").get_data(as_text=True), "stamp")
    anybody.post(f"/form/{code}", {"name": "Cy", "mail": "bo@people.example", "stamp": stamp})
    assert [one.held_for for one in enquiries(world, form)] == ["no_stamp", "no_stamp"]
    wrong = anybody.client.open(f"/form/{code}", method="POST", data={"name": "X"}, base_url="http://nobody.localhost")
    apex = anybody.client.open(f"/form/{code}", method="POST", data={"name": "X"}, base_url="http://localhost")
    assert (wrong.status_code, apex.status_code) == (404, 404)
    owner = world.browser("owner")
    assert owner.post(f"/settings/forms/{form}/closing").status_code == 303
    shut = anybody.get(f"/form/{code}").get_data(as_text=True)
    assert "This form is closed." in shut and "<form" not in shut
    refused = anybody.post(f"/form/{code}", {"name": "Bo", "mail": "bo@people.example"})
    assert refused.status_code == 422 and len(enquiries(world, form)) == 2
    assert owner.post(f"/settings/forms/{form}/opening").status_code == 303 and "<form" in anybody.get(f"/form/{code}").get_data(as_text=True)


def test_many_from_one_network_are_held_and_more_are_asked_to_wait_with_what_they_wrote(world, anybody, monkeypatch):
    form, code = build(world.acme)
    monkeypatch.setattr(public, "OFTEN", (1, 600))
    monkeypatch.setattr(public, "SENT", (3, 600))
    network = {"REMOTE_ADDR": f"203.0.113.{uuid4().int % 250}"}
    key = [sent(world.acme, code, often=lambda: True)]
    assert enquiries(world, form)[0].id == key[0] and enquiries(world, form)[0].held_for == "often"
    answers = [anybody.post(f"/form/{code}", {"name": "Bo", "mail": "bo@people.example", "message": f"{n}. Words"}, environ_overrides=network) for n in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429] and "3. Words" in answers[-1].get_data(as_text=True) and 'name="Bo"' not in answers[-1].get_data(as_text=True)


def test_whoever_mends_a_mistake_at_once_is_no_program_and_counts_once(world, anybody, monkeypatch):
    form, code = build(world.acme)
    monkeypatch.setattr(public, "OFTEN", (1, 600))
    network = {"REMOTE_ADDR": f"198.51.100.{uuid4().int % 250}"}
    with as_stranger(world.acme, now=entry.utcnow() - timedelta(seconds=20)) as ctx:
        stamp = links.stamp(ctx, form)
    wrong = {"name": "Bo", "mail": "nobody", "message": "Trays?", "stamp": stamp}
    for _ in range(3):
        refused = anybody.post(f"/form/{code}", wrong, environ_overrides=network)
        assert refused.status_code == 422 and hidden(refused.get_data(as_text=True), "stamp") == stamp
    for _ in range(2):
        assert anybody.post(f"/form/{code}", wrong | {"mail": f"bo-{form.hex[:6]}@people.example"}, environ_overrides=network).status_code == 303
    assert [(one.state, one.held_for) for one in enquiries(world, form)] == [("taken", None)]
    forged = anybody.post(f"/form/{code}", wrong | {"stamp": "1700000000.word.forged"}, environ_overrides=network).get_data(as_text=True)
    assert hidden(forged, "stamp") != "1700000000.word.forged"


def test_the_box_sends_the_words_that_were_shown_and_no_others(world, anybody):
    with world.acme.ctx() as ctx:
        purpose = recording.add_purpose(ctx, name=f"News {uuid4().hex[:6]}", said="Once a month.", lang="en")
        ctx.session.flush()
        purpose, shown = purpose.id, wordings(ctx)[purpose.id][0].id
    form, code = build(world.acme, purpose_id=purpose)
    other, _ = build(world.acme)
    box = hidden(anybody.get(f"/form/{code}").get_data(as_text=True).replace('id="agreed" ', ""), "agreed")
    with world.acme.ctx() as ctx:
        recording.word(ctx, recording.one_purpose(ctx, purpose), "Every day.", "en")
        foreign = links.box(ctx, other, shown)
    page = anybody.post(f"/form/{code}", {"name": "", "mail": "bo@people.example", "agreed": box}).get_data(as_text=True)
    assert "Every day." in page and " checked" not in page, "other words are ticked anew"
    for n, given in enumerate((box, "1", foreign, box[:-1] + "x", "x" * 72)):
        assert anybody.post(f"/form/{code}", {"name": "Bo", "mail": "bo@people.example", "message": str(n), "agreed": given}).status_code == 303
    assert [one.agreed_to for one in enquiries(world, form)] == [shown, None, None, None, None]


def test_the_senders_page_tells_a_stranger_with_the_link_nothing_of_him(world, anybody):
    form, code = build(world.acme, lead_owner_id=world.acme.users["rep"].id)
    key = sent(world.acme, code, given={"name": "Secret Person", "mail": "secret@people.example", "message": "Hidden words"})
    with world.acme.ctx() as ctx:
        token, confirm = links.token(ctx, key), links.token(ctx, key, links.CONFIRM)
    page = anybody.get(f"/enquiry/{token}?lang=ru")
    text = page.get_data(as_text=True)
    assert page.headers["Cache-Control"] == "no-store" and page.headers["X-Robots-Tag"] == "noindex" and 'lang="ru"' in text and "Rep" in text
    assert not [word for word in ("Secret", "secret@", "Hidden", str(world.acme.users["rep"].id), "rep@") if word in text]
    assert anybody.get(f"/enquiry/{token[:-1]}x").status_code == 404 and anybody.get(f"/enquiry/{confirm}").status_code == 404
    rep = world.browser("rep")
    lead = f"/leads/{enquiries(world, form)[0].lead_id}"
    assert "By the web form" in rep.get(lead).get_data(as_text=True)
    assert rep.post(f"/leads/enquiries/{key}/reply", {"reply": "We call on <b>Monday</b>."}).status_code == 303
    assert "We call on &lt;b&gt;Monday&lt;/b&gt;." in anybody.get(f"/enquiry/{token}").get_data(as_text=True)
    assert world.browser("colleague").post(f"/leads/enquiries/{key}/reply", {"reply": "Not mine"}).status_code == 404


def test_he_confirms_by_a_button_and_a_scanner_that_follows_the_link_does_not(world, anybody):
    form, code = build(world.acme, confirmed="before")
    key = sent(world.acme, code)
    with world.acme.ctx() as ctx:
        place = f"/enquiry/{links.token(ctx, key, links.CONFIRM)}/confirmation"
    assert "Yes, it was me" in anybody.get(place).get_data(as_text=True) and enquiries(world, form)[0].state == "waiting"
    led = anybody.post(place)
    assert led.status_code == 303 and enquiries(world, form)[0].state == "taken"
    assert "your address is confirmed" in anybody.get(led.location).get_data(as_text=True)


def test_links_to_senders_end_with_a_page_that_says_so(world, anybody):
    form, code = build(world.acme, confirmed="before")
    key = sent(world.acme, code)

    def link(purpose, days):
        with world.acme.ctx(now=entry.utcnow() - timedelta(days=days)) as ctx:
            return f"/enquiry/{links.token(ctx, key, purpose)}" + ("/confirmation" if purpose == links.CONFIRM else "")

    over = [link(links.CONFIRM, 14.01), link(links.STATUS, 180.01)]
    for place in over:
        page = anybody.get(f"{place}?lang=zh")
        assert page.status_code == 410 and "链接已失效" in page.get_data(as_text=True) and f"/form/{code}" in page.get_data(as_text=True) and page.headers["Cache-Control"] == "no-store"
    assert anybody.post(over[0]).status_code == 410 and enquiries(world, form)[0].state == "waiting"
    forged = over[0].replace(over[0][41:49], f"{int(over[0][41:49], 16) + 86400:08x}")
    assert forged != over[0] and anybody.get(forged).status_code == 404
    with world.acme.ctx() as ctx:
        before = key.hex + links._sign(ctx, links.CONFIRM, key.hex)
    assert anybody.get(f"/enquiry/{before}/confirmation").status_code == 200, "a link of the time before they had a moment counts from the enquiry"
    assert anybody.get(link(links.STATUS, 179)).status_code == 200
    assert anybody.post(link(links.CONFIRM, 13)).status_code == 303 and enquiries(world, form)[0].state == "taken"
    owner = world.browser("owner")
    owner.post(f"/settings/forms/{form}/closing")
    assert "/form/" not in anybody.get(over[1]).get_data(as_text=True)


def test_what_was_held_back_is_decided_on_its_page(world, anybody):
    form, code = build(world.acme)
    anybody.post(f"/form/{code}", {"name": "Held Person", "mail": "bo@people.example", "website": "https://spam.example"})
    key, manager = enquiries(world, form)[0].id, world.browser("manager")
    text = manager.get("/enquiries").get_data(as_text=True)
    assert "Held Person" in text and "people do not see" in text
    assert manager.post(f"/enquiries/{key}/discarding").status_code == 303 and "Held Person" in manager.get("/enquiries?state=discarded").get_data(as_text=True)
    assert manager.post(f"/enquiries/{key}/restoration").status_code == 303 and manager.post(f"/enquiries/{key}/admission").status_code == 303
    assert enquiries(world, form)[0].state == "taken" and manager.post(f"/enquiries/{key}/admission").status_code == 404
    assert world.browser("rep").get("/enquiries").status_code == 403 and manager.get("/enquiries?state=x").status_code == 422


def test_where_leads_are_off_there_are_no_forms(world, anybody):
    form, code = build(world.globex)
    key = sent(world.globex, code)
    with world.globex.ctx() as ctx:
        token = links.token(ctx, key)
    stranger, owner = world.browser(None, world.globex), world.browser("owner", world.globex)
    assert stranger.get(f"/form/{code}").status_code == 200
    on = [name for name in switches() if name != "leads"]
    assert owner.post("/settings/rooms/", {"on": on, "_was_on": BETWEEN.join([*on, "leads"])}).status_code == 303
    with world.globex.ctx() as ctx:
        off = "leads" in ctx.tenant.rooms_off
    assert off
    assert {stranger.get(f"/form/{code}").status_code, stranger.post(f"/form/{code}", {"name": "X"}).status_code, stranger.get(f"/enquiry/{token}").status_code} == {404}
    assert owner.post("/settings/rooms/", {"on": [*on, "leads"], "_was_on": BETWEEN.join(on)}).status_code == 303  # as the other tests of this module want it


def test_whom_no_letter_may_reach_is_not_told_to_look_for_one(world, anybody):
    form, code = build(world.acme, confirmed="before")
    with world.acme.ctx() as ctx:
        suppress(ctx, "bounced@people.example", "all", "bounced")
    with as_stranger(world.acme, now=entry.utcnow() - timedelta(seconds=20)) as ctx:
        stamp = links.stamp(ctx, form)
    answer = anybody.post(f"/form/{code}", {"name": "Bo Bounced", "mail": "bounced@people.example", "stamp": stamp})
    (one,), manager = enquiries(world, form), world.browser("manager")
    assert answer.status_code == 303 and "confirm" not in answer.location and (one.state, one.held_for) == ("held", "unconfirmed")
    assert "no letter can reach" in manager.get("/enquiries").get_data(as_text=True)
    assert manager.post(f"/enquiries/{one.id}/admission").status_code == 303 and enquiries(world, form)[0].state == "taken"
