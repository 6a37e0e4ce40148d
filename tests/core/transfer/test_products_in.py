"""Products from a file: matched by their code, with categories by path, prices with currency, cost behind its permission, and back again."""

import csv
from decimal import Decimal
from io import BytesIO, StringIO
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select

from core.base.errors import Forbidden, Refused
from core.base.facts import timeline
from core.custom_fields import actions as own
from core.products import actions, arranging, bundles, rating
from core.products import queries as queries_of_products
from core.products.lookup_models import Category
from core.products.models import Product
from core.transfer import previewing, queries, results, running
from core.transfer.exporting import Filters, Shape
from core.transfer.models import ImportMapping
from core.transfer.wanted import Wanted, write
from tests.core.transfer.conftest import Import
from tests.support.chunks import one_import_chunk
from tests.support.world import House

HEADER = "Product code,Name,Category,Unit,Tax code,Sales price,Currency,Cost,State,Description\n"


def catalogue(house):
    with house.ctx() as ctx:
        drinks, food = arranging.add_category(ctx, name="Drinks"), arranging.add_category(ctx, name="Food")
        ctx.session.flush()
        tea = arranging.add_category(ctx, name="Tea", parent_id=drinks.id)
        arranging.add_category(ctx, name="Other", parent_id=drinks.id)
        arranging.add_category(ctx, name="Other", parent_id=food.id)
        arranging.add_unit(ctx, name="Case", places=0)
        arranging.add_tax_code(ctx, name="Full", percent="21")
        rating.add_currency(ctx, "USD")
        return tea.id


@pytest.fixture(scope="module")
def shop(app):
    """A workspace with categories, a unit, a tax code and a second currency."""
    house = House(f"pi{uuid4().hex[:6]}")
    catalogue(house)
    return house


@pytest.fixture
def bring(shop):
    """Without choices remembered from another test."""
    with shop.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))
    return lambda who="owner", at=None: Import(at or shop, who)


@pytest.fixture
def tag():
    return f"X{uuid4().hex[:8]}"


def product(house, code):
    with house.ctx() as ctx:
        return ctx.session.execute(select(Product).where(Product.code == code)).scalar_one_or_none()


def taken_out(house, shape=Shape(), who="owner"):
    with house.ctx(who) as ctx:
        out = BytesIO()
        write(ctx, Wanted("products", shape=shape), out)
        return out.getvalue()


def test_a_list_of_products_comes_in_with_all_it_says(bring, shop, tag):
    one = bring().upload(HEADER + f"{tag},Green tea,Drinks > tea,case,FULL,12.50 USD,,8.25,Retired,\"From Uji, first flush\"\n", kind="products").check()
    assert one.row.mapping == ["code", "name", "category_id", "unit_id", "tax_code_id", "price", "currency", "cost", "state", "description"] and one.said() == []
    assert one.row.key_field == "code" and product(shop, tag) is None
    assert one.run().counts == {"created": 1}
    found = product(shop, tag)
    assert (found.name, found.price, found.cost, found.currency, found.state, found.description) == ("Green tea", Decimal("12.5"), Decimal("8.25"), "USD", "retired", "From Uji, first flush")
    with shop.ctx() as ctx:
        assert ctx.session.get(Category, found.category_id).name == "Tea"
        assert [fact.kind for fact in ctx.session.execute(timeline(found.id)).scalars()] == ["product.created"]


def test_a_known_code_is_changed_and_an_empty_cell_changes_nothing(bring, shop, tag):
    bring().upload(f"code,name,price,description\n{tag},Old,5,Kept\n", kind="products").check().run()
    one = bring().upload(f"code,name,price,description\n{tag.lower()},New,,\nnew{tag},Other,7,\n", kind="products").choose(mode="both").check()
    assert one.counts == {"update": 1, "create": 1}
    with shop.ctx() as ctx:
        (change,) = previewing.changes(ctx, queries.one(ctx, one.id))
        assert change.lines == [("code", tag, tag.lower()), ("name", "Old", "New")]
    one.run()
    found = product(shop, tag.lower())
    assert one.counts == {"updated": 1, "created": 1} and (found.name, found.price, found.description) == ("New", 5, "Kept")


