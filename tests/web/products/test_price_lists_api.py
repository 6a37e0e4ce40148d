"""Price lists, their lines and what comes off by tier, for programs: what their pages do, with the pages' permission."""

from uuid import uuid4

import pytest

from core.parties.actions import create_account
from core.products import actions

LISTS, LINES, TIERS = "/api/v1/price-lists", "/api/v1/price-list-lines", "/api/v1/tier-discounts"


@pytest.fixture
def api(world):
    return world.api("owner")


@pytest.fixture(scope="module")
def drill(world):
    with world.acme.ctx() as ctx:
        made = actions.create_product(ctx, code=f"PA-{uuid4().hex[:6]}", name="Listed drill", price="100")
        ctx.session.flush()
        return str(made.id)


def made(api, path, **body):
    answer = api.json("POST", path, body)
    assert answer.status_code == 201, answer.json
    return answer.json


def a_list(api, **more):
    return made(api, LISTS, name=f"List {uuid4().hex[:8]}", **more)


def at(record):
    return {"If-Match": f'"{record["version"]}"'}


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def test_programs_keep_price_lists(api):
    name = f"Spring {uuid4().hex[:8]}"
    book = made(api, LISTS, name=name, whom="group", group_name="reseller", priority=5, net=True, rounding_step="0.5", rounding_less="0.01", starts_on="2026-03-01", ends_on="2026-03-31")
    assert (book["currency"], book["whom"], book["group_name"], book["priority"], book["net"], book["rounding_step"], book["rounding_less"], book["ends_on"]) == ("EUR", "group", "reseller", 5, True, "0.5", "0.01", "2026-03-31")
    assert api.get(f"{LISTS}?filter[name][eq]={name}").json["data"] == [book] and api.get(f"{LISTS}/{book['id']}").json == book
    stands = a_list(api, based_on_id=book["id"], based_way="discount", based_percent="2.5")
    assert stands["based_percent"] == "2.5"
    assert api.json("DELETE", f"{LISTS}/{book['id']}", headers=at(book)).json["code"] == "list_stood_on"
    changed = api.json("PATCH", f"{LISTS}/{book['id']}", {"whom": "everybody", "group_name": None, "ends_on": None, "rounding_step": None, "rounding_less": None, "priority": None}, headers=at(book)).json
    assert (changed["whom"], changed["group_name"], changed["ends_on"], changed["rounding_step"], changed["priority"], changed["name"]) == ("everybody", None, None, None, 0, name)
    assert api.json("DELETE", f"{LISTS}/{stands['id']}", headers=at(stands)).status_code == 204
    assert api.json("DELETE", f"{LISTS}/{book['id']}", headers=at(changed)).status_code == 204 and api.get(f"{LISTS}/{book['id']}").status_code == 404


def test_programs_keep_the_lines_of_a_list_and_they_make_the_price(api, drill):
    book = a_list(api)
    line = made(api, f"{LISTS}/{book['id']}/lines", product_id=drill, price=euros("90.125"), from_quantity="1.5")
    assert (line["what"], line["way"], line["price"], line["percent"], line["from_quantity"], line["price_list_id"]) == ("product", "price", euros("90.125"), None, "1.5", book["id"])
    assert api.get(f"/api/v1/products/{drill}/price?quantity=2").json["list_id"] == book["id"]
    assert api.json("PATCH", f"{LINES}/{line['id']}", {"way": "discount"}, headers=at(line)).json["field"] == "percent", "90 euros are no 90 per cent"
    off = api.json("PATCH", f"{LINES}/{line['id']}", {"way": "discount", "percent": "12.5"}, headers=at(line)).json
    assert (off["way"], off["percent"], off["price"], off["product_id"], off["from_quantity"]) == ("discount", "12.5", None, drill, "1.5")
    assert api.get(f"/api/v1/products/{drill}/price?quantity=2").json["price"] == euros("87.50")
    all_ = api.json("PATCH", f"{LINES}/{line['id']}", {"what": "all", "from_quantity": None}, headers=at(off)).json
    assert (all_["what"], all_["product_id"], all_["from_quantity"], all_["percent"]) == ("all", None, "0", "12.5")
    assert api.get(f"{LISTS}/{book['id']}/lines").json["data"] == [all_] and api.get(f"{LINES}/{line['id']}").json == all_
    assert api.json("DELETE", f"{LINES}/{line['id']}", headers=at(line)).status_code == 412
    assert api.json("DELETE", f"{LINES}/{line['id']}", headers=at(all_)).status_code == 204 and api.get(f"{LISTS}/{book['id']}/lines").json["data"] == []


def test_programs_say_what_comes_off_by_tier(api):
    name = f"Tier {uuid4().hex[:8]}"
    tier = made(api, TIERS, tier=name, percent="4.25")
    assert (tier["tier"], tier["percent"]) == (name, "4.25") and made(api, TIERS, tier=name.upper(), percent="5")["id"] == tier["id"], "a later word takes the place of the first"
    now = api.get(f"{TIERS}/{tier['id']}").json
    changed = api.json("PATCH", f"{TIERS}/{tier['id']}", {"percent": "6"}, headers=at(now)).json
    assert changed["percent"] == "6" and api.get(f"{TIERS}?filter[tier][eq]={name}").json["data"] == [changed]
    assert api.json("PATCH", f"{TIERS}/{tier['id']}", {}, headers=at(changed)).json == changed
    assert api.json("DELETE", f"{TIERS}/{tier['id']}", headers=at(tier)).status_code == 412
    assert api.json("DELETE", f"{TIERS}/{tier['id']}", headers=at(changed)).status_code == 204


