"""Two records made one and taken back, in a real browser: from the list's selection, the toast's undo, the queue; desk and phone."""

from functools import partial
from uuid import uuid4

import pytest

from core.merging import scanning
from core.parties import actions
from core.parties.models import Contact
from tests.support import looking
from tests.support.world import House

look = partial(looking.look, of="merge")
SIZES = {"desk": ({"width": 1440, "height": 900}, "light", "en"), "phone": ({"width": 360, "height": 780}, "dark", "zh")}


@pytest.fixture
def house(app):
    found = House(f"bm{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        home = actions.create_account(ctx, name="Nordlicht GmbH")
        ctx.session.flush()
        for name, mail, tags in (("Karin Lindqvist", "karin@nordlicht.example", ["fair"]), ("Karin Lindkvist", "k.lindqvist@nordlicht.example", ["priority"]), ("Karin Lindqvist-Berg", None, [])):
            actions.create_contact(ctx, name=name, mail=mail, tags=tags, account_id=home.id, phone="0431 998877", notes=f"Met as {name}.")
    return found


def there(house):
    with house.ctx() as ctx:
        return sorted(row.name for row in ctx.session.query(Contact).filter(Contact.deleted_at.is_(None)))


def test_from_the_list_to_one_and_back_by_the_toast(person, room, sign_in, house):
    visitor = person()
    page, url = visitor.page, sign_in(visitor, house)
    page.goto(f"{url}/contacts")
    page.wait_for_selector("html[data-ready]")
    for box in page.locator("tbody input[name=id]").all()[:3]:
        box.check()
    page.get_by_role("button", name="Merge", exact=True).click()
    page.wait_for_selector("form#merge")
    look(visitor, "desk-1-compare")
    page.locator("form#merge button[data-save]").click()
    page.wait_for_url("**/contacts/*-*")
    assert there(house) == ["Karin Lindkvist"]
    page.wait_for_selector("html[data-ready]")
    look(visitor, "desk-2-merged")
    with page.expect_navigation():  # to go on while it is under way would cut it off
        page.get_by_role("button", name="Undo").first.click()
    for _ in range(100):
        if len(there(house)) == 3:
            break
        page.wait_for_timeout(100)
    assert len(there(house)) == 3
    page.goto(f"{url}/merges")
    page.locator("a.open").first.click()
    page.wait_for_selector("text=Taken back")
    look(visitor, "desk-3-undone")


@pytest.mark.parametrize("size", list(SIZES))
def test_the_queue_and_the_comparison_on_both_sizes(person, room, sign_in, house, size):
    with house.ctx() as ctx:
        scan = scanning.start(ctx, threshold=0.5)
        key, round = scan.id, scan.round
    scanning.scan_all(house.ctx, key, round)
    viewport, scheme, lang = SIZES[size]
    visitor = person(viewport=viewport, color_scheme=scheme)
    page, url = visitor.page, sign_in(visitor, house)
    for name, path in (("queue", "/duplicates?kind=contact"), ("merges", "/merges")):
        page.goto(f"{url}{path}")
        look(visitor, f"{size}-{name}")
    page.goto(f"{url}/duplicates?kind=contact")
    page.locator("main summary").click()
    look(visitor, f"{size}-pairs")
    page.locator("a[href*='/merges/new']").click()  # the three are one group
    page.wait_for_selector("form#merge")
    look(visitor, f"{size}-compare")
    page.locator("form#merge button[data-save]").click()
    page.wait_for_url("**/contacts/*-*")
    assert len(there(house)) == 1
    page.goto(f"{url}/merges")
    page.locator("a.open").first.click()
    look(visitor, f"{size}-merge")
