"""Variants from a file: a product's own row, its variants behind it or in a later chunk, what stays out, what is taken back, and there and back again."""

from uuid import uuid4

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import OperationalError

from core.products import actions, queries, variant_queries, variants, variants_in
from core.products.lookup_models import Unit
from core.products.models import Product
from core.transfer import fixing, running
from core.transfer import queries as transfers
from core.transfer.exporting import Shape
from core.transfer.models import LEFT_OUT, ImportMapping
from tests.core.transfer.conftest import Import
from tests.core.transfer.test_products_in import taken_out
from tests.support.statements import counted
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


def test_a_rename_taken_back_calls_variants_as_they_were(bring, shop, tag):
    """Also one that the same import changed, in a later line, which is taken back behind it."""
    bring().upload(HEAD + f"{tag},Shirt,20,,\n{tag}R,x,,{tag},Colour: Red\n{tag}B,x,,{tag},Colour: Blue\n", kind="products").check().run()
    one = bring().upload(f"code,name,price\n{tag},Polo,20\n{tag}R,x,30\n", kind="products").choose(mode="update").check()
    one.run()
    assert set(names(shop, tag)) == {"Polo", "Polo, Red", "Polo, Blue"}
    assert one.undo().counts["undone"] == 2 and set(names(shop, tag)) == {"Shirt", "Shirt, Red", "Shirt, Blue"}
    with shop.ctx() as ctx:
        assert ctx.session.execute(select(Product.price).where(Product.code == f"{tag}R")).scalar_one() is None


def test_a_product_stays_while_a_variant_of_the_import_was_touched_since(bring, shop, tag):
    one = bring().upload(HEAD + f"{tag},Shirt,20,,\n{tag}R,x,,{tag},Colour: Red\n{tag}B,x,,{tag},Colour: Blue\n", kind="products").check()
    one.run()
    with shop.ctx() as ctx:
        actions.edit_product(ctx, ctx.session.execute(select(Product).where(Product.code == f"{tag}R")).scalar_one(), description="Ours since")
    counts = one.undo().counts
    assert (counts["undone"], counts["kept"]) == (1, 2) and set(names(shop, tag)) == {"Shirt", "Shirt, Red"}


@pytest.mark.parametrize(("name", "most", "rows", "code"), [
    ("MOST_ATTRIBUTES", 2, ("{tag},Shirt,20,,Colour: Red; Size: M; Fit: Slim",), "values_unread"), ("MOST_VALUES", 2, ("{tag}R,x,,{tag},Colour: Red", "{tag}B,x,,{tag},Colour: Blue", "{tag}G,x,,{tag},Colour: Green"), "attribute_values"),
    ("MOST", 2, ("{tag}R,x,,{tag},Colour: Red", "{tag}B,x,,{tag},Colour: Blue", "{tag}G,x,,{tag},Colour: Green"), "too_many_of_one"), ("MOST_VALUES", 2, ("{tag},Shirt,20,,Colour: Blue | Green",), "attribute_values"),
])
def test_the_limits_of_a_products_own_pages_hold_over_all_rows(bring, shop, tag, monkeypatch, name, most, rows, code):
    bring().upload(HEAD + f"{tag},Shirt,20,,Colour: Red\n", kind="products").check().run()
    monkeypatch.setattr(variants_in, name, most)
    one = bring().upload(HEAD + "\n".join(rows).format(tag=tag) + "\n", kind="products").choose(mode="both").check()
    assert [(line, said) for line, _, said in one.said()] == [(len(rows) + 1, code)]


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


def test_a_variant_keeps_the_currency_of_its_own_price(bring, shop, tag):
    with shop.ctx() as ctx:
        actions.create_product(ctx, code=tag, name="Shirt", price="20").currency = "USD"
    one = bring().upload(HEAD.replace("price", "price,cost") + f"{tag}R,x,25,,{tag},Colour: Red\n{tag}B,x,,,{tag},Colour: Blue\n{tag}G,x,,9,{tag},Colour: Green\n", kind="products").check()
    assert one.said() == [] and one.run().counts == {"created": 3}
    with shop.ctx() as ctx:
        found = ctx.session.execute(select(Product.code, Product.currency).where(Product.code.startswith(tag), Product.template_id.is_not(None))).all()
        assert {code.removeprefix(tag): currency for code, currency in found} == {"R": ctx.tenant.currency, "B": "USD", "G": ctx.tenant.currency} and ctx.tenant.currency != "USD"


