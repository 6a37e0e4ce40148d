"""Pages of what goes with what: said, shown on both pages, offered beneath a quote's line and added, by API, and who may."""

import re

import pytest

from core.products import actions


@pytest.fixture(scope="module")
def goods(world):
    with world.acme.ctx() as ctx:
        found = [actions.create_product(ctx, code=f"R-{name}", name=name, price="10") for name in ("Saw", "Blade")]
        ctx.session.flush()
        return [str(one.id) for one in found]


def test_it_is_said_on_a_page_and_offered_on_a_quote(world, goods):
    owner, (saw, blade) = world.browser("owner"), goods
    assert "Nothing goes with it yet" in owner.get(f"/products/{saw}/relations").text
    refused = owner.post(f"/products/{saw}/relations", {"way": "accessories", "other_id_text": "Nobody knows"})
    assert refused.status_code == 422 and "There is no such product." in refused.text
    assert owner.post(f"/products/{saw}/relations", {"way": "accessories", "other_id": blade, "other_id_text": "Blade"}).status_code == 303
    assert "Accessories" in owner.get(f"/products/{saw}").text and "Accessory of" in owner.get(f"/products/{blade}").text
    quote = re.search(r"/quotes/([0-9a-f-]{36})", owner.post("/quotes", {"name": "Saws", "currency": "EUR"}).headers["Location"])[1]
    owner.post(f"/quotes/{quote}/lines", {"rows": "1", "l0-product_id": saw, "l0-product_id_text": "Saw", "l0-quantity": "1"})
    page = owner.get(f"/quotes/{quote}/lines").text
    assert "Goes with this" in page and f'name="add" value="{blade}"' in page
    line, version = re.search(r'name="l0-id"[^>]*value="([^"]+)"', page)[1], re.search(r'name="_version" value="(\d+)"', page)[1]
    added = owner.post(f"/quotes/{quote}/lines", {"rows": "1", "_version": version, "l0-id": line, "l0-product_id": saw, "l0-product_id_text": "Saw", "l0-quantity": "1", "add": blade})
    assert added.status_code == 303
    page = owner.get(f"/quotes/{quote}/lines").text
    assert 'value="Blade"' in page and "Goes with this" not in page
    own = re.search(r'action="(/products/[^"]+/relations/[^"]+)"', owner.get(f"/products/{blade}/relations").text)[1]
    assert world.browser("rep").post(own).status_code == 403 and owner.post(own.replace(blade, line)).status_code == 404
    assert owner.post(own).headers["Location"].endswith(f"/products/{blade}/relations")
    assert "Accessories" not in owner.get(f"/products/{saw}").text


def test_who_only_reads_sees_and_says_nothing(world, goods):
    rep = world.browser("rep")
    page = rep.get(f"/products/{goods[0]}/relations")
    assert page.status_code == 200 and "Other product" not in page.text
    assert rep.post(f"/products/{goods[0]}/relations", {"way": "fits", "other_id": goods[1]}).status_code == 403


def test_programs_say_read_and_take_back(world, goods):
    api, (saw, blade) = world.api("owner"), goods
    made = api.json("POST", f"/api/v1/products/{saw}/relations", {"way": "replaces", "other_id": blade})
    assert made.status_code == 201 and (made.json["way"], made.json["name"]) == ("replaces", "Blade")
    assert [(one["way"], one["code"]) for one in api.get(f"/api/v1/products/{blade}/relations").json["data"]] == [("replaced_by", "R-Saw")]
    assert api.json("POST", f"/api/v1/products/{blade}/relations", {"way": "replaces", "other_id": saw}).json["code"] == "relation_there"
    path = f"/api/v1/product-relations/{made.json['id']}"
    stands = {"If-Match": made.headers["ETag"]}
    assert world.api("rep").json("DELETE", path, headers=stands).status_code == 403 and api.json("DELETE", path).status_code == 428
    assert [api.json("DELETE", path, headers=stands).status_code for _ in range(2)] == [204, 404]