@pytest.mark.parametrize(("body", "code"), [
    ({"name": ""}, None), ({"currency": "ABC"}, "not_a_currency"), ({"currency": "CHF"}, "currency_unknown"), ({"whom": "customer"}, "required"), ({"whom": "aliens"}, None), ({"group_name": "x"}, "list_not_for_him"),
    ({"whom": "customer", "account_id": str(uuid4())}, "account_unknown"), ({"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "days_turned"), ({"rounding_step": "1e9"}, None), ({"rounding_step": "-1"}, None),
    ({"based_on_id": str(uuid4()), "based_way": "discount", "based_percent": "1"}, "list_unknown"), ({"based_way": "discount"}, "formula_half"), ({"priority": 1001}, None), ({"priority": "5"}, None), ({"id": str(uuid4())}, None),
])
def test_what_no_list_can_be_is_refused_and_nothing_is_kept(api, body, code):
    before = api.get(LISTS).json["data"]
    answer = api.json("POST", LISTS, {"name": "Hostile"} | body)
    assert answer.status_code == 422 and (code is None or answer.json["code"] == code), answer.json
    assert api.get(LISTS).json["data"] == before


@pytest.mark.parametrize(("body", "code"), [
    ({}, "required"), ({"what": "product", "price": euros("1"), "product_id": str(uuid4())}, "product_unknown"), ({"what": "category", "percent": "1", "way": "discount"}, "category_unknown"), ({"price": {"amount": "1", "currency": "USD"}}, "currency_of_list"),
    ({"price": euros("-1")}, "not_an_amount"), ({"price": {"amount": 1, "currency": "EUR"}}, None), ({"price": euros("1"), "percent": "1"}, "price_or_percent"), ({"way": "discount", "price": euros("1")}, "price_or_percent"), ({"way": "discount", "percent": "101"}, "not_a_percent"),
    ({"way": "margin", "percent": "100"}, "margin_too_high"), ({"way": "discount", "percent": "NaN"}, None), ({"price": euros("1"), "from_quantity": "-1"}, None), ({"price": euros("1"), "starts_on": "2026-02-30"}, None), ({"price": euros("1"), "value": "1"}, None),
])
def test_what_no_line_can_say_is_refused_and_nothing_is_kept(api, drill, body, code):
    book = a_list(api)
    of = {} if "what" in body else {"product_id": drill}
    line = made(api, f"{LISTS}/{book['id']}/lines", what="all", price=euros("7"))
    answers = [api.json("POST", f"{LISTS}/{book['id']}/lines", of | body), *([api.json("PATCH", f"{LINES}/{line['id']}", {"what": "product"} | of | body, headers=at(line))] if body else [])]
    for answer in answers:
        assert answer.status_code == 422 and (code is None or answer.json["code"] == code), answer.json
    assert api.get(f"{LISTS}/{book['id']}/lines").json["data"] == [line]


def test_two_lines_of_a_list_do_not_say_the_same_of_the_same(api, drill):
    book = a_list(api)
    path = f"{LISTS}/{book['id']}/lines"
    made(api, path, product_id=drill, price=euros("1"))
    other = made(api, path, product_id=drill, price=euros("2"), from_quantity="10")
    assert api.json("POST", path, {"product_id": drill, "price": euros("3")}).json["code"] == "line_there"
    assert api.json("PATCH", f"{LINES}/{other['id']}", {"from_quantity": "0"}, headers=at(other)).json["code"] == "line_there"
    assert api.json("PATCH", f"{LINES}/{other['id']}", {"price": euros("3")}, headers=at(other)).json["price"]["amount"] == "3"
    assert api.json("PATCH", f"{LINES}/{other['id']}", {"price": euros("4")}, headers=at(other)).status_code == 412, "it was changed since"
    assert api.json("PATCH", f"{LINES}/{other['id']}", {"price": euros("4")}).status_code == 428


def test_a_list_is_for_a_customer_whom_one_sees(world, api):
    with world.acme.ctx() as ctx:
        him = create_account(ctx, name="Listed customer", owner_id=None)
        ctx.session.flush()
        key = str(him.id)
    book = a_list(api, whom="customer", account_id=key)
    assert book["account_id"] == key
    with world.globex.ctx() as ctx:
        foreign = create_account(ctx, name="Foreign customer", owner_id=None)
        ctx.session.flush()
        key = str(foreign.id)
    assert api.json("PATCH", f"{LISTS}/{book['id']}", {"account_id": key}, headers=at(book)).json["code"] == "account_unknown"


def test_who_does_not_arrange_the_catalogue_has_no_way_to_its_prices(world, api):
    book, tier, rep = a_list(api), made(api, TIERS, tier=f"Tier {uuid4().hex[:8]}", percent="1"), world.api("rep")
    line = made(api, f"{LISTS}/{book['id']}/lines", what="all", way="discount", percent="1")
    for path, body in ((LISTS, {"name": "Mine"}), (f"{LISTS}/{book['id']}/lines", {"what": "all", "price": euros("0")}), (TIERS, {"tier": "Mine", "percent": "99"})):
        assert rep.get(path).status_code == rep.json("POST", path, body).status_code == 403
    for path, record, body in ((LISTS, book, {"name": "Mine"}), (LINES, line, {"percent": "99"}), (TIERS, tier, {"percent": "99"})):
        for method, sent in (("GET", None), ("PATCH", body), ("DELETE", None)):
            assert rep.json(method, f"{path}/{record['id']}", sent, headers=at(record)).status_code == 403
        assert api.get(f"{path}/{record['id']}").json == record
