"""What goes with what: said once, from both sides; kept by the database; offered for what is on a quote."""

import pytest
from sqlalchemy.exc import IntegrityError

from core.base.errors import NotFound, Refused
from core.products import actions, queries, relations, variants
from core.products.relation_models import ProductRelation


@pytest.fixture
def goods(ctx):
    found = {code: actions.create_product(ctx, code=code, name=code.title(), price="5") for code in ("DRILL", "BIT", "OIL", "OLD")}
    ctx.session.flush()
    return found


def said(ctx, product):
    return [(one.way, one.name) for one in relations.related(ctx, product.id)]


@pytest.mark.parametrize(("way", "here", "there"), [
    ("fits", "fits", "fits"), ("accessory_of", "accessory_of", "accessories"), ("accessories", "accessories", "accessory_of"), ("replaces", "replaces", "replaced_by"), ("replaced_by", "replaced_by", "replaces"),
])
def test_it_is_said_once_and_stands_on_both_sides(ctx, goods, way, here, there):
    relations.relate(ctx, goods["BIT"], way=way, other_id=goods["DRILL"].id)
    assert said(ctx, goods["BIT"]) == [(here, "Drill")] and said(ctx, goods["DRILL"]) == [(there, "Bit")]
    for product, other in (("BIT", "DRILL"), ("DRILL", "BIT")):
        with pytest.raises(Refused, match="relation_there"):
            relations.relate(ctx, goods[product], way=way, other_id=goods[other].id)
    assert queries.timeline(ctx, goods["DRILL"])[0].kind == "product.related"


def test_what_is_no_relation_is_refused(ctx, goods):
    for way, other, code in (("eats", goods["OIL"].id, "unknown_value"), ("fits", goods["BIT"].id, "relation_itself"), ("fits", None, "required"), ("fits", "01a228fe-e3dc-7f07-9a46-66630f138973", "product_unknown")):
        with pytest.raises(Refused, match=code):
            relations.relate(ctx, goods["BIT"], way=way, other_id=other)


def test_the_database_keeps_it_said_once(ctx, goods):
    relations.relate(ctx, goods["BIT"], way="fits", other_id=goods["DRILL"].id)
    for first, second, kind, constraint in (("DRILL", "BIT", "fits", "uq_product_relation"), ("OIL", "OIL", "fits", "ck_product_relation_other"), ("OIL", "BIT", "eats", "ck_product_relation_kind")):
        with pytest.raises(IntegrityError, match=constraint), ctx.session.begin_nested():
            ctx.session.add(ProductRelation(product_id=goods[first].id, other_id=goods[second].id, kind=kind))
            ctx.session.flush()


def test_it_is_taken_back_and_not_shown_of_what_is_deleted(ctx, goods):
    made = relations.relate(ctx, goods["BIT"], way="accessory_of", other_id=goods["DRILL"].id)
    actions.delete_product(ctx, goods["DRILL"])
    ctx.session.flush()
    assert said(ctx, goods["BIT"]) == []
    actions.restore_product(ctx, queries.one_product(ctx, goods["DRILL"].id, deleted=True))
    assert said(ctx, goods["BIT"]) == [("accessory_of", "Drill")]
    relations.unrelate(ctx, made.id)
    assert said(ctx, goods["BIT"]) == []
    with pytest.raises(NotFound):
        relations.unrelate(ctx, made.id)


def test_it_is_taken_back_from_either_side_and_from_no_third(ctx, goods):
    for side in ("BIT", "DRILL"):
        made = relations.relate(ctx, goods["BIT"], way="fits", other_id=goods["DRILL"].id)
        with pytest.raises(NotFound):
            relations.unrelate(ctx, made.id, goods["OIL"].id)
        relations.unrelate(ctx, made.id, goods[side].id)
        assert said(ctx, goods["BIT"]) == [] and {queries.timeline(ctx, goods[one])[0].kind for one in ("BIT", "DRILL")} == {"product.unrelated"}


def test_neither_side_has_more_than_the_bound(ctx, goods, monkeypatch):
    monkeypatch.setattr(relations, "MOST", 2)
    for code in ("BIT", "OIL"):
        relations.relate(ctx, goods[code], way="accessory_of", other_id=goods["DRILL"].id)
    for product, other, way in (("DRILL", "OLD", "accessories"), ("OLD", "DRILL", "accessory_of")):
        with pytest.raises(Refused, match="too_many_relations"):
            relations.relate(ctx, goods[product], way=way, other_id=goods[other].id)


def test_of_many_that_go_with_a_line_the_first_that_are_sold_are_read(ctx, goods):
    for number in range(12):
        one = actions.create_product(ctx, code=f"N{number:02}", name=f"N{number:02}", price="5", state="retired" if number < 4 else "active")
        ctx.session.flush()
        relations.relate(ctx, one, way="fits", other_id=goods["DRILL"].id)
    rows = ctx.session.execute(relations._offered(ctx, [goods["DRILL"].id], [goods["DRILL"].id])).all()
    assert sorted(row.name for row in rows) == ["N04", "N05", "N06", "N07", "N08"]
    assert [row.name for row in relations.goes_with(ctx, [goods["DRILL"].id])[goods["DRILL"].id]] == ["N04", "N05", "N06", "N07", "N08"]


def test_what_goes_with_a_line_is_active_sold_and_not_there_yet(ctx, goods):
    drill = goods["DRILL"]
    for code, way in (("BIT", "accessory_of"), ("OIL", "fits"), ("OLD", "accessory_of")):
        relations.relate(ctx, goods[code], way=way, other_id=drill.id)
    actions.edit_product(ctx, goods["OLD"], state="retired")
    names = lambda *keys: {key: [one.name for one in rows] for key, rows in relations.goes_with(ctx, keys).items()}  # noqa: E731
    assert names(drill.id, None) == {drill.id: ["Bit", "Oil"]}
    assert names(drill.id, goods["OIL"].id) == {drill.id: ["Bit"]}  # what is on the quote is not offered, from neither side
    assert names(goods["BIT"].id) == {}  # the machine is no accessory of its bit
    variants.save_attributes(ctx, drill, [{"name": "Size", "values": [{"name": "S"}]}])
    [small] = variants.make_variants(ctx, drill, [{"values": variants.proposals(ctx, drill)[0].combination}])
    assert names(small.id) == {small.id: ["Bit", "Oil"]}  # said of its product
    assert names(goods["OIL"].id) == {}  # the drill is only sold as its variant
