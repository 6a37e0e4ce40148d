"""The brief holds what the rooms know, as far as the actor may know it, in few statements."""

import pytest

from core.base.errors import NotFound
from core.base.hiding import apply
from core.briefs import queries
from core.parties.queries import one_account
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


def test_a_room_that_is_not_his_is_absent_and_an_account_unseen_is_not_there(world):
    from tests.core.briefs.conftest import fill

    with world.acme.ctx("rep") as ctx:
        key = fill(ctx)[0].id
    with world.acme.ctx("colleague") as ctx, pytest.raises(NotFound):
        queries.of_account(ctx, key)
    with world.acme.ctx("reader") as ctx:
        object.__setattr__(ctx.actor, "permissions", frozenset({"accounts.read"}))
        found = queries.of_account(ctx, key)
    assert (found.people, found.log, found.deals, found.lost, found.quotes, found.stands) == (None,) * 6
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
