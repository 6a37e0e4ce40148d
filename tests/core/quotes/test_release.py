"""Whose credit grade wants it gets no quote without somebody's yes (PRODUCT.md F7)."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from core.base.errors import Conflict, Refused
from core.base.facts import Fact
from core.credit import actions as credit
from core.identity.queries import actor_of
from core.parties import actions as parties
from core.quotes import approving, drafting, lining, queries, sending


def beside(ctx, house, who):
    """The same transaction, seen by another of the cast."""
    return replace(ctx, actor=actor_of(house.users[who]))


def test_a_quote_to_whom_the_grade_wants_a_release_waits_for_a_yes(as_, shared_house):
    owner = as_("owner")
    account = parties.create_account(owner, name="Small and late", owner_id=None)
    owner.session.flush()
    credit.set_grade(owner, account, grade="small_bad", reason="Three open invoices", until_on="2099-01-01")
    rep = beside(owner, shared_house, "rep")
    quote = drafting.create_quote(rep, name="To the late one", account_id=account.id)
    lining.save_lines(rep, quote, [{"name": "Tray", "unit_price": "10"}])
    with pytest.raises(Refused) as refused:
        sending.send_quote(rep, quote)
    assert refused.value.code == "quote_needs_release" and quote.number is None
    approving.ask(rep, quote, note="He pays beforehand")
    approving.approve(owner, quote)
    assert sending.send_quote(rep, quote).state == "sent"
    other = drafting.create_quote(owner, name="By the owner", account_id=account.id)
    lining.save_lines(owner, other, [{"name": "Tray", "unit_price": "10"}])
    sent = sending.send_quote(owner, other)
    assert sent.approved_by == owner.actor.id


@pytest.fixture
def asked(as_, shared_house):
    """(owner, quote) of a draft that waits for a release, of one that the rep wrote."""
    owner = as_("owner")
    account = parties.create_account(owner, name="Small and late", owner_id=None)
    owner.session.flush()
    credit.set_grade(owner, account, grade="small_bad", reason="Three open invoices", until_on="2099-01-01")
    rep = beside(owner, shared_house, "rep")
    quote = drafting.create_quote(rep, name="To the late one", account_id=account.id)
    lining.save_lines(rep, quote, [{"name": "Tray", "unit_price": "10"}])
    approving.ask(rep, quote, note="He pays beforehand")
    return owner, rep, quote


def test_a_yes_is_to_what_was_read(asked):
    owner, rep, quote = asked
    read = queries.draft_of(owner, quote).version
    lining.save_lines(rep, quote, [{"name": "Tray", "unit_price": "5"}])
    approving.ask(rep, quote, note="Again")
    with pytest.raises(Conflict):
        approving.approve(owner, quote, version=read)


def test_another_customer_or_owner_needs_another_yes(asked):
    owner, _, quote = asked
    approving.approve(owner, quote)
    assert approving.yes_of(owner, quote).decided_by == owner.actor.id
    other = parties.create_account(owner, name="Somebody else", owner_id=None)
    owner.session.flush()
    drafting.edit_quote(owner, quote, account_id=other.id)
    assert approving.yes_of(owner, quote) is None


def test_a_release_is_told_as_one(asked):
    owner, _, quote = asked
    approving.approve(owner, quote)
    kinds = set(owner.session.execute(select(Fact.kind).where(Fact.subject_id == quote.id)).scalars())
    assert "quote.released" in kinds and "quote.approved" not in kinds
