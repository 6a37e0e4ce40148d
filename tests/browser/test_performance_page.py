"""The pages of performance, looked at: light, Chinese, a dark phone."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.deals import actions as deals
from core.deals import pipelines
from tests.support.looking import look, opened
from tests.support.world import House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def house(server):
    found = House(f"pp-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        stages = {one.kind: one.id for one in pipelines.ways(ctx)[0].stages}
        for who, amounts in (("rep", ("4800", "12500")), ("colleague", ("9000",))):
            for amount in amounts:
                deals.create_deal(ctx, name=f"Trays {amount}", owner_id=found.users[who].id, stage_id=stages["won"], amount=amount, began_at=ctx.now - timedelta(days=12), closed_at=ctx.now)
    return found


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", PHONE)])
def test_the_pages_are_whole(person, sign_in, house, name, options):
    with house.ctx() as ctx:
        ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh" if name == "zh" else "en"
    someone = person(**options)
    url = sign_in(someone, house)
    page = opened(someone, f"{url}/performance")
    look(someone, f"table-{name}", of="performance")
    page.locator("td a.link").first.click()
    page.locator("table.grid").wait_for()
    look(someone, f"records-{name}", of="performance")
