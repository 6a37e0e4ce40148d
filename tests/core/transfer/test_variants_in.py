"""Variants from a file: a product's own row, its variants behind it or in a later chunk, what stays out, what is taken back, and there and back again."""

from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from core.products import actions, variant_queries, variants
from core.products.models import Product
from core.transfer import running
from core.transfer.exporting import Shape
from core.transfer.models import ImportMapping
from tests.core.transfer.conftest import Import
from tests.core.transfer.test_products_in import taken_out
from tests.support.world import House

HEAD = "code,name,price,variant of,values\n"


@pytest.fixture(scope="module")
def shop(app):
    return House(f"vi{uuid4().hex[:6]}")


@pytest.fixture
def bring(shop):
    """Without choices remembered from another test."""
    with shop.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))
    return lambda: Import(shop)


@pytest.fixture
def tag():
    return f"V{uuid4().hex[:8]}"


def names(house, tag):
    """name -> (code, code of its product) of the products whose code begins so."""
    with house.ctx() as ctx:
        found = list(ctx.session.execute(select(Product).where(Product.code.startswith(tag), Product.deleted_at.is_(None))).scalars())
        codes = {one.id: one.code for one in found}
        return {one.name: (one.code, codes.get(one.template_id)) for one in found}


def test_variants_come_in_with_their_product_and_are_called_by_it(bring, shop, tag):
    one = bring().upload(HEAD + f"{tag},Shirt,20,,Colour: Red | Blue; Size: M\n{tag}R,whatever,,{tag},Colour: Red; Size: M\n{tag}L,x,25,{tag.lower()},size: L; colour: Red\n", kind="products").check()
    assert one.said() == [] and one.run().counts == {"created": 3}
    assert names(shop, tag) == {"Shirt": (tag, None), "Shirt, Red, M": (f"{tag}R", tag), "Shirt, Red, L": (f"{tag}L", tag)}
    with shop.ctx() as ctx:
        template = ctx.session.execute(select(Product).where(Product.code == tag)).scalar_one()
        assert [(part.attribute.name, [value.name for value in part.values]) for part in variant_queries.attributes_of(ctx, template.id)] == [("Colour", ["Red", "Blue"]), ("Size", ["M", "L"])]
    assert one.undo().counts["undone"] == 3 and names(shop, tag) == {}


def test_a_renamed_product_renames_its_variants(bring, shop, tag):
    bring().upload(HEAD + f"{tag},Shirt,20,,\n{tag}R,x,,{tag},Colour: Red\n", kind="products").check().run()
    one = bring().upload(f"code,name\n{tag},Polo\n", kind="products").choose(mode="update").check().run()
    assert one.counts == {"updated": 1} and set(names(shop, tag)) == {"Polo", "Polo, Red"}
    again = bring().upload(f"code,name\n{tag}R,Mine\n", kind="products").choose(mode="update").check().run()
    assert set(names(shop, tag)) == {"Polo", "Polo, Red"} and again.counts == {"updated": 1}


@pytest.mark.parametrize(("row", "code"), [
    ("N{tag},x,,{tag},Colour: Red", "combination_taken"), ("N{tag},x,,{tag},Size: M", "variant_values"), ("N{tag},x,,{tag},Colour: Red | Blue", "variant_values"), ("N{tag},x,,{tag},", "variant_values"),
    ("N{tag},x,,{tag},Colour", "values_unread"), ("N{tag},x,,{tag}R,Colour: Blue", "variant_has_attributes"), ("{tag},Shirt,,,Size: M", "attributes_kept"), ("{tag}R,x,,P{tag},Colour: Red", "variant_kept"),
    ("P{tag},Plain,,{tag},Colour: Blue", "variant_kept"), ("{tag}R,x,,{tag},Colour: Blue", "variant_kept"),
])
def test_what_can_be_no_variant_stays_out(bring, shop, tag, row, code):
    bring().upload(HEAD + f"{tag},Shirt,20,,\n{tag}R,x,,{tag},Colour: Red\nP{tag},Plain,1,,\n", kind="products").check().run()
    one = bring().upload(HEAD + row.format(tag=tag) + "\n", kind="products").choose(mode="both").check()
    assert [found for _, _, found in one.said()] == [code]


def test_a_product_that_comes_in_an_earlier_chunk_is_found(bring, shop, tag, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 1)
    content = HEAD + f"{tag},Shirt,20,,\n{tag}R,x,,{tag},Colour: Red\n{tag}B,x,,{tag},Colour: Blue\n{tag}B2,x,,{tag},Colour: blue\n{tag}N,x,,Nobody{tag},Colour: Red\n"
    one = bring().upload(content, kind="products").check().run()
    assert set(names(shop, tag)) == {"Shirt", "Shirt, Red", "Shirt, Blue"}
    assert [(line, code) for line, _, code in one.said()] == [(5, "combination_taken"), (6, "template_not_found")]


@pytest.mark.parametrize("shape", [Shape(), Shape("xlsx", names=True)])
def test_what_the_export_says_of_variants_comes_in_again_the_same(shape, app):
    full, empty = House(f"vf{uuid4().hex[:6]}"), House(f"ve{uuid4().hex[:6]}")
    with full.ctx() as ctx:
        shirt = actions.create_product(ctx, code="TS", name="Shirt", price="20")
        variants.save_attributes(ctx, shirt, [{"name": "Größe", "values": [{"name": "1,5 m"}, {"name": "2 m"}]}, {"name": "颜色", "values": [{"name": "红"}, {"name": "蓝"}]}])
        variants.make_variants(ctx, shirt, [{"values": one.combination} for one in variants.proposals(ctx, shirt)[:3]])
        actions.create_product(ctx, code="PLAIN", name="Plain")
    content = taken_out(full, shape)
    name = "p.xlsx" if shape.format == "xlsx" else "p.csv"
    one = Import(empty).upload(content, kind="products", name=name).check()
    assert one.said() == [] and one.run().counts == {"created": 5}
    assert taken_out(empty, Shape(names=True)) == taken_out(full, Shape(names=True))
    assert Import(full).upload(content, kind="products", name=name).choose(mode="both").check().run().counts == {"skipped": 5}


def test_the_list_as_a_view_shows_it_counts_variants(shop, tag):
    with shop.ctx() as ctx:
        shirt = actions.create_product(ctx, code=tag, name=f"Shirt {tag}")
        variants.save_attributes(ctx, shirt, [{"name": "Size", "values": [{"name": "M"}]}])
        variants.make_variants(ctx, shirt, [{"values": variants.proposals(ctx, shirt)[0].combination}])
    lines = taken_out(shop, Shape(columns=("code", "variants", "template"))).decode("utf-8-sig").splitlines()
    assert f"Shirt {tag},{tag},1," in lines and f'"Shirt {tag}, M",{tag}-M,,{tag}' in lines
