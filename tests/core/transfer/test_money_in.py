"""Amounts with their currency in one cell: recognised by code or sign, or refused at that cell; never the workspace's because nobody could read it."""

from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from core.deals.models import Deal
from core.products import rating
from core.products.models import Product
from core.transfer.models import ImportMapping
from tests.core.transfer.conftest import Import
from tests.support.world import House

CELLS = [("1200 usd", "USD"), ("1200 Usd", "USD"), ("USD 1,200.00", "USD"), ("$1200", "USD"), ("US$ 1200", "USD"), ("1200 €", "EUR"), ("€1200", "EUR"), ("1200 euros", "EUR"), ("$1200 USD", "USD"), ("1200.-", "EUR")]


@pytest.fixture(scope="module")
def trade(app):
    """A workspace in euros that deals in dollars too."""
    house = House(f"mi{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        assert ctx.tenant.currency == "EUR"
        rating.add_currency(ctx, "USD")
    return house


@pytest.fixture
def bring(trade):
    with trade.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))
    return lambda content, kind: Import(trade).upload(content, kind=kind)


@pytest.fixture
def tag():
    return f"x{uuid4().hex[:8]}"


def one_of(house, model, tag):
    with house.ctx() as ctx:
        return ctx.session.execute(select(model).where(model.name == tag)).scalar_one()


@pytest.mark.parametrize(("cell", "currency"), CELLS)
def test_a_code_or_a_sign_says_the_currency(bring, trade, tag, cell, currency):
    deals, products = bring(f'name,amount\n{tag},"{cell}"\n', "deals").check().run(), bring(f'code,name,price\n{tag},{tag},"{cell}"\n', "products").check().run()
    assert deals.counts == products.counts == {"created": 1}
    deal, product = one_of(trade, Deal, tag), one_of(trade, Product, tag)
    assert (deal.amount, deal.currency) == (product.price, product.currency) == (Decimal(1200), currency)


@pytest.mark.parametrize("cell", ["1200 NET", "1200 net", "1200 per piece", "¥1200", "1200 kr", "£/$ 1200", "1.2 Mio"])
@pytest.mark.parametrize(("kind", "column"), [("deals", "amount"), ("products", "price")])
def test_what_is_no_currency_or_may_be_several_is_refused_at_the_amount(bring, tag, kind, column, cell):
    one = bring(f"code,name,{column}\n{tag},{tag},{cell}\n", kind).check()
    assert one.said() == [(2, 2, "amount_beside_unread")]


def test_the_row_s_own_column_says_which_of_several_a_sign_means(bring, trade, tag):
    bring(f"name,amount,currency\n{tag},$1200,CAD\n", "deals").check().run()
    assert one_of(trade, Deal, tag).currency == "CAD"
    assert bring(f"name,amount,currency\n{tag},$1200,EUR\n", "deals").check().said() == [(2, 1, "price_currency_other")]


def test_a_currency_of_prices_in_which_the_workspace_does_not_deal_is_refused_where_it_stands(bring, tag):
    assert bring(f"code,name,price,cost\n{tag},{tag},5 JPY,\n", "products").check().said() == [(2, 2, "currency_unknown")]
    assert bring(f"code,name,price,currency\n{tag},{tag},5,JPY\n", "products").check().said() == [(2, 3, "currency_unknown")]


def test_the_currency_of_a_known_deal_is_never_changed(bring, trade, tag):
    bring(f"deal id,name,amount\n{tag},{tag},1200\n", "deals").check().run()
    beside = bring(f"deal id,amount\n{tag},1500 USD\n", "deals").choose(mode="update").check()
    column = bring(f"deal id,amount,currency\n{tag},1500,USD\n", "deals").choose(mode="update").check()
    assert (beside.said(), column.said()) == ([(2, 1, "deal_currency_kept")], [(2, 2, "deal_currency_kept")]) and beside.counts["problem"] == 1
    assert bring(f"deal id,amount\n{tag},1500 EUR\n", "deals").choose(mode="update").check().run().counts == {"updated": 1}
    deal = one_of(trade, Deal, tag)
    assert (deal.amount, deal.currency) == (1500, "EUR")
