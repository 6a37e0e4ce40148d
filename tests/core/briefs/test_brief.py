"""The brief holds what the rooms know, as far as the actor may know it, in few statements."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.base.errors import NotFound
from core.base.hiding import apply
from core.briefs import queries
from core.deals import actions as deals
from core.deals.models import Deal, DealStage
from core.parties.queries import one_account
from core.products import rating
from tests.support.statements import counted

MOST = 15


def test_it_gathers_who_he_is_what_was_promised_and_what_to_say(ctx, customer):
    account, person, deal = customer(ctx)
    with counted() as sent:
        found = queries.of_account(ctx, account.id)
    assert len(sent) <= MOST
    assert [one.name for one in found.people] == ["Sofie Brandt"] and found.people[0].title == "Head of purchasing"
    assert found.owner == ctx.actor.name and found.log.a_year == found.log.a_season == 2
    assert [(one.what, one.broken) for one in found.log.promises] == [("Send the samples", True)]
    assert [(one.name, one.step) for one in found.deals] == [("Forty trays", "Call about the drawing")]
    assert [(one.name, one.why) for one in found.lost] == [("Old racks", "Too dear")]
    assert sorted((one.name, one.amount) for one in found.won.newest) == [("Counter", 8000), ("Ten trays", 3100)] and (found.won.number, found.won.amount, found.won.currency) == (2, 11100, "EUR")
    assert [(one.name, one.count, one.gone) for one in found.log.knows] == [(ctx.actor.name, 2, False)]
    assert [one.code for one in found.words] == ["broken", "birthday_age", "overdue", "lost"]


def test_of_a_person_it_says_what_is_about_him_alone(ctx, customer):
    account, person, _ = customer(ctx)
    with counted() as sent:
        found = queries.of_contact(ctx, person.id)
    assert len(sent) <= MOST
    assert (found.name, found.above, found.title) == ("Sofie Brandt", "Nordlicht", "Head of purchasing")
    assert [one.text for one in found.log.talks] == ["Agreed: ten percent until March"] and found.log.promises == []
    assert found.people is None and found.deals == () and ("mail", "sofie@nordlicht.example") in found.ways


def test_what_was_won_is_summed_at_the_rates_of_the_day_and_not_at_all_without_one(ctx, customer):
    account, _, _ = customer(ctx)
    sold = deals.create_deal(ctx, name="Oven", account_id=account.id, amount="500", currency="CHF")
    ctx.session.flush()
    ctx.session.execute(update(Deal).where(Deal.id == sold.id).values(state="won", closed_at=ctx.now + timedelta(minutes=1), stage_id=select(DealStage.id).where(DealStage.kind == "won").limit(1).scalar_subquery()))
    found = queries.of_account(ctx, account.id).won
    assert (found.number, found.amount, found.newest[0].name, found.newest[0].currency) == (3, None, "Oven", "CHF")
    rating.add_currency(ctx, "CHF")
    rating.store_rate(ctx, currency="CHF", rate="2", day=ctx.today)
    assert queries.of_account(ctx, account.id).won.amount == 11350


def test_a_room_that_is_not_his_is_absent_and_an_account_unseen_is_not_there(world):
    from tests.core.briefs.conftest import fill

    with world.acme.ctx("rep") as ctx:
        key = fill(ctx)[0].id
    with world.acme.ctx("colleague") as ctx, pytest.raises(NotFound):
        queries.of_account(ctx, key)
    with world.acme.ctx("reader") as ctx:
        object.__setattr__(ctx.actor, "permissions", frozenset({"accounts.read"}))
        found = queries.of_account(ctx, key)
    assert (found.people, found.log, found.deals, found.lost, found.won, found.quotes, found.stands) == (None,) * 7
    assert found.words == ()


def test_what_is_hidden_from_him_stands_in_no_part(ctx, customer):
    account, person, _ = customer(ctx)
    hidden = frozenset({"contacts.mail", "contacts.job_title", "contacts.birthday", "accounts.city", "accounts.industry", "accounts.phone"})
    object.__setattr__(ctx.actor, "hidden", hidden)
    apply(ctx.session, hidden)
    found = queries.of_account(ctx, one_account(ctx, account.id).id)
    assert "sofie@nordlicht.example" not in repr(found) and "Head of purchasing" not in repr(found) and "Optics" not in repr(found) and "Kiel" not in repr(found)
    assert found.dates == () and found.ways == ()


def test_what_is_about_a_person_whom_he_does_not_see_stays_out(world):
    from tests.core.briefs.conftest import fill

    with world.acme.ctx("owner") as ctx:
        account, person, _ = fill(ctx, "Shared")
        account.owner_id, person.owner_id, key = None, ctx.actor.id, account.id
    with world.acme.ctx("colleague") as ctx:
        found = queries.of_account(ctx, key)
    assert found.people == () and [one.text for one in found.log.talks] == ["Asked for samples"]
    assert "Sofie" not in repr(found)
