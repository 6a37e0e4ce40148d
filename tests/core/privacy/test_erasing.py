"""X31, V14: an erased person stands nowhere any more: no table, no file, no Redis, no log; the audit's chain still holds."""

import logging
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from core.activities import actions as log
from core.activities.models import Activity
from core.audit import actions as audit
from core.audit.models import AuditEntry, AuditRedaction
from core.discussions.models import Comment
from core.files import actions as files
from core.files.models import Attachment
from core.mailings.models import MailingRecipient
from core.parties import actions as parties
from core.parties import marks, reach
from core.parties import queries as party_queries
from core.parties.models import Account, Contact
from core.parties.reach_models import ReachMark
from core.privacy import erasing, requests
from core.quotes.models import QuoteVersion
from tenants import entry, tombstones
from tests.core.privacy.conftest import ask, decide, erased
from tests.support import canaries
from tests.support.world import World
from workers.jobs.audit import anchor_of, seal_tenant


def problems(house):
    with house.ctx() as ctx:
        return audit.verify(ctx, tombstones.chain_key(house.tenant.id), anchor_of(house.tenant.id))


def test_the_person_really_stood_everywhere(house, who):
    """The negative control of what follows: the search finds every place."""
    found = {one.partition(".")[0].split(" ")[0] for one in canaries.everywhere(house, who.words)}
    assert found >= {
        "contact", "account", "activity", "comment", "attachment", "consent", "mailing", "mailing_recipient", "outgoing_mail", "import_row", "import_run", "export_run",
        "saved_view", "notification", "idempotency_key", "session", "outbox", "bulk_edit_row", "mailbox_arrival", "audit_entry", "fact", "file",
    }


def test_nothing_of_the_person_is_left_and_the_rest_stays(house, who, caplog):
    seal_tenant(house.fresh())
    with caplog.at_level(logging.DEBUG):
        key = erased(house, who)
    assert canaries.everywhere(house, who.words) == []
    assert not [word for word in who.words if word in caplog.text]
    with house.ctx() as ctx:
        request = requests.one(ctx, key)
        assert ctx.session.get(Activity, who.other).body.startswith("Met Erased person") and ctx.session.get(Activity, who.other).body.endswith("The rest stays.")
        assert sum("The rest stays." in body for body in ctx.session.execute(select(Comment.body)).scalars()) == 1
        assert ctx.session.get(Contact, who.contact).name == requests.pseudonym(ctx, request)
        assert request.proof["tables"]["contact"] == 2 and request.proof["kept"]["consent"]["rows"] == 1 and request.who is None and request.mail_hash


def test_that_a_quote_was_accepted_stays_proven_without_him_and_what_another_said_stays_whole(house, who):
    """Under a name that nobody told, and at the company's quote under his own."""
    columns = (QuoteVersion.state, QuoteVersion.number, QuoteVersion.decided_at, QuoteVersion.accepted_total, QuoteVersion.proof)
    said = (QuoteVersion.decided_name, QuoteVersion.decided_from, QuoteVersion.decided_note)

    def of(what):
        with house.ctx() as ctx:
            return {name: tuple(ctx.session.execute(select(*what).where(QuoteVersion.id == key)).one()) for name, key in who.answers.items()}

    before = of(columns)
    key = erased(house, who)
    with house.ctx() as ctx:
        request = requests.one(ctx, key)
        mark, kept = requests.pseudonym(ctx, request), request.proof["kept"]["quote_version"]["rows"]
    assert of(columns) == before and kept == 3
    assert of(said) == {"taken": (mark, None, None), "company": (mark, None, None), "other": ("Somebody Else", "192.0.2.99", "The rest stays.")}
    assert problems(house) == []


def test_an_erased_person_is_offered_no_more(app, house, who):
    """Under "With" of the composer, and where a person is looked for by name."""
    owner = World.of(app, house).browser("owner")
    offered = lambda: str(who.contact) in re.search(r'<select[^>]*name="contact_id".*?</select>', owner.get(f"/accounts/{who.account}").text, re.S)[0]  # noqa: E731
    with house.ctx() as ctx:
        parties.create_contact(ctx, name="Somebody Else", account_id=who.account)
    assert offered()
    key = erased(house, who)
    assert not offered() and "Somebody Else" in owner.get(f"/accounts/{who.account}").text
    with house.ctx() as ctx:
        assert party_queries.quick_contacts(ctx, requests.pseudonym(ctx, requests.one(ctx, key))) == []
        assert [one.name for one in party_queries.quick_contacts(ctx, "Somebody")] == ["Somebody Else"]
        assert ctx.session.get(Contact, who.contact).erased_at is not None


