"""A lead becomes a customer's, whole or not at all, and back."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from core.activities import actions as log
from core.base.errors import Conflict, NotFound, Refused
from core.base.facts import timeline
from core.deals import actions as deals
from core.deals.models import Deal
from core.leads import actions, converting, judging
from core.parties import actions as parties
from core.parties.models import Account, Contact

NOBODY = UUID("7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11")


@pytest.fixture
def lead(ctx):
    return actions.capture(
        ctx, name="Ada Lace", company="Lace Works", mail="ada@lace.example", phone="+49 40 1234567", city="Kiel", interest="Forty trays", message="Soon", source="form",
        touch={"utm_source": "fair", "utm_campaign": "Spring"},
    )


def counts(ctx):
    return [ctx.session.execute(select(func.count()).select_from(model)).scalar_one() for model in (Account, Contact, Deal)]


def test_nothing_is_typed_again_and_the_first_click_reaches_the_deal(ctx, lead):
    converting.convert(ctx, lead, deal={}, version=lead.version)
    account, contact, deal = (ctx.session.get_one(model, key) for model, key in ((Account, lead.account_id), (Contact, lead.contact_id), (Deal, lead.deal_id)))
    assert (account.name, account.city, account.kind) == ("Lace Works", "Kiel", "company")
    assert (contact.name, contact.mail, contact.phone, contact.account_id) == ("Ada Lace", "ada@lace.example", "+49 40 1234567", account.id)
    assert (deal.name, deal.account_id, deal.contact_id, deal.notes, deal.source, deal.campaign) == ("Forty trays", account.id, contact.id, "Soon", "Form", "Spring")
    assert deal.first_touch["utm_source"] == "fair" and (lead.state, lead.owner_id) == ("converted", ctx.actor.id)
    for subject in (lead.id, account.id, contact.id, deal.id):
        assert "lead.converted" in [row.kind for row in ctx.session.execute(timeline(subject, limit=9)).scalars()]


@pytest.mark.parametrize(("source", "said"), [("form", "Formulario"), ("self", "Hallado por el responsable"), ("Fair in Kiel", "Fair in Kiel"), (None, None)])
def test_a_source_of_ours_is_written_out_in_the_workspaces_language(ctx, source, said):
    there = replace(ctx, tenant=replace(ctx.tenant, locale="es"))
    found = actions.create_lead(there, name="Ada", company="Lace", source=source)
    converting.convert(there, found, deal={})
    assert {ctx.session.get_one(model, key).source for model, key in ((Account, found.account_id), (Contact, found.contact_id), (Deal, found.deal_id))} == {said}


def test_it_links_what_is_there_and_leaves_out_what_is_not_wanted(ctx, lead):
    account = parties.create_account(ctx, name="Lace Works GmbH")
    ctx.session.flush()
    before = counts(ctx)
    converting.convert(ctx, lead, account=account.id, contact="none")
    assert (lead.account_id, lead.contact_id, lead.deal_id) == (account.id, None, None) and counts(ctx) == before


@pytest.mark.parametrize(("given", "code"), [
    ({"account": "none", "contact": "none"}, "lead_nothing_chosen"), ({"account": "x"}, "unknown_value"), ({"deal": {"stage_id": NOBODY}}, "stage_unknown"), ({"deal": {"amount": "-1"}}, "amount_negative"),
])
def test_a_refused_conversion_leaves_nothing_behind(ctx, lead, given, code):
    before = counts(ctx)
    with pytest.raises(Refused) as refused, ctx.session.begin_nested():
        converting.convert(ctx, lead, **given)
    ctx.session.expire_all()
    assert refused.value.code == code and counts(ctx) == before and lead.state == "new"


def test_what_is_out_of_sight_ended_or_converted_is_not_converted(ctx, lead):
    with pytest.raises(NotFound), ctx.session.begin_nested():
        converting.convert(ctx, lead, account=NOBODY)
    judging.judge(ctx, lead, "returned", reason="no_need")
    with pytest.raises(Refused) as refused:
        converting.convert(ctx, lead)
    assert refused.value.code == "lead_ended"
    judging.judge(ctx, lead, "new")
    converting.convert(ctx, lead)
    with pytest.raises(Refused) as refused:
        converting.convert(ctx, lead)
    assert refused.value.code == "lead_converted"
    with pytest.raises(Refused):
        judging.judge(ctx, lead, "accepted")


def test_taken_back_what_it_made_goes_into_the_bin_and_what_was_linked_stays(ctx, lead):
    contact = parties.create_contact(ctx, name="Ada Lace", mail="ada@lace.example")
    ctx.session.flush()
    judging.judge(ctx, lead, "accepted")
    converting.convert(ctx, lead, contact=contact.id, deal={})
    account, deal = ctx.session.get_one(Account, lead.account_id), ctx.session.get_one(Deal, lead.deal_id)
    with pytest.raises(Conflict):
        converting.take_back(ctx, lead, version=lead.version - 1)
    assert converting.take_back(ctx, lead, version=lead.version) == []
    assert (lead.state, lead.account_id, lead.converted_at) == ("accepted", None, None)
    assert account.deleted_at and deal.deleted_at and not contact.deleted_at


def test_what_somebody_worked_on_since_is_kept(ctx, lead):
    converting.convert(ctx, lead, deal={})
    contact, deal = ctx.session.get_one(Contact, lead.contact_id), ctx.session.get_one(Deal, lead.deal_id)
    log.log_activity(ctx, kind="call", contact=contact, body="He is glad")
    ctx.session.flush()
    assert converting.take_back(ctx, lead, version=lead.version) == ["contact", "account"]
    assert deal.deleted_at and not contact.deleted_at


def test_what_is_kept_keeps_what_it_hangs_on(ctx, lead):
    """The deal was worked on: its account and its person don't go into the bin below it."""
    converting.convert(ctx, lead, deal={})
    account, contact, deal = (ctx.session.get_one(model, key) for model, key in ((Account, lead.account_id), (Contact, lead.contact_id), (Deal, lead.deal_id)))
    deals.edit_deal(ctx, deal, amount=7)
    assert converting.take_back(ctx, lead, version=lead.version) == ["deal", "contact", "account"]
    assert not (account.deleted_at or contact.deleted_at or deal.deleted_at)


