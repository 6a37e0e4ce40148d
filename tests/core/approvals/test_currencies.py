"""What a quote in another currency is measured by: its own currency first, when it is asked for and when it is decided; at today's rate."""

import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.approvals import actions, limits
from core.approvals.models import Approval
from core.approvals.rules import Need
from core.identity.roles import one_role
from core.parties import actions as parties
from core.products import rating
from core.quotes import approving, drafting, lining, sending
from core.quotes import queries as quotes
from infra.db import database
from tenants import migration, provisioning
from tenants.entry import utcnow
from tests.core.approvals.test_deciding import code
from tests.support.world import House

CAST = {"owner": "admin", "director": "director", "manager": "manager", "rep": "sales"}


@pytest.fixture(scope="module")
def house(app):
    """Two dollars are worth a euro. Salespeople decide alone up to 300 EUR, managers up to 900 USD or 5,000 EUR."""
    made = House(f"coins-{uuid4().hex[:6]}", CAST)
    with made.ctx("owner") as ctx:
        rating.add_currency(ctx, "USD")
        rating.store_rate(ctx, currency="USD", rate="2")
        limits.set_limits(ctx, one_role(ctx, "sales"), {("quotes.net", "EUR"): "300"})
        limits.set_limits(ctx, one_role(ctx, "manager"), {("quotes.net", "EUR"): "5000", ("quotes.net", "USD"): "900"})
        parties.create_account(ctx, name="Nordlicht", owner_id=None)
    return made


def drafted(ctx, price, currency="USD"):
    """A quote of the actor's over one piece of work."""
    account = ctx.session.execute(select(parties.Account)).scalars().first()
    quote = drafting.create_quote(ctx, name=f"Work {uuid4().hex[:4]}", account_id=account.id, currency=currency)
    lining.save_lines(ctx, quote, [{"name": "Work", "unit_price": price}])
    return quote


def test_a_yes_is_measured_by_the_currency_that_it_was_asked_by(house):
    with house.ctx("rep") as ctx:
        request = approving.ask(ctx, drafted(ctx, "1000"), note="He buys much")
        assert request.asked_ids == [house.users["director"].id]
        request = request.id
    with house.ctx("manager") as ctx:  # 500 EUR would be within his limit, 1,000 USD are not
        kept = ctx.session.get(Approval, request)
        assert [Need.of(one).currencies for one in kept.needs] == [("USD", "EUR")]
        assert code(actions.decide, ctx, request, yes=True) == "approval_beyond_you"
    with house.ctx("director") as ctx:
        assert actions.decide(ctx, request, yes=True).state == "approved"


def test_an_amount_is_measured_at_todays_rate(house):
    with house.ctx("rep") as ctx:
        quote = drafted(ctx, "590")
        key = quote.id
        assert approving.wanted(ctx, quote, quotes.draft_of(ctx, quote))[-1].values == (("USD", 590), ("EUR", 295))
    with house.ctx("owner") as ctx:
        rating.store_rate(ctx, currency="USD", rate="1.5")
    try:
        with house.ctx("rep") as ctx:  # 393.33 EUR by now
            assert code(sending.send_quote, ctx, quotes.one_quote(ctx, key)) == "quote_over_amount"
    finally:
        with house.ctx("owner") as ctx:
            rating.store_rate(ctx, currency="USD", rate="2")
    with house.ctx("rep") as ctx:
        assert sending.send_quote(ctx, quotes.one_quote(ctx, key)).rate == 2
    with house.ctx("rep", now=utcnow() + timedelta(days=30)) as ctx:  # no rate is young enough: it is not sent, and still measured
        quote = drafted(ctx, "590", "EUR")
        draft = quotes.draft_of(ctx, quote)
        draft.currency, draft.rate = "USD", Decimal("1.25")
        assert approving.wanted(ctx, quote, draft)[-1].value("EUR") == 472


def test_what_was_kept_before_has_its_own_currency_first(app):
    old = provisioning.provision(version="0072")
    amount = {"code": "quotes.net", "key": "", "reason": "why.quote_net", "params": {"amount": "1000.00 USD"}, "values": {"USD": "1000", "EUR": "500"}}
    kept = [{"code": "quotes.release", "key": "", "reason": "why.quote_release", "params": {}, "values": {"": "1"}}, amount, {"code": "quotes.conflict", "key": "a", "reason": "why", "params": {}, "values": {}}]
    with database().owner() as connection:
        for needs in (kept, []):
            connection.execute(f"INSERT INTO {old.schema_name}.approval (kind, record_kind, record_id, title, needs, fingerprint, note, asked_at) VALUES ('quote', 'quote', uuidv7(), 'Old', %s, '', '', now())", (json.dumps(needs),))  # noqa: S608
    migration.migrate_one(old)
    with database().owner() as connection:
        found = connection.execute(f"SELECT needs, state FROM {old.schema_name}.approval ORDER BY id").fetchall()  # noqa: S608
    rows = [row[0] for row in found]
    assert {row[1] for row in found} == {"void"}  # the checksum of then was of less
    assert [[one["values"] for one in row] for row in rows] == [[[["", "1"]], [["USD", "1000"], ["EUR", "500"]], []], []]
    assert [Need.of(one).code for one in rows[0]] == ["quotes.release", "quotes.net", "quotes.conflict"]
