"""Price lists as they are stored: for everybody, a group, one customer; categories with all below; lists upon lists; tiers; each step told."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from core.base.errors import Forbidden, Refused
from core.parties.actions import create_account
from core.products import actions, arranging, price_lists, pricing, rating
from core.products.price_models import PriceBook, PriceListLine
from core.products.pricing import Customer
from tests.support.statements import counted

DAY = date(2026, 3, 2)


def code_of(call):
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


@pytest.fixture
def goods(ctx):
    """tools > drills with a drill of 100 that costs 60."""
    tools = arranging.add_category(ctx, name="Tools")
    ctx.session.flush()
    drills = arranging.add_category(ctx, name="Drills", parent_id=tools.id)
    ctx.session.flush()
    drill = actions.create_product(ctx, code="D", name="Drill", price="100", cost="60", category_id=drills.id)
    ctx.session.flush()
    return ctx, drill, tools


def book(ctx, name, *lines, **given):
    made = price_lists.add_list(ctx, name=name, **given)
    ctx.session.flush()
    for line in lines:
        price_lists.add_line(ctx, made, **line)
    ctx.session.flush()
    return made


def asked(ctx, product, quantity="1", on=DAY, currency="EUR", **customer):
    found = pricing.price_of(ctx, product, quantity=Decimal(quantity), on=on, currency=currency, customer=Customer(**customer))
    return found.each.amount, [one.code for one in found.reasons]


def test_without_a_list_its_own_price_holds(goods):
    ctx, drill, _ = goods
    assert asked(ctx, drill) == (100, ["own_price"])


def test_list_b_from_ten_pieces_tier_gold_minus_four_percent(goods):
    """The issue's own sentence."""
    ctx, drill, _ = goods
    book(ctx, "list B", {"product_id": drill.id, "value": "95"}, {"product_id": drill.id, "value": "90", "from_quantity": "10"})
    price_lists.set_tier(ctx, tier="gold", percent="4")
    ctx.session.flush()
    assert asked(ctx, drill, "9", tier="Gold") == (Decimal("91.20"), ["list_price", "standing_discount"])
    assert asked(ctx, drill, "10", tier="gold") == (Decimal("86.40"), ["list_price", "from_quantity", "standing_discount"])
    assert code_of(lambda: asked(ctx, drill, tier="silver")) == "tier_unknown"


def test_the_customers_own_list_comes_before_his_groups_before_everybodys(goods):
    ctx, drill, _ = goods
    him = create_account(ctx, name="Nordlicht")
    ctx.session.flush()
    book(ctx, "all", {"product_id": drill.id, "value": "99"})
    book(ctx, "resellers", {"product_id": drill.id, "value": "80"}, whom="group", group_name="Reseller")
    book(ctx, "his", {"product_id": drill.id, "value": "85"}, whom="customer", account_id=him.id)
    assert asked(ctx, drill)[0] == 99 and asked(ctx, drill, groups=("reseller",))[0] == 80
    assert asked(ctx, drill, account_id=him.id, groups=("reseller",))[0] == 85


def test_a_category_prices_what_is_below_it_and_the_product_comes_first(goods):
    ctx, drill, tools = goods
    book(ctx, "spring", {"what": "category", "category_id": tools.id, "way": "discount", "value": "10"}, {"what": "all", "way": "discount", "value": "50"})
    assert asked(ctx, drill) == (90, ["list_discount"])
    book(ctx, "drill", {"product_id": drill.id, "value": "97"})
    assert asked(ctx, drill)[0] == 97


def test_days_of_lists_and_lines_hold(goods):
    ctx, drill, _ = goods
    book(ctx, "march", {"product_id": drill.id, "value": "70", "starts_on": "2026-03-02", "ends_on": "2026-03-02"}, starts_on="2026-03-01", ends_on="2026-03-31")
    assert [asked(ctx, drill, on=DAY + timedelta(days=n))[0] for n in (-1, 0, 1)] == [100, 70, 100]