def test_a_price_that_is_the_same_to_the_coin_is_no_change(bring, shop, tag):
    bring().upload(f"code,name,price\n{tag},Tea,5.5\n", kind="products").check().run()
    one = bring().upload(f"code,name,price\n{tag},Tea,5.5000\n", kind="products").choose(mode="update").check()
    with shop.ctx() as ctx:
        assert previewing.changes(ctx, queries.one(ctx, one.id)) == []
    assert one.run().counts == {"skipped": 1} and product(shop, tag).version == 1


def test_what_is_there_is_not_made_twice_and_a_twin_in_the_file_counts_once(bring, shop, tag):
    bring().upload(f"code,name\n{tag},Tea\n", kind="products").check().run()
    one = bring().upload(f"code,name\n{tag},Tea again\nB{tag},One\nb{tag},Two\n", kind="products").check()
    assert one.counts == {"duplicate": 2, "create": 1}
    one.run()
    assert product(shop, tag).name == "Tea" and product(shop, f"B{tag}").name == "One"


@pytest.mark.parametrize(("column", "cell", "code"), [
    ("category", "Wine", "category_unknown"), ("category", "Other", "category_not_one"), ("unit", "Barrel", "unit_unknown"), ("tax code", "None at all", "tax_code_unknown"),
    ("price", "-1", "not_an_amount"), ("price", "1e9999", "not_an_amount_here"), ("price", "1.23456", "too_many_decimals"), ("price", "NaN", "not_an_amount_here"), ("price", "1,5", "not_an_amount_here"),
    ("currency", "QQQ", "not_a_currency"), ("currency", "JPY", "currency_unknown"), ("state", "sold out", "unknown_value"), ("cost", "many", "not_an_amount_here"),
    ("description", "a\x07b", "control_character"),
])
def test_what_cannot_be_taken_is_named_by_line_and_column_and_loses_nothing(bring, shop, tag, column, cell, code):
    out = StringIO()
    csv.writer(out).writerows([["code", "name", column], [tag, "Good", ""], [f"B{tag}", "Bad", cell], [f"C{tag}", "Good too", ""]])
    one = bring().upload(out.getvalue(), kind="products").choose(decimal_mark=".").check()
    assert one.said() == [(3, 2, code)] and one.counts == {"create": 2, "problem": 1, "noted": 1}
    one.run()
    assert one.counts == {"created": 2, "failed": 1} and product(shop, f"B{tag}") is None and product(shop, f"C{tag}").name == "Good too"
    with shop.ctx() as ctx:
        (failed,) = results.results(ctx, queries.one(ctx, one.id), only="failed")
    assert (failed.line, failed.cells[2]) == (3, cell)


def test_two_currencies_in_one_row_and_another_one_than_before_are_refused(bring, shop, tag):
    one = bring().upload(f"code,name,price,currency\n{tag},Tea,5 USD,EUR\n", kind="products").check()
    assert one.said() == [(2, 2, "price_currency_other")]
    bring().upload(f"code,name,price,currency\n{tag},Tea,5,USD\n", kind="products").check().run()
    again = bring().upload(f"code,name,price,currency\n{tag},Tea,6,EUR\n", kind="products").choose(mode="update").check()
    assert again.said() == [(2, 3, "product_currency_kept")] and again.counts["problem"] == 1


def test_amounts_of_a_bundle_come_from_no_file_and_its_parts_are_not_taken_back(bring, shop, tag):
    first = bring().upload(f"code,name,price\n{tag},Kit,5\nP{tag},Part,5\n", kind="products").check().run()
    with shop.ctx() as ctx:
        bundles.save_parts(ctx, queries_of_products.one_product(ctx, product(shop, tag).id), [{"product_id": product(shop, f"P{tag}").id}], bundle_price="sum")
    again = bring().upload(f"code,name,price,cost\n{tag},Kit again,6,7\nP{tag},Part,8,\n", kind="products").choose(mode="update").check()
    assert {(line, code) for line, _, code in again.said()} == {(2, "bundle_sum_price"), (2, "bundle_cost")} and again.counts["problem"] == 1
    same = bring().upload(f"code,name,price,cost\n{tag},Kit again,,\n", kind="products").choose(mode="update").check()
    assert same.said() == []
    first.undo()
    assert product(shop, tag).deleted_at is None and product(shop, f"P{tag}").deleted_at is None


