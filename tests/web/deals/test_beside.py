"""The open deals on the pages of accounts and people: those that the reader sees, without a statement of their own."""

from dataclasses import replace

import pytest

from core.base import beside
from core.deals import actions, moving, pipelines
from core.parties import actions as parties
from core.parties import queries
from tests.support.statements import counted


def stage(ctx, code):
    return next(one.id for one in pipelines.ways(ctx)[0].stages if one.code == code)


@pytest.fixture
def account(ctx):
    found = parties.create_account(ctx, name="Nordlicht")
    ctx.session.flush()
    return found


def told(ctx, account):
    return beside.of(queries.account_page(ctx, account.id)).get("deals")


def test_the_open_ones_stand_there_those_that_need_somebody_first(ctx, account):
    for number in range(7):
        actions.create_deal(ctx, name=f"Deal {number}", account_id=account.id, amount="12.50", next_step="Call", next_step_on=f"2027-01-{9 - number:02}")
    won = actions.create_deal(ctx, name="Won", account_id=account.id, next_step="Call", next_step_on="2026-01-01")
    moving.move_deal(ctx, won, stage(ctx, "won"))
    gone = actions.create_deal(ctx, name="Deleted", account_id=account.id)
    actions.delete_deal(ctx, gone)
    actions.create_deal(ctx, name="Of nobody")
    ctx.session.flush()
    found = told(ctx, account)
    assert found["number"] == 7 and [row["name"] for row in found["rows"]] == ["Deal 6", "Deal 5", "Deal 4", "Deal 3", "Deal 2"]
    assert found["rows"][0]["amount"] == "12.50" and found["rows"][0]["next_step_on"] == "2027-01-03"


def test_a_person_has_his_own(ctx, account):
    person = parties.create_contact(ctx, name="Sofie", account_id=account.id)
    ctx.session.flush()
    actions.create_deal(ctx, name="With her", contact_id=person.id)
    actions.create_deal(ctx, name="Without", account_id=account.id)
    ctx.session.flush()
    found = beside.of(queries.contact_page(ctx, person.id))["deals"]
    assert [row["name"] for row in found["rows"]] == ["With her"] and told(ctx, account)["number"] == 2


def test_nobody_is_told_of_deals_that_he_does_not_see(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Of the rep")
        ctx.session.flush()
        actions.create_deal(ctx, name="The rep's", account_id=account.id)
        key = account.id
    with world.acme.ctx("owner") as ctx:
        actions.create_deal(ctx, name="The boss's", account_id=key)
    with world.acme.ctx("rep") as ctx:
        assert [row["name"] for row in beside.of(queries.account_page(ctx, key))["deals"]["rows"]] == ["The rep's"]
    page = world.browser("rep").get(f"/accounts/{key}").text
    assert "The rep&#39;s" in page and "The boss" not in page and f"/deals/new?account={key}" in page


def test_who_reads_no_deals_is_told_nothing(ctx, account):
    actions.create_deal(ctx, name="Secret", account_id=account.id)
    ctx.session.flush()
    reader = replace(ctx, actor=replace(ctx.actor, permissions=frozenset({"accounts.read", "contacts.read"})))
    assert told(reader, account) is None and "beside:deals" not in queries.account_page(reader, account.id)._mapping


def test_they_take_no_statement_of_their_own(ctx, account):
    with counted() as sent:
        told(ctx, account)
    assert len(sent) == 1 and told(ctx, account) == {"number": 0, "rows": []}


def test_the_list_of_all_of_them_says_whose_they_are(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Backhaus Sommer")
        ctx.session.flush()
        for number in range(6):
            actions.create_deal(ctx, name=f"Order {number}", account_id=account.id)
        moving.move_deal(ctx, actions.create_deal(ctx, name="Won before", account_id=account.id), stage(ctx, "won"))
        key = account.id
    rep = world.browser("rep")
    page = rep.get(f"/accounts/{key}").text
    assert "All 6 in a list" in page
    found = rep.get(f"/deals?filter[account][eq]={key}&filter[state][eq]=open").text
    assert found.count("Backhaus Sommer") >= 7 and "Order 5" in found and "Won before" not in found and f">{key}<" not in found
    assert "one out of your sight" in world.browser("colleague").get(f"/deals?filter[account][eq]={key}").text
