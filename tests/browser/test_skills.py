"""What somebody can do, written on his page, and the rule that asks for it: light, on a dark phone, in Chinese."""

from uuid import uuid4

import pytest

from core.identity.models import User
from core.leads import assigning
from core.products import arranging
from tests.support.looking import look, opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("phone-dark", PHONE), ("zh", {})], ids=["light", "phone-dark", "zh"])
def test_skills_are_written_and_asked_for(person, room, sign_in, name, options):
    house, someone = House(f"skill-{uuid4().hex[:6]}"), person(**options)
    with house.ctx() as ctx:
        for each in ("Machines", "Supplies", "Services"):
            arranging.add_category(ctx, name=each)
        rule = assigning.save_rule(ctx, None, name="By language", way="turn", user_ids=[house.users["rep"].id], needs_language=True).id
        ctx.session.get_one(User, house.users["owner"].id).locale = "zh" if name == "zh" else "en"
    url = sign_in(someone, house)
    page = opened(someone, f"{url}/settings/members/{house.users['rep'].id}")
    page.locator("#languages").fill("Spanish, ko")
    page.locator("#own-words").fill("CNC")
    page.locator("#category_ids input").first.check()
    page.locator("#skills-form button[type=submit]").click()
    page.wait_for_load_state()
    assert page.locator("#languages").input_value() == ("西班牙语, 韩语" if name == "zh" else "Korean, Spanish") and page.locator("#category_ids input").first.is_checked()
    page.locator("#skills").scroll_into_view_if_needed()
    look(someone, f"person-{name}", of="skills")
    opened(someone, f"{url}/settings/lead-assignment/{rule}")
    assert page.locator("#needs_language").is_checked() and not page.locator("#needs_product").is_checked()
    look(someone, f"rule-{name}", of="skills")
