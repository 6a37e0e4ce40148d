"""The price check by page and API, and price lists in the settings."""

import pytest

from core.parties.actions import create_account
from core.products import actions, price_lists


@pytest.fixture(scope="module")
def priced(world):
    with world.acme.ctx() as ctx:
        drill = actions.create_product(ctx, code="PC-1", name="Priced drill", price="100", cost="60")
        him = create_account(ctx, name="Nordlicht", tags=["reseller"], owner_id=None)
        ctx.session.flush()
        book = price_lists.add_list(ctx, name="list B", whom="group", group_name="reseller")
        ctx.session.flush()
        price_lists.add_line(ctx, book, product_id=drill.id, value="90", from_quantity="10")
        price_lists.set_tier(ctx, tier="gold", percent="4")
        return {"drill": drill.id, "him": him.id, "book": book.id}


def test_the_check_says_the_price_and_why_sentence_by_sentence(world, priced):
    page = world.browser("rep").get(f"/products/price-check?product_id={priced['drill']}&quantity=10&currency=EUR&tier=gold&account_id={priced['him']}")
    assert page.status_code == 200
    for said in ("86.40 EUR", "864.00 EUR", "90.00 EUR stands in the list list B.", "That holds from the quantity 10 on.", "Minus 4 % for the tier gold."):
        assert said in page.text, said
    by_name = world.browser("rep").get("/products/price-check?product_id_text=pc-1&quantity=1&currency=EUR&account_id_text=nordlicht")
    assert "100.00 EUR is the product&#39;s own price." in by_name.text


def test_a_rate_is_told_with_all_its_places(world, priced):
    from core.products import rating

    with world.acme.ctx() as ctx:
        rating.add_currency(ctx, "CHF")
        rating.store_rate(ctx, currency="CHF", rate="0.9345")
    page = world.browser("rep").get("/products/price-check?product_id_text=pc-1&quantity=1&currency=CHF")
    assert "93.45 CHF" in page.text and "Converted at 0.9345, the rate of" in page.text


@pytest.mark.parametrize(("asked", "said"), [("product_id_text=nothing", "There is no such product."), ("product_id_text=pc-1&quantity=0", "Enter a quantity above zero."), ("product_id_text=pc-1&quantity=x", "amount"), ("product_id_text=pc-1&currency=USD", "no exchange rate")])
def test_what_can_not_be_priced_says_why(world, priced, asked, said):
    answer = world.browser("rep").get(f"/products/price-check?{asked}")
    assert answer.status_code == 422 and said in answer.text


def test_programs_ask_for_prices_too(world, priced):
    answer = world.api("rep").get(f"/api/v1/products/{priced['drill']}/price?quantity=10&tier=gold&account_id={priced['him']}")
    assert answer.json["price"] == {"amount": "86.40", "currency": "EUR"} and answer.json["list_id"] == str(priced["book"])
    assert [one["code"] for one in answer.json["reasons"]] == ["list_price", "from_quantity", "standing_discount"]
    assert world.api("rep").get(f"/api/v1/products/{priced['drill']}/price?quantity=0").json["code"] == "quantity_positive"
    assert world.api("rep").get(f"/api/v1/products/{priced['drill']}/price?account_id={priced['drill']}").status_code == 404


def test_a_list_is_made_filled_changed_and_deleted(world, priced):
    owner = world.browser("owner")
    made = owner.post("/settings/price-lists/", {"name": "Spring", "currency": "EUR", "whom": "everybody", "starts_on": "2026-03-01", "ends_on": "2026-03-31"})
    assert made.status_code == 303
    path = made.headers["Location"]
    assert owner.post(f"{path}/lines", {"what": "product", "product_id_text": "PC-1", "way": "discount", "value": "5"}).status_code == 303
    page = owner.get(path).text
    assert "Priced drill" in page and "Percent off: 5 %" in page
    assert owner.post(f"{path}/lines", {"what": "product", "product_id_text": "PC-1", "way": "discount", "value": "6"}).status_code == 422
    assert owner.post(path, {"name": "Spring 2", "currency": "EUR", "whom": "everybody", "priority": "5", "_version": "1"}).status_code == 303
    assert "Spring 2" in owner.get("/settings/price-lists/").text
    line = owner.get(path).text.partition("/settings/price-lists/lines/")[2][:36]
    assert owner.post(f"/settings/price-lists/lines/{line}/deletion").status_code == 303
    assert owner.post(f"{path}/deletion").status_code == 303 and '<span class="b">Spring 2' not in owner.get("/settings/price-lists/").text
    assert world.browser("rep").get("/settings/price-lists/").status_code == 403


def test_a_list_for_one_customer_goes_with_him(world, priced):
    owner = world.browser("owner")
    made = owner.post("/settings/price-lists/", {"name": "His", "currency": "EUR", "whom": "customer", "account_id": str(priced["him"]), "account_id_text": "Nordlicht"})
    assert made.status_code == 303 and "Nordlicht" in owner.get(made.headers["Location"]).text
