"""Credit grades and loyalty tiers: by hand until a day, before what is computed; one open at a time; told where accounts are shown and priced."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.base import beside, standing
from core.base.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from core.base.facts import Fact
from core.credit import actions as credit
from core.credit import queries as grades
from core.credit.models import CreditStanding
from core.loyalty import actions as loyalty
from core.loyalty import queries as tiers
from core.parties import actions as parties
from core.parties import queries
from core.products import actions as products
from core.products import price_lists, pricing

YEAR = timedelta(days=365)


@pytest.fixture
def account(ctx):
    found = parties.create_account(ctx, name="Nordlicht")
    ctx.session.flush()
    return found


@pytest.fixture
def gold(ctx):
    found = price_lists.set_tier(ctx, tier="Gold", percent="4")
    ctx.session.flush()
    return found


def by_hand(ctx, account, grade="big_good", **given):
    return credit.set_grade(ctx, account, **({"grade": grade, "reason": "Pays on the day", "until_on": ctx.today + YEAR} | given))


def test_a_grade_holds_with_its_reason_until_its_day(ctx, account):
    by_hand(ctx, account, until_on=ctx.today)
    found = grades.grade_of(ctx, account.id)
    assert (found.terms.grade, found.terms.discount, found.source, found.reason) == ("big_good", 5, "hand", "Pays on the day")
    tomorrow = replace(ctx, now=ctx.now + timedelta(days=1))
    assert grades.grade_of(tomorrow, account.id) is None


def test_what_a_person_said_goes_before_what_was_computed_until_its_end(ctx, account):
    standing.replace(ctx, CreditStanding(account_id=account.id, source="computed", grade="small_bad"))
    assert grades.grade_of(ctx, account.id).terms.needs_release
    row = by_hand(ctx, account)
    assert grades.grade_of(ctx, account.id).terms.grade == "big_good"
    credit.take_back(ctx, row.id)
    assert grades.grade_of(ctx, account.id).terms.grade == "small_bad"


def test_a_new_one_takes_the_place_of_the_old_which_stays_as_history(ctx, account):
    by_hand(ctx, account)
    by_hand(ctx, account, "small_bad", reason="Three open invoices")
    assert [(row.grade, row.ended_at is None) for row in grades.history(ctx, account)] == [("small_bad", True), ("big_good", False)]


def test_the_database_keeps_one_open_row_of_a_source_and_a_reason_for_each_by_hand(ctx, account):
    by_hand(ctx, account)
    for wrong in (
        {"source": "hand", "grade": "big_bad", "reason": "x", "until_on": ctx.today}, {"source": "hand", "grade": "big_bad", "until_on": ctx.today, "ended_at": ctx.now},
        {"source": "computed", "grade": "gold"}, {"source": "computed", "grade": "big_bad", "limit_amount": 5},
    ):
        with pytest.raises(IntegrityError), ctx.session.begin_nested():
            ctx.session.add(CreditStanding(account_id=account.id, **wrong))
            ctx.session.flush()


@pytest.mark.parametrize(
    ("given", "code"),
    [({"reason": " "}, "standing_reason"), ({"until_on": None}, "standing_until"), ({"until_on": "2020-01-01"}, "standing_past"), ({"until_on": "soon"}, "not_a_date"), ({"grade": "A"}, "unknown_value"), ({"limit_amount": "-1"}, "limit_negative"), ({"limit_amount": "x"}, "not_an_amount")],
)
def test_what_is_wrong_is_said_and_changes_nothing(ctx, account, given, code):
    with pytest.raises(Refused) as refused:
        by_hand(ctx, account, **given)
    assert refused.value.code == code and grades.history(ctx, account) == []


def test_all_that_is_wrong_is_said_at_once(ctx, account):
    with pytest.raises(Invalid) as refused:
        credit.set_grade(ctx, account, grade="", reason="", until_on="", limit_amount="x")
    assert {one.field for one in refused.value.errors} == {"grade", "reason", "until_on", "limit_amount"}


def test_taking_back_can_be_undone_but_not_over_another(ctx, account):
    row = by_hand(ctx, account)
    credit.take_back(ctx, row.id)
    with pytest.raises(NotFound):
        credit.take_back(ctx, row.id)
    credit.bring_back(ctx, row.id)
    assert grades.grade_of(ctx, account.id).terms.grade == "big_good"
    credit.take_back(ctx, row.id)
    by_hand(ctx, account, "big_bad")
    with pytest.raises(Conflict):
        credit.bring_back(ctx, row.id)


def test_only_who_answers_for_credit_sets_it(as_):
    ctx = as_("rep")
    own = parties.create_account(ctx, name="Own")
    ctx.session.flush()
    with pytest.raises(Forbidden):
        by_hand(ctx, own)
    with pytest.raises(Forbidden):
        loyalty.set_tier(ctx, own, tier="Gold", reason="x", until_on=ctx.today)


def test_a_workspace_says_what_follows_from_a_grade(ctx, account):
    assert grades.terms(ctx)["big_bad"].prepaid
    credit.change_rule(ctx, "big_bad", discount="1.5", payment_days="7", prepaid=False, needs_release=True, version=0)
    found = grades.terms(ctx)["big_bad"]
    assert (found.discount, found.payment_days, found.prepaid, found.needs_release) == (Decimal("1.5"), 7, False, True)
    with pytest.raises(Conflict):
        credit.change_rule(ctx, "big_bad", discount="2", payment_days="7", version=0)
    for wrong in ({"discount": "101", "payment_days": "1"}, {"discount": "1", "payment_days": "366"}, {"discount": "1", "payment_days": ""}, {"discount": "1", "payment_days": "3", "prepaid": True}):
        with pytest.raises(Refused):
            credit.change_rule(ctx, "big_bad", **wrong)


def test_a_tier_holds_and_is_one_that_there_is(ctx, account, gold):
    loyalty.set_tier(ctx, account, tier="gold", reason="Ten years", until_on=ctx.today + YEAR)
    assert tiers.tier_of(ctx, account.id) == "Gold" and tiers.current(ctx, account).percent == 4
    with pytest.raises(Refused) as refused:
        loyalty.set_tier(ctx, account, tier="Platinum", reason="x", until_on=ctx.today)
    assert refused.value.code == "tier_gone"
    loyalty.take_back(ctx, tiers.current(ctx, account).LoyaltyStanding.id)
    assert tiers.tier_of(ctx, account.id) is None


def test_a_tier_that_accounts_were_in_is_not_deleted(ctx, account, gold):
    loyalty.set_tier(ctx, account, tier=gold.id, reason="Ten years", until_on=ctx.today)
    with pytest.raises(Refused) as refused:
        price_lists.remove_tier(ctx, gold.id)
    assert refused.value.code == "tier_in_use" and [one.tier for one in price_lists.tiers(ctx)] == ["Gold"]


def test_both_stand_beside_the_account_for_those_who_may_know(ctx, as_, account, gold):
    by_hand(ctx, account, limit_amount="5000")
    loyalty.set_tier(ctx, account, tier="Gold", reason="Ten years", until_on=ctx.today)
    said = beside.of(queries.account_page(ctx, account.id))
    assert (said["credit"]["grade"], said["credit"]["limit"], said["loyalty"]["tier"]) == ("big_good", "5000.00", "Gold")
    blind = replace(ctx, actor=replace(ctx.actor, permissions=frozenset({"accounts.read"})))
    assert not {"credit", "loyalty"} & beside.of(queries.account_page(blind, account.id)).keys()


def test_the_timeline_of_the_account_tells_it(ctx, account, gold):
    row = by_hand(ctx, account)
    loyalty.set_tier(ctx, account, tier="Gold", reason="Ten years", until_on=ctx.today)
    credit.take_back(ctx, row.id)
    ctx.session.flush()
    kinds = set(ctx.session.execute(select(Fact.kind).where(Fact.kind.like("credit%") | Fact.kind.like("loyalty%"))).scalars())
    assert {"credit.set", "credit.ended", "loyalty.set"} <= kinds


def test_a_price_follows_tier_and_grade_and_says_so(ctx, account, gold):
    drill = products.create_product(ctx, code="D", name="Drill", price="100")
    by_hand(ctx, account)
    loyalty.set_tier(ctx, account, tier="Gold", reason="Ten years", until_on=ctx.today)
    ctx.session.flush()
    who = pricing.Customer(account.id, (), tiers.tier_of(ctx, account.id), grades.discount_of(ctx, account.id))
    found = pricing.price_of(ctx, drill, quantity=Decimal(1), on=ctx.today, currency="EUR", customer=who)
    assert (found.each.amount, [one.code for one in found.reasons]) == (Decimal("91.20"), ["own_price", "standing_discount", "credit_discount"])


def test_a_grade_that_is_not_to_be_known_is_not_told_by_its_discount(ctx, account):
    drill = products.create_product(ctx, code="D", name="Drill", price="100")
    by_hand(ctx, account)
    ctx.session.flush()
    blind = replace(ctx, actor=replace(ctx.actor, permissions=frozenset({"products.read", "accounts.read"})))
    found = pricing.price_of(blind, drill, quantity=Decimal(1), on=ctx.today, currency="EUR", customer=pricing.Customer(account.id, (), None, grades.discount_of(blind, account.id)))
    assert found.each.amount == 95 and found.reasons[-1].code == "kept_discount" and "big_good" not in str(found.reasons)
