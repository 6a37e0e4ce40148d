"""The end of the recycle bin: after its days a record goes for good with what is its own; what hangs elsewhere too stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.activities.models import Activity
from core.base.errors import Forbidden, NotFound, Refused
from core.consent.models import Consent
from core.mailboxes.models import MailboxArrival
from core.mailings.models import MailingRecipient
from core.parties import actions as parties
from core.parties import queries
from core.parties.models import Account, Contact
from core.privacy import purging
from tenants import entry, tombstones
from tests.core.privacy.test_erasing import problems
from tests.support import canaries
from workers.jobs.audit import seal_tenant
from workers.jobs.privacy import purge_tenant


def deleted(house, model, key, days):
    with house.ctx() as ctx:
        ctx.session.execute(update(model).where(model.id == key).values(deleted_at=entry.utcnow() - timedelta(days=days)))


def there(house, model, key):
    with house.ctx() as ctx:
        return ctx.session.get(model, key) is not None


def test_ninety_days_are_kept_and_not_one_more(house, who):
    deleted(house, Contact, who.contact, 89)
    assert purge_tenant(house.fresh()) == 0 and there(house, Contact, who.contact)
    with house.ctx() as ctx:
        assert purging.would_go(ctx) == {"accounts": 0, "contacts": 0, "deals": 0, "leads": 0, "quotes": 0} and purging.would_go(ctx, 80) == {"accounts": 0, "contacts": 1, "deals": 0, "leads": 0, "quotes": 0}
    deleted(house, Contact, who.contact, 91)
    assert purge_tenant(house.fresh()) == 1 and not there(house, Contact, who.contact)


def test_what_is_his_own_goes_and_what_hangs_elsewhere_stays(house, who):
    seal_tenant(house.fresh())
    deleted(house, Contact, who.contact, 100)
    purge_tenant(house.fresh())
    with house.ctx() as ctx:
        assert ctx.session.get(Activity, who.own).contact_id is None and ctx.session.get(Activity, who.own).account_id == who.account
        recipient = ctx.session.execute(select(MailingRecipient)).scalar_one()
        assert recipient.contact_id is None and recipient.address is None and recipient.name is None
        assert ctx.session.execute(select(Consent.contact_id, Consent.proof, Consent.erased)).one() == (None, None, True)
    left = canaries.everywhere(house, [who.secret])
    with house.ctx() as ctx:  # a mail that nobody has let in yet is of no person's record
        left = set(left) - {f"file {key.rpartition('/')[2]}" for key in ctx.session.execute(select(MailboxArrival.raw_key)).scalars()}
    assert not {one for one in left if one.startswith(("contact", "comment", "attachment", "file", "notification", "consent", "bulk_edit_row", "import_row"))}
    assert problems(house) == []


def test_a_company_goes_without_its_people(house, who):
    with house.ctx() as ctx:
        below = parties.create_account(ctx, name="Branch", parent_id=who.account).id
    deleted(house, Account, who.account, 100)
    purge_tenant(house.fresh())
    with house.ctx() as ctx:
        assert ctx.session.get(Account, who.account) is None
        assert ctx.session.get(Contact, who.contact).account_id is None and ctx.session.get(Account, below).parent_id is None
        assert ctx.session.get(Activity, who.own).contact_id == who.contact and ctx.session.get(Activity, who.other) is None


def test_a_restricted_person_is_kept(house, who):
    from core.parties.restricting import restrict

    with house.ctx() as ctx:
        restrict(ctx, queries.one_contact(ctx, who.contact), "disputed")
    deleted(house, Contact, who.contact, 400)
    assert purge_tenant(house.fresh()) == 0 and there(house, Contact, who.contact)
    with house.ctx() as ctx, pytest.raises(Refused, match="contact_restricted"):
        purging.delete_for_good(ctx, b"k", "contacts", who.contact)


def test_for_good_now_is_for_the_bin_and_for_whoever_may(house, who):
    key = tombstones.chain_key(house.tenant.id)
    with house.ctx() as ctx, pytest.raises(NotFound):
        purging.delete_for_good(ctx, key, "contacts", who.contact)
    deleted(house, Contact, who.contact, 1)
    with house.ctx("manager") as ctx, pytest.raises(Forbidden):
        purging.delete_for_good(ctx, key, "contacts", who.contact)
    with house.ctx() as ctx:
        purging.delete_for_good(ctx, key, "contacts", who.contact)
    assert not there(house, Contact, who.contact)


def test_the_days_are_a_setting_within_bounds(house, who):
    deleted(house, Contact, who.contact, 20)
    with house.ctx() as ctx:
        for days in (6, 366, None):
            with pytest.raises(Refused, match="bin_days_range"):
                purging.change_bin_days(ctx, days)
        purging.change_bin_days(ctx, 14)
        assert purging.bin_days(ctx) == 14
    assert purge_tenant(house.fresh()) == 1
