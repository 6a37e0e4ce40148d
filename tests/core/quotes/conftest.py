"""What quotes are made of: a customer, two products, a list that gives a better price from ten pieces on."""

import pytest

from core.parties import actions as parties
from core.products import actions as products
from core.products import arranging, price_lists
from core.quotes import drafting, lining


@pytest.fixture
def account(ctx):
    found = parties.create_account(ctx, name="Nordlicht", street="Kai 3", postcode="24103", city="Kiel", country="DE")
    ctx.session.flush()
    return found


@pytest.fixture
def tax(ctx):
    return arranging.add_tax_code(ctx, name="VAT 19", percent="19")


@pytest.fixture
def tray(ctx, tax):
    """100.00, from ten pieces on 90.00."""
    found = products.create_product(ctx, code="TRAY", name="Tray", price="100", cost="60", tax_code_id=tax.id, description="Of steel")
    ctx.session.flush()
    book = price_lists.add_list(ctx, name="Many", currency="EUR", whom="everybody")
    price_lists.add_line(ctx, book, what="product", product_id=found.id, way="price", value="90", from_quantity="10")
    return found


@pytest.fixture
def rack(ctx, tax):
    return products.create_product(ctx, code="RACK", name="Rack", price="49.90", tax_code_id=tax.id)


@pytest.fixture
def quote(ctx, account):
    return drafting.create_quote(ctx, name="Forty trays", account_id=account.id)


@pytest.fixture
def ready(ctx, quote, tray):
    """One with two trays, to be sent."""
    lining.save_lines(ctx, quote, [{"product_id": tray.id, "quantity": "2"}])
    return quote
