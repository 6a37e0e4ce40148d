"""Products: made, changed by two people, succeeded, deleted and back; what their lists find; what they cost is not everybody's."""

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.products import actions, arranging, queries, relations
from core.products.models import Product
from core.products.queries import Filters
from core.views.totals import totals


def code_of(call):
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


@pytest.fixture
def drill(ctx):
    return actions.create_product(ctx, code="GT-100", name="Bench drill", price="99.90", cost="40")


def test_a_product_is_in_the_workspaces_own_currency(ctx, drill):
    assert (drill.price, drill.cost, drill.currency, drill.state) == (Decimal("99.90"), Decimal(40), ctx.tenant.currency, "active")
    assert [fact.kind for fact in queries.timeline(ctx, drill)] == ["product.created"]


@pytest.mark.parametrize(("given", "code"), [
    ({"code": "", "name": "X"}, "required"), ({"code": "X"}, "required"), ({"code": "gt-100", "name": "X"}, "product_code_taken"), ({"code": "É" * 61, "name": "X"}, "too_long"),
    ({"code": "X", "name": "X", "price": "-1"}, "not_an_amount"), ({"code": "X", "name": "X", "price": "0.00001"}, "too_many_decimals"), ({"code": "X", "name": "X", "price": "x"}, "not_an_amount"),
    ({"code": "X", "name": "X", "state": "gone"}, "unknown_value"), ({"code": "X", "name": "X", "unit_id": "01a228fe-e3dc-7f07-9a46-66630f138973"}, "unknown_value"),
    ({"code": "X", "name": "X", "successor_id": "01a228fe-e3dc-7f07-9a46-66630f138973"}, "product_unknown"), ({"code": "X", "name": "X", "currency": "USD"}, "unknown_field"),
])
def test_what_is_no_product_is_refused(ctx, drill, given, code):
    assert code_of(lambda: actions.create_product(ctx, **given)) == code


def test_the_database_keeps_codes_apart_too(ctx, drill):
    ctx.session.add(Product(code="gt-100", name="Double", currency="EUR"))
    with pytest.raises(IntegrityError, match="uq_product_code"):
        ctx.session.flush()


@pytest.mark.parametrize(("values", "constraint"), [({"price": -1}, "price"), ({"cost": -1}, "cost"), ({"state": "gone"}, "state"), ({"currency": "euro"}, "currency"), ({"code": ""}, "code")])
def test_the_database_refuses_what_no_use_case_writes(ctx, values, constraint):
    ctx.session.add(Product(**({"code": "N", "name": "N", "currency": "EUR"} | values)))
    with pytest.raises(IntegrityError, match=f"ck_product_{constraint}"):
        ctx.session.flush()


def test_two_people_change_different_fields(ctx, drill):
    ctx.session.flush()
    version = drill.version
    actions.edit_product(ctx, drill, version=version, original={"name": "Bench drill"}, name="Drill")
    actions.edit_product(ctx, drill, version=version, original={"price": "99.90"}, price="89")
    assert (drill.name, drill.price) == ("Drill", Decimal(89))
    with pytest.raises(Conflict):
        actions.edit_product(ctx, drill, version=version, original={"name": "Bench drill"}, name="Other")


def test_nobody_takes_his_own_place_by_whatever_way(ctx, drill):
    second = actions.create_product(ctx, code="GT-200", name="Drill 200", successor_id=None)
    third = actions.create_product(ctx, code="GT-300", name="Drill 300")
    actions.edit_product(ctx, drill, successor_id=second.id)
    actions.edit_product(ctx, second, successor_id=third.id)
    assert code_of(lambda: actions.edit_product(ctx, third, successor_id=drill.id)) == "product_succeeds_itself"
    assert code_of(lambda: actions.edit_product(ctx, third, successor_id=third.id)) == "product_succeeds_itself"
    assert [(row.way, row.code) for row in relations.related(ctx, second.id, succeeds=True)] == [("takes_place_of", "GT-100")]


