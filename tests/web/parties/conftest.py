"""Records of the rep in acme, and one of the other tenant, for the cast to walk over."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from core.activities import actions as log
from core.parties import actions


@dataclass
class Records:
    account: UUID
    contact: UUID
    activity: UUID
    foreign_account: UUID
    foreign_contact: UUID
    foreign_activity: UUID


def records_of(house, who):
    with house.ctx(who) as ctx:
        account = actions.create_account(ctx, name="Nordlicht Optik", city="Hamburg", phone="040 555 01", tags="fair", is_customer=True)
        contact = actions.create_contact(ctx, name="Sofie Brandt", account_id=account.id, mail="sofie@nordlicht.example")
        activity = log.log_activity(ctx, kind="call", account=account, contact=contact, body="Wants a quote", next_contact="tomorrow")
        return account.id, contact.id, activity.id


@pytest.fixture
def records(world) -> Records:
    """Fresh for every test."""
    return Records(*records_of(world.acme, "rep"), *records_of(world.globex, "owner"))
