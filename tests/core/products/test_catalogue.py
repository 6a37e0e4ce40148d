"""Units, categories and tax codes: names once in a place, no circles, what is used stays; rates hold from their day."""

from datetime import date
from decimal import Decimal

import pytest

from core.base.errors import Refused
from core.products import actions, arranging, queries
from core.products.taxing import EXEMPT, Tax


def code_of(call):
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def test_a_name_is_there_once_in_a_place(ctx):
    tools = arranging.add_category(ctx, name="Tools")
    ctx.session.flush()
    assert code_of(lambda: arranging.add_category(ctx, name="tools")) == "name_taken"
    inner = arranging.add_category(ctx, name="Tools", parent_id=tools.id)
    ctx.session.flush()
    assert code_of(lambda: arranging.change(ctx, inner, parent_id=None)) == "name_taken"
    arranging.add_unit(ctx, name="Piece")
    ctx.session.flush()
    assert code_of(lambda: arranging.add_unit(ctx, name="piece")) == "name_taken"


def test_no_category_stands_above_itself(ctx):
    one = arranging.add_category(ctx, name="One")
    ctx.session.flush()
    two = arranging.add_category(ctx, name="Two", parent_id=one.id)
    ctx.session.flush()
    assert code_of(lambda: arranging.change(ctx, one, parent_id=two.id)) == "category_cycle"
    assert code_of(lambda: arranging.change(ctx, one, parent_id=one.id)) == "category_cycle"
    assert [(each.name, depth) for each, depth in queries.categories(ctx)] == [("One", 0), ("Two", 1)]
    assert ("category_id", two.id, "One / Two", False) in queries.catalogue_names(ctx)


def test_what_is_used_is_not_taken_away_and_can_be_retired(ctx):
    unit = arranging.add_unit(ctx, name="piece")
    ctx.session.flush()
    product = actions.create_product(ctx, code="A", name="A", unit_id=unit.id)
    assert code_of(lambda: arranging.remove(ctx, unit)) == "still_used"
    actions.delete_product(ctx, product)
    assert code_of(lambda: arranging.remove(ctx, unit)) == "still_used"  # it can come back
    arranging.change(ctx, unit, retired=True)
    assert code_of(lambda: actions.create_product(ctx, code="B", name="B", unit_id=unit.id)) == "unknown_value"
    free = arranging.add_unit(ctx, name="box")
    ctx.session.flush()
    arranging.remove(ctx, free)
    assert [one.name for one in queries.units(ctx)] == ["piece"]


def test_a_rate_holds_from_its_day(ctx):
    vat = arranging.add_tax_code(ctx, name="VAT", percent="19", starts_on="2007-01-01")
    arranging.set_tax_rate(ctx, vat, percent="16", starts_on="2020-07-01")
    arranging.set_tax_rate(ctx, vat, percent="19", starts_on="2021-01-01")
    ctx.session.flush()
    much = lambda *day: arranging.tax_of(ctx, vat, date(*day)).percent  # noqa: E731
    assert [much(2020, 6, 30), much(2020, 7, 1), much(2020, 12, 31), much(2021, 1, 1)] == [19, 16, 16, 19]
    assert code_of(lambda: much(2006, 12, 31)) == "no_tax_rate"
    arranging.set_tax_rate(ctx, vat, percent="16.5", starts_on="2020-07-01")
    ctx.session.flush()
    assert much(2020, 7, 1) == Decimal("16.5")


@pytest.mark.parametrize(("given", "code"), [({"percent": None}, "tax_rate_needed"), ({"category": "E", "percent": "5"}, "tax_rate_needed"), ({"percent": "101"}, "not_a_percent"), ({"category": "X"}, "unknown_value")])
def test_only_a_standard_rate_has_a_percentage(ctx, given, code):
    assert code_of(lambda: arranging.add_tax_code(ctx, **({"name": "T"} | given))) == code


def test_who_is_exempt_pays_nothing(ctx):
    exempt = arranging.add_tax_code(ctx, name="Export", category="E")
    ctx.session.flush()
    assert arranging.tax_of(ctx, exempt, ctx.today) == Tax("Export", Decimal(0), EXEMPT)
