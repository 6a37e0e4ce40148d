"""Enquiries are children of their lead: found, erased and purged with it, also where they hold no mail address."""

from types import SimpleNamespace
from uuid import uuid4

import pytest

from core.intake.models import Enquiry
from core.leads import actions as leads
from core.leads import converting
from core.leads.models import Lead
from core.parties import actions as parties
from core.parties.models import Contact
from core.privacy import requests
from core.privacy.purging import delete_for_good
from tenants import tombstones
from tests.core.privacy.conftest import ask, decide
from tests.support.intake import FIELDS, build, sent


@pytest.fixture
def came(house):
    """Somebody who wrote without a mail address, became a contact, and gave one later; and somebody else."""
    _, code = build(house, fields=[FIELDS[0], FIELDS[3]])
    key, other = (sent(house, code, given={"name": name, "message": "Please call"}) for name in ("Nomail Zander", "Somebody Else"))
    mail = f"zander-{uuid4().hex[:6]}@people.example"
    with house.ctx() as ctx:
        lead = converting.convert(ctx, ctx.session.get_one(Lead, ctx.session.get_one(Enquiry, key).lead_id))
        parties.edit_contact(ctx, ctx.session.get_one(Contact, lead.contact_id), mail=mail)
        return SimpleNamespace(enquiry=key, other=other, lead=lead.id, contact=lead.contact_id, mail=mail, name="Nomail Zander", secret="", phone="")


def left(house, *keys):
    with house.ctx() as ctx:
        return [ctx.session.get(Enquiry, key) is not None for key in keys]


def test_what_he_sent_without_a_mail_address_is_found_by_his_lead_and_erased(house, came):
    key = ask(house, came, "erase", tick=False)
    with house.ctx() as ctx:
        hits = {hit.row_key: (hit.why, hit.belongs) for hit in requests.hits(ctx, requests.one(ctx, key)) if hit.table_name == "enquiry"}
    assert hits == {str(came.enquiry): ("linked", True)}
    assert decide(house, key) == ["done"] and left(house, came.enquiry, came.other) == [False, True]


def test_it_goes_for_good_with_its_lead_and_stays_where_the_lead_stays(house, came):
    key = tombstones.chain_key(house.tenant.id)
    with house.ctx() as ctx:
        parties.delete_contact(ctx, ctx.session.get_one(Contact, came.contact))
        ctx.session.flush()
        delete_for_good(ctx, key, "contacts", came.contact)
    assert left(house, came.enquiry) == [True], "its lead is there still"
    with house.ctx() as ctx:
        leads.delete_lead(ctx, ctx.session.get_one(Lead, came.lead))
        ctx.session.flush()
        delete_for_good(ctx, key, "leads", came.lead)
    assert left(house, came.enquiry, came.other) == [False, True]
