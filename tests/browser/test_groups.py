"""Lists in groups, with sums, and with alternatives, in a real browser: light and dark, on a phone, in Chinese, by keys."""

import os
from pathlib import Path
from uuid import uuid4

import pytest

from core.identity.models import User
from core.parties import actions
from core.views import actions as saving
from core.views import queries as views
from tests.support.looking import opened
from tests.support.world import House

LIST = "/accounts?view=all&group=country&columns=city,employees,annual_revenue,owner_id&filter[1][country][eq]=DE&filter[2][employees][gt]=5"
KEEP = os.environ.get("TENDERO_PICTURES")


@pytest.fixture(scope="module")
def house(server, room):
    found = House(f"groups-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        for n in range(60):
            actions.create_account(
                ctx, name=f"Gruppe {n:02}", city=("Kiel", "Wien", "Bonn")[n % 3], country=("DE", "AT", None)[n % 3], employees=10 * n, annual_revenue=f"{1000 * n}.50", currency=("EUR", "USD")[n % 2], is_customer=n % 4 == 0,
            )
    return found


def picture(page, name):
    if KEEP:
        page.screenshot(path=Path(KEEP) / f"{name}.png")


@pytest.mark.parametrize(("name", "size", "scheme", "lang"), [("desk-light", (1440, 900), "light", "en"), ("phone-dark", (360, 780), "dark", "ru"), ("desk-zh", (1440, 900), "dark", "zh")], ids=lambda one: one if isinstance(one, str) else "")
def test_groups_and_sums_are_seen_and_heard(person, sign_in, house, name, size, scheme, lang):
    someone = person(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    with house.ctx() as ctx:
        ctx.session.get(User, house.users["owner"].id).locale = lang
    page = opened(someone, sign_in(someone, house, "owner") + LIST)
    assert page.locator("tr.head").count() == 3
    someone.axe(where=name)
    someone.no_sideways_scroll(name)
    picture(page, f"groups-{name}")
    assert page.locator("tfoot").is_visible() == (size[0] > 820)
    page.locator("[popovertarget=grouping]").click()
    page.locator("#grouping").wait_for()
    someone.axe(where=f"{name} menu")
    page.keyboard.press("Escape")
    page.locator("[popovertarget=filters]").click()
    someone.axe(where=f"{name} filter")
    someone.no_sideways_scroll(f"{name} filter")
    picture(page, f"groups-filter-{name}")


def test_keys_walk_from_row_to_row_over_headings(person, sign_in, house):
    someone = person()
    with house.ctx() as ctx:
        ctx.session.get(User, house.users["owner"].id).locale = "en"
    page = opened(someone, sign_in(someone, house, "owner") + "/accounts?view=all&group=country&columns=city,employees")
    first = page.locator("tr.head").first.inner_text()
    assert first.split()[:2] == ["Austria", "20"] and page.locator("tfoot").inner_text().split()[0] == "Sum"
    for _ in range(21):
        page.keyboard.press("j")
    assert page.locator("tr.cur a.open").inner_text() == "Gruppe 00", "the first of the next group"
    page.locator("tr.more a").scroll_into_view_if_needed()
    page.locator("a.open", has_text="Gruppe 59").wait_for()
    assert page.locator("tr.head").count() == 3 and page.locator("tbody a.open").count() == 60


@pytest.mark.parametrize(("size", "scheme"), [((1440, 900), "light"), ((360, 780), "dark")], ids=["desk", "phone"])
def test_a_pinned_view_stands_in_the_side_bar(person, sign_in, house, size, scheme):
    with house.ctx("manager") as ctx:
        view = next((one for one in views.views_of(ctx, "accounts").views if one.name == "All of Kiel"), None) or saving.save_view(ctx, room="accounts", name="All of Kiel", query={"where": [["city", "eq", "Kiel"]]})
        ctx.session.flush()
        saving.unpin(ctx, view)
        key = view.id
    someone = person(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page = opened(someone, sign_in(someone, house, "manager") + f"/accounts?view={key}")
    page.locator("[popovertarget=views]").click()
    page.get_by_role("button", name="Pin to the side bar").click()
    page.locator(".toast", has_text="stands in your side bar").wait_for()
    assert page.locator("#side a.nav[aria-current]", has_text="All of Kiel").count() == 1
    someone.axe(where="pinned")
    if size[0] < 820:
        page.locator("[data-side]").first.click()
        page.locator("#side a.nav", has_text="All of Kiel").wait_for()
        someone.axe(where="side bar")
    picture(page, f"pinned-{size[0]}")
    page.locator("#side a.nav", has_text="All of Kiel").click()
    page.locator("a.open", has_text="Gruppe 00").wait_for()
