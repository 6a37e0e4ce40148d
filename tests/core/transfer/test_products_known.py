"""Products from a file whose code another product has, and who waits for whom."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.products import actions
from core.products.models import Product
from core.transfer import fixing, queries
from tests.support.statements import counted


@pytest.fixture
def tag():
    return f"X{uuid4().hex[:8]}"


def test_a_row_that_a_person_leads_to_a_product_brings_it_no_code_of_another(bring, house, tag):
    with house.ctx() as ctx:
        key = actions.create_product(ctx, code=f"{tag}1", name=f"One {tag}").id
        actions.create_product(ctx, code=f"{tag}2", name=f"Two {tag}")
    one = bring().upload(f"code,name\n{tag}2,Named {tag}\n{tag}3,Other {tag}\n{tag}3,Again {tag}\n", kind="products").choose(mode="both").check()
    for line, choice in ((2, f"update:{key}"), (4, f"update:{key}")):
        with one.door() as ctx:
            fixing.fix_row(ctx, queries.one(ctx, one.id), line, {}, choice)
    assert one.said() == [(2, 0, "external_id_taken"), (4, 0, "external_id_taken")] and one.run().counts == {"created": 1, "failed": 2}
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Product.code).where(Product.id == key)).scalar_one() == f"{tag}1"


def test_whoever_changes_a_code_waits_for_an_import_before_he_holds_the_product(house, tag):
    with house.ctx() as ctx:
        product = actions.create_product(ctx, code=tag, name=tag)
        ctx.session.flush()
        with counted() as sent:
            actions.edit_product(ctx, product, code=f"{tag}-2")
    first = [next(place for place, text in enumerate(sent) if word in text) for word in ("pg_advisory_xact_lock", "FOR NO KEY UPDATE")]
    assert first == sorted(first), sent
