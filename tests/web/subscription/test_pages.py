"""The tenant's subscription pages, walked by the cast (HOUSE 28)."""

import io
import re
from datetime import timedelta
from uuid import uuid4

import pypdf
import pytest
from sqlalchemy import update

from billing import access, plans, signup, subscriptions
from billing.models import Invoice, Subscription
from core.identity.models import User
from tenants import entry, registry
from tenants.models import Tenant
from tests.support.world import Browser, House

FORM = {
    "plan": "team", "interval": "month", "seats": "8", "legal_name": "Acme GmbH", "address": "Hauptstr. 1", "postcode": "10115",
    "city": "Berlin", "country": "DE", "mail": "billing@acme.example", "vat_id": "",
}


def begin_trial(house):
    with entry.control() as session:
        plans.load(session)
        tenant = session.get_one(Tenant, house.tenant.id)
        signup.start_trial(session, tenant, company=tenant.name, mail="owner@acme.example", now=entry.utcnow())
        access.recompute(session, tenant, entry.utcnow())
    registry.forget()


@pytest.fixture(scope="module")
def renting(world):
    """acme is on trial; nothing was ordered."""
    begin_trial(world.acme)
    return world


@pytest.fixture
def fresh(app):
    """A company of its own, on trial: (its browser, its house)."""
    house = House(f"fresh-{uuid4().hex[:6]}", {"owner": "admin"})
    begin_trial(house)
    return Browser(app, house, "owner"), house


def trial_ends(house, days):
    """Move the trial's end and let the clock look."""
    with entry.control() as session:
        session.execute(update(Subscription).where(Subscription.tenant_id == house.tenant.id).values(trial_end=entry.utcnow() + timedelta(days=days)))
    with entry.control() as session:
        subscriptions.review(session, session.get_one(Tenant, house.tenant.id), entry.utcnow())
    registry.forget()


def order(browser, **changes):
    """The address of the invoice that an order led to."""
    answer = browser.post("/subscription/orders", {**FORM, "key": str(uuid4()), **changes})
    assert answer.status_code == 303
    return answer.location


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("manager", 403), ("rep", 403), ("reader", 403), (None, 303)])
def test_only_whoever_manages_billing_sees_it(renting, who, status):
    for path in ("/subscription", "/subscription/plan"):
        assert renting.browser(who).get(path).status_code == status


def test_the_page_says_how_many_days_are_left_and_how_many_seats_are_taken(renting):
    trial_ends(renting.acme, 9.5)
    text = renting.browser("owner").get("/subscription").text
    assert "10 days of your trial are left" in text
    assert "5 of 50" in text


def test_the_price_follows_the_choice(renting):
    browser = renting.browser("owner")
    part = browser.post("/subscription/plan", {**FORM, "seats": "7"}, headers={"HX-Request": "true"}).text
    assert "€133.00" in part and "<html" not in part
    whole = browser.post("/subscription/plan", {**FORM, "interval": "year", "plan": "starter", "seats": "5"}).text
    assert "€450.00" in whole and 'value="Acme GmbH"' in whole


@pytest.mark.parametrize(("changes", "says"), [
    ({"seats": "51"}, "at most 50 seats"), ({"seats": "1"}, "You have 5 active users"), ({"seats": "many"}, "Not a valid integer"),
    ({"plan": "gold"}, "Not a valid choice"), ({"country": ""}, "field is required"), ({"legal_name": " "}, "Fill in this field"),
    ({"mail": "nobody"}, "Write a mail address"), ({"vat_id": "??"}, "Write the VAT number"), ({"city": "x" * 300}, "longer than 100"),
    ({"address": "a\u202eb"}, "control characters"),
])
def test_a_refused_order_gives_the_form_back_with_all_that_was_typed(renting, changes, says):
    answer = renting.browser("owner").post("/subscription/orders", {**FORM, "key": str(uuid4()), **changes})
    assert answer.status_code == 422
    assert says in answer.text
    assert 'value="Hauptstr. 1"' in answer.text or "address" in changes
    with entry.control() as session:
        assert session.query(Invoice).filter_by(tenant_id=renting.acme.tenant.id).count() == 0


def test_the_list_of_errors_is_in_the_readers_language(fresh):
    browser, house = fresh
    with entry.enter(house.tenant) as session:
        session.execute(update(User).values(locale="es"))
    answer = browser.post("/subscription/orders", {**FORM, "key": str(uuid4()), "address": "", "city": "", "country": ""})
    assert answer.status_code == 422 and ">Calle y número: " in answer.text and ">Street and number: " not in answer.text


