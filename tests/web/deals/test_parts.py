"""What belongs to a deal as people and programs write it: products, team, competitors."""

from decimal import Decimal

import pytest

from core.deals import actions, lines
from core.products import actions as products
from tests.support.statements import counted


@pytest.fixture
def rep(world):
    return world.browser("rep")


@pytest.fixture
def api(world):
    return world.api("rep")


@pytest.fixture
def deal(world):
    with world.acme.ctx("rep") as ctx:
        return actions.create_deal(ctx, name="Forty trays", amount="5").id


@pytest.fixture(scope="module")
def tray(world):
    with world.acme.ctx("owner") as ctx:
        return products.create_product(ctx, code="T-1", name="Tray", price="12.50").id


def form(api, deal, *rows, **more):
    """The editor's form: rows of values, and the empty one behind them."""
    version = api.json("GET", f"/api/v1/deals/{deal}").json["version"]
    found = {"rows": len(rows), "_version": version} | more
    for place, row in enumerate(rows):
        found |= {f"l{place}-{name}": value for name, value in row.items()}
    return found


def kept(world, deal):
    with world.acme.ctx("rep") as ctx:
        from core.deals.queries import one_deal

        found = one_deal(ctx, deal)
        return found.amount, [(one.name, one.quantity, one.unit_price, one.times) for one in lines.lines_of(ctx, found)]


def test_products_are_written_without_script_by_their_code(world, rep, api, deal, tray):
    answer = rep.post(f"/deals/{deal}/lines", form(api, deal, {"product_id_text": "T-1", "quantity": "4"}, {"product_id_text": "Fitting", "unit_price": "80", "recurs": "month", "times": "3"}, {}))
    assert answer.status_code == 303 and answer.location.endswith("next=1")
    assert kept(world, deal) == (Decimal("290.00"), [("Tray", 4, Decimal("12.5"), 1), ("Fitting", 1, 80, 3)])
    page = rep.get(f"/deals/{deal}").get_data(as_text=True)
    assert "Tray" in page and "290 EUR" in page and "Every month, 3 times" in page and "changed the products" in page


def test_a_wrong_line_says_so_and_keeps_what_was_typed(world, rep, api, deal):
    answer = rep.post(f"/deals/{deal}/lines", form(api, deal, {"product_id_text": "Fitting", "unit_price": "much"}, {"product_id_text": "Service", "unit_price": "7"}))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Line 1:" in page and 'value="much"' in page and 'value="Service"' in page
    assert kept(world, deal) == (5, [])


def test_lines_are_moved_and_taken_away_by_buttons(world, rep, api, deal):
    rep.post(f"/deals/{deal}/lines", form(api, deal, *({"product_id_text": name, "unit_price": "1"} for name in "ABC")))
    rows = [{"id": one["id"], "product_id_text": one["name"], "unit_price": one["unit_price"], "recurs": "once"} for one in api.json("GET", f"/api/v1/deals/{deal}/lines").json["data"]]
    rep.post(f"/deals/{deal}/lines", form(api, deal, *rows, up="2"))
    assert [name for name, *_ in kept(world, deal)[1]] == ["A", "C", "B"]
    rows = [{"id": one["id"], "product_id_text": one["name"], "unit_price": one["unit_price"], "recurs": "once"} for one in api.json("GET", f"/api/v1/deals/{deal}/lines").json["data"]]
    answer = rep.post(f"/deals/{deal}/lines", form(api, deal, *rows, gone="0", back="1"))
    assert answer.location.endswith(f"/deals/{deal}") and kept(world, deal)[0] == 2


def test_lines_that_somebody_else_wrote_meanwhile_are_not_overwritten(world, rep, api, deal):
    stale = form(api, deal, {"product_id_text": "Mine", "unit_price": "1"})
    api.json("PATCH", f"/api/v1/deals/{deal}", {"name": "Other"}, headers={"If-Match": f'"{stale["_version"]}"'})
    answer = rep.post(f"/deals/{deal}/lines", stale)
    assert answer.status_code == 409 and 'value="Mine"' in answer.get_data(as_text=True)


def test_an_amount_in_its_place_is_refused_while_there_are_products(world, rep, api, deal):
    rep.post(f"/deals/{deal}/lines", form(api, deal, {"product_id_text": "Fitting", "unit_price": "80"}))
    version = api.json("GET", f"/api/v1/deals/{deal}").json["version"]
    refused = api.json("PATCH", f"/api/v1/deals/{deal}", {"amount": {"amount": "1", "currency": "EUR"}}, headers={"If-Match": f'"{version}"'})
    assert (refused.status_code, refused.json["code"]) == (422, "amount_of_lines")


