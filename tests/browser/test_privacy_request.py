"""A privacy request: what was found appears by itself once the search is over, and erasing for good asks with name and number first."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.identity.models import User
from core.parties.actions import create_contact
from core.privacy.models import SubjectRequest
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.mark.parametrize(("size", "scheme", "lang"), [((1440, 900), "light", "en"), ((360, 740), "dark", "zh")], ids=["desk", "phone"])
def test_what_was_found_appears_and_erasing_asks(person, room, sign_in, size, scheme, lang):
    house = House(f"pr-{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        ctx.session.get_one(User, ctx.actor.id).locale = lang
        create_contact(ctx, name="Anna Berg", mail="anna@berg.example")
    someone = person(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page = opened(someone, sign_in(someone, house) + "/settings/privacy/")
    page.select_option("[name=kind]", "erase")
    page.fill("[name=who]", "Anna Berg")
    page.fill("[name=mail]", "anna@berg.example")
    page.locator("form:has([name=who]) button:not([type=button])").last.click()
    page.locator("#state").wait_for()
    page.evaluate("window.here = true")
    page.locator("#decision").wait_for(timeout=60_000)
    assert page.evaluate("window.here"), "it came without loading the page anew"
    look(someone, "found", of=f"privacy-{size[0]}")
    rows = page.locator("#found input[name=row]:checked")
    ticked = rows.count()
    assert ticked >= 1
    page.fill("[name=identity]", "Passport")
    page.locator("#decision .btn.danger").click()
    dialog = page.locator("dialog[open]")
    said = dialog.locator("p").inner_text()
    assert "Anna Berg" in said and f"{ticked}" in said, said
    look(someone, "asks", of=f"privacy-{size[0]}")
    dialog.locator(".ghost").click()
    rows.first.uncheck()
    page.locator("#decision .btn.danger").click()
    assert f"{ticked - 1}" in dialog.locator("p").inner_text()
    dialog.locator(".ghost").click()
    with house.ctx() as ctx:
        assert ctx.session.scalars(select(SubjectRequest.state)).all() == ["open"], "nothing was done"