def test_needed_columns_are_asked_for_by_name(bring, tag):
    with pytest.raises(Refused, match="import_needs_code"):
        bring().upload(f"name,price\n{tag},5\n", kind="products").choose()
    with pytest.raises(Refused, match="import_needs_name"):
        bring().upload(f"code,price\n{tag},5\n", kind="products").choose()
    with pytest.raises(Refused, match="unknown_value"):
        bring().upload(f"code,name\n{tag},Tea\n", kind="products").choose(key_field="")


def test_a_row_without_its_code_is_named(bring, tag):
    one = bring().upload(f"code,name\n,Tea {tag}\n{tag},\n", kind="products").check()
    assert one.said() == [(2, 0, "required"), (3, 1, "required")]


def test_a_code_in_the_recycle_bin_is_not_taken_again(bring, shop, tag):
    bring().upload(f"code,name\n{tag},Tea\n", kind="products").check().run()
    with shop.ctx() as ctx:
        actions.delete_product(ctx, ctx.session.execute(select(Product).where(Product.code == tag)).scalar_one())
    assert bring().upload(f"code,name\n{tag},Tea\n", kind="products").check().said() == [(2, None, "row_in_bin")]


def test_successors_are_linked_whichever_row_comes_first(bring, shop, tag):
    one = bring().upload(f"code,name,successor\nA{tag},Old,B{tag}\nB{tag},New,\nC{tag},Lost,Nobody\nD{tag},Round,D{tag}\n", kind="products").check().run()
    assert product(shop, f"A{tag}").successor_id == product(shop, f"B{tag}").id
    assert [(line, code) for line, _, code in one.said()] == [(4, "successor_not_found"), (5, "successor_in_circle")]
    assert one.undo().counts["undone"] == 4 and product(shop, f"A{tag}").deleted_at is not None


def test_an_import_is_taken_back_but_for_what_was_touched_or_used(bring, shop, tag):
    bring().upload(f"code,name,price,category\nK{tag},Known,5,Food\n", kind="products").check().run()
    one = bring().upload(f"code,name,price,category\nK{tag},Renamed,6,Drinks / Tea\nA{tag},New,1,\nB{tag},Touched,1,\nC{tag},Used,1,\n", kind="products").choose(mode="both").check().run()
    with shop.ctx() as ctx:
        found = {name: ctx.session.execute(select(Product).where(Product.code == f"{name}{tag}")).scalar_one() for name in "BC"}
        actions.edit_product(ctx, found["B"], name="By hand")
        actions.create_product(ctx, code=f"P{tag}", name="Before", successor_id=found["C"].id)
    assert one.undo().counts | {} == {"created": 3, "updated": 1, "undone": 2, "kept": 2}
    known = product(shop, f"K{tag}")
    assert (known.name, known.price) == ("Known", 5) and product(shop, f"A{tag}").deleted_at is not None
    assert product(shop, f"B{tag}").deleted_at is None and product(shop, f"C{tag}").deleted_at is None
    with shop.ctx() as ctx:
        assert ctx.session.get(Category, known.category_id).name == "Food"
        assert [row.name for row in queries.kept(ctx, queries.one(ctx, one.id))] == ["By hand", "Used"]


def test_whoever_may_not_write_the_cost_brings_none_in(bring, shop, tag, monkeypatch):
    role = shop.users["rep"].role
    monkeypatch.setattr(role, "permissions", sorted({*role.permissions, "products.create", "products.edit"}))
    one = bring("rep").upload(f"code,name,cost\n{tag},Tea,5\n", kind="products")
    assert one.row.mapping == ["code", "name", ""]
    with pytest.raises(Refused, match="unknown_value"):
        one.choose(mapping=["code", "name", "cost"])
    one.choose().check().run()
    assert one.counts == {"created": 1} and product(shop, tag).cost is None