def test_deleted_it_is_gone_and_its_code_is_kept_for_it(ctx, drill):
    actions.delete_product(ctx, drill)
    ctx.session.flush()
    with pytest.raises(NotFound):
        queries.one_product(ctx, drill.id)
    assert queries.products(ctx).rows == [] and [row.name for row in queries.deleted(ctx)] == ["Bench drill"]
    assert code_of(lambda: actions.create_product(ctx, code="GT-100", name="Again")) == "product_code_taken"
    actions.restore_product(ctx, drill)
    ctx.session.flush()
    assert [row.code for row in queries.products(ctx).rows] == ["GT-100"]


def test_lists_find_by_name_code_and_branch(ctx, drill):
    tools = arranging.add_category(ctx, name="Tools")
    ctx.session.flush()
    drills = arranging.add_category(ctx, name="Drills", parent_id=tools.id)
    actions.edit_product(ctx, drill, category_id=drills.id)
    actions.create_product(ctx, code="X-1", name="Öl für Bohrer", category_id=None, state="retired", price="12.345")
    found = lambda **how: [row.name for row in queries.products(ctx, Filters(**how)).rows]  # noqa: E731
    assert found() == ["Bench drill", "Öl für Bohrer"] and found(search="gt-1") == ["Bench drill"] and found(search="ol fur") == ["Öl für Bohrer"]
    assert found(under=tools.id) == found(under=str(drills.id)) == ["Bench drill"] and found(where=(("state", "eq", "retired"),)) == ["Öl für Bohrer"]
    assert found(where=(("price", "lt", "50"),)) == ["Öl für Bohrer"] and found(where=(("category_id", "eq", str(drills.id)),)) == ["Bench drill"]
    for how in ({"owner": "me"}, {"kind": "company"}, {"role": "customer"}):
        assert code_of(lambda how=how: found(**how)) == "unknown_value"


@pytest.mark.parametrize("sort", ["code", "-price", "category_id", "-unit_id", "state", "changed", "-name", "updated_at"])
def test_pages_of_a_list_go_on_where_the_last_one_ended(ctx, sort):
    tools = arranging.add_category(ctx, name="Tools")
    ctx.session.flush()
    for n in range(7):
        actions.create_product(ctx, code=f"C{n % 3}{n}", name=f"P{n % 4}", price=None if n % 3 == 0 else str(n), category_id=tools.id if n % 2 else None)
    whole = [row.id for row in queries.products(ctx, sort=sort, limit=100).rows]
    paged, page = [], queries.products(ctx, sort=sort, limit=2)
    while True:
        paged += [row.id for row in page.rows]
        if not page.next:
            break
        page = queries.products(ctx, sort=sort, limit=2, cursor=page.next)
    assert paged == whole and len(set(whole)) == 7


@pytest.mark.parametrize("group", ["category_id", "unit_id", "tax_code_id", "state", "created_at"])
def test_lists_stand_in_groups(ctx, drill, group):
    actions.create_product(ctx, code="X", name="Other")
    assert len(queries.products(ctx, group=group).rows) == 2


def test_prices_of_one_piece_do_not_add_up(ctx, drill):
    assert not totals(ctx, "products", Filters(), ("price", "cost")).whole


def test_a_salesperson_reads_and_changes_nothing_and_costs_are_not_for_him(as_):
    as_rep = as_("rep")
    for act in (lambda: actions.create_product(as_rep, code="X", name="X"), lambda: arranging.add_unit(as_rep, name="piece")):
        with pytest.raises(Forbidden):
            act()
    product = Product(code="S-1", name="Secretly costly", price=10, cost=4, currency="EUR")
    as_rep.session.add(product)
    as_rep.session.flush()
    as_rep.session.expire(product)
    assert queries.one_product(as_rep, product.id).cost is None and queries.one_product(as_rep, product.id).price == 10
    with pytest.raises(Forbidden):
        as_rep.session.execute(select(Product.cost))
    with pytest.raises(Forbidden, match="field_hidden"):
        queries.products(as_rep, Filters(where=(("cost", "gt", "1"),)))


def test_quick_finds_codes_first(ctx, drill):
    actions.create_product(ctx, code="A", name="GT-100 cover")
    assert [row.note for row in queries.quick_products(ctx, "gt-100")] == ["GT-100", "A"]