def test_what_a_product_without_variants_learns_in_the_same_file_counts_for_its_variants(bring, shop, tag):
    bring().upload(HEAD + f"{tag},Shirt,20,,Colour: Red\n", kind="products").check().run()
    one = bring().upload(HEAD + f"{tag},Shirt,20,,Size: M\n{tag}1,x,,{tag},Colour: Red\n{tag}2,x,,{tag},Colour: Red; Size: M\n", kind="products").choose(mode="both").check()
    assert [(line, code) for line, _, code in one.said()] == [(3, "variant_values")] and one.run().row.state == "done"
    assert set(names(shop, tag)) == {"Shirt", "Shirt, Red, M"}


def test_a_variant_whose_product_stays_out_stays_out_too(bring, shop, tag):
    with shop.ctx() as ctx:
        ctx.session.add(Unit(name=tag, retired=True))
    content = HEAD.strip() + f",unit\n{tag},Shirt,20,,,{tag}\n{tag}R,x,,{tag},Colour: Red,\n"
    one = bring().upload(content, kind="products").check().run()
    assert names(shop, tag) == {} and "template_not_found" in [code for _, _, code in one.said()]


def test_a_variant_whose_product_somebody_leaves_out_stays_out_too(bring, shop, tag):
    one = bring().upload(HEAD + f"{tag},Shirt,20,,\n{tag}R,x,,{tag},Colour: Red\n", kind="products").check()
    with shop.ctx() as ctx:
        run = transfers.one(ctx, one.id)
        fixing.fix_row(ctx, run, 2, {}, LEFT_OUT)
    one.run()
    assert names(shop, tag) == {} and [code for _, _, code in one.said()] == ["template_not_found"]


def test_many_products_and_variants_take_no_statement_more(bring, shop, tag):
    sent = []
    for number in (1, 12):
        rows = "".join(f"{tag}{number}T{n},Shirt,20,,Colour: Red\n{tag}{number}V{n},x,,{tag}{number}T{n},Colour: Red; Size: M\n" for n in range(number))
        one = bring().upload(HEAD + rows.replace("Colour: Red\n", "Colour: Red; Size: L\n"), kind="products").check()
        with counted() as found:
            assert one.run().counts == {"created": 2 * number}
        sent.append(len(found))
    assert sent[0] == sent[1]


def test_who_makes_variants_waits_for_codes_before_he_holds_the_product(shop, tag):
    with shop.ctx() as ctx:
        key = actions.create_product(ctx, code=tag, name="Shirt").id
        ctx.session.flush()
        variants.save_attributes(ctx, queries.one_product(ctx, key), [{"name": "Size", "values": [{"name": "M"}]}])
    for change in (
        lambda ctx, one: variants.make_variants(ctx, one, [{"values": variants.proposals(ctx, one)[0].combination}]),
        lambda ctx, one: variants.rename_value(ctx, one, variant_queries.attributes_of(ctx, one.id)[0].values[0].id, "L"), lambda ctx, one: actions.edit_product(ctx, one, name="Polo"),
    ):
        with shop.ctx() as importing, shop.ctx() as ctx:
            actions.hold_codes(importing)  # as an import does before it looks at products
            one = queries.one_product(ctx, key)
            ctx.session.execute(text("SET LOCAL lock_timeout = '300ms'"))
            with pytest.raises(OperationalError, match="lock timeout"), ctx.session.begin_nested():
                change(ctx, one)
            importing.session.execute(select(Product.id).where(Product.id == key).with_for_update(nowait=True)).one()  # nobody holds it


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
