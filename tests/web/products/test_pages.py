"""Pages of products: a product's whole life by browser and API, who sees what of it, and how many statements a page takes."""

import io
import re

import pytest

from core.products import actions, arranging
from tests.support.pictures import picture
from tests.support.statements import counted


@pytest.fixture(scope="module")
def drill(world):
    answer = world.browser("owner").post("/products", {"code": "GT-100", "name": "Bench drill", "price": "1.299,90", "cost": "700", "state": "active", "description": "For workshops"})
    assert answer.status_code == 303
    return answer.headers["Location"].rpartition("/")[2]


def version_of(page):
    return re.search(r'name="_version" value="(\d+)"', page)[1]


def test_its_life_by_browser(world):
    owner = world.browser("owner")
    drill = owner.post("/products", {"code": "GT-LIFE", "name": "Bench drill", "price": "1.299,90", "cost": "700", "state": "active", "description": "For workshops"}).headers["Location"].rpartition("/")[2]
    page = owner.get(f"/products/{drill}").text
    assert "Bench drill" in page and "1,299.90 EUR" in page and "46.1 %" in page and "For workshops" in page
    form = owner.get(f"/products/{drill}/edit").text
    saved = owner.post(f"/products/{drill}", {"code": "GT-LIFE", "name": "Bench drill 100", "_was_name": "Bench drill", "_version": version_of(form)})
    assert saved.status_code == 303 and "Bench drill 100" in owner.get("/products").text
    assert owner.post(f"/products/{drill}/fields", {"price": "1399"}).status_code == 303
    history = owner.get(f"/products/{drill}/history").text
    assert "Sales price" in history and "1399" in history.replace(",", "")
    deleted = owner.post(f"/products/{drill}/deletion")
    assert deleted.status_code == 303 and owner.get(f"/products/{drill}").status_code == 404 and "Bench drill 100" in owner.get("/recycle-bin/products").text
    assert owner.post("/recycle-bin/products", {"id": drill}).status_code == 303 and owner.get(f"/products/{drill}").status_code == 200


def test_a_refusal_stands_at_its_field(world, drill):
    answer = world.browser("owner").post("/products", {"code": "gt-100", "name": "Double", "price": "x"})
    assert answer.status_code == 422 and 'value="Double"' in answer.text and 'aria-invalid="true"' in answer.text