def test_a_list_stands_on_another(goods):
    """B is A less 10 percent, but what B says itself comes before."""
    ctx, drill, tools = goods
    base = book(ctx, "A", {"product_id": drill.id, "value": "80"})
    other = actions.create_product(ctx, code="O", name="Other", price="10", category_id=tools.id)
    ctx.session.flush()
    upon = book(ctx, "B", whom="group", group_name="b", based_on_id=base.id, based_way="discount", based_percent="10")
    assert asked(ctx, drill, groups=("b",)) == (72, ["list_price", "formula_discount"]) and asked(ctx, drill)[0] == 80
    assert asked(ctx, other, groups=("b",))[0] == 10
    third = book(ctx, "C", whom="group", group_name="c", based_on_id=upon.id, based_way="markup", based_percent="50")
    assert asked(ctx, drill, groups=("c",)) == (108, ["list_price", "formula_discount", "formula_markup"])
    price_lists.add_line(ctx, upon, product_id=drill.id, value="85")
    ctx.session.flush()
    assert asked(ctx, drill, groups=("b",)) == (85, ["list_price"]) and asked(ctx, drill, groups=("c",))[0] == Decimal("127.50")
    assert code_of(lambda: price_lists.change_list(ctx, base, based_on_id=third.id, based_way="discount", based_percent="1")) == "list_stands_on_itself"
    assert code_of(lambda: price_lists.delete_list(ctx, base)) == "list_stood_on"


def test_a_list_in_another_currency_is_converted_at_the_days_rate_or_refused(goods):
    ctx, drill, _ = goods
    rating.add_currency(ctx, "USD")
    ctx.session.flush()
    book(ctx, "dollars", {"product_id": drill.id, "value": "110"}, currency="USD", rounding_step="5", rounding_less="0.01")
    assert code_of(lambda: asked(ctx, drill)) == "no_rate"
    rating.store_rate(ctx, currency="USD", rate="1.25", day=DAY)
    assert asked(ctx, drill) == (Decimal("89.99"), ["list_price", "converted", "list_rounded"])
    assert asked(ctx, drill, currency="USD") == (Decimal("109.99"), ["list_price", "list_rounded"])


def test_a_margin_is_earned_on_a_cost_that_is_not_told(goods, as_):
    ctx, drill, _ = goods
    book(ctx, "margin", {"product_id": drill.id, "way": "margin", "value": "25"})
    assert asked(ctx, drill) == (80, ["list_margin"])
    from dataclasses import replace

    from core.base.context import as_actor

    seller = as_actor(ctx, replace(ctx.actor, permissions=frozenset({"products.read"})))
    found = pricing.price_of(seller, drill, quantity=Decimal(1), on=DAY, currency="EUR")
    assert found.each.amount == 80 and [one.code for one in found.reasons] == ["list_alone"] and "60" not in str(found.reasons)


def test_what_has_no_price_is_refused_unless_a_list_says_one(goods):
    ctx, _, _ = goods
    free = actions.create_product(ctx, code="F", name="On request")
    ctx.session.flush()
    assert code_of(lambda: asked(ctx, free)) == "no_price"
    book(ctx, "off", {"what": "all", "way": "discount", "value": "10"})
    assert code_of(lambda: asked(ctx, free)) == "no_price"
    book(ctx, "says", {"product_id": free.id, "value": "7", "from_quantity": "5"})
    assert code_of(lambda: asked(ctx, free, "4")) == "no_price" and asked(ctx, free, "5")[0] == 7


@pytest.mark.parametrize(("given", "code"), [
    ({"name": ""}, "required"), ({"currency": "GBP"}, "currency_unknown"), ({"whom": "customer"}, "required"), ({"whom": "group"}, "required"), ({"group_name": "x"}, "list_not_for_him"),
    ({"starts_on": "2026-02-01", "ends_on": "2026-01-01"}, "days_turned"), ({"rounding_step": "0"}, "rounding_odd"), ({"rounding_step": "1", "rounding_less": "1"}, "rounding_odd"),
    ({"based_way": "discount"}, "formula_half"), ({"based_on_id": "01a228fe-e3dc-7f07-9a46-66630f138973", "based_way": "discount", "based_percent": "1"}, "list_unknown"), ({"name": "there"}, "name_taken"),
])
def test_what_is_no_list_is_refused(goods, given, code):
    ctx, _, _ = goods
    book(ctx, "There")
    assert code_of(lambda: price_lists.add_list(ctx, **({"name": "New"} | given))) == code


