"""Pages of variants: from the attributes over the preview to the variants, by browser, without script, and by API; who sees and makes what."""

import re

import pytest

from core.products import actions, queries, variants
from tests.support.statements import counted


def made_product(world, code, name="T-shirt"):
    return world.browser("owner").post("/products", {"code": code, "name": name, "price": "20", "cost": "8.77", "state": "active"}).headers["Location"].rpartition("/")[2]


@pytest.fixture(scope="module")
def shirt(world):
    key = made_product(world, "TS-WEB", "Shirt")
    owner = world.browser("owner")
    page = owner.get(f"/products/{key}/variants").text
    version = re.search(r'name="_version" value="(\d+)"', page)[1]
    saved = owner.post(f"/products/{key}/attributes", {"_version": version, "rows": "2", "a0-name": "Colour", "a0-values": "Red\nBlue", "a1-name": "Size", "a1-values": "M\nL"})
    assert saved.status_code == 303
    return key


def values_of(page):
    return re.findall(r'name="value" value="([^"]+)"', page)


def test_from_attributes_over_the_preview_to_variants(world, shirt):
    owner = world.browser("owner")
    page = owner.get(f"/products/{shirt}/variants").text
    assert "Make variants" in page and "variants would be made" not in page
    preview = owner.get(f"/products/{shirt}/variants?" + "&".join(f"value={one}" for one in dict.fromkeys(values_of(page)))).text
    assert "4 variants would be made." in preview and "Shirt, Blue, L" in preview and 'value="TS-WEB-BLUE-L"' in preview
    keys = dict(re.findall(r'name="make-(\d)" value="([^"]+)"', preview))
    refused = owner.post(f"/products/{shirt}/variants", {"rows": "4", "make-0": keys["0"], "code-0": "TS-WEB", "value": values_of(preview)})
    assert refused.status_code == 422 and "Another product has this code" in refused.text and 'value="TS-WEB"' in refused.text
    done = owner.post(f"/products/{shirt}/variants", {"rows": "4"} | {f"make-{n}": key for n, key in keys.items() if n != "3"} | {f"code-{n}": f"WEB-{n}" for n in keys})
    assert done.status_code == 303
    page = owner.get(f"/products/{shirt}/variants").text
    assert "Shirt, Red, M" in page and "WEB-0" in page and "Shirt, Blue, L" not in page
    assert "3 variants" in owner.get(f"/products/{shirt}").text
    listed = owner.get("/products?q=shirt red").text
    assert "Shirt, Red, M" in listed and "Shirt, Red, L" in listed and "Shirt, Blue, M" not in listed
    one = re.search(r'href="/products/([0-9a-f-]{36})">Shirt, Red, M', page)[1]
    shown = owner.get(f"/products/{one}").text
    assert "Variant of" in shown and "20.00" in shown and "56.2 %" in shown  # the price and cost of its product
    offered = owner.get("/products/options?sold=1&q=shirt", headers={"HX-Request": "true"}).text
    assert "Shirt, Red, M" in offered and f'data-value="{shirt}"' not in offered


def test_a_wrong_attribute_stands_at_its_field_and_keeps_what_was_typed(world):
    key, owner = made_product(world, "TS-WRONG"), world.browser("owner")
    answer = owner.post(f"/products/{key}/attributes", {"rows": "1", "a0-name": "Co:lour", "a0-values": "Red"})
    assert answer.status_code == 422 and "Write this without the signs" in answer.text and "Co:lour" in answer.text
    assert owner.post(f"/products/{key}/attributes", {"rows": "1", "_version": "99", "a0-name": "Colour", "a0-values": "Red"}).status_code == 409
    assert owner.post(f"/products/{key}/variants", {"rows": "0"}).status_code == 422


def test_a_value_is_renamed_in_its_variants(world):
    key, owner = made_product(world, "TS-NAMED", "Cap"), world.browser("owner")
    owner.post(f"/products/{key}/attributes", {"rows": "1", "a0-name": "Colour", "a0-values": "Grey"})
    [value] = dict.fromkeys(values_of(owner.get(f"/products/{key}/variants").text))
    assert owner.post(f"/products/{key}/variants", {"rows": "1", "make-0": value, "code-0": "CAP-G"}).status_code == 303
    assert owner.post(f"/products/{key}/attributes/values", {"value_id": value, "name": "Silver"}).status_code == 303
    assert "Cap, Silver" in owner.get(f"/products/{key}/variants").text
    assert owner.post(f"/products/{key}/attributes/values", {"value_id": key, "name": "X"}).status_code == 422


