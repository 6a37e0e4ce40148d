"""Bulk edits of products: fields as the use cases leave them, prices by a step to the coin, bundles left out, variants that follow into the bin, and the way back."""

from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.errors import Refused
from core.bulk import deciding, reckoning
from core.custom_fields import actions as defining
from core.products import actions, arranging, batched, bundles, rating, variants
from core.products.models import Product
from core.products.repricing import cleaned_step, stepped
from core.products.variant_queries import attributes_of
from tests.core.bulk.test_equality import named, one_by_one, same
from tests.support.world import House

ROWS = [{"code": "A1", "name": "Oven", "price": "100", "tags": ["old"]}, {"code": "B2", "name": "Tray", "price": "0.0375", "cost": "0.01"}, {"code": "C3", "name": "茶壶", "description": "line\nline"}]
CHANGES = [{"state": "retired"}, {"description": "one\ntwo"}, {"description": ""}, {"state": "active"}, {"tags": "fair, OLD"}]


@pytest.fixture
def product(house):
    """product("A", price="1"): products; their keys."""

    def made(*names, **values):
        with house.ctx() as ctx:
            found = [actions.create_product(ctx, code=uuid4().hex[:10], name=name, **values) for name in names]
            ctx.session.flush()
            return [one.id for one in found]

    return made


@pytest.fixture
def products(bulk):
    return lambda who="owner", at=None: bulk(who, "products", at)


@pytest.fixture
def two(app):
    """Two houses with the same products."""
    houses = House(f"set{uuid4().hex[:6]}"), House(f"one{uuid4().hex[:6]}")
    for house in houses:
        with house.ctx() as ctx:
            for row in ROWS:
                actions.create_product(ctx, **row)
    return houses


@pytest.fixture
def family(house):
    """A product with two variants: (its key, theirs)."""
    with house.ctx() as ctx:
        shirt = actions.create_product(ctx, code=uuid4().hex[:10], name="Shirt", price="10")
        ctx.session.flush()
        variants.save_attributes(ctx, shirt, [{"name": "Size", "values": [{"name": "S"}, {"name": "M"}]}])
        offered = attributes_of(ctx, shirt.id)
        made = variants.make_variants(ctx, shirt, [{"values": [str(value.id)], "code": uuid4().hex[:10]} for value in offered[0].values])
        ctx.session.flush()
        return shirt.id, [one.id for one in made]


def prices(house, keys):
    with house.ctx() as ctx:
        return [ctx.session.get(Product, key).price for key in keys]


def test_changed_fields(products, two):
    """One after the other, each as the use case for one leaves it."""
    by_set, alone = two
    for change in CHANGES:
        one = products(at=by_set).select(named(by_set, Product, ROWS)).preview("change", **change).run()
        one_by_one(alone, Product, ROWS, lambda ctx, row, change=change: actions.edit_product(ctx, row, **change))
        first, second = same(by_set, alone, Product)
        assert first == second and one.counts["changed"], change


def test_category_unit_and_tax_code_are_there_and_in_use(house, products, product):
    keys = product("Cup", "Plate")
    with house.ctx() as ctx:
        category, unit, tax = arranging.add_category(ctx, name=uuid4().hex[:8]).id, arranging.add_unit(ctx, name=uuid4().hex[:8]).id, arranging.add_tax_code(ctx, name=uuid4().hex[:8], percent="19").id
        ctx.session.flush()
    one = products().select(keys).preview("change", category_id=str(category), unit_id=str(unit), tax_code_id=str(tax)).run()
    with house.ctx() as ctx:
        assert {(p.category_id, p.unit_id, p.tax_code_id) for p in (ctx.session.get(Product, key) for key in keys)} == {(category, unit, tax)}
    assert one.undo().counts == {"undone": 2}
    with house.ctx() as ctx:
        assert {(p.category_id, p.unit_id, p.tax_code_id) for p in (ctx.session.get(Product, key) for key in keys)} == {(None, None, None)}
    for name in ("category_id", "unit_id", "tax_code_id"):
        with pytest.raises(Refused):
            products().select(keys).preview("change", **{name: str(uuid4())})


@pytest.mark.parametrize("name", ["code", "name", "price", "cost"])
def test_what_is_a_products_own_is_not_changed_so(products, product, name):
    with pytest.raises(Refused, match="bulk_not_this_field"):
        products().select(product("Own")).preview("change", **{name: "5"})