@pytest.mark.parametrize(("given", "code"), [
    ({"value": ""}, "required"), ({"value": "-1"}, "not_an_amount"), ({"way": "discount", "value": "101"}, "not_a_percent"), ({"way": "margin", "value": "100"}, "margin_too_high"),
    ({"what": "category"}, "category_unknown"), ({"product_id": None}, "product_unknown"), ({"from_quantity": "-1"}, "quantity_positive"), ({"way": "gift"}, "unknown_value"), ({}, "line_there"),
])
def test_what_is_no_line_is_refused(goods, given, code):
    ctx, drill, _ = goods
    made = book(ctx, "B", {"product_id": drill.id, "value": "9"})
    assert code_of(lambda: price_lists.add_line(ctx, made, **({"product_id": drill.id, "value": "8"} | given))) == code


@pytest.mark.parametrize(("values", "constraint"), [({"whom": "customer"}, "account"), ({"whom": "group"}, "group"), ({"rounding_step": 1, "rounding_less": 2}, "rounding"), ({"based_way": "discount"}, "based"), ({"starts_on": DAY, "ends_on": date(2026, 1, 1)}, "days")])
def test_the_database_refuses_lists_that_no_use_case_writes(ctx, values, constraint):
    ctx.session.add(PriceBook(**({"name": "N", "currency": "EUR"} | values)))
    with pytest.raises(IntegrityError, match=f"ck_price_list_{constraint}"):
        ctx.session.flush()


@pytest.mark.parametrize(("values", "constraint"), [({"what": "product"}, "product"), ({"way": "discount", "value": 101}, "discount"), ({"way": "margin", "value": 100}, "margin"), ({"value": -1}, "value")])
def test_the_database_refuses_lines_that_no_use_case_writes(ctx, values, constraint):
    made = book(ctx, "B")
    ctx.session.add(PriceListLine(**({"price_list_id": made.id, "what": "all", "way": "price", "value": 1} | values)))
    with pytest.raises(IntegrityError, match=f"ck_price_list_line_{constraint}"):
        ctx.session.flush()


def test_sixty_lines_are_priced_by_as_few_statements_as_one(goods):
    ctx, drill, tools = goods
    book(ctx, "spring", {"what": "category", "category_id": tools.id, "way": "discount", "value": "10"})
    many = [drill] + [actions.create_product(ctx, code=f"P{n}", name=f"P{n}", price="5", category_id=tools.id) for n in range(59)]
    ctx.session.flush()
    with counted() as one:
        pricing.price_of(ctx, drill, quantity=Decimal(1), on=DAY, currency="EUR")
    with counted() as all_:
        found = pricing.prices_of(ctx, [(product, Decimal(1)) for product in many], on=DAY, currency="EUR")
    assert len(all_) == len(one) <= 5 and {one.each.amount for one in found} == {Decimal(90), Decimal("4.5")}


def test_a_salesperson_prices_and_arranges_nothing(goods, as_):
    seller = as_("rep")
    with pytest.raises(Forbidden):
        price_lists.add_list(seller, name="Mine")
    assert price_lists.lists(seller) is not None


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from((0, 5, 10, 20)), st.decimals("1", "500", places=2)), min_size=1, max_size=4, unique_by=lambda one: one[0]), st.integers(1, 30), st.integers(0, 30))
def test_the_greatest_quantity_that_fits_says_the_price(ctx, lines, quantity, percent):
    """Of any steps: what the stored lists give is the step that begins last and is reached, less the tier's percent."""
    with ctx.session.begin_nested() as point:
        product = actions.create_product(ctx, code="H", name="H", price="1000")
        ctx.session.flush()
        book(ctx, "H", *({"product_id": product.id, "value": str(value), "from_quantity": str(start)} for start, value in lines))
        price_lists.set_tier(ctx, tier="H", percent=str(percent))
        ctx.session.flush()
        amount, _ = asked(ctx, product, str(quantity), tier="h")
        reached = [one for one in lines if one[0] <= quantity]
        told = max(reached)[1] if reached else Decimal(1000)
        assert amount == (told * (100 - percent) / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        point.rollback()