def test_who_only_reads_products_sees_variants_and_makes_none(world, shirt):
    rep = world.browser("rep")
    page = rep.get(f"/products/{shirt}/variants").text
    assert "Variants" in page and "Make variants" not in page and "What they differ in" not in page and "8.77" not in page
    assert rep.post(f"/products/{shirt}/variants", {"rows": "0"}).status_code == 403
    assert rep.post(f"/products/{shirt}/attributes", {"rows": "0"}).status_code == 403


def test_programs_say_attributes_and_make_variants(world):
    api = world.api("owner")
    made = api.json("POST", "/api/v1/products", {"code": "API-V", "name": "Mug", "price": "5"}).json
    path = f"/api/v1/products/{made['id']}"
    put = api.json("PUT", f"{path}/attributes", {"attributes": [{"name": "Colour", "values": [{"name": "White"}, {"name": "Black"}]}]}, headers={"If-Match": f'"{made["version"]}"'})
    assert put.status_code == 200 and [one["name"] for one in put.json["data"][0]["values"]] == ["White", "Black"]
    assert api.json("PUT", f"{path}/attributes", {"attributes": []}, headers={"If-Match": f'"{made["version"]}"'}).status_code in (409, 412)
    free = api.get(f"{path}/combinations").json["data"]
    assert [one["code"] for one in free] == ["API-V-WHITE", "API-V-BLACK"]
    done = api.json("POST", f"{path}/variants", {"variants": [{"values": free[0]["combination"]}, {"values": free[1]["combination"], "code": "MUG-B"}]})
    assert done.status_code == 201 and [(one["name"], one["code"], one["template_id"]) for one in done.json["data"]] == [("Mug, White", "API-V-WHITE", made["id"]), ("Mug, Black", "MUG-B", made["id"])]
    again = api.json("POST", f"{path}/variants", {"variants": [{"values": free[0]["combination"]}]})
    assert again.status_code == 422 and again.json["code"] == "combination_taken"
    assert len(api.get(f"/api/v1/products?filter[template_id][eq]={made['id']}").json["data"]) == 2
    told = api.get(f"/api/v1/products/{done.json['data'][0]['id']}/price").json
    assert told["price"]["amount"] == "5.00" and told["reasons"][0]["text"] == "5.00 EUR is the price of Mug, whose variant it is."


def test_the_page_of_variants_takes_as_many_statements_for_forty_as_for_one(world):
    key, owner = made_product(world, "TS-MANY", "Many"), world.browser("owner")
    owner.post(f"/products/{key}/attributes", {"rows": "1", "a0-name": "No", "a0-values": "\n".join(str(n) for n in range(41))})
    with world.acme.ctx() as ctx:
        product = queries.one_product(ctx, key)
        free = variants.proposals(ctx, product)
        variants.make_variants(ctx, product, [{"values": free[0].combination}])
    owner.get(f"/products/{key}/variants")
    with counted() as few:
        owner.get(f"/products/{key}/variants")
    with world.acme.ctx() as ctx:
        variants.make_variants(ctx, queries.one_product(ctx, key), [{"values": one.combination} for one in free[1:]])
    owner.get(f"/products/{key}/variants")
    with counted() as many:
        owner.get(f"/products/{key}/variants")
    assert len(many) == len(few) <= 8, "\n".join(map(str, many))


def test_a_quote_takes_a_variant_and_refuses_its_product(world, shirt):
    owner = world.browser("owner")
    with world.acme.ctx() as ctx:
        product = actions.create_product(ctx, code="Q-V", name="Board", price="50")
        variants.save_attributes(ctx, product, [{"name": "Size", "values": [{"name": "A1"}]}])
        [one] = variants.make_variants(ctx, product, [{"values": variants.proposals(ctx, product)[0].combination}])
        ctx.session.flush()
        key, board = str(one.id), str(product.id)
    quote = owner.post("/quotes", {"name": "Boards", "currency": "EUR"}).headers["Location"]
    quote = re.search(r"/quotes/([0-9a-f-]{36})", quote)[1]
    refused = owner.post(f"/quotes/{quote}/lines", {"rows": "1", "l0-product_id": board, "l0-product_id_text": "Board", "l0-quantity": "1"})
    assert refused.status_code == 422 and "Board has variants. Choose one of them." in refused.text
    assert owner.post(f"/quotes/{quote}/lines", {"rows": "1", "l0-product_id": key, "l0-product_id_text": "Board, A1", "l0-quantity": "2"}).status_code == 303
    page = owner.get(f"/quotes/{quote}/lines").text
    assert "Board, A1" in page and "100.00" in page and "whose variant it is" in page
