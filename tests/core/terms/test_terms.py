"""Agreed terms: in the name of whoever agreed, with what he knew then, never changed, taken back by another row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.base.errors import Conflict, Forbidden, NotFound, Refused, errors_of
from core.base.facts import timeline
from core.credit import actions as credit
from core.parties import actions as parties
from core.products import actions as products
from core.terms import actions, queries
from core.terms.rules import Agreed, covering

NOW = datetime(2026, 3, 24, 9, tzinfo=UTC)


@pytest.fixture
def account(ctx):
    found = parties.create_account(ctx, name="Nordlicht")
    ctx.session.flush()
    credit.set_grade(ctx, found, grade="small_bad", reason="Paid late twice", until_on=ctx.today + timedelta(days=90), limit_amount="5000")
    return found


@pytest.fixture
def tray(ctx):
    return products.create_product(ctx, code=f"T-{uuid4().hex[:6]}", name="Steel tray", price="100")


def until(ctx):
    return ctx.today + timedelta(days=30)


def test_what_was_agreed_stands_in_his_name_with_what_he_knew_then(ctx, account, tray):
    made = actions.agree(ctx, account, payment_days="60", discount="7.5", product_id=tray.id, price="88", words="Freight is ours", until_on=until(ctx))
    credit.set_grade(ctx, account, grade="big_good", reason="Has paid since", until_on=until(ctx))  # what is known now is not what he knew
    (found,) = queries.in_force(ctx, account.id)
    assert (found.who, found.payment_days, found.discount, found.product, found.price, found.currency, found.words) == (ctx.actor.name, 60, Decimal("7.5"), "Steel tray", Decimal(88), "EUR", "Freight is ours")
    assert made.agreed_by == ctx.actor.id
    known = found.facts["credit"]
    assert (known["grade"], known["reason"], known["needs_release"], known["limit"]) == ("small_bad", "Paid late twice", True, {"amount": "5000", "currency": "EUR"})
    assert "terms.agreed" in [fact.kind for fact in ctx.session.execute(timeline(account.id)).scalars()]


def test_what_he_knew_then_is_told_to_those_alone_who_may_know_it(ctx, account):
    made = actions.agree(ctx, account, discount="5", until_on=until(ctx))
    for lost, left in (("credit.read", {"tier"}), ("loyalty.read", {"credit"})):
        less = replace(ctx, actor=replace(ctx.actor, permissions=frozenset({"accounts.read", "terms.read", "credit.read", "loyalty.read"} - {lost})))
        assert set(queries.in_force(less, account.id)[0].facts) == set(queries.history(less, account)[0].terms.facts) == set(queries.known_facts(less, made.facts)) == left
    assert set(made.facts) == {"credit", "tier"}


def test_it_is_taken_back_by_another_row_with_a_reason_once(ctx, account):
    made = actions.agree(ctx, account, discount="5", until_on=until(ctx))
    with pytest.raises(Refused, match="terms_reason"):
        actions.withdraw(ctx, made.id, "  ")
    assert actions.withdraw(ctx, made.id, "He ordered half of it").back.withdrawn_by == ctx.actor.id
    assert queries.in_force(ctx, account.id) == [] and made.discount == 5
    (past,) = queries.history(ctx, account)
    assert (past.why, past.by, past.over) == ("He ordered half of it", ctx.actor.name, False)
    with pytest.raises(Conflict, match="terms_withdrawn"):
        actions.withdraw(ctx, made.id, "Again")


@pytest.mark.parametrize("change", ["UPDATE agreed_terms SET discount = 50", "UPDATE agreed_terms SET words = 'x'", "UPDATE agreed_terms SET facts = '{}'", "UPDATE agreed_terms SET agreed_by = (SELECT id FROM app_user WHERE id <> agreed_by LIMIT 1)", "DELETE FROM agreed_terms", "UPDATE terms_withdrawal SET reason = 'x'", "DELETE FROM terms_withdrawal"])
def test_the_database_refuses_to_change_or_delete_it(ctx, account, change):
    actions.withdraw(ctx, actions.agree(ctx, account, discount="5", until_on=until(ctx)).id, "A slip")
    with pytest.raises(DBAPIError, match="not changed"), ctx.session.begin_nested():
        ctx.session.execute(text(change))


def test_a_merge_may_move_it_to_the_account_that_stays(ctx, account):
    other = parties.create_account(ctx, name="Nordlicht Optik")
    ctx.session.flush()
    actions.agree(ctx, account, discount="5", until_on=until(ctx))
    ctx.session.execute(text("UPDATE agreed_terms SET account_id = :key").bindparams(key=other.id))
    assert len(queries.in_force(ctx, other.id)) == 1


@pytest.mark.parametrize(("given", "code"), [
    ({}, "terms_empty"), ({"words": "  "}, "terms_empty"), ({"price": "5"}, "terms_price"), ({"discount": "101"}, "not_a_percent"), ({"payment_days": "366"}, "not_whole"), ({"product_id": str(uuid4()), "price": "5"}, "product_unknown"), ({"grade": "x"}, "unknown_field"),
])
def test_what_says_nothing_or_nonsense_is_refused(ctx, account, given, code):
    with pytest.raises(Refused) as refused:
        actions.agree(ctx, account, until_on=until(ctx), **given)
    assert code in [one.code for one in errors_of(refused.value)]


def test_an_end_is_needed_and_lies_ahead(ctx, account):
    for end, code in ((None, "terms_until"), (ctx.tenant_today - timedelta(days=1), "terms_past")):
        with pytest.raises(Refused, match=code):
            actions.agree(ctx, account, discount="5", until_on=end)


def test_who_looked_at_other_facts_is_asked_again(ctx, account):
    seen = queries.mark_of(queries.facts_of(ctx, account))
    credit.set_grade(ctx, account, grade="big_good", reason="New", until_on=until(ctx))
    with pytest.raises(Conflict, match="terms_facts_changed"):
        actions.agree(ctx, account, discount="5", until_on=until(ctx), seen=seen)
    actions.agree(ctx, account, discount="5", until_on=until(ctx), seen=queries.mark_of(queries.facts_of(ctx, account)))


def test_terms_end_with_their_day_and_held_when_they_held(world):
    with world.acme.ctx(now=NOW) as ctx:
        account = parties.create_account(ctx, name="Ending")
        ctx.session.flush()
        key = account.id
        actions.agree(ctx, account, discount="5", until_on=ctx.tenant_today)
    with world.acme.ctx(now=NOW + timedelta(days=1)) as ctx:
        assert queries.in_force(ctx, key) == [] and len(queries.in_force(ctx, key, at=NOW)) == 1
        assert queries.in_force(ctx, key, at=NOW - timedelta(hours=1)) == []


def test_only_who_may_agrees_and_only_about_whom_he_sees(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Own")
        ctx.session.flush()
        key = account.id
        with pytest.raises(Forbidden):
            actions.agree(ctx, account, discount="5", until_on=until(ctx))
    with world.acme.ctx("owner") as ctx:
        from core.parties.queries import one_account

        row = actions.agree(ctx, one_account(ctx, key), discount="5", until_on=until(ctx)).id
    with world.acme.ctx("rep") as ctx:
        assert queries.one(ctx, row).id == row
    with world.acme.ctx("colleague") as ctx, pytest.raises(NotFound):
        queries.one(ctx, row)
    with world.acme.ctx("rep") as ctx:
        object.__setattr__(ctx.actor, "permissions", ctx.actor.permissions - {"terms.read"})
        assert queries.in_force(ctx, key) == []
        with pytest.raises(NotFound):
            queries.one(ctx, row)


PRODUCT, OTHER = uuid4(), uuid4()


def agreed(**more):
    return Agreed(uuid4(), "Olga", NOW, NOW.date(), **more)


@pytest.mark.parametrize(("terms", "each", "wanted"), [
    ([], "95", None),
    ([agreed(product_id=PRODUCT, price=Decimal(90), currency="EUR")], "90", 0),
    ([agreed(product_id=PRODUCT, price=Decimal(90), currency="EUR")], "89.99", None),
    ([agreed(product_id=OTHER, price=Decimal(90), currency="EUR")], "95", None),
    ([agreed(product_id=PRODUCT, price=Decimal(90), currency="USD")], "95", None),
    ([agreed(discount=Decimal(10))], "90", 0),
    ([agreed(discount=Decimal(10))], "89", None),
    ([agreed(discount=Decimal(5)), agreed(discount=Decimal(15))], "89", 1),
    ([agreed(discount=Decimal(15)), agreed(product_id=PRODUCT, price=Decimal(88), currency="EUR")], "89", 1),
    ([agreed(payment_days=60)], "95", None),
])
def test_which_terms_cover_a_price(terms, each, wanted):
    found = covering(terms, product_id=PRODUCT, template_id=None, each=Decimal(each), list_price=Decimal(100), currency="EUR")
    assert found is (terms[wanted] if wanted is not None else None)




def test_what_was_agreed_of_a_product_holds_for_its_variants():
    terms = [agreed(product_id=PRODUCT, price=Decimal(90), currency="EUR")]
    price = {"each": Decimal(90), "list_price": Decimal(100), "currency": "EUR"}
    assert covering(terms, product_id=OTHER, template_id=PRODUCT, **price) is terms[0]
    assert covering(terms, product_id=OTHER, template_id=OTHER, **price) is None and covering(terms, product_id=None, template_id=None, **price) is None


def test_what_was_agreed_outlives_the_samples_the_product_and_the_end_of_the_bin(ctx, account, tray):
    from core.privacy.purging import purge
    from tenants import samples

    account.external_id = "sample:0"
    made, other = (actions.agree(ctx, account, product_id=tray.id, price="88", until_on=until(ctx)) for _ in range(2))
    actions.withdraw(ctx, other.id, "A slip")
    products.delete_product(ctx, tray)
    assert queries.in_force(ctx, account.id)[0].product == "Steel tray"
    assert samples.remove_all(ctx) == 1
    with pytest.raises(NotFound):
        queries.one(ctx, made.id)
    account_id, terms_ids = account.id, {made.id, other.id}
    later = replace(ctx, now=ctx.now + timedelta(days=400))
    assert purge(later, b"k" * 32)["accounts"] >= 1
    ctx.session.expire_all()
    rows = ctx.session.execute(text("SELECT id, account_id, product_id, price FROM agreed_terms WHERE id = ANY(:ids)"), {"ids": list(terms_ids)}).all()
    assert {row.id for row in rows} == terms_ids and {(row.account_id, row.product_id, row.price) for row in rows} == {(None, tray.id, Decimal(88))}
    assert ctx.session.execute(text("SELECT count(*) FROM account WHERE id = :id"), {"id": account_id}).scalar_one() == 0
    assert ctx.session.execute(text("SELECT count(*) FROM terms_withdrawal WHERE terms_id = :id"), {"id": other.id}).scalar_one() == 1
