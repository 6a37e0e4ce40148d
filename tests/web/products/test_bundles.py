"""Pages of bundles: parts written line by line, shown on the product, on deals and quotes and to the customer; by API; and who may."""

import re

import pytest

from core.products import actions


@pytest.fixture(scope="module")
def goods(world):
    with world.acme.ctx() as ctx:
        found = [actions.create_product(ctx, code=f"P-{name}", name=name, price=price, cost="4") for name, price in (("Plane", "70"), ("Chisel", "15"), ("Joiner kit", None), ("Gift box", "5"))]
        ctx.session.flush()
        return [str(one.id) for one in found]


def version_of(page):
    return re.search(r'name="_version" value="(\d+)"', page)[1]


def written(browser, product, *rows, **more):
    fields = {f"p{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()}
    stands = version_of(browser.get(f"/products/{product}/parts").text)
    return browser.post(f"/products/{product}/parts", {"rows": str(len(rows)), "_version": stands, "bundle_price": "sum", **fields, **more})


def test_parts_are_written_moved_taken_away_and_shown(world, goods):
    owner, (plane, chisel, kit, _box) = world.browser("owner"), goods
    assert f'/products/{kit}/parts' in owner.get(f"/products/{kit}").text
    refused = written(owner, kit, {"product_id_text": "Plane", "quantity": "none"}, {"product_id_text": "Nobody knows"})
    assert refused.status_code == 422 and "Line 2: There is no such product." in refused.text and 'value="Nobody knows"' in refused.text
    refused = written(owner, kit, {"product_id": kit}, {"product_id": plane, "quantity": "0"})
    assert refused.status_code == 422 and "Line 2: Enter a quantity above zero." in refused.text
    assert written(owner, kit, {"product_id": plane, "product_id_text": "Plane"}, {"product_id_text": "P-Chisel", "quantity": "2"}, {}).headers["Location"].endswith("/parts?next=1")
    page = owner.get(f"/products/{kit}").text
    assert "100.00 EUR" in page and "The sum of its parts" in page and "12.00 EUR" in page and page.index("Plane") < page.index("Chisel")
    rows = [{"product_id": plane}, {"product_id": chisel, "quantity": "2"}]
    assert written(owner, kit, *rows, up="1").status_code == 303 and (page := owner.get(f"/products/{kit}/parts").text).index("P-Chisel") < page.index("P-Plane")
    assert written(owner, kit, *reversed(rows), gone="0", back="1").headers["Location"].endswith(f"/products/{kit}")
    assert re.search(r">in \d bundles?<", owner.get(f"/products/{plane}").text)
    assert "Joiner kit" in owner.get(f"/products/{plane}/parts").text and "Joiner kit" not in owner.get(f"/products/{chisel}/parts").text
    stale = owner.post(f"/products/{kit}/parts", {"rows": "0", "_version": "1"})
    assert stale.status_code == 409
    assert written(owner, kit, *rows).status_code == 303
    assert "consists of" in owner.get(f"/products/{kit}").text


def test_its_parts_stand_beneath_the_lines_of_deals_and_quotes(world, goods):
    owner, (plane, chisel, kit, _box) = world.browser("owner"), goods
    written(owner, kit, {"product_id": plane}, {"product_id": chisel, "quantity": "2"})
    deal = re.search(r"/deals/([0-9a-f-]{36})", owner.post("/deals", {"name": "Joiners", "currency": "EUR"}).headers["Location"])[1]
    owner.post(f"/deals/{deal}/lines", {"rows": "1", "l0-product_id": kit, "l0-product_id_text": "Joiner kit", "l0-quantity": "3"})
    assert all("6 × Chisel" in owner.get(path).text for path in (f"/deals/{deal}", f"/deals/{deal}/lines"))
    quote = re.search(r"/quotes/([0-9a-f-]{36})", owner.post("/quotes", {"name": "Joiners", "currency": "EUR"}).headers["Location"])[1]
    owner.post(f"/quotes/{quote}/lines", {"rows": "1", "l0-product_id": kit, "l0-product_id_text": "Joiner kit", "l0-quantity": "2"})
    page = owner.get(f"/quotes/{quote}/lines").text
    assert "4 × Chisel" in page and "The sum of its parts (2):" in page and "2 × Chisel at 15.00 EUR." in page
    assert "4 × Chisel" in owner.get(f"/quotes/{quote}").text
    api = world.api("owner")
    [line] = api.get(f"/api/v1/quotes/{quote}/versions").json["data"][0]["lines"]
    assert line["parts"][1] == {"sku": "P-Chisel", "name": "Chisel", "quantity": "2", "unit": ""} and line["unit_price"] == "100"
    assert api.get(f"/api/v1/deals/{deal}/lines").json["data"][0]["parts"][0]["name"] == "Plane"


def test_who_only_reads_sees_no_cost_and_writes_nothing(world, goods):
    rep, (plane, _chisel, kit, _box) = world.browser("rep"), goods
    written(world.browser("owner"), kit, {"product_id": plane, "quantity": "2"})
    pages = [rep.get(path).text for path in (f"/products/{kit}", f"/products/{kit}/parts")]
    assert all("140.00 EUR" in page and "8.00 EUR" not in page and "Save parts" not in page for page in pages)
    assert rep.post(f"/products/{kit}/parts", {"rows": "0"}).status_code == 403


def test_programs_read_and_write_parts(world, goods):
    api, (plane, chisel, _kit, box) = world.api("owner"), goods
    path = f"/api/v1/products/{box}/parts"
    stands = {"If-Match": api.get(f"/api/v1/products/{box}").headers["ETag"]}
    given = {"bundle_price": "own", "parts": [{"product_id": plane}, {"product_id": chisel, "quantity": "2.5"}]}
    assert api.json("PUT", path, given).status_code == 428 and world.api("rep").json("PUT", path, given, headers=stands).status_code == 403
    refused = api.json("PUT", path, {"parts": [{"product_id": box}]}, headers=stands)
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, "bundle_itself", "parts.0.product_id")
    made = api.json("PUT", path, given, headers=stands)
    assert made.status_code == 200 and [(one["code"], one["quantity"]) for one in made.json["data"]] == [("P-Plane", "1"), ("P-Chisel", "2.5")]
    assert api.get(path).json["data"] == made.json["data"] and api.get(f"/api/v1/products/{box}").json["bundle_price"] == "own"
    assert box in {one["id"] for one in api.get("/api/v1/products?filter[bundle_price][eq]=own").json["data"]} and box not in {one["id"] for one in api.get("/api/v1/products?filter[bundle_price][eq]=sum").json["data"]}
    assert api.json("PUT", path, {"parts": []}, headers=stands).status_code == 412
    assert [one["code"] for one in api.get(f"/api/v1/products/{box}/price").json["reasons"]] == ["own_price"]