def test_the_chain_holds_after_an_erasure_and_still_shows_what_else_is_changed(house, who, stack):
    seal_tenant(house.fresh())
    erased(house, who)
    assert problems(house) == []
    seal_tenant(house.fresh())
    assert problems(house) == []
    with house.ctx() as ctx:
        entry_id = ctx.session.execute(select(AuditRedaction.entry_id).limit(1)).scalar_one()
    tamper(house, f"UPDATE audit_entry SET changes = '{{\"name\": [\"x\", \"y\"]}}' WHERE id = '{entry_id}'")
    assert [(one.kind, one.entry_id) for one in problems(house)] == [("changed", entry_id)]


def tamper(house, statement):
    """What somebody with the owner's password could do."""
    from infra.db import database

    with database().owner() as connection, connection.transaction():
        connection.execute(f"SET LOCAL search_path = {house.fresh().schema_name}, ext")
        connection.execute("ALTER TABLE audit_entry DISABLE TRIGGER append_only")
        connection.execute(statement)
        connection.execute("ALTER TABLE audit_entry ENABLE TRIGGER append_only")


def test_a_forged_entry_is_not_made_good_by_an_erasure(house, who):
    """Whoever changed an entry beforehand must not have it countersigned."""
    seal_tenant(house.fresh())
    with house.ctx() as ctx:
        forged = ctx.session.execute(select(AuditEntry.id).where(AuditEntry.row_id == who.contact, AuditEntry.action == "update").limit(1)).scalar_one()
    tamper(house, f"UPDATE audit_entry SET changes = changes || '{{\"phone\": [\"1\", \"2\"]}}' WHERE id = '{forged}'")
    erased(house, who)
    assert [(one.kind, one.entry_id) for one in problems(house)] == [("changed", forged)]


@pytest.mark.parametrize("table, column, kept", [
    ("audit_entry", "changes", '{"name": ["Somebody", "else"]}'), ("audit_entry", "changes", '{"more": 1}'), ("fact", "params", '{"more": 1}'), ("app_user", "name", '{}'),
])
def test_what_redacts_can_only_take_away(house, who, table, column, kept):
    with house.ctx() as ctx:
        key = ctx.session.execute(text(f"SELECT id FROM {table} WHERE {column} IS NOT NULL LIMIT 1")).scalar_one()
        with pytest.raises(Exception, match="only takes away|nothing to redact"), ctx.session.begin_nested():
            ctx.session.execute(text("SELECT ext.redact(:t, :id, CAST(:kept AS jsonb))"), {"t": table, "id": key, "kept": kept})


def test_who_is_only_called_the_same_keeps_his_data(house, who):
    """A name alone is nobody's: rows found by it are not taken before a person ticks them."""
    with house.ctx() as ctx:
        double = Contact(name=who.name, mail="double@birds.example", mail_norm="double@birds.example", notes="Somebody else")
        ctx.session.add(double)
        ctx.session.flush()
        key_of_double = double.id
    key = ask(house, who, "erase", tick=False)
    with house.ctx() as ctx:
        request = requests.one(ctx, key)
        hits = {(hit.table_name, hit.row_key): hit for hit in requests.hits(ctx, request)}
        assert hits["contact", str(who.contact)].belongs and not hits["contact", str(key_of_double)].belongs
        assert not any(hit.belongs for hit in hits.values() if hit.why == "name" and hit.table_name in ("comment", "saved_view", "mailing"))
    assert decide(house, key) == ["done"]
    with house.ctx() as ctx:
        assert ctx.session.get(Contact, key_of_double).notes == "Somebody else" and ctx.session.get(Contact, key_of_double).name == who.name


def test_a_letter_on_its_way_is_stopped(house, who):
    erased(house, who)
    with house.ctx() as ctx:
        assert ctx.session.execute(select(MailingRecipient.state, MailingRecipient.reason).where(MailingRecipient.contact_id == who.contact)).one() == ("suppressed", "erased")


def test_an_import_at_work_is_waited_for(house, who):
    from core.base.errors import Refused
    from core.transfer.models import ImportRun

    with house.ctx() as ctx:
        ctx.session.execute(update(ImportRun).values(state="running"))
        with pytest.raises(Refused, match="erase_meets_import"):
            erasing.erase(ctx, b"k", rows_of(who))