def test_nothing_takes_its_own_place(house, products, product):
    first, second, third = product("First", "Second", "Third")
    with house.ctx() as ctx:
        actions.edit_product(ctx, ctx.session.get(Product, second), successor_id=str(third))
    one = products().select([first, second, third]).preview("change", successor_id=str(second))
    assert one.counts == {"due": 1, "circle": 2}
    one.run()
    with house.ctx() as ctx:
        assert ctx.session.get(Product, first).successor_id == second and ctx.session.get(Product, third).successor_id is None
    assert one.undo().counts["undone"] == 1


def test_own_fields_are_changed(house, products, product):
    with house.ctx() as ctx:
        own = f'custom.{defining.create_field(ctx, room="products", kind="text", label=f"Shelf {uuid4().hex[:4]}").key}'
    keys = product("On a shelf")
    one = products().select(keys).preview("change", **{own: "A 4"}).run()
    with house.ctx() as ctx:
        assert getattr(ctx.session.get(Product, keys[0]), own) == "A 4"
    one.undo()
    with house.ctx() as ctx:
        assert getattr(ctx.session.get(Product, keys[0]), own) is None


def test_tags_are_added_and_removed(house, products, product):
    keys = product("Tagged", tags=["old", "stays"])
    one = products().select(keys).preview("tags", add="NEW", remove="old").run()
    with house.ctx() as ctx:
        assert ctx.session.get(Product, keys[0]).tags == ["stays", "NEW"]
    one.undo()
    with house.ctx() as ctx:
        assert ctx.session.get(Product, keys[0]).tags == ["old", "stays"]


def test_prices_go_up_by_percent_to_the_coin_and_come_back(house, products, product):
    keys = product("Dear", price="99.99") + product("Cheap", price="0.0375") + product("Free", price="0") + product("Unpriced")
    one = products().select(keys).preview("price", way="markup", value="5")
    assert one.counts == {"due": 2, "same": 1, "no_price": 1}
    one.run()
    assert prices(house, keys) == [Decimal("104.99"), Decimal("0.0394"), Decimal(0), None]
    assert one.undo().counts["undone"] == 2 and prices(house, keys) == [Decimal("99.99"), Decimal("0.0375"), Decimal(0), None]


def test_a_step_rounds_as_price_lists_do(house, products, product):
    keys = product("Round", price="23.10")
    products().select(keys).preview("price", way="discount", value="1", rounding_step="5", rounding_less="0.01").run()
    assert prices(house, keys) == [Decimal("24.99")]


def test_one_price_is_for_those_in_its_currency(house, products, product):
    keys = product("Here", price="1") + product("Bare")
    with house.ctx() as ctx:
        other, = product("There", price="1")
        ctx.session.get(Product, other).currency = "USD"
    one = products().select([*keys, other]).preview("price", way="price", value="12.5")
    assert one.counts == {"due": 2, "unfit": 1}
    one.run()
    assert prices(house, [*keys, other]) == [Decimal("12.5"), Decimal("12.5"), Decimal(1)]


def test_what_parts_make_is_left_out_of_a_step(house, products, product):
    part, whole, own = product("Part", "Whole", "Own price", price="10")
    with house.ctx() as ctx:
        for key, way in ((whole, "sum"), (own, "own")):
            bundles.save_parts(ctx, ctx.session.get(Product, key), [{"product_id": str(part)}], bundle_price=way)
    one = products().select([whole, own]).preview("price", way="price", value="12")
    assert one.counts == {"due": 1, "of_parts": 1}
    one.run()
    assert prices(house, [whole, own]) == [None, Decimal(12)]


def test_without_that_question_it_would_have_a_price(house, products, product, monkeypatch):
    """Negative control of the one above."""
    part, whole = product("Part", "Whole", price="10")
    with house.ctx() as ctx:
        bundles.save_parts(ctx, ctx.session.get(Product, whole), [{"product_id": str(part)}], bundle_price="sum")
    monkeypatch.setattr(batched.repricing, "OPERATION", "nothing")
    products().select([whole]).preview("price", way="price", value="12").run()
    assert prices(house, [whole]) == [Decimal(12)]


def test_a_price_that_somebody_changed_since_the_preview_is_his(house, products, product):
    keys = product("Seen", "Moved", price="10")
    one = products().select(keys).preview("price", way="markup", value="10")
    with house.ctx() as ctx:
        actions.edit_product(ctx, ctx.session.get(Product, keys[1]), price="20")
    assert one.run().counts == {"changed": 1, "since": 1} and prices(house, keys) == [Decimal(11), Decimal(20)]
    with house.ctx() as ctx:
        actions.edit_product(ctx, ctx.session.get(Product, keys[0]), price="12")
    assert one.undo().counts["kept"] == 1 and prices(house, keys) == [Decimal(12), Decimal(20)]


