"""V2, sales: "On the road I can't see customers and products." Before the door of a customer, a phone of 360 px in the hand."""

from uuid import uuid4

from sqlalchemy import select

from core.activities import actions as log
from core.activities.models import Activity
from core.parties.actions import create_account, create_contact
from tests.support.world import House


def test_the_brief_is_read_and_the_visit_logged_before_the_car_starts(person, server, sign_in):
    house = House(f"road-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales"})
    with house.ctx("rep") as ctx:
        account = create_account(ctx, name="Nordlicht Optik GmbH", phone="+49 40 5557 0142", street="Große Elbstraße 268", city="Hamburg")
        contact = create_contact(ctx, name="Sofie Brandt", account_id=account.id, mobile="+49 171 5557 0142", job_title="Purchasing")
        log.log_activity(ctx, kind="call", account=account, contact=contact, body="Asks for samples in blue", next_contact="tomorrow", next_contact_note="Bring the samples")
        ctx.session.flush()
        path = f"/accounts/{account.id}"
    rep = person(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, reduced_motion="reduce")
    url, page = sign_in(rep, house, "rep"), rep.page
    page.goto(url)
    page.get_by_role("link", name="Nordlicht Optik GmbH").first.click()
    page.wait_for_url(f"**{path}")
    page.locator("html[data-ready]").wait_for(state="attached")
    said = page.locator("main").inner_text()
    assert [word for word in ("Hamburg", "Sofie Brandt", "Bring the samples", "Asks for samples in blue") if word not in said] == []
    assert page.locator("a[href='tel:+494055570142']").first.is_visible(), "one touch calls"
    rep.axe(where="the brief on a phone")
    rep.no_sideways_scroll("the brief on a phone")
    page.locator("#entry label", has_text="Visit").click()
    page.fill("#body", "Showed the blue ones, he takes forty")
    page.fill("#next_contact", "in 2 weeks")
    page.click("#entry [data-save]")
    page.locator(".feed .body", has_text="he takes forty").wait_for()
    rep.no_sideways_scroll("the brief after the visit")
    with house.ctx("owner") as ctx:
        visit = ctx.session.execute(select(Activity).where(Activity.body.startswith("Showed"))).scalar_one()
        assert (visit.kind, str(visit.account_id), (visit.next_contact_on - ctx.today).days) == ("visit", path.rsplit("/", 1)[1], 14)