def test_whoever_may_not_change_products_is_refused_at_the_yes(bring, tag):
    with pytest.raises(Forbidden):
        bring("manager").upload(f"code,name\n{tag},Tea\n", kind="products").check().start()


def test_a_worker_that_dies_goes_on_behind_the_rows_that_are_in(bring, shop, tag, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    one = bring().upload("code,name\n" + "".join(f"{tag}{n},P{n}\n" for n in range(5)), kind="products").check().start()
    one_import_chunk(running, one.door, one.id, one.row.round)
    assert one.row.rows_done == 2
    running.run_import(one.door, one.id, one.row.round)
    assert one.counts == {"created": 5}


@pytest.mark.parametrize("shape", [Shape(), Shape("xlsx"), Shape(names=True), Shape("xlsx", names=True)])
def test_what_the_export_says_comes_in_again_the_same(shape, app):
    full, empty = House(f"pf{uuid4().hex[:6]}"), House(f"pe{uuid4().hex[:6]}")
    for house in (full, empty):
        catalogue(house)
        with house.ctx() as ctx:
            own.create_field(ctx, room="products", kind="decimal", label="Weight")
            own.create_field(ctx, room="products", kind="yes_no", label="Fragile")
    first = Import(full).upload(
        HEADER.strip() + ",Successor,Weight,Fragile,Shelf\n"
        '=A1,"Tea, ""green""",Drinks / Tea,Case,Full,12.5,USD,8,Active,"two\nlines",B 2,1.25,yes,7\nB 2,Ñandú 王,Drinks / Other,,,0.0001,,,Retired,,,,no,\nC,Bare,,,,,,,,,,,,\n', kind="products",
    ).check()
    assert first.said() == [] and first.run().counts == {"created": 3}
    content = taken_out(full, shape)
    one = Import(empty).upload(content, kind="products", name="p.xlsx" if shape.format == "xlsx" else "p.csv").check()
    assert one.said() == [] and one.run().counts == {"created": 3}
    assert taken_out(empty, Shape(names=True)) == taken_out(full, Shape(names=True))
    same = Import(full).upload(content, kind="products", name="p.xlsx" if shape.format == "xlsx" else "p.csv").choose(mode="both").check().run()
    assert same.counts == {"skipped": 3}


def test_the_real_products_of_northwind_come_in_as_they_are_and_out_again(data, app):
    house, empty = House(f"nw{uuid4().hex[:6]}"), House(f"nx{uuid4().hex[:6]}")
    folder = data / "orders-northwind"
    named = {row["category_id"]: row["category_name"] for row in csv.DictReader((folder / "categories.csv").open())}
    rows = list(csv.DictReader((folder / "products.csv").open()))
    for one in (house, empty):
        with one.ctx() as ctx:
            for name in named.values():
                arranging.add_category(ctx, name=name)
    raw = Import(house).upload((folder / "products.csv").read_bytes(), kind="products")
    assert [raw.row.mapping[raw.row.header.index(name)] for name in ("product_id", "product_name", "quantity_per_unit", "unit_price")] == ["code", "name", "description", "price"]
    out = StringIO()
    writer = csv.DictWriter(out, ["product_id", "product_name", "quantity_per_unit", "unit_price", "category"])
    writer.writeheader()
    writer.writerows({name: row[name] for name in writer.fieldnames[:-1]} | {"category": named[row["category_id"]]} for row in rows)
    done = Import(house).upload(out.getvalue(), kind="products").check()
    assert done.said() == [] and done.run().counts == {"created": len(rows)}
    with house.ctx() as ctx:
        total, number = ctx.session.execute(select(func.sum(Product.price), func.count())).one()
    assert (total, number) == (sum(Decimal(row["unit_price"]) for row in rows), len(rows))
    assert Import(empty).upload(taken_out(house), kind="products").check().run().counts == {"created": len(rows)}
    assert taken_out(empty, Shape(names=True)) == taken_out(house, Shape(names=True))
    with house.ctx() as ctx:
        from core.products.queries import products_where

        found = ctx.session.execute(select(func.count()).select_from(Product).where(*products_where(ctx, Filters(brought=str(done.id))))).scalar_one()
    assert found == len(rows)