def rows_of(who):
    from core.privacy.rows import Person

    return Person(ids={who.contact}, mark="Gone")


def test_an_erasure_may_be_done_twice(house, who):
    key = erased(house, who)
    with house.ctx() as ctx:
        again = erasing.erase(ctx, tombstones.chain_key(house.tenant.id), rows_of(who))
        assert again.counts.get("fact", 0) >= 0 and ctx.session.execute(select(func.count()).select_from(Contact)).scalar_one() == 2  # the person, and whoever was merged into her
        assert requests.one(ctx, key).state == "done"
    assert canaries.everywhere(house, who.words) == []


def test_what_was_deleted_for_good_before_is_not_left_in_the_audit(house, who):
    """A file's row goes 90 days after the file, and the audit keeps the row whole: its name and what else was his."""
    with house.ctx() as ctx:
        files.delete_file(ctx, ctx.session.execute(select(Attachment).where(Attachment.record_id == who.contact)).scalar_one())
    with house.ctx(now=entry.utcnow() + timedelta(days=91)) as ctx:
        assert files.tidy(ctx) == {"files": 1}
    assert "audit_entry.changes" in canaries.everywhere(house, [f"{who.name}.txt"])
    key = erased(house, who)
    assert canaries.everywhere(house, who.words) == [] and problems(house) == []
    with house.ctx() as ctx:
        assert requests.one(ctx, key).proof["tables"]["audit_entry"] > 0


def test_a_further_address_that_was_changed_since_is_found_in_old_texts(house, who):
    """What a further address was stands in the audit alone, and in what was written when it was true."""
    with house.ctx() as ctx:
        point = reach.add_point(ctx, ctx.session.get_one(Contact, who.contact), "mail", f"old.{who.mail.replace('canary', 'finch')}")
        old = point.value
        reach.edit_point(ctx, point, value=f"new.{who.mail}")
        said = log.log_activity(ctx, kind="note", account=ctx.session.get_one(Account, who.account), body=f"Wrote to {old}. The rest stays.").id
    erased(house, who)
    assert canaries.everywhere(house, [old]) == []
    with house.ctx() as ctx:
        assert ctx.session.get_one(Activity, said).body.endswith("The rest stays.")


def test_another_person_who_shares_a_number_or_whose_notes_name_him_is_not_erased_unasked(house, who):
    """Ticked beforehand is his own record alone: one press must not erase a colleague at the same switchboard."""
    with house.ctx() as ctx:
        beside = parties.create_contact(ctx, name="At the next desk", phone=who.phone, notes=f"Sits beside {who.mail}. The rest stays.").id
    key = ask(house, who, "erase", tick=False)
    with house.ctx() as ctx:
        belongs = {hit.row_key: hit.belongs for hit in requests.hits(ctx, requests.one(ctx, key)) if hit.table_name == "contact"}
    assert (belongs[str(who.contact)], belongs[str(beside)]) == (True, False)
    assert decide(house, key) == ["done"]
    with house.ctx() as ctx:
        other, mark = ctx.session.get_one(Contact, beside), requests.pseudonym(ctx, requests.one(ctx, key))
        assert (other.name, other.phone, other.notes) == ("At the next desk", who.phone, f"Sits beside {mark}. The rest stays.")


def test_what_is_known_of_a_number_goes_with_the_last_who_has_it_and_that_it_must_not_be_called_stays(house, who):
    with house.ctx() as ctx:
        person, other = ctx.session.get_one(Contact, who.contact), parties.create_contact(ctx, name="Flatmate", phone="+49 431 5550001")
        ctx.session.flush()
        for number in ("+49 431 5550001", "+49 431 5550002", "+49 431 5550003"):
            reach.add_point(ctx, person, "phone", number)
            marks.mark_invalid(ctx, person, "phone", number, "wrong", note="wrong number")
        marks.opt_out(ctx, person, "phone", "+49 431 5550003")
        assert other.phone
    key = ask(house, who, "erase", tick=False)
    assert decide(house, key) == ["done"]
    with house.ctx() as ctx:
        left = dict(ctx.session.execute(select(ReachMark.key, ReachMark.note).where(ReachMark.kind == "phone")).all())
        assert left == {"315550001": "wrong number", "315550003": None}
        proof = requests.one(ctx, key).proof
        assert proof["kept"]["reach_mark"]["rows"] == 1
    assert canaries.everywhere(house, ["315550002", "31 5550002"]) == []