def test_cells_are_edited_where_they_stand(world, drill):
    owner = world.browser("owner")
    page = owner.get("/products?columns=code,price,state").text
    assert 'data-cell="price"' in page and 'data-kind="select"' in page
    cell = owner.post(f"/products/{drill}/fields", {"price": "12.345", "_cell": "1", "_columns": "code,price"}, headers={"HX-Request": "true"})
    assert cell.status_code == 200 and "12.345 EUR" in cell.text and cell.headers["X-Version"]
    refused = owner.post(f"/products/{drill}/fields", {"price": "-1", "_cell": "1", "_columns": "code,price"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422


@pytest.mark.parametrize("path", ["/products", "/products?columns=code,cost,price", "/products/{id}", "/products/{id}/history", "/search?q=drill", "/products?group=state"])
def test_costs_are_shown_to_nobody_who_must_not_know_them(world, drill, path):
    world.browser("owner").post(f"/products/{drill}/fields", {"cost": "712.3456"})
    rep = world.browser("rep").get(path.format(id=drill))
    assert rep.status_code == 200 and "712.3" not in rep.text and ">Cost<" not in rep.text


def test_costs_leave_by_no_file_and_no_api(world, drill):
    world.browser("owner").post(f"/products/{drill}/fields", {"cost": "712.3456"})
    assert "cost" not in world.api("rep").get(f"/api/v1/products/{drill}").json
    assert world.api("owner").get(f"/api/v1/products/{drill}").json["cost"] == "712.3456"
    assert world.api("rep").get("/api/v1/products?filter[cost][gt]=1").status_code == 403
    with world.acme.ctx("manager") as ctx:  # takes the list out and knows costs
        from core.transfer.wanted import Wanted, take_out

        file = io.BytesIO()
        assert take_out(ctx, Wanted("products"), file) > 0 and b"712.3456" in file.getvalue()
        from core.base import hiding

        hiding.apply(ctx.session, frozenset(), frozenset({"products.export", "products.read"}))
        from dataclasses import replace

        blind = replace(ctx, actor=replace(ctx.actor, permissions=frozenset({"products.export", "products.read"})))
        file = io.BytesIO()
        take_out(blind, Wanted("products"), file)
        assert b"712.3" not in file.getvalue() and b"GT-100" in file.getvalue()


def test_a_salesperson_is_offered_nothing_that_he_may_not(world, drill):
    rep = world.browser("rep")
    page = rep.get(f"/products/{drill}").text
    assert "/edit" not in page and "data-edit" not in page and "New product" not in rep.get("/products").text
    assert rep.post(f"/products/{drill}/fields", {"price": "1"}).status_code == 403 and rep.get("/settings/catalogue/").status_code == 403


def test_the_picture_is_one_of_its_files(world, drill):
    owner = world.browser("owner")
    path = f"/api/v1/files?record_kind=product&record_id={drill}&name=drill.png"
    key = world.api("owner").client.post(path, base_url=f"http://{world.acme.host}", data=picture(), content_type="application/octet-stream").json["id"]
    assert owner.post(f"/products/{drill}/picture", {"file_id": key}).status_code == 303
    assert world.api("owner").get(f"/api/v1/products/{drill}").json["image_id"] == key
    owner.post(f"/products/{drill}/picture", {"file_id": drill})  # no file at all
    assert "Choose a picture among" in owner.get(f"/products/{drill}").text


def test_the_api_makes_changes_and_takes_away(world):
    api = world.api("owner")
    unit = api.json("POST", "/api/v1/product-units", {"name": "api piece"}).json["id"]
    made = api.json("POST", "/api/v1/products", {"code": "A-1", "name": "By API", "unit_id": unit, "price": "3.5"})
    assert made.status_code == 201 and made.json["price"] == "3.5"
    path = f"/api/v1/products/{made.json['id']}"
    changed = api.json("PATCH", path, {"state": "retired"}, headers={"If-Match": f'"{made.json["version"]}"'})
    assert changed.status_code == 200 and changed.json["state"] == "retired"
    assert api.json("PATCH", path, {"name": "Late"}, headers={"If-Match": f'"{made.json["version"]}"'}).status_code == 412
    assert [one["code"] for one in api.get("/api/v1/products?q=a-1").json["data"]] == ["A-1"]
    assert api.json("POST", "/api/v1/products", {"code": "a-1", "name": "Twice"}).json["code"] == "product_code_taken"
    assert api.json("DELETE", path, headers={"If-Match": f'"{changed.json["version"]}"'}).status_code == 204 and api.get(path).status_code == 404


def test_rates_come_by_hand_by_file_and_by_api(world):
    owner, api = world.browser("owner"), world.api("owner")
    owner.post("/settings/currencies/", {"code": "USD"})
    assert owner.post("/settings/currencies/rates", {"currency": "USD", "rate": "1.10", "day": "2026-01-05"}).status_code == 303
    file = {"file": (io.BytesIO(b"day,currency,rate\n2026-01-06,USD,1.11\n"), "rates.csv"), "source": "ECB"}
    assert owner.post("/settings/currencies/rates/file", file, content_type="multipart/form-data").status_code == 303
    assert api.json("POST", "/api/v1/exchange-rates", {"currency": "USD", "rate": "1.12", "day": "2026-01-07"}).status_code == 201
    assert [(one["day"], one["rate"]) for one in api.get("/api/v1/exchange-rates").json["data"]] == [("2026-01-07", "1.12"), ("2026-01-06", "1.11"), ("2026-01-05", "1.1")]
    bad = {"file": (io.BytesIO(b"2026-01-08,USD,x\n"), "rates.csv")}
    assert owner.post("/settings/currencies/rates/file", bad, content_type="multipart/form-data").status_code == 422


def test_views_of_the_list_are_kept(world, drill):
    owner = world.browser("owner")
    kept = owner.post("/lists/views", {"room": "products", "name": "Retired ones", "query": '{"where": [["state", "eq", "retired"]], "columns": ["code"]}'})
    assert kept.status_code == 303 and "Retired ones" in owner.get("/products").text
    assert owner.post("/lists/columns", {"room": "products", "query": "{}", "columns": ["code", "price"]}).status_code == 303


@pytest.mark.parametrize(("path", "most"), [("/products", 6), ("/products?q=drill", 7), ("/products/{id}", 8)])
def test_pages_take_few_statements_however_many_products_there_are(world, drill, path, most):
    owner = world.browser("owner")
    owner.get(path.format(id=drill))
    with counted() as few:
        owner.get(path.format(id=drill))
    with world.acme.ctx() as ctx:
        branch = arranging.add_category(ctx, name=f"Many {path[9:12]}")
        ctx.session.flush()
        for n in range(30):
            actions.create_product(ctx, code=f"M{path[9:12]}{n}", name=f"Many drill {n}", category_id=branch.id)
    owner.get(path.format(id=drill))
    with counted() as many:
        owner.get(path.format(id=drill))
    assert len(many) == len(few) <= most, "\n".join(map(str, many))
