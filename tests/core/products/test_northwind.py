"""Northwind's catalogue comes in as it is: 77 products, their prices to the cent, their branches; known truths of its SOURCE.md come out."""

import csv
from collections import Counter
from decimal import Decimal

import pytest

from core.products import actions, arranging, queries
from core.products.queries import Filters


@pytest.fixture
def northwind(ctx, data):
    """(ctx, rows of products.csv) with its catalogue in the workspace."""
    read = lambda name: list(csv.DictReader((data / "orders-northwind" / f"{name}.csv").open(encoding="utf-8")))  # noqa: E731
    branches = {row["category_id"]: arranging.add_category(ctx, name=row["category_name"]).id for row in read("categories")}
    rows = read("products")
    for row in rows:
        actions.create_product(
            ctx, code=f"NW-{row['product_id']}", name=row["product_name"], description=row["quantity_per_unit"], price=row["unit_price"],
            category_id=branches[row["category_id"]], state="retired" if row["discontinued"] == "1" else "active",
        )
    ctx.session.flush()
    return ctx, rows, read


def test_all_of_it_is_there_as_it_was(northwind):
    ctx, rows, _ = northwind
    found = {row.code: row for row in queries.products(ctx, limit=200).rows}
    assert len(found) == len(rows) == 77
    assert {code: row.price for code, row in found.items()} == {f"NW-{row['product_id']}": Decimal(row["unit_price"]) for row in rows}
    assert sum(row.price for row in found.values()) == sum(Decimal(row["unit_price"]) for row in rows)


def test_its_branches_and_states_narrow_the_list(northwind):
    ctx, rows, read = northwind
    names = {row["category_name"]: row["category_id"] for row in read("categories")}
    for one, _depth in queries.categories(ctx):
        assert queries.products(ctx, Filters(under=one.id), limit=200).total == sum(row["category_id"] == names[one.name] for row in rows)
    states = Counter(row.state for row in queries.products(ctx, limit=200, chosen=("state",)).rows)
    assert states["retired"] == sum(row["discontinued"] == "1" for row in rows) > 0


def test_names_with_accents_are_found_without_them(northwind):
    ctx, _, _ = northwind
    for typed, name in (("gnocchi di nonna", "Gnocchi di nonna Alice"), ("cote de blaye", "Côte de Blaye"), ("rod kaviar", "Röd Kaviar")):
        assert [row.name for row in queries.products(ctx, Filters(search=typed)).rows] == [name]


def test_its_orders_add_up_to_the_known_truth_at_these_products(northwind):
    """Gross 1,354,458.59: every line of every order names a product that is there."""
    ctx, _, read = northwind
    codes = {row.code for row in queries.products(ctx, limit=200).rows}
    lines = read("order_details")
    assert len(lines) == 2155 and {f"NW-{line['product_id']}" for line in lines} == codes
    assert sum(Decimal(line["unit_price"]) * Decimal(line["quantity"]) for line in lines) == Decimal("1354458.59")