def test_after_the_trial_the_subscription_pages_stay_open(fresh):
    browser, house = fresh
    for days, access_then in ((-1, "read_only"), (-31, "suspended")):
        trial_ends(house, days)
        assert house.fresh().access == access_then
        text = browser.get("/subscription").text
        assert "Your trial is over" in text
        assert browser.get("/subscription/plan").status_code == 200


def test_an_order_leads_to_the_bank_details_and_gives_access_back(fresh):
    browser, house = fresh
    trial_ends(house, -31)
    text = browser.get(order(browser)).text
    assert "DE89 3704 0044 0532 0130 00" in text and re.search(r"RF\d\d \d{4}", text)
    assert 'src="data:image/svg+xml' in text
    assert house.fresh().access == "active"


def test_an_order_sent_twice_is_one_invoice(fresh):
    browser, house = fresh
    key = str(uuid4())
    assert order(browser, key=key) == order(browser, key=key)
    with entry.control() as session:
        assert session.query(Invoice).filter_by(tenant_id=house.tenant.id).count() == 1


def test_the_pdf_is_the_same_bytes_every_time_and_shows_markup_as_text(fresh):
    browser, _ = fresh
    where = order(browser, legal_name='#image("/etc/passwd") *x* $y$')
    first, second = (browser.get(f"{where}/pdf") for _ in range(2))
    assert first.mimetype == "application/pdf" and first.data == second.data
    text = pypdf.PdfReader(io.BytesIO(first.data)).pages[0].extract_text()
    assert '#image("/etc/passwd") *x* $y$' in text and "DE89 3704" in text and "root:" not in text


def test_another_tenants_invoice_is_not_there(fresh, renting):
    where = order(fresh[0])
    for path in (where, f"{where}/pdf"):
        assert renting.browser("owner").get(path).status_code == 404


def test_an_order_without_the_form_token_is_refused(fresh):
    browser, house = fresh
    browser.csrf = "forged"
    assert browser.post("/subscription/orders", {**FORM, "key": str(uuid4())}).status_code == 422
    with entry.control() as session:
        assert session.query(Invoice).filter_by(tenant_id=house.tenant.id).count() == 0


def test_a_cancelled_subscription_says_when_it_ends(fresh):
    browser, house = fresh
    order(browser)
    for typed in ("", "yes"):
        refused = browser.post("/subscription/cancellation", {"typed": typed})
        assert refused.status_code == 422 and 'id="typed-err"' in refused.text and "was cancelled and ends on" not in browser.get("/subscription").text
    assert browser.post("/subscription/cancellation", {"typed": f" {house.tenant.name.upper()} "}).status_code == 303
    assert "was cancelled and ends on" in browser.get("/subscription").text


def test_a_closed_workspace_says_the_day_of_its_deletion_and_what_stops_it(fresh):
    browser, house = fresh
    assert "will be deleted" not in browser.get("/subscription").text
    trial_ends(house, -61)
    day = house.fresh().access_until
    assert house.fresh().access == "closed" and timedelta(days=29) < day - entry.utcnow() <= timedelta(days=30)
    text = browser.get("/subscription").text
    assert "closed and will be deleted on" in text and str(day.day) in text.split("will be deleted on")[1][:40] and "Choose a plan" in text
    assert browser.get("/settings/data/").status_code == 200 and browser.get("/accounts").status_code == 402
    order(browser)
    registry.forget()
    assert "will be deleted" not in browser.get("/subscription").text and browser.get("/accounts").status_code == 200


def test_partner_seats_are_chosen_priced_and_shown(fresh):
    browser, house = fresh
    assert 'name="partner_seats"' in browser.get("/subscription/plan").text
    assert "€143.00" in browser.post("/subscription/plan", {**FORM, "seats": "7", "partner_seats": "2"}, headers={"HX-Request": "true"}).text
    for wrong, says in (("48", "at most 47 further partner seats"), ("-1", "at least 0"), ("many", "Not a valid integer")):
        answer = browser.post("/subscription/orders", {**FORM, "key": str(uuid4()), "partner_seats": wrong})
        assert answer.status_code == 422 and says in answer.text, wrong
    place = order(browser, partner_seats="2")
    pdf = browser.get(f"{place}/pdf")
    assert "per partner seat and month" in pypdf.PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text()
    house.fresh()
    page = browser.get("/subscription").text
    assert "Partner seats" in page and "0 of 5" in page
    assert "0 of 5 partner seats taken" in browser.get("/settings/members").text
