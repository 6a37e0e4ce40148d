"""V13, a customer: "Two of your salespeople quoted me different prices." Whoever quotes sees what a colleague quoted, a price that conflicts waits for
a yes, and every paper says by its link whether it holds and who answers for it. V26: each decision names its maker."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.approvals import limits
from core.identity import absence
from core.identity.queries import one_user
from core.identity.roles import one_role
from core.parties import actions as parties
from core.products import actions as products
from core.quotes import approving, drafting, lining, queries, sending
from tests.support.looking import look, opened
from tests.support.world import House

CAST = {"owner": "admin", "manager": "manager", "rep": "sales", "colleague": "sales", "deputy": "sales"}
PHONE = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}


@pytest.fixture
def house(server, room):
    """The colleague has quoted Nordlicht a tray for 90.00; the rep writes them one for 95.00."""
    found = House(f"v13-{uuid4().hex[:6]}", CAST)
    with found.ctx("owner") as ctx:
        limits.set_limits(ctx, one_role(ctx, "sales"), {("quotes.line_discount", ""): "10"})
        tray = products.create_product(ctx, code="TRAY", name="Tray", price="100")
        account = parties.create_account(ctx, name="Nordlicht", owner_id=None)
        ctx.session.flush()
        found.tray, found.account = tray.id, account.id
    with found.ctx("colleague") as ctx:
        theirs = drafting.create_quote(ctx, name="Trays, spring", account_id=found.account)
        lining.save_lines(ctx, theirs, [{"product_id": str(found.tray), "discount": "10"}])
        found.theirs, found.paper = theirs.id, sending.send_quote(ctx, theirs).proof
    with found.ctx("rep") as ctx:
        mine = drafting.create_quote(ctx, name="Forty trays", account_id=found.account)
        lining.save_lines(ctx, mine, [{"product_id": str(found.tray), "quantity": "40", "discount": "5"}])
        found.mine = mine.id
    return found


def asked(page, reason):
    with page.expect_navigation():
        page.locator("#approval input[name=note]").fill(reason)
        page.get_by_role("button", name="Ask for approval").click()


def test_a_second_price_waits_and_each_decision_names_its_maker(person, sign_in, house):
    writer, boss, stand_in = person(), person(), person()
    url = sign_in(writer, house, "rep")
    page = opened(writer, f"{url}/quotes/{house.mine}/lines")
    text = page.locator("main").inner_text()
    assert "Conflicts with a quote of Colleague that still holds" in text and "90.00 EUR" in text and "This quote will wait for Manager" in text
    page = opened(writer, f"{url}/quotes/{house.mine}")
    page.locator("#sending button").click()
    page.get_by_text("Ask for approval first").first.wait_for()
    asked(opened(writer, f"{url}/quotes/{house.mine}"), "Forty at once")

    inbox = opened(boss, sign_in(boss, house, "manager") + "/approvals")
    assert inbox.locator("nav a[href='/approvals'] .count").inner_text() == "1"
    text = inbox.locator("main").inner_text()
    assert "Forty trays" in text and "Forty at once" in text and "Colleague has quoted 90.00 EUR for Tray" in text
    inbox.keyboard.press("v")  # a no without its reason is none
    inbox.get_by_text("Fill in this field.").first.wait_for()
    inbox.locator("input[name=note]").fill("Agree with your colleague first")
    with inbox.expect_navigation():
        inbox.keyboard.press("Enter")
    inbox.get_by_text("Nothing waits for you").wait_for()
    page = opened(writer, f"{url}/quotes/{house.mine}")
    assert "Manager: Agree with your colleague first" in page.locator("aside").first.inner_text() or "Agree with your colleague first" in page.content()

    with house.ctx("owner") as ctx:
        absence.plan_absence(ctx, one_user(ctx, house.users["manager"].id), deputy_id=house.users["deputy"].id, starts_on=ctx.today, ends_on=ctx.today + timedelta(days=3))
    asked(page, "We agreed: he keeps his, for forty it is mine")
    inbox = opened(stand_in, sign_in(stand_in, house, "deputy") + "/approvals")
    assert "for Manager, who is away" in inbox.locator("main").inner_text()
    with inbox.expect_navigation():
        inbox.keyboard.press("y")
    page = opened(writer, f"{url}/quotes/{house.mine}")
    assert "Deputy for Manager, who is away" in " ".join(page.content().replace("<span>", "").split())
    with page.expect_navigation():
        page.locator("#sending button").click()
    with house.ctx("rep") as ctx:
        sent = queries.newest(ctx, queries.one_quote(ctx, house.mine))
        assert (sent.state, sent.approved_by) == ("sent", house.users["deputy"].id)


def checked(someone, url, proof):
    someone.page.goto(f"{url}/quote/check/{proof}?lang=en")
    return someone.page.locator("main").inner_text()


def test_every_paper_says_whether_it_holds_and_who_answers_for_it(person, sign_in, house):
    customer = person(java_script_enabled=False)
    url = sign_in(person(), house, "rep")
    said = checked(customer, url, house.paper)
    assert "Valid" in said and "Colleague" in said and "colleague@" in said
    with house.ctx("colleague") as ctx:
        quote = queries.one_quote(ctx, house.theirs)
        drafting.revise(ctx, quote)
        second = sending.send_quote(ctx, quote)
        token, proof = second.token, second.proof
    assert "Superseded by version 2" in checked(customer, url, house.paper) and "Valid" in checked(customer, url, proof)
    customer.page.goto(f"{url}/quote/{token}?lang=en")
    assert "Colleague" in customer.page.locator("main").inner_text()
    with house.ctx("colleague") as ctx:
        sending.withdraw(ctx, queries.one_quote(ctx, house.theirs))
    customer.page.goto(f"{url}/quote/{token}?lang=en")
    assert "This quote was withdrawn" in customer.page.locator("main").inner_text()
    said = checked(customer, url, proof)
    assert "Withdrawn" in said and "Colleague" in said


@pytest.mark.parametrize(("name", "options"), [("light", {}), ("zh", {}), ("phone-dark", PHONE)])
def test_the_pages_are_whole(person, sign_in, house, name, options):
    someone = person(**options)
    with house.ctx("rep") as ctx:
        approving.ask(ctx, queries.one_quote(ctx, house.mine), note="Forty at once")
    with house.ctx() as ctx:
        if name == "zh":
            for user in ("manager", "owner"):
                ctx.session.get_one(type(house.users[user]), house.users[user].id).locale = "zh"
        role = one_role(ctx, "sales").id
    url = sign_in(someone, house, "manager")
    page = opened(someone, f"{url}/approvals")
    look(someone, f"inbox-{name}", of="approvals")
    page.goto(f"{url}/quotes/{house.mine}")
    look(someone, f"quote-{name}", of="approvals")
    boss = person(**options)
    url = sign_in(boss, house, "owner")
    for what, path in (("settings", "/settings/approvals/"), ("limits", f"/settings/approvals/{role}")):
        opened(boss, url + path)
        look(boss, f"{what}-{name}", of="approvals")
    writer = person(**options)
    opened(writer, sign_in(writer, house, "rep") + f"/quotes/{house.mine}/lines")
    look(writer, f"lines-{name}", of="approvals")