def test_an_account_stays_below_a_person_who_is_kept(ctx, lead):
    converting.convert(ctx, lead)
    account, contact = ctx.session.get_one(Account, lead.account_id), ctx.session.get_one(Contact, lead.contact_id)
    parties.edit_contact(ctx, contact, job_title="Buyer")
    assert converting.take_back(ctx, lead, version=lead.version) == ["contact", "account"] and not account.deleted_at


def test_all_that_nobody_touched_goes(ctx, lead):
    converting.convert(ctx, lead, deal={})
    made = [ctx.session.get_one(model, key) for model, key in ((Account, lead.account_id), (Contact, lead.contact_id), (Deal, lead.deal_id))]
    assert converting.take_back(ctx, lead, version=lead.version) == [] and all(one.deleted_at for one in made)


def test_taken_back_it_is_nobodys_again_since_when_it_was(ctx, lead):
    """Whoever converts a lead of the inbox takes it; back, it lies there again."""
    since = lead.state_since
    assert lead.owner_id is None
    converting.convert(replace(ctx, now=ctx.now + timedelta(days=2)), lead)
    assert lead.owner_id == ctx.actor.id
    converting.take_back(replace(ctx, now=ctx.now + timedelta(days=3)), lead, version=lead.version)
    assert (lead.owner_id, lead.state, lead.state_since) == (None, "new", since)
    actions.change_owner(ctx, lead, ctx.actor.id)
    converting.convert(ctx, lead)
    converting.take_back(ctx, lead, version=lead.version)
    assert lead.owner_id == ctx.actor.id
