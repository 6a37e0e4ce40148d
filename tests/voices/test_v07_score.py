"""V7, marketing: "Who are the real potential buyers?" The score says it by what they are and what they did, by rules of the workspace; every point
is explained, and those above a line are a list of their own."""

import time
from uuid import uuid4

import pytest

from core.leads import actions, scoring
from core.leads.models import Lead
from tests.support.looking import look, opened
from tests.support.world import CAST, House

PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}
PEOPLE = (
    ("Ada Lace", {"company": "Nordlicht Optik", "mail": "ada@nordlicht.example", "country": "DE", "interest": "Forty trays", "job_title": "Head of purchasing", "city": "Kiel"}),
    ("Bo Berg", {"mail": "bo@gmail.com"}), ("Cy 北区", {"company": "北区门店", "country": "CN", "interest": "样品"}),
)


@pytest.fixture
def house(server, room):
    found = House(f"v07-{uuid4().hex[:6]}", CAST | {"mia": "marketing"})
    with found.ctx() as ctx:
        for name, given in PEOPLE:
            actions.capture(ctx, name=name, source="form", touch={"utm_source": "fair"}, **given)
        ctx.session.flush()
        actions.capture(ctx, mail="ada@nordlicht.example", name="Ada Lace", message="When can you deliver?", source="form")  # she came again
        ctx.session.flush()
        scoring.rescore(ctx)
    return found


def score(house, name):
    with house.ctx() as ctx:
        lead = ctx.session.query(Lead).filter(Lead.name == name).one()
        return scoring.score_of(ctx, lead)


def comes(told, expected, seconds=45):
    """A worker scores them anew."""
    end = time.monotonic() + seconds
    while told() != expected:
        assert time.monotonic() < end, f"{told()} is not {expected}"
        time.sleep(0.3)


def rows(page):
    """[(name, score)] from the top of the list."""
    return [(row.locator("a.open").first.inner_text().strip(), int(row.locator("td.num").first.inner_text().replace("−", "-"))) for row in page.locator("tbody tr").all()]


def test_marketing_says_what_counts_and_every_point_of_everybody_is_explained(person, sign_in, house):
    mia = person()
    url = sign_in(mia, house, "mia")
    before = {name: score(house, name)[0] for name, _ in PEOPLE}
    assert before["Ada Lace"] > before["Cy 北区"] > before["Bo Berg"]
    page = opened(mia, f"{url}/settings/lead-score/")
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Name").fill("Shops in China")
    page.get_by_label("Points").fill("60")
    page.locator("#field0").select_option("country")
    page.locator("#op0").select_option("eq")
    page.locator("#value0").fill("CN")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    page.get_by_text("Shops in China").first.wait_for()
    comes(lambda: score(house, "Cy 北区")[0], before["Cy 北区"] + 60)
    assert {name: score(house, name)[0] for name in ("Ada Lace", "Bo Berg")} == {name: before[name] for name in ("Ada Lace", "Bo Berg")}
    rep = person()
    sign_in(rep, house, "rep")
    page = opened(rep, f"{url}/leads?sort=-score")
    assert rows(page) == [(name, score(house, name)[0]) for name in ("Cy 北区", "Ada Lace", "Bo Berg")]
    page.locator("a.open", has_text="Ada Lace").click()
    page.locator("#judge-h").wait_for()
    total, why = score(house, "Ada Lace")
    said = page.locator("main").inner_text()
    assert sum(points for _, points in why) == total and {"Filled in", "Came again", "Says what he wants"} <= {name for name, _ in why}
    for name, points in why:
        assert name in said and (f"+{points}" if points > 0 else f"−{-points}") in said, name
    page = opened(rep, f"{url}/leads?filter[score][gte]={before['Ada Lace']}&sort=-score")
    assert [name for name, _ in rows(page)] == ["Cy 北区", "Ada Lace"], "those above a line"


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", PHONE)])
def test_the_pages_are_whole(person, sign_in, house, name, options):
    someone = person(**options)
    if name == "zh":
        with house.ctx() as ctx:
            ctx.session.get_one(type(house.users["owner"]), house.users["owner"].id).locale = "zh"
    url = sign_in(someone, house)
    page = opened(someone, f"{url}/leads?sort=-score&filter[score][gte]=10")
    look(someone, f"list-{name}", of="score")
    page.locator("a.open", has_text="Ada Lace").first.click()
    page.locator(".facts").wait_for()
    look(someone, f"page-{name}", of="score")
    with house.ctx() as ctx:
        rules = scoring.rules(ctx)
    for what, path in (("rules", ""), ("condition", next(rule.id for rule in rules if rule.kind == "condition")), ("age", next(rule.id for rule in rules if rule.kind == "age"))):
        opened(someone, f"{url}/settings/lead-score/{path}")
        look(someone, f"{what}-{name}", of="score")


def test_without_a_script_a_rule_is_changed_and_its_points_follow(person, sign_in, house):
    someone = person(java_script_enabled=False)
    url, (before, why) = sign_in(someone, house), score(house, "Bo Berg")
    assert dict(why)["Writes from a free mail address"] == -10
    page = someone.page
    page.goto(f"{url}/settings/lead-score/")
    page.get_by_role("link", name="Writes from a free mail address").click()
    page.get_by_label("Points").fill("-25")
    page.get_by_role("button", name="Save rule").click()
    page.get_by_text("All leads are scored anew").first.wait_for()
    comes(lambda: score(house, "Bo Berg")[0], before - 15)
    page.goto(f"{url}/leads?q=Bo")
    page.locator("a.open").first.click()
    assert "−25" in page.locator("main").inner_text()
