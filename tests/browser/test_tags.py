"""Tags in a real browser: a new word in a record, its colour, a rename in every record; axe on both sizes."""

from uuid import uuid4

import pytest

from core.parties import actions
from tests.support.looking import look, opened
from tests.support.world import House

SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_a_word_becomes_a_tag_gets_its_colour_and_another_name(person, room, sign_in, size, scheme):
    house = House(f"tags-{size}-{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        key = actions.create_account(ctx, name="Bestand AG", tags=["Trade fair"]).id
    someone = person(viewport=SIZES[size], color_scheme=scheme)
    url = sign_in(someone, house)
    # A known word is offered while it is typed, a new one is taken as it is.
    page = opened(someone, f"{url}/accounts/new")
    page.fill("[name=name]", "Neukunde GmbH")
    field = page.locator("[name=tags]")
    field.press_sequentially("priority, tra")
    page.locator("#tag-options [role=option]", has_text="Trade fair").wait_for()
    look(someone, f"{size} offered tags")
    field.press("ArrowDown")
    field.press("Enter")
    assert field.input_value() == "priority, Trade fair, "
    page.locator("form[data-draft] button[data-save]").first.click()
    page.locator(".hero", has_text="Neukunde GmbH").first.wait_for()
    # The page of tags: counts, a colour, a new name.
    page = opened(someone, f"{url}/settings/tags/")
    look(someone, f"{size} tags")
    page.get_by_role("link", name="Trade fair").first.click()
    page.locator("#merge").wait_for()
    look(someone, f"{size} one tag")
    page.locator(".tagcolours label", has_text="Amber").click()
    page.fill("[name=name]", "Fair 2026")
    page.get_by_role("button", name="Save tag").click()
    page.locator(".toast", has_text="Changed in 2 records").wait_for()
    page = opened(someone, f"{url}/accounts/{key}")
    assert page.locator("a.pill.h-amber", has_text="Fair 2026").count() == 1
    look(someone, f"{size} record with a coloured tag")
    # And back.
    page = opened(someone, f"{url}/settings/tags/")
    page.locator("#changes a").first.click()
    page.get_by_role("button", name="Take it back").wait_for()
    look(someone, f"{size} change")
    page.get_by_role("button", name="Take it back").click()
    page.locator(".crumbs ~ .pill", has_text="Taken back").wait_for()
    assert opened(someone, f"{url}/accounts/{key}").locator("a.pill", has_text="Trade fair").count() == 1


def test_offered_tags_are_read_to_the_last_one_by_keys_and_by_finger(person, sign_in, server):
    """The list of them is longer than its place on a phone, and near the end of the page it stands above its field."""
    house = House(f"tags-many-{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        actions.create_account(ctx, name="Bestand AG", tags=[f"Trade fair {n}" for n in range(8)])
    someone = person(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = opened(someone, f"{sign_in(someone, house)}/accounts/new")
    field = page.locator("[name=tags]")
    field.press_sequentially("tra")
    listed = page.locator("#tag-options")
    listed.locator("[role=option]").nth(7).wait_for()
    assert listed.evaluate("list => list.scrollHeight > list.clientHeight + 1"), "else this test shows nothing"
    place = listed.evaluate("list => [list.getBoundingClientRect().top, innerHeight - list.getBoundingClientRect().bottom]")
    assert min(place) >= 0, place
    listed.evaluate("list => new Promise(done => { list.scrollTop = 40; requestAnimationFrame(() => requestAnimationFrame(done)) })")
    assert listed.count() == 1, "scrolled by a finger"
    for _ in range(8):
        field.press("ArrowDown")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    field.press("Enter")
    assert field.input_value() == "Trade fair 7, "
