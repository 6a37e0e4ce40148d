"""Settings in a real browser: Save comes with a change, the list narrows while one types, and all of it goes without script."""

from uuid import uuid4

import pytest

from tests.support.looking import opened
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    return House(f"settings-{uuid4().hex[:6]}")


def test_save_shows_only_where_something_was_changed(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "owner") + "/settings/profile")
    save, other = page.locator("#profile [data-save]"), page.locator("#password [data-save]")
    assert not save.is_visible() and not other.is_visible()
    page.fill("#name", "Owner Two")
    save.wait_for()
    assert not other.is_visible()
    page.fill("#name", "Owner")
    save.wait_for(state="hidden")  # changed back: nothing to save
    page.select_option("#timezone", "Europe/Madrid")
    save.click()
    page.locator(".toast", has_text="Profile saved").wait_for()
    assert page.locator("#timezone").input_value() == "Europe/Madrid" and not save.is_visible()
    page.fill("#old", "not the one")
    page.fill("#new", "short")
    other.click()
    page.locator("#new-err:not([hidden]), #old-err:not([hidden])").first.wait_for()
    assert other.is_visible()  # what was refused can be sent again
    someone.axe(where="refused")


def test_without_script_save_is_always_there_and_the_search_answers(person, sign_in, house):
    someone = person(java_script_enabled=False)
    url = sign_in(someone, house, "owner")
    someone.page.goto(url + "/settings/profile")
    assert someone.page.locator("#profile [data-save]").is_visible() and someone.page.locator("#password [data-save]").is_visible()
    someone.page.fill(".sets [type=search]", "password")
    someone.page.press(".sets [type=search]", "Enter")
    assert someone.page.locator(".sets .nav:visible span").all_inner_texts() == ["Profile"]
    someone.page.get_by_role("link", name="Password", exact=True).click()
    assert someone.page.url.endswith("/settings/profile#password")
    someone.page.goto(url + "/settings/members")
    assert someone.page.get_by_role("button", name="Change role").first.is_visible()
    someone.context.close()
    someone.close = lambda: None  # the policy is watched by a script


def test_the_list_narrows_while_one_types(person, sign_in, house):
    someone = person()
    page = opened(someone, sign_in(someone, house, "owner") + "/settings/audit/")
    names = page.locator(".sets .nav:visible span")
    assert names.count() == 28
    someone.press("/")
    someone.type("time zone")
    assert names.all_inner_texts() == ["Profile", "Workspace"] and page.locator(".sets ul ul a:visible").all_inner_texts() == ["Time zone"] * 2
    someone.axe(where="narrowed")
    page.fill(".sets [type=search]", "zzz")
    page.locator(".sets .none:visible").wait_for()
    assert names.count() == 0 and page.locator(".sets h2:visible").count() == 0
    page.fill(".sets [type=search]", "")
    assert names.count() == 28 and page.locator(".sets ul ul a:visible").count() == 0


def test_on_a_phone_the_list_is_a_page_of_its_own(person, sign_in, house):
    someone = person(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = opened(someone, sign_in(someone, house, "owner") + "/settings/")
    page.click(".sets .nav[href=\"/settings/members\"]")
    page.wait_for_url("**/settings/members")
    assert not page.locator(".sets").is_visible()
    someone.no_sideways_scroll("people")
    page.locator(".crumbs a").click()
    page.wait_for_url("**/settings/")
    assert page.locator(".sets").is_visible()


def test_two_windows_meet_on_one_page(person, sign_in, house):
    """The page of two changes, wide and narrow, is as accessible as any other."""
    first, second = person(reduced_motion="reduce"), person(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    one, two = (opened(someone, sign_in(someone, house, "manager") + "/settings/profile") for someone in (first, second))
    one.fill("#name", "First")
    one.locator("#profile [data-save]").click()
    one.locator(".toast").wait_for()
    two.fill("#name", "Second")
    two.locator("#profile [data-save]").click()
    two.locator(".conflict").wait_for()
    second.no_sideways_scroll("conflict")
    second.axe(where="conflict narrow")
    two.set_viewport_size({"width": 1440, "height": 900})
    second.axe(where="conflict wide")
    second.page.get_by_role("button", name="Save these values").click()
    two.locator(".toast").wait_for()
    assert two.locator("#name").input_value() == "Second"
