"""Bundles: parts one level deep, kept by the database; priced by itself or by the sum; told on lines and paper."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.base.errors import Conflict, Forbidden, Refused, errors_of
from core.base.money import Money
from core.deals import actions as deals
from core.deals import lines as deal_lines
from core.products import actions, arranging, bundle_queries, bundles, price_lists, pricing, queries, rating, variants
from core.products.bundle_models import ProductPart
from core.products.costing import costs_of
from core.products.pricing import Customer
from core.quotes import drafting, lining
from core.quotes import queries as quotes
from core.quotes.paper import paper_of


@pytest.fixture
def goods(ctx):
    piece = arranging.add_unit(ctx, name="piece")
    found = {code: actions.create_product(ctx, code=code, name=code.title(), price=price, cost=cost, unit_id=piece.id) for code, price, cost in (("SAW", "100", "60"), ("BLADE", "10", "4"), ("OIL", "8", None), ("KIT", "200", "1"))}
    ctx.session.flush()
    return found


def refusals(call):
    with pytest.raises(Refused) as refused:
        call()
    return {(one.field, one.code) for one in errors_of(refused.value)}


def made(ctx, goods, how="sum", **parts):
    return bundles.save_parts(ctx, goods["KIT"], [{"product_id": goods[code].id, "quantity": many} for code, many in parts.items()], bundle_price=how)


def price(ctx, product, quantity="1", **more):
    return pricing.price_of(ctx, product, quantity=D(quantity), on=ctx.tenant_today, currency=more.pop("currency", ctx.tenant.currency), **more)


def test_parts_stand_in_their_order_and_take_the_place_of_price_and_cost(ctx, goods):
    found = made(ctx, goods, SAW="1", BLADE="2.5")
    assert [(one.product.code, one.quantity, one.unit) for one in found] == [("SAW", D(1), "piece"), ("BLADE", D("2.5"), "piece")]
    kit = goods["KIT"]
    assert (kit.bundle_price, kit.price, kit.cost) == ("sum", None, None) and queries.timeline(ctx, kit)[0].kind == "product.parts_changed"
    assert [row.code for row in bundle_queries.bundles_with(ctx, goods["SAW"].id)] == ["KIT"]
    assert refusals(lambda: actions.edit_product(ctx, kit, price="5", cost="5")) == {("cost", "bundle_cost")}
    assert refusals(lambda: actions.edit_product(ctx, kit, price="5")) == {("price", "bundle_sum_price")}
    before = kit.version
    bundles.save_parts(ctx, kit, [{"product_id": goods["BLADE"].id}], bundle_price="own")
    assert kit.version > before and actions.edit_product(ctx, kit, price="5").price == 5
    assert bundles.save_parts(ctx, kit, [{"product_id": goods["BLADE"].id}])[0].quantity == 1 and kit.bundle_price == "own"
    with pytest.raises(Conflict):
        bundles.save_parts(ctx, kit, [], version=before)
    assert bundles.save_parts(ctx, kit, []) == [] and kit.bundle_price is None and price(ctx, kit).each.amount == 5


def test_no_bundle_holds_itself_nor_a_bundle(ctx, goods):
    kit = goods["KIT"]
    wrong = [{"product_id": kit.id}, {"product_id": goods["SAW"].id, "quantity": "0"}, {"product_id": "01a228fe-e3dc-7f07-9a46-66630f138973"}, {}]
    assert refusals(lambda: bundles.save_parts(ctx, kit, wrong)) == {("parts.1.quantity", "quantity_positive"), ("parts.3.product_id", "required")}
    assert refusals(lambda: bundles.save_parts(ctx, kit, [wrong[0], wrong[2]])) == {("parts.0.product_id", "bundle_itself"), ("parts.1.product_id", "product_unknown")}
    assert refusals(lambda: bundles.save_parts(ctx, kit, [{"product_id": goods["SAW"].id}] * 2)) == {("parts.1.product_id", "part_twice")}
    assert refusals(lambda: bundles.save_parts(ctx, kit, [{"product_id": goods["SAW"].id}], bundle_price="gift")) == {("bundle_price", "unknown_value")}
    assert refusals(lambda: bundles.save_parts(ctx, kit, [{}] * 51)) == {(None, "too_many_parts")}
    made(ctx, goods, SAW="1")
    assert refusals(lambda: bundles.save_parts(ctx, goods["SAW"], [{"product_id": goods["OIL"].id}])) == {(None, "part_is_no_bundle")}
    assert refusals(lambda: bundles.save_parts(ctx, goods["OIL"], [{"product_id": kit.id}])) == {("parts.0.product_id", "bundle_in_bundle")}
    assert refusals(lambda: variants.save_attributes(ctx, kit, [{"name": "Colour", "values": [{"name": "Red"}]}])) == {(None, "bundle_no_variants")}


def test_the_database_keeps_them_one_level_deep(ctx, goods):
    made(ctx, goods, SAW="1")
    kit, saw, oil = (goods[code].id for code in ("KIT", "SAW", "OIL"))
    for bundle, part, more, constraint in ((kit, kit, {}, "fk_product_part_part_id"), (oil, saw, {}, "fk_product_part_bundle_id"), (kit, saw, {}, "uq_product_part"), (kit, kit, {"part_is_bundle": True}, "ck_product_part_deep")):
        with pytest.raises(IntegrityError, match=constraint), ctx.session.begin_nested():
            ctx.session.add(ProductPart(bundle_id=bundle, part_id=part, quantity=1, position=1, **more))
            ctx.session.flush()
    for statement, constraint in (("UPDATE product SET bundle_price = 'own' WHERE id = :saw", "fk_product_part_part_id"), ("UPDATE product SET bundle_price = NULL WHERE id = :kit", "fk_product_part_bundle_id"), ("UPDATE product SET bundle_price = 'x' WHERE id = :kit", "ck_product_bundle")):
        with pytest.raises(IntegrityError, match=constraint), ctx.session.begin_nested():
            ctx.session.execute(text(statement), {"saw": saw, "kit": kit})


def test_the_sum_follows_the_customers_lists_and_the_quantity_of_all(ctx, goods):
    made(ctx, goods, SAW="1", BLADE="2")
    found = price(ctx, goods["KIT"])
    assert found.each == Money(D("120.00"), "EUR") and [one.code for one in found.reasons] == ["bundle_sum", "bundle_part", "bundle_part"]
    assert dict(found.reasons[0].params) == {"count": 2} and dict(found.reasons[2].params) == {"quantity": D(2), "name": "Blade", "amount": Money(D("10.00"), "EUR")}
    book = price_lists.add_list(ctx, name="Resellers", whom="group", group_name="reseller")
    ctx.session.flush()
    price_lists.add_line(ctx, book, product_id=goods["BLADE"].id, value="6", from_quantity="20")
    price_lists.add_line(ctx, book, product_id=goods["SAW"].id, way="discount", value="10")
    ctx.session.flush()
    them = Customer(groups=("reseller",))
    assert [price(ctx, goods["KIT"], many, customer=them).each.amount for many in ("1", "10")] == [D("110.00"), D("102.00")]
    rating.add_currency(ctx, "USD")
    rating.store_rate(ctx, currency="USD", rate="1.10")
    assert price(ctx, goods["KIT"], currency="USD").each == Money(D("132.00"), "USD")


def test_a_bundle_with_a_price_of_its_own_is_priced_as_any_product(ctx, goods):
    made(ctx, goods, "own", SAW="1", BLADE="2")
    assert price(ctx, goods["KIT"]).each.amount == 200 and price(ctx, goods["KIT"]).reasons[0].code == "own_price"
    assert costs_of(ctx, {goods["KIT"].id, goods["SAW"].id}) == {goods["KIT"].id: Money(D(68), "EUR"), goods["SAW"].id: Money(D(60), "EUR")}


def test_what_is_not_known_of_a_part_is_not_known_of_the_whole(ctx, goods):
    made(ctx, goods, SAW="1", OIL="3")
    assert goods["KIT"].id not in costs_of(ctx, {goods["KIT"].id}) and price(ctx, goods["KIT"]).each.amount == 124
    actions.delete_product(ctx, goods["OIL"])
    ctx.session.flush()
    with pytest.raises(Refused, match="no_price"):
        price(ctx, goods["KIT"])
    assert pricing.known_prices(ctx, [(goods["KIT"], D(1)), (goods["SAW"], D(1))], on=ctx.tenant_today, currency="EUR")[0] is None
    assert len(bundles.save_parts(ctx, goods["KIT"], [{"product_id": goods[code].id} for code in ("SAW", "OIL")])) == 2  # what is there may stay


def test_parts_under_other_taxes_add_up_as_the_bundle_holds_them(ctx, goods):
    tax = arranging.add_tax_code(ctx, name="Gross", percent="25", included=True, starts_on=str(ctx.tenant_today - timedelta(days=9)))
    ctx.session.flush()
    actions.edit_product(ctx, goods["BLADE"], tax_code_id=tax.id)
    made(ctx, goods, SAW="1", BLADE="2")
    assert price(ctx, goods["KIT"]).each.amount == 116  # the blade's 10 hold 2 of tax
    actions.edit_product(ctx, goods["KIT"], tax_code_id=tax.id)
    assert price(ctx, goods["KIT"]).each.amount == 145


def test_a_variant_is_a_part_and_costs_what_its_product_does(ctx, goods):
    variants.save_attributes(ctx, goods["BLADE"], [{"name": "Size", "values": [{"name": "S"}, {"name": "L"}]}])
    small, _ = variants.make_variants(ctx, goods["BLADE"], [{"values": one.combination} for one in variants.proposals(ctx, goods["BLADE"])])
    ctx.session.flush()
    assert refusals(lambda: made(ctx, goods, BLADE="1")) == {("parts.0.product_id", "product_has_variants")}
    assert refusals(lambda: bundles.save_parts(ctx, small, [{"product_id": goods["SAW"].id}])) == {(None, "bundle_no_variants")}
    bundles.save_parts(ctx, goods["KIT"], [{"product_id": small.id, "quantity": "3"}], bundle_price="sum")
    assert price(ctx, goods["KIT"]).each.amount == 30 and costs_of(ctx, {goods["KIT"].id})[goods["KIT"].id].amount == 12


def test_a_deals_line_keeps_what_it_consisted_of(ctx, goods):
    made(ctx, goods, SAW="1", BLADE="2")
    deal = deals.create_deal(ctx, name="Kits")
    ctx.session.flush()
    [line] = deal_lines.save_lines(ctx, deal, [{"product_id": str(goods["KIT"].id), "quantity": "3"}])
    assert line.amount == 360 and line.parts == [{"sku": "SAW", "name": "Saw", "quantity": "1", "unit": "piece"}, {"sku": "BLADE", "name": "Blade", "quantity": "2", "unit": "piece"}]
    made(ctx, goods, SAW="1")
    kept = {"id": str(line.id), "product_id": str(goods["KIT"].id), "quantity": "3", "unit_price": "120"}
    assert len(deal_lines.save_lines(ctx, deal, [kept])[0].parts) == 2
    assert len(deal_lines.save_lines(ctx, deal, [{name: value for name, value in kept.items() if name != "unit_price"}])[0].parts) == 1
    assert deal_lines.save_lines(ctx, deal, [kept | {"product_id": str(goods["SAW"].id)}])[0].parts == []


def test_a_quotes_line_says_the_sum_its_cost_and_its_parts_on_paper(ctx, goods):
    made(ctx, goods, SAW="1", BLADE="2")
    quote = drafting.create_quote(ctx, name="Kits")
    ctx.session.flush()
    draft = lining.save_lines(ctx, quote, [{"product_id": str(goods["KIT"].id), "quantity": "2", "description": "For the workshop"}, {"kind": "text", "name": "Thanks"}])
    line, words = quotes.lines_of(ctx, draft)
    assert (line.unit_price, line.cost, [one["code"] for one in line.reasons], words.parts) == (120, 68, ["bundle_sum", "bundle_part", "bundle_part"], [])
    assert paper_of(ctx, draft).lines[0].description == "For the workshop\n2 piece × Saw\n4 piece × Blade"
    made(ctx, goods, SAW="1")
    lining.save_lines(ctx, quote, [{"id": str(line.id), "product_id": str(goods["KIT"].id), "quantity": "2"}])
    assert len(line.parts) == 2  # as long as it is priced so
    lining.save_lines(ctx, quote, [{"id": str(line.id), "product_id": str(goods["KIT"].id), "quantity": "3"}])
    assert len(line.parts) == 1 and line.unit_price == 100


def test_whoever_must_not_change_products_or_prices_makes_no_bundle(ctx, as_, goods):
    rep = as_("rep")
    with pytest.raises(Forbidden):
        bundles.save_parts(rep, goods["KIT"], [])
