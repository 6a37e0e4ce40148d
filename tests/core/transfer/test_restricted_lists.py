"""A restricted person is in no list that is taken out: not in the contact log, not among the recipients of a mailing."""

from io import BytesIO

import pytest

from core.activities import actions as log
from core.mailings.models import Mailing, MailingRecipient
from core.parties import actions, restricting
from core.transfer.wanted import Wanted, number_of, write
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    return House("restlists")


def taken(house, wanted):
    file = BytesIO()
    with house.ctx() as ctx:
        number = write(ctx, wanted, file)
        assert number == number_of(ctx, wanted)
    return file.getvalue().decode()


def test_a_restricted_person_is_in_no_list_that_is_taken_out(house):
    with house.ctx() as ctx:
        mailing = Mailing(name="M", subject="S", body="B", from_name="F")
        people = [actions.create_contact(ctx, name=name, mail=f"{name.lower()}@x.example") for name in ("Free", "Held")]
        ctx.session.add(mailing)
        ctx.session.flush()
        for one in people:
            log.log_activity(ctx, kind="note", contact=one, body=f"about {one.name}")
            ctx.session.add(MailingRecipient(mailing_id=mailing.id, contact_id=one.id, address=one.mail, address_norm=one.mail, name=one.name, lang="en", fields={}, next_at=ctx.now))
        ctx.session.flush()
        restricting.restrict(ctx, people[1], "disputed")
        key = mailing.id
    for text in (taken(house, Wanted("activities")), taken(house, Wanted("recipients", mailing_id=key))):
        assert "Free" in text and "Held" not in text