def test_without_looking_again_it_would_be_overwritten(house, products, product, monkeypatch):
    """Negative control of the one above."""
    keys = product("Moved too", price="10")
    one = products().select(keys).preview("price", way="markup", value="10")
    with house.ctx() as ctx:
        actions.edit_product(ctx, ctx.session.get(Product, keys[0]), price="20")
    monkeypatch.setattr(deciding.reckoning, "moved", lambda table, one: deciding.literal(False))
    one.run()
    assert prices(house, keys) == [Decimal(22)] and reckoning is deciding.reckoning


def test_variants_go_into_the_bin_with_their_product_and_come_back(house, products, family):
    shirt, sizes = family
    gone = lambda: [row for row in _deleted(house, [shirt, *sizes])]  # noqa: E731
    with house.ctx() as ctx:
        actions.delete_product(ctx, ctx.session.get(Product, sizes[0]))  # on its own, before
    one = products().select([shirt]).preview("delete").run()
    assert gone() == [True, True, True]
    one.undo()
    assert gone() == [False, True, False], "what went by itself stays where it is"


def test_a_variant_that_comes_back_brings_its_product(house, products, family):
    shirt, sizes = family
    one = products().select(sizes[:1]).preview("delete").run()
    with house.ctx() as ctx:
        actions.delete_product(ctx, ctx.session.get(Product, shirt))
    one.undo()
    assert _deleted(house, [shirt, *sizes]) == [False, False, False]


def _deleted(house, keys):
    with house.ctx() as ctx:
        found = dict(ctx.session.execute(select(Product.id, Product.deleted_at.is_not(None)).where(Product.id.in_(keys))).all())
    return [found[key] for key in keys]


@pytest.mark.parametrize(("given", "field"), [
    ({"way": "markup"}, "value"), ({"way": "none", "value": "5"}, "way"), ({"way": "markup", "value": "0"}, "value"), ({"way": "markup", "value": "1001"}, "value"), ({"way": "discount", "value": "100.01"}, "value"),
    ({"way": "price", "value": "-1"}, "value"), ({"way": "price", "value": "1e5"}, "value"), ({"way": "price", "value": "NaN"}, "value"), ({"way": "price", "value": "1.00001"}, "value"), ({"way": "price", "value": "5", "currency": "XAU"}, "currency"),
    ({"way": "markup", "value": "5", "rounding_step": "0"}, "rounding_step"), ({"way": "markup", "value": "5", "rounding_step": "1", "rounding_less": "1"}, "rounding_step"),
])
def test_a_step_that_nobody_could_mean_is_refused_at_its_field(house, given, field):
    with house.ctx() as ctx, pytest.raises(Refused) as refused:
        cleaned_step(ctx, given)
    assert refused.value.field == field


def test_a_step_is_the_same_when_it_is_read_again(house):
    with house.ctx() as ctx:
        rating.add_currency(ctx, "KWD")
        for given in ({"way": "price", "value": "1.234", "currency": "KWD", "rounding_step": "0.005"}, {"way": "markup", "value": "2,5", "rounding_step": "0,05", "rounding_less": "0.01"}):
            once = cleaned_step(ctx, given)
            assert cleaned_step(ctx, once) == once


@pytest.mark.parametrize(("way", "value", "step", "less", "old", "currency", "new"), [
    ("markup", "5", None, None, "0.0375", "EUR", "0.0394"), ("markup", "10", None, None, "101", "JPY", "111"), ("markup", "10", None, None, "1.005", "KWD", "1.106"), ("discount", "100", None, None, "5", "EUR", "0.00"),
    ("markup", "3.3", None, None, "9.99", "EUR", "10.32"), ("markup", "0.0001", None, None, "10", "EUR", "10.00"), ("price", "0.0375", None, None, None, "EUR", "0.0375"), ("markup", "1000", None, None, "999999999999", "EUR", "unfit"),
    ("markup", "5", "0.05", None, "9.99", "EUR", "10.50"), ("discount", "50", "10", "0.01", "2", "EUR", "1.00"),
])
def test_what_a_price_becomes(way, value, step, less, old, currency, new):
    found = stepped({"way": way, "value": value, "currency": currency if way == "price" else None, "rounding_step": step, "rounding_less": less}, {"price": old, "currency": currency})
    assert str(found) == new
