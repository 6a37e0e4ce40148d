"""Should I quote him: one line with its reasons, a price range for each product; nothing of what one may not know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.base.errors import Forbidden
from core.briefs import advising
from core.credit import actions as credit
from core.deals import actions as deals
from core.deals import pipelines
from core.deals.models import Deal
from core.parties import actions as parties
from core.parties.queries import one_account
from core.products import actions as products
from core.quotes import answering, drafting, lining, queries, sending
from core.terms import actions as terms
from tests.support.statements import counted

SOON = (datetime.now(UTC) + timedelta(days=30)).date()
MOST = 30


@pytest.fixture
def tray(world):
    """One of this test alone: what others accepted for it counts."""
    with world.acme.ctx("owner") as ctx:
        return products.create_product(ctx, code=f"T-{uuid4().hex[:6]}", name="Steel tray", price="100", cost="72").id


@pytest.fixture
def account(world):
    with world.acme.ctx("rep") as ctx:
        found = parties.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        return found.id


def quoted(world, account, tray, price, answer=None, who="rep"):
    with world.acme.ctx(who) as ctx:
        quote = drafting.create_quote(ctx, name=f"Trays for {price}", account_id=account)
        lining.save_lines(ctx, quote, [{"product_id": tray, "quantity": "10", "unit_price": price}])
        sending.send_quote(ctx, quote)
        if answer == "accepted":
            answering.note_accepted(ctx, quote, name="Sofie")
        elif answer == "declined":
            answering.note_declined(ctx, quote, name="Sofie", note="Too dear")
        return quote.id


def answer_of(world, account, who="rep"):
    with world.acme.ctx(who) as ctx:
        return advising.for_account(ctx, account)


def test_what_he_bought_and_paid_makes_the_line_and_the_range(world, account, tray):
    quoted(world, account, tray, "90", "accepted")
    quoted(world, account, tray, "95", "declined")
    with counted() as sent:
        found = answer_of(world, account)
    assert len(sent) <= MOST, len(sent)
    assert found.advice.code == "yes" and [one.code for one in found.advice.because] == ["bought", "said_yes"]
    assert (str(found.value.amount), found.value.currency) == ("900.00", "EUR")
    (one,) = found.products
    assert (str(one.listed), str(one.range.low), str(one.range.high)) == ("100.00", "90.00", "94.99")
    page = world.browser("rep").get(f"/accounts/{account}/advice").text
    assert "Yes, quote" in page and "They bought 1 times: 900.00 EUR so far." in page and "90.00 to 94.99 EUR" in page and "They declined 95.00 EUR." in page


def test_the_cost_makes_the_floor_for_whoever_may_know_it_alone(world, account, tray):
    quoted(world, account, tray, "75", "accepted")
    for who, low, codes in (("rep", "75.00", ["list_says", "accepted_at"]), ("owner", "80.00", ["list_says", "accepted_at", "floor"])):
        (one,) = answer_of(world, account, who).products
        assert (str(one.range.low), [word.code for word in one.range.because]) == (low, codes), who
    assert "cost" not in world.browser("rep").get(f"/accounts/{account}/advice").text and "Not below 80.00 EUR" in world.browser("owner").get(f"/accounts/{account}/advice").text


def test_a_bad_payer_is_asked_about_until_somebody_agreed(world, account, tray):
    quoted(world, account, tray, "90", "accepted")
    with world.acme.ctx("owner") as ctx:
        credit.set_grade(ctx, one_account(ctx, account), grade="small_bad", reason="Paid late", until_on=SOON)
    assert answer_of(world, account).advice.code == "ask"
    with world.acme.ctx("owner") as ctx:
        terms.agree(ctx, one_account(ctx, account), product_id=tray, price="85", until_on=SOON)
    found = answer_of(world, account)
    assert found.advice.code == "yes_with" and [one.code for one in found.advice.because][:2] == ["pays_first", "within_agreed"]
    assert str(found.products[0].range.low) == "85.0000" or found.products[0].range.low == 85
    page = world.browser("rep").get(f"/accounts/{account}/advice").text
    assert "Stay within what Owner agreed." in page and "agreed by Owner on" in page


def test_who_may_not_know_the_grade_is_told_nothing_by_the_advice(world, account, tray):
    with world.acme.ctx("owner") as ctx:
        credit.set_grade(ctx, one_account(ctx, account), grade="small_bad", reason="Paid late", until_on=SOON)
    assert answer_of(world, account).advice.code == "no"
    with world.acme.ctx("rep") as ctx:
        object.__setattr__(ctx.actor, "permissions", ctx.actor.permissions - {"credit.read"})
        found = advising.for_account(ctx, account)
    assert found.advice.code == "yes" and found.case.grade is None and found.case.limit is None


def test_a_quote_that_holds_leaves_one_price_and_the_quote_at_hand_is_not_counted(world, account, tray):
    quoted(world, account, tray, "93")
    with world.acme.ctx("rep") as ctx:
        quote = drafting.create_quote(ctx, name="Again", account_id=account)
        lining.save_lines(ctx, quote, [{"product_id": tray, "quantity": "100"}])
        found = advising.for_quote(ctx, quote, queries.newest(ctx, quote))
        key = quote.id
    assert [one.code for one in found.advice.because] == ["still_open"] and found.products[0].range.low == found.products[0].range.high == 93
    page = world.browser("rep").get(f"/quotes/{key}/lines").text
    assert f'hx-get="/quotes/{key}/advice"' in page
    part = world.browser("rep").get(f"/quotes/{key}/advice", headers={"HX-Request": "true"}).text
    assert "A quote of ours still holds and says 93.00 EUR." in part and "<html" not in part
    assert world.browser("colleague").get(f"/quotes/{key}/advice").status_code == 404


def test_what_others_accepted_counts_as_a_figure_of_nobody(world, account, tray):
    for price in ("97", "92", "80"):
        with world.acme.ctx("colleague") as ctx:
            other = parties.create_account(ctx, name=f"Elsewhere {price}")
            ctx.session.flush()
            key = other.id
        quoted(world, key, tray, price, "accepted", who="colleague")
    quoted(world, account, tray, "100", "declined")
    (one,) = answer_of(world, account).products
    assert "others_accept" in [word.code for word in one.range.because] and one.range.low < one.range.high
    page = world.browser("rep").get(f"/accounts/{account}/advice").text
    assert "Others accepted" in page and "Elsewhere" not in page


def test_programs_get_the_advice(world, account, tray):
    quoted(world, account, tray, "90", "accepted")
    found = world.api("rep").json("GET", f"/api/v1/accounts/{account}/advice").json
    assert found["advice"] == "yes" and found["value"] == {"amount": "900.00", "currency": "EUR"}
    assert found["products"][0]["low"] == {"amount": "90.00", "currency": "EUR"} and found["products"][0]["because"]
    named = world.api("rep").json("GET", f"/api/v1/accounts/{account}/advice?product_id={tray}").json
    assert [one["product_id"] for one in named["products"]] == [str(tray)]
    assert world.api("colleague").json("GET", f"/api/v1/accounts/{account}/advice").status_code == 404


def test_that_nothing_was_bought_is_said_only_where_nobody_sold_anything(world, account, tray):
    with world.acme.ctx("owner") as ctx:
        credit.set_grade(ctx, one_account(ctx, account), grade="small_bad", reason="Paid late", until_on=SOON)
    assert [one.code for one in answer_of(world, account).advice.because] == ["release_never_bought"]
    with world.acme.ctx("owner") as ctx:
        kind = {one.kind: one.id for one in pipelines.ways(ctx)[0].stages}
        deal = deals.create_deal(ctx, name="Sold by another", account_id=account, stage_id=kind["won"], amount="4321", currency="EUR", owner_id=ctx.actor.id)
    found = answer_of(world, account)
    assert (found.advice.code, found.case.bought, found.value) == ("ask", 0, None) and [one.code for one in found.advice.because] == ["asks_release"]
    assert "4,321" not in world.browser("rep").get(f"/accounts/{account}/advice").text
    with world.acme.ctx("owner") as ctx:
        deals.delete_deal(ctx, ctx.session.get_one(Deal, deal.id))
    assert answer_of(world, account).advice.code == "no"
    quoted(world, account, tray, "90", "accepted", who="owner")
    assert answer_of(world, account).advice.code == "ask"


def test_what_was_bought_is_counted_where_a_rate_is_missing(world, account):
    with world.acme.ctx("rep") as ctx:
        kind = {one.kind: one.id for one in pipelines.ways(ctx)[0].stages}
        deals.create_deal(ctx, name="Far away", account_id=account, stage_id=kind["won"], amount="10", currency="CHF")
    assert answer_of(world, account).case.bought == 1
    assert "They bought 1 times.</" in world.browser("rep").get(f"/accounts/{account}/advice").text


def test_whoever_reads_no_accounts_gets_no_advice_about_one(world, account):
    with world.acme.ctx("rep") as ctx:
        less = replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions - {"accounts.read"}))
        with pytest.raises(Forbidden):
            advising.for_account(less, account)


def others(world, account, product):
    with world.acme.ctx("rep") as ctx:
        return sorted(advising._accepted_elsewhere(ctx, account, {product: None})[product])


def test_only_what_others_took_says_what_is_usual(world, account):
    with world.acme.ctx("owner") as ctx:
        pan, spoon = (products.create_product(ctx, code=f"P-{uuid4().hex[:6]}", name="Pan", price="100").id for _ in range(2))
        other = parties.create_account(ctx, name="Elsewhere pan")
        ctx.session.flush()
        row = lambda price, choice="", product=pan: {"product_id": product, "unit_price": price, "choice": choice}  # noqa: E731
        for number, rows in enumerate(([row("90"), row("50", "alternative"), row("40", "optional"), row("80", "optional")], [row("70"), *(row("60", product=spoon) for _ in range(3))])):
            quote = drafting.create_quote(ctx, name="Pans", account_id=other.id)
            lining.save_lines(ctx, quote, rows)
            sending.send_quote(ctx, quote)
            lines = queries.lines_of(ctx, queries.newest(ctx, quote))
            answering.note_accepted(ctx, quote, name="Sofie", chosen=[str(lines[3].id)] if number == 0 else ())
    assert others(world, account, pan) == [10, 20, 30]


def test_a_product_that_is_sold_often_leaves_room_for_another(world, account, monkeypatch):
    monkeypatch.setattr(advising, "COMPARED", 2)
    with world.acme.ctx("owner") as ctx:
        first, second = (products.create_product(ctx, code=f"Q-{uuid4().hex[:6]}", name="Cup", price="100").id for _ in range(2))
        other = parties.create_account(ctx, name="Elsewhere cup")
        ctx.session.flush()
        for price, product in (("90", second), ("80", first), ("70", first), ("60", first)):
            quote = drafting.create_quote(ctx, name="Cups", account_id=other.id)
            lining.save_lines(ctx, quote, [{"product_id": product, "unit_price": price}])
            sending.send_quote(ctx, quote)
            answering.note_accepted(ctx, quote, name="Sofie")
    with world.acme.ctx("rep") as ctx:
        found = advising._accepted_elsewhere(ctx, account, {first: None, second: None})
    assert (len(found[first]), found[second]) == (2, [10])