def test_programs_write_the_products_whole(api, deal, tray):
    version = api.json("GET", f"/api/v1/deals/{deal}").json["version"]
    body = {"lines": [{"product_id": str(tray), "quantity": "2"}, {"name": "Service", "unit_price": "10.5", "recurs": "year", "times": 2}]}
    assert api.json("PUT", f"/api/v1/deals/{deal}/lines", body).status_code == 428
    answer = api.json("PUT", f"/api/v1/deals/{deal}/lines", body, headers={"If-Match": f'"{version}"'})
    assert [(one["name"], one["amount"]) for one in answer.json["data"]] == [("Tray", "25.00"), ("Service", "21.00")]
    assert api.json("GET", f"/api/v1/deals/{deal}").json["amount"] == {"amount": "46.00", "currency": "EUR"}


def test_a_colleague_of_the_team_opens_the_deal_and_no_longer_once_he_is_out(world, rep, api, deal):
    colleague, key = world.browser("colleague"), str(world.acme.users["colleague"].id)
    assert colleague.get(f"/deals/{deal}").status_code == 404
    assert rep.post(f"/deals/{deal}/members", {"user_id": key, "role": "Advice", "credit": "25"}).status_code == 303
    page = colleague.get(f"/deals/{deal}").get_data(as_text=True)
    assert "Advice" in page and "25 %" in page and "75 %" in page and f'action="/deals/{deal}/lines"' not in page
    assert "took you into the team of" in colleague.get("/notifications").get_data(as_text=True)
    row = api.json("GET", f"/api/v1/deals/{deal}/members").json["data"][0]
    assert rep.post(f"/deals/members/{row['id']}", {"role": "Lead", "credit": "150", "user_id": key}).status_code == 422
    assert rep.post(f"/deals/members/{row['id']}", {"role": "Lead", "credit": "50", "user_id": key}).status_code == 303
    changed = api.json("GET", f"/api/v1/deals/{deal}/members").json["data"][0]
    assert (changed["role"], changed["credit"], changed["version"]) == ("Lead", "50.00", row["version"] + 1)
    assert rep.post(f"/deals/members/{row['id']}/deletion").status_code == 303
    assert colleague.get(f"/deals/{deal}").status_code == 404


def test_somebody_twice_is_refused_in_the_open_form(world, rep, deal):
    key = str(world.acme.users["colleague"].id)
    rep.post(f"/deals/{deal}/members", {"user_id": key})
    answer = rep.post(f"/deals/{deal}/members", {"user_id": key})
    assert answer.status_code == 422 and "works on this deal already" in answer.get_data(as_text=True)


def test_competitors_are_named_counted_and_kept(world, rep, api, deal):
    assert rep.post(f"/deals/{deal}/competitors", {"competitor": "Rival Ltd", "note": "Cheaper by 5 %", "took_it": "1"}).status_code == 303
    page = rep.get(f"/deals/{deal}").get_data(as_text=True)
    assert "Rival Ltd" in page and "Cheaper by 5 %" in page and "The customer bought there" in page
    listed = rep.get("/competitors/").get_data(as_text=True)
    assert "Rival Ltd" in listed
    one = next(row for row in api.json("GET", "/api/v1/competitors").json["data"] if row["name"] == "Rival Ltd")
    assert rep.post(f"/competitors/{one['id']}", {"name": "Rival & Sons", "website": "rival.example", "strengths": "Price", "_version": one["version"]}).status_code == 303
    assert rep.post(f"/competitors/{one['id']}/deletion").status_code == 422
    assert "Rival &amp; Sons" in rep.get(f"/deals/{deal}").get_data(as_text=True)
    row = api.json("GET", f"/api/v1/deals/{deal}/competitors").json["data"][0]
    assert rep.post(f"/deals/competitors/{row['id']}/deletion").status_code == 303
    assert api.json("GET", f"/api/v1/deals/{deal}/competitors").json["data"] == []


def test_the_page_takes_no_statement_more_with_all_of_it(world, rep, api, deal, tray):
    rep.get(f"/deals/{deal}")
    with counted() as bare:
        rep.get(f"/deals/{deal}")
    rep.post(f"/deals/{deal}/lines", form(api, deal, *({"product_id_text": "T-1"} for _ in range(10))))
    rep.post(f"/deals/{deal}/members", {"user_id": str(world.acme.users["colleague"].id)})
    rep.post(f"/deals/{deal}/competitors", {"competitor": "Counted"})
    rep.get(f"/deals/{deal}")
    with counted() as full:
        assert "Tray" in rep.get(f"/deals/{deal}").get_data(as_text=True)
    assert len(full) == len(bare)


def test_whoever_reads_sees_it_and_has_no_forms(world, rep, api, deal):
    rep.post(f"/deals/{deal}/lines", form(api, deal, {"product_id_text": "Fitting", "unit_price": "80"}))
    rep.post(f"/deals/{deal}/competitors", {"competitor": "Seen Ltd"})
    reader = world.browser("reader")
    page = reader.get(f"/deals/{deal}").get_data(as_text=True)
    assert "Fitting" in page and "Seen Ltd" in page
    assert f"/deals/{deal}/lines" not in page and f"/deals/{deal}/members" not in page and f"/deals/{deal}/competitors" not in page
    assert "Seen Ltd" in reader.get("/competitors/").get_data(as_text=True)
