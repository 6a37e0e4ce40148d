"""V7, marketing: "Who are the real potential buyers?" The workspace's own history says it: a model is fitted, read beside the rules, switched on,
and every lead says how likely it is and why."""

from uuid import uuid4

import pytest

from core.leads import actions, chances, fitting, model_use
from core.leads.models import Lead
from tests.support.lead_history import fill
from tests.support.looking import look, opened
from tests.support.world import CAST, House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}
PAGE = "/settings/lead-score/model/"


@pytest.fixture
def house(server, room):
    found = House(f"v07m-{uuid4().hex[:6]}", CAST | {"mia": "marketing"})
    with found.ctx() as ctx:
        fill(ctx, 400)
        for name, source in (("Ada Lace", "Fair"), ("Bo Berg", "Web")):
            actions.create_lead(ctx, name=name, source=source, country="DE", owner_id=found.users["rep"].id)
    return found


def fit(house):
    """One that was begun, as a worker would."""
    with house.ctx() as ctx:
        run = fitting.start(ctx).id
    fitting.fit_one(house.ctx, run, 1)
    with house.ctx() as ctx:
        return fitting.one_model(ctx, run).verdict


def test_marketing_has_one_fitted_reads_it_and_switches_it_on(person, sign_in, house):
    mia = person()
    url = sign_in(mia, house, "mia")
    page = opened(mia, f"{url}{PAGE}")
    page.get_by_role("button", name="Fit a model now").click()
    page.get_by_text("The newest model is better than the rules").wait_for(timeout=240_000)
    page.get_by_text("What it promised, and what came of it").first.wait_for()
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_text("Switched on by").wait_for()
    with house.ctx() as ctx:
        chances.refresh(ctx)
    rep = person()
    sign_in(rep, house, "rep")
    page = opened(rep, f"{url}/leads?columns=score,chance&sort=-chance")
    assert [row.locator("a.open").first.inner_text().strip() for row in page.locator("tbody tr").all()[:2]] == ["Ada Lace", "Bo Berg"]
    page.locator("a.open", has_text="Ada Lace").click()
    page.locator(".facts").wait_for()
    said = page.locator("body").inner_text()
    assert "Source: Fair" in said and "A usual lead" in said


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", PHONE)])
def test_the_pages_are_whole(person, sign_in, house, name, options):
    someone = person(**options)
    if name == "zh":
        with house.ctx() as ctx:
            ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh"
    url = sign_in(someone, house)
    opened(someone, f"{url}{PAGE}")
    look(someone, f"model-before-{name}", of="score")
    assert fit(house) == "better"
    opened(someone, f"{url}{PAGE}")
    look(someone, f"model-fitted-{name}", of="score")
    with house.ctx() as ctx:
        model_use.switch_on(ctx, fitting.models(ctx)[0])
        chances.refresh(ctx)
        ada = ctx.session.query(Lead).filter(Lead.name == "Ada Lace").one().id
    opened(someone, f"{url}{PAGE}")
    look(someone, f"model-used-{name}", of="score")
    opened(someone, f"{url}/leads/{ada}")
    look(someone, f"lead-with-chance-{name}", of="score")
