"""The Today page and the palette."""

import re
from datetime import timedelta

from core.activities import actions as log
from core.parties import actions
from tenants import samples
from tests.support.world import House


def test_an_empty_workspace_says_the_first_steps_and_each_leads_somewhere(world):
    browser = world.browser("owner", House("fresh" + world.acme.tenant.slug[-6:]))
    page = browser.get("/").text
    steps = re.findall(r'<li><svg.*?</svg><a href="([^"]+)">', page[page.index('class="steps"'):], re.S)
    assert len(steps) >= 4
    for path in steps:
        assert browser.get(path).status_code in (200, 303), path


def test_steps_go_when_the_first_contact_is_logged(world):
    house = House("steps" + world.acme.tenant.slug[-6:])
    with house.ctx() as ctx:
        log.log_activity(ctx, kind="call", account=actions.create_account(ctx, name="First"), body="x")
    assert 'class="steps"' not in world.browser("owner", house).get("/").text


def test_samples_are_called_samples_and_do_none_of_the_first_steps(world):
    house = House("sampled" + world.acme.tenant.slug[-6:])
    with house.ctx() as ctx:
        for index in range(2):
            samples.fill_one(ctx, "en", index)
    page = world.browser("owner", house).get("/").text
    assert 'class="steps"' in page and '<li class="done">' not in page and 'href="/settings/samples"' in page and "are samples" in page
    assert "are samples" not in world.browser("rep", house).get("/").text, "who may not remove them is not asked to"
    with house.ctx() as ctx:
        log.log_activity(ctx, kind="call", account=actions.create_account(ctx, name="Mine"), body="x")
    page = world.browser("owner", house).get("/").text
    assert 'class="steps"' not in page and "are samples" not in page


def test_due_contacts_stand_under_their_day_and_only_ones_own(world):
    with world.acme.ctx("rep") as ctx:
        account = actions.create_account(ctx, name="Due House", owner_id=None)
        for when, note in (("today", "note today"), ("tomorrow", "note tomorrow"), ("+5d", "note later")):
            log.log_activity(ctx, kind="call", account=account, next_contact=when, next_contact_note=note)
        late = log.log_activity(ctx, kind="call", account=account, next_contact="today", next_contact_note="note overdue")
        late.next_contact_on -= timedelta(days=4)
    page = world.browser("rep").get("/").text
    order = [page.index(text) for text in ("Overdue", "note overdue", ">Today<span", "note today", ">Tomorrow<span", "note tomorrow")]
    assert order == sorted(order) and "note later" not in page
    assert page.count('data-hotkey="d"') == 1
    assert "note today" not in world.browser("colleague").get("/").text


def test_the_palette_finds_accounts_and_people(world):
    with world.acme.ctx("rep") as ctx:
        actions.create_account(ctx, name="Zebra Optik <b>")
        actions.create_contact(ctx, name="Zoe Zebra", mail="zoe@zebra.example")
        actions.create_account(ctx, name="北京光学")
    rep = world.browser("rep")
    part = rep.get("/palette?q=zebra").text
    assert part.count('role="option"') == 2 and "Zebra Optik &lt;b&gt;" in part and "<html" not in part and part.index("Zebra Optik") < part.index("Zoe Zebra")
    assert "北京光学" in rep.get("/palette?q=光学").text
    assert 'role="option"' not in rep.get("/palette?q=").text and 'role="option"' not in world.browser("colleague").get("/palette?q=zebra").text
    assert rep.get("/palette?q=%00").status_code == 400
