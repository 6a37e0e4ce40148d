"""Why no tax is due is known of the account: its quotes begin with it, and what was chosen or sent is not touched again."""

from dataclasses import replace

import pytest

from core.base import hiding
from core.deals import actions as deals
from core.deals import lines as deal_lines
from core.parties import actions as parties
from core.quotes import beginning, drafting, lining, queries, sending


@pytest.fixture
def abroad(ctx):
    """One under reverse charge."""
    found = parties.create_account(ctx, name="Norrsken", country="SE", tax_relief="AE")
    ctx.session.flush()
    return found


def of(ctx, quote):
    return queries.newest(ctx, quote).relief


def test_a_new_quote_takes_it_from_its_account_and_charges_no_tax(ctx, abroad, tray):
    quote = drafting.create_quote(ctx, name="Trays", account_id=abroad.id)
    draft = lining.save_lines(ctx, quote, [{"product_id": tray.id}])
    assert draft.relief == "AE" and draft.total == draft.net and draft.taxes[0]["category"] == "AE"


def test_through_a_person_or_a_deal_with_products_it_is_the_same(ctx, abroad, tray):
    person = parties.create_contact(ctx, name="Astrid", account_id=abroad.id)
    deal = deals.create_deal(ctx, name="Hall", account_id=abroad.id, currency="EUR")
    ctx.session.flush()
    deal_lines.save_lines(ctx, deal, [{"product_id": tray.id, "quantity": "2"}])
    begun = beginning.begin_quote(ctx, deal_id=deal.id)
    assert of(ctx, drafting.create_quote(ctx, name="By hand", contact_id=person.id)) == of(ctx, begun) == "AE"
    assert begun.net == begun.total and begun.net > 0


def test_what_is_said_with_the_quote_or_on_its_draft_goes_before(ctx, abroad, account):
    assert of(ctx, drafting.create_quote(ctx, name="Taxed", account_id=abroad.id, relief="")) is None
    assert of(ctx, drafting.create_quote(ctx, name="Freed", account_id=account.id, relief="E")) == "E"
    quote = drafting.create_quote(ctx, name="Trays", account_id=abroad.id)
    assert drafting.edit_draft(ctx, quote, relief="").relief is None


def test_a_new_version_keeps_the_old_ones_whatever_the_account_says_now(ctx, abroad, tray):
    quote = drafting.create_quote(ctx, name="Trays", account_id=abroad.id)
    lining.save_lines(ctx, quote, [{"product_id": tray.id}])
    sent = sending.send_quote(ctx, quote)
    parties.edit_account(ctx, abroad, tax_relief="E")
    assert (sent.relief, drafting.revise(ctx, quote).relief) == ("AE", "AE")


def test_with_another_customer_comes_his_own_unless_somebody_chose(ctx, quote, abroad, account, tray):
    lining.save_lines(ctx, quote, [{"product_id": tray.id}])
    drafting.edit_quote(ctx, quote, account_id=abroad.id)
    assert of(ctx, quote) == "AE" and quote.total == quote.net
    drafting.edit_quote(ctx, quote, account_id=account.id)
    assert of(ctx, quote) is None and quote.total > quote.net
    drafting.edit_draft(ctx, quote, relief="E")
    drafting.edit_quote(ctx, quote, account_id=abroad.id)
    assert of(ctx, quote) == "E"


def test_whoever_must_not_read_it_of_the_account_charges_no_wrong_tax_either(ctx, abroad):
    away = frozenset({"accounts.tax_relief"})
    blind, key = replace(ctx, actor=replace(ctx.actor, hidden=away)), abroad.id
    ctx.session.flush()
    hiding.apply(ctx.session, away)
    try:
        ctx.session.expire_all()
        assert abroad.tax_relief is None
        assert of(blind, drafting.create_quote(blind, name="Trays", account_id=key)) == "AE"
    finally:
        hiding.apply(ctx.session, frozenset())
