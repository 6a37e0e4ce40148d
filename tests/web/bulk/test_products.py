"""Bulk edits of products by page and by program: catalogue fields, prices by a step, tags, the bin."""

import re
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from core.identity import roles
from core.products import actions, arranging
from core.products.models import Product
from tests.web.bulk.test_pages import chosen, stand
from web.api import shell

AT = "/products/selection"


@pytest.fixture
def made(world):
    def make(*names, who="owner", **values):
        with world.acme.ctx(who) as ctx:
            found = [actions.create_product(ctx, code=uuid4().hex[:10], name=name, **values) for name in names]
            ctx.session.flush()
            return [str(one.id) for one in found]

    return make


def test_the_list_has_boxes_and_a_bar(world, made):
    made("Boxed product")
    text = world.browser("owner").get("/products").text
    bar = text[text.index('class="batch"'):]
    assert 'aria-label="Choose Boxed product"' in text and f'action="{AT}"' in text and 'formaction="/products/selection/exports"' in bar
    assert all(f'value="{name}"' in bar for name in ("change", "tags", "price", "delete")) and 'value="owner"' not in bar
    assert 'name="id"' not in world.browser("reader").get("/products").text and 'name="id"' not in world.browser("rep").get("/products").text
    assert 'value="price"' not in world.browser("owner").get("/accounts").text


def test_a_category_is_chosen_and_taken_back(world, made):
    keys, owner = made("Cup", "Plate"), world.browser("owner")
    with world.acme.ctx() as ctx:
        name = f"Kitchen {uuid4().hex[:4]}"
        key = str(arranging.add_category(ctx, name=name).id)
    at = chosen(owner, keys, at=AT)
    page = owner.get(f"{at}?do=change&field=category_id").text
    assert "2 products chosen" in page and f'value="{key}"' in page and not any(f'<option value="{field}"' in page for field in ("code", "name", "price", "cost"))
    owner.post(f"{at}/preview", {"operation": "change", "field": "category_id", "category_id": key})
    assert name in (page := owner.get(at).text) and "Change 2 products" in page
    owner.post(f"{at}/run")
    assert stand(world, keys, "category_id", Product) == [UUID(key)] * 2
    owner.post(f"{at}/undo")
    assert stand(world, keys, "category_id", Product) == [None] * 2


def test_a_successor_is_looked_for_by_its_name(world, made):
    keys, owner, name = made("Old one"), world.browser("owner"), f"Next {uuid4().hex[:6]}"
    after, = made(name)
    at = chosen(owner, keys, at=AT)
    assert "/products/options" in owner.get(f"{at}?do=change&field=successor_id").text
    assert owner.post(f"{at}/preview", {"operation": "change", "field": "successor_id", "successor_id": "", "successor_id_text": "nothing of that name"}).status_code == 422
    owner.post(f"{at}/preview", {"operation": "change", "field": "successor_id", "successor_id": "", "successor_id_text": name})
    assert name in owner.get(at).text
    owner.post(f"{at}/run")
    assert stand(world, keys, "successor_id", Product) == [UUID(after)]


def test_prices_are_previewed_changed_and_taken_back(world, made):
    keys, owner = made("Dear", price="99.99") + made("Bare"), world.browser("owner")
    at = chosen(owner, keys, "price", at=AT)
    form = owner.get(f"{at}?do=price").text
    assert all(f'name="{name}"' in form for name in ("way", "value", "currency", "rounding_step", "rounding_less"))
    refused = owner.post(f"{at}/preview", {"operation": "price", "way": "markup", "value": "5", "rounding_step": "0,05", "rounding_less": "1"})
    assert refused.status_code == 422 and 'value="0,05"' in refused.text and "less something smaller than the step" in refused.text
    assert owner.post(f"{at}/preview", {"operation": "price", "way": "markup", "value": "x"}).status_code == 422
    owner.post(f"{at}/preview", {"operation": "price", "way": "markup", "value": "5", "currency": "EUR", "rounding_step": "0.05", "rounding_less": ""})
    page = re.sub(r"\s+", " ", owner.get(at).text)
    assert "5 % more" in page and "99.99 EUR" in page and "105.00 EUR" in page and "Have no price of their own: 1" in page and "Change 1 product" in page
    owner.post(f"{at}/run")
    assert stand(world, keys, "price", Product) == [Decimal("105"), None]
    assert "Change prices" in owner.get("/bulk-edits").text
    owner.post(f"{at}/undo")
    assert stand(world, keys, "price", Product) == [Decimal("99.99"), None]


def test_they_go_into_the_bin_and_come_back(world, made):
    keys, owner = made("Gone"), world.browser("owner")
    at = chosen(owner, keys, "delete", at=AT)
    assert "Delete 1 product" in owner.get(at).text
    owner.post(f"{at}/run")
    assert stand(world, keys, "deleted_at", Product) != [None]
    owner.post(f"{at}/undo")
    assert stand(world, keys, "deleted_at", Product) == [None]


def test_the_ticked_ones_alone_are_taken_out(world, made):
    keys = made("Taken out") + made("Stays here")
    answer = world.browser("owner").post("/products/selection/exports", {"id": keys[:1]})
    assert answer.status_code == 200 and "Taken out" in answer.text and "Stays here" not in answer.text


def test_a_program_changes_prices_and_takes_it_back(world, made, monkeypatch):
    monkeypatch.setattr(shell, "BURST", 1_000_000)
    api, keys = world.api("owner"), made("By program A", "By program B", price="10")
    ask = lambda **body: api.json("POST", "/api/v1/bulk-edits", {"kind": "products", "ids": keys, **body})  # noqa: E731
    looked = ask(price={"way": "markup", "value": "2.5"}, dry_run=True)
    assert looked.status_code in (200, 201, 202) and looked.json["counts"]["due"] == 2 and stand(world, keys, "price", Product) == [Decimal(10)] * 2
    done = ask(price={"way": "markup", "value": "2.5"})
    assert stand(world, keys, "price", Product) == [Decimal("10.25")] * 2
    rows = api.get(f"/api/v1/bulk-edits/{done.json['id']}/rows").json["data"]
    assert {row["before"]["price"] for row in rows} == {"10.0000"}, "digits as text"
    assert api.json("POST", f"/api/v1/bulk-edits/{done.json['id']}/undo", {}).status_code == 202 and stand(world, keys, "price", Product) == [Decimal(10)] * 2
    assert ask(price={"way": "margin", "value": "2"}).status_code == 422 and ask(price={}).status_code == 422 and ask(price={"way": "markup", "value": "2"}, delete=True).json["code"] == "bulk_one_operation"
    assert ask(changes={"price": "5"}).json["code"] == "bulk_not_this_field"
    assert ask(changes={"state": "retired"}).json["counts"]["changed"] == 2
    assert api.json("POST", "/api/v1/bulk-edits", {"kind": "deals", "ids": keys, "price": {"way": "markup", "value": "2"}}).status_code == 422


def test_from_whom_prices_are_protected_changes_none(world, made):
    keys = made("Kept dear", price="10")
    with world.acme.ctx() as ctx:
        held = sorted({*roles.one_role(ctx, "manager").permissions, "products.edit", "bulk_edits.run"})
        roles.edit_role(ctx, roles.one_role(ctx, "manager"), permissions=held, protected=["products.price"])
    manager = world.browser("manager")
    at = chosen(manager, keys, at=AT)
    assert "do=price" not in manager.get(at).text
    assert manager.post(f"{at}/preview", {"operation": "price", "way": "markup", "value": "5", "currency": "EUR"}).status_code in (403, 422)
    assert stand(world, keys, "price", Product) == [Decimal(10)]
