"""Variants: what they differ in, made out of combinations, called by their values; what the database keeps; where they may be chosen and what they cost."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.base.errors import Refused, errors_of
from core.deals import actions as deals
from core.deals import lines as deal_lines
from core.products import actions, costing, price_lists, pricing, queries, variant_queries, variants
from core.products.models import Product
from core.products.queries import Filters
from core.products.variant_models import Attribute, AttributeValue

DAY = date(2026, 5, 4)
D = Decimal


def refusal(call):
    with pytest.raises(Refused) as refused:
        call()
    return next(iter(errors_of(refused.value)))


def attributes(ctx, product, **given):
    rows = [{"name": name, "values": [{"name": value} for value in values]} for name, values in given.items()]
    return variants.save_attributes(ctx, product, rows)


@pytest.fixture
def shirt(ctx):
    product = actions.create_product(ctx, code="TS", name="T-shirt", price="20", cost="8", description="Cotton")
    attributes(ctx, product, Colour=["Red", "Blue"], Size=["M", "L"])
    return product


def made(ctx, product, only=None):
    wanted = [{"values": one.combination, "code": one.code} for one in variants.proposals(ctx, product) if only is None or one.name in only]
    return {one.name: one for one in variants.make_variants(ctx, product, wanted)}


def test_all_combinations_are_previewed_and_made_once(ctx, shirt):
    preview = variants.proposals(ctx, shirt)
    assert [(one.name, one.code) for one in preview] == [("T-shirt, Red, M", "TS-RED-M"), ("T-shirt, Red, L", "TS-RED-L"), ("T-shirt, Blue, M", "TS-BLUE-M"), ("T-shirt, Blue, L", "TS-BLUE-L")]
    found = made(ctx, shirt)
    one = found["T-shirt, Blue, L"]
    assert (one.code, one.description, one.price, one.cost, one.currency, one.template_id) == ("TS-BLUE-L", "Cotton", None, None, shirt.currency, shirt.id)
    assert variants.proposals(ctx, shirt) == []
    assert refusal(lambda: variants.make_variants(ctx, shirt, [{"values": one.combination}])).code == "combination_taken"
    assert [fact.kind for fact in queries.timeline(ctx, shirt)][0] == "product.variants_made"


def test_of_chosen_values_only_theirs_are_made_and_codes_find_a_free_one(ctx, shirt):
    actions.create_product(ctx, code="ts-red-m", name="In the way")
    red = variant_queries.attributes_of(ctx, shirt.id)[0].values[0].id
    sizes = [one.id for one in variant_queries.attributes_of(ctx, shirt.id)[1].values]
    assert [one.code for one in variants.proposals(ctx, shirt, [red, *sizes])] == ["TS-RED-M-2", "TS-RED-L"]
    assert [one.code for one in variants.make_variants(ctx, shirt, [{"values": [red, sizes[0]]}])] == ["TS-RED-M-2"]
    assert refusal(lambda: variants.make_variants(ctx, shirt, [{"values": [red, sizes[1]], "code": "ts"}])).field == "variants.0.code"
    assert refusal(lambda: variants.make_variants(ctx, shirt, [{"values": [red]}])).code == "variant_values"


def test_codes_that_are_made_are_free_without_case_and_accents_however_many_there_are(ctx):
    product = actions.create_product(ctx, code="C", name="Cake")
    attributes(ctx, product, Filling=["Café", "Cafe", "CAFÉ ", "Straße", "Strasse"][:2] + ["Straße", "Strasse"])
    actions.create_product(ctx, code="c-çafe", name="In the way")
    wanted = [one.code for one in variants.proposals(ctx, product)]
    assert wanted == ["C-CAFÉ-2", "C-CAFE-3", "C-STRASSE", "C-STRASSE-2"]
    ctx.session.add_all(Product(code="c-strasse" + (f"-{number}" if number else ""), name="Many", currency="EUR") for number in (0, *range(2, 121)))
    ctx.session.flush()
    assert [one.code for one in variants.make_variants(ctx, product, [{"values": one.combination} for one in variants.proposals(ctx, product)])] == ["C-CAFÉ-2", "C-CAFE-3", "C-STRASSE-121", "C-STRASSE-122"]


def test_more_than_the_bound_is_refused_before_anything_is_made(ctx):
    product = actions.create_product(ctx, code="BIG", name="Big")
    attributes(ctx, product, A=[str(n) for n in range(20)], B=[str(n) for n in range(20)])
    assert refusal(lambda: variants.proposals(ctx, product)).code == "too_many_variants"
    assert refusal(lambda: variants.make_variants(ctx, product, [{"values": []}] * 201)).code == "too_many_variants"
    assert refusal(lambda: variants.make_variants(ctx, product, [])).code == "variants_none"


@pytest.mark.parametrize(("rows", "code"), [
    ([{"name": "", "values": [{"name": "x"}]}], "required"), ([{"name": "A", "values": []}], "attribute_values"), ([{"name": "A|B", "values": [{"name": "x"}]}], "attribute_sign"),
    ([{"name": "A", "values": [{"name": "x"}, {"name": "X"}]}], "name_taken"), ([{"name": "A", "values": [{"name": "x"}]}, {"name": "a", "values": [{"name": "x"}]}], "name_taken"),
    ([{"name": str(n), "values": [{"name": "x"}]} for n in range(6)], "too_many_attributes"), ([{"name": "A", "values": [{"name": "x" * 61}]}], "too_long"),
])
def test_what_is_no_attribute_is_refused(ctx, rows, code):
    product = actions.create_product(ctx, code="P", name="Plain")
    assert refusal(lambda: variants.save_attributes(ctx, product, rows)).code == code


def rows_of(ctx, product):
    return [{"id": one.attribute.id, "name": one.attribute.name, "values": [{"id": value.id, "name": value.name} for value in one.values]} for one in variant_queries.attributes_of(ctx, product.id)]


def test_while_there_are_variants_attributes_stay_and_values_come(ctx, shirt):
    found = made(ctx, shirt, {"T-shirt, Red, M"})
    rows = rows_of(ctx, shirt)
    assert refusal(lambda: variants.save_attributes(ctx, shirt, rows[:1])).code == "attributes_kept"
    assert refusal(lambda: variants.save_attributes(ctx, shirt, [*rows, {"name": "Cut", "values": [{"name": "slim"}]}])).code == "attributes_kept"
    actions.delete_product(ctx, found["T-shirt, Red, M"])
    used = [rows[0] | {"values": rows[0]["values"][1:]}, rows[1]]
    assert refusal(lambda: variants.save_attributes(ctx, shirt, used)).code == "value_used"
    free = [rows[0] | {"values": [rows[0]["values"][0], {"name": "Green"}]}, rows[1]]
    assert [value.name for value in variants.save_attributes(ctx, shirt, free)[0].values] == ["Red", "Green"]


def test_variants_are_called_as_their_product_and_values_are(ctx, shirt):
    one = made(ctx, shirt)["T-shirt, Red, M"]
    version = one.version
    actions.edit_product(ctx, shirt, name="Polo")
    ctx.session.refresh(one)
    assert one.name == "Polo, Red, M" and one.version == version + 1 and queries.timeline(ctx, one)[0].kind == "product.edited"
    variants.rename_value(ctx, shirt, variant_queries.attributes_of(ctx, shirt.id)[0].values[0].id, "Crimson")
    ctx.session.refresh(one)
    assert one.name == "Polo, Crimson, M"
    assert refusal(lambda: actions.edit_product(ctx, one, name="Mine")).code == "variant_name_kept"
    assert refusal(lambda: actions.edit_product(ctx, shirt, name="P" * 195)).code == "variant_name_long"


def test_the_database_keeps_combinations_whole_and_apart(ctx, shirt):
    one = made(ctx, shirt, {"T-shirt, Red, M"})["T-shirt, Red, M"]
    colour, size = variant_queries.attributes_of(ctx, shirt.id)
    plain = actions.create_product(ctx, code="PLAIN", name="Plain")
    both = sorted([colour.values[0].id, colour.values[1].id])
    for values, reason in (
        ({"template_id": shirt.id, "combination": list(one.combination)}, "uq_product_combination"), ({"template_id": shirt.id, "combination": [colour.values[1].id]}, "one value of each"),
        ({"template_id": shirt.id, "combination": both}, "one value of each"), ({"template_id": shirt.id, "combination": []}, "one value of each"),
        ({"template_id": one.id, "combination": list(one.combination)}, "one value of each"), ({"template_id": plain.id, "combination": []}, "one value of each"),
        ({"template_id": shirt.id, "combination": None}, "one value of each"), ({"template_id": None, "combination": []}, "ck_product_variant"),
    ):
        with pytest.raises(DBAPIError, match=reason), ctx.session.begin_nested():
            ctx.session.add(Product(code="NEW", name="New", currency="EUR", **values))
            ctx.session.flush()
    with pytest.raises(IntegrityError, match="variants have it"), ctx.session.begin_nested():
        ctx.session.add(Attribute(product_id=shirt.id, name="Cut", position=2))
        ctx.session.flush()
    for model, key in ((Attribute, colour.attribute.id), (AttributeValue, colour.values[0].id)):
        with pytest.raises(IntegrityError, match="variants have it"), ctx.session.begin_nested():
            ctx.session.execute(text(f"DELETE FROM {model.__tablename__} WHERE id = :key"), {"key": key})  # noqa: S608 (a table of ours)
    with pytest.raises(IntegrityError, match="one value of each"), ctx.session.begin_nested():  # a product with variants is none itself
        attributes(ctx, plain, Kind=["x"])
        value = variant_queries.attributes_of(ctx, plain.id)[0].values[0].id
        ctx.session.execute(text("UPDATE product SET template_id = :template, combination = ARRAY[CAST(:value AS uuid)] WHERE id = :key"), {"template": plain.id, "value": value, "key": shirt.id})


def test_variants_go_into_the_bin_with_their_product_and_come_back_with_it(ctx, shirt):
    found = made(ctx, shirt)
    alone = found["T-shirt, Red, M"]
    early = ctx.now.replace(year=ctx.now.year - 1)
    alone.deleted_at = early
    actions.delete_product(ctx, shirt)
    ctx.session.flush()
    assert queries.products(ctx).rows == [] and len(queries.deleted(ctx)) == 5
    actions.restore_product(ctx, queries.one_product(ctx, shirt.id, deleted=True))
    ctx.session.flush()
    assert {row.name for row in queries.products(ctx).rows} == {"T-shirt", "T-shirt, Red, L", "T-shirt, Blue, M", "T-shirt, Blue, L"}
    assert refusal(lambda: variants.make_variants(ctx, shirt, [{"values": alone.combination}])).code == "combination_deleted"
    actions.delete_product(ctx, queries.one_product(ctx, shirt.id))
    ctx.session.flush()
    actions.restore_product(ctx, queries.one_product(ctx, alone.id, deleted=True))  # a variant brings its product
    assert queries.one_product(ctx, shirt.id).deleted_at is None
    assert {row.name for row in queries.products(ctx).rows} == {"T-shirt", *found}, "and those that went with it"
    told = [fact.kind for fact in queries.timeline(ctx, found["T-shirt, Blue, M"])]
    assert told[:2] == ["product.restored", "product.deleted"]
    actions.delete_product(ctx, shirt)
    ctx.session.flush()
    actions.restore_product(ctx, queries.one_product(ctx, found["T-shirt, Blue, L"].id, deleted=True))
    assert {row.name for row in queries.products(ctx).rows} == {"T-shirt", *found}
    assert [fact.kind for fact in queries.timeline(ctx, found["T-shirt, Blue, L"])][:2] == ["product.restored", "product.deleted"]


def test_lists_count_variants_and_find_them_by_their_values(ctx, shirt):
    made(ctx, shirt)
    rows = {row.name: row for row in queries.products(ctx, chosen=("variants", "template")).rows}
    assert rows["T-shirt"].variants == 4 and rows["T-shirt, Red, L"].template == "T-shirt" and rows["T-shirt, Red, L"].variants is None
    assert [row.name for row in queries.products(ctx, Filters(search="shirt blue")).rows] == ["T-shirt, Blue, L", "T-shirt, Blue, M"]
    assert len(queries.products(ctx, Filters(where=(("template", "eq", "T-shirt"),))).rows) == 4
    assert [row.name for row in queries.products(ctx, Filters(where=(("variants", "gt", "0"),))).rows] == ["T-shirt"]
    assert {row.name for row in queries.quick_products(ctx, "T-shirt", sold=True)} == {"T-shirt, Red, M", "T-shirt, Red, L", "T-shirt, Blue, M", "T-shirt, Blue, L"}
    assert "T-shirt" in {row.name for row in queries.quick_products(ctx, "T-shirt")}


def test_what_is_only_sold_as_a_variant_is_on_no_line_of_a_deal(ctx, shirt):
    deal = deals.create_deal(ctx, name="Fair")
    ctx.session.flush()
    [before] = deal_lines.save_lines(ctx, deal, [{"product_id": str(shirt.id)}])  # as long as it has none
    one = made(ctx, shirt)["T-shirt, Red, M"]
    kept = {"id": str(before.id), "product_id": str(shirt.id), "unit_price": "20"}
    assert refusal(lambda: deal_lines.save_lines(ctx, deal, [kept, {"product_id": str(shirt.id)}])).code == "product_has_variants"
    found = deal_lines.save_lines(ctx, deal, [kept, {"product_id": str(one.id)}])
    assert [(line.name, line.unit_price) for line in found] == [("T-shirt", D(20)), ("T-shirt, Red, M", D(20))]


def price(ctx, product, quantity="1"):
    return pricing.price_of(ctx, product, quantity=D(quantity), on=DAY, currency=ctx.tenant.currency)


def test_a_variant_costs_what_its_product_does_until_it_says_otherwise(ctx, shirt):
    one = made(ctx, shirt)["T-shirt, Red, M"]
    found = price(ctx, one)
    assert found.each.amount == D(20) and [(reason.code, reason.params.get("name")) for reason in found.reasons] == [("template_price", "T-shirt")]
    assert costing.costs_of(ctx, [one.id])[one.id].amount == D(8)
    actions.edit_product(ctx, one, price="25", cost="9")
    found = price(ctx, one)
    assert found.each.amount == D(25) and [reason.code for reason in found.reasons] == ["own_price"] and costing.costs_of(ctx, [one.id])[one.id].amount == D(9)


def test_what_a_list_says_of_a_product_holds_for_variants_that_it_does_not_name(ctx, shirt):
    found = made(ctx, shirt)
    book = price_lists.add_list(ctx, name="Fair", currency=ctx.tenant.currency)
    ctx.session.flush()
    price_lists.add_line(ctx, book, product_id=shirt.id, value="15")
    price_lists.add_line(ctx, book, product_id=found["T-shirt, Red, L"].id, value="17")
    ctx.session.flush()
    of_product, of_variant = price(ctx, found["T-shirt, Red, M"]), price(ctx, found["T-shirt, Red, L"])
    assert of_product.each.amount == D(15) and [(one.code, one.params.get("name")) for one in of_product.reasons] == [("list_price", None), ("line_of_template", "T-shirt")]
    assert of_variant.each.amount == D(17) and [one.code for one in of_variant.reasons] == ["list_price"]
