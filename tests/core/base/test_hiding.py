"""What a transaction must not read for its actor, it can not read: whichever way it asks."""

from uuid import uuid4

import pytest
from sqlalchemy import func, literal, select, union_all, update
from sqlalchemy.orm import aliased

from core.audit.models import AuditEntry
from core.base import field_rights, hiding
from core.base.errors import Forbidden, Refused
from core.deals.rules import FIELDS as DEAL_FIELDS
from core.identity import queries as people
from core.identity import roles
from core.leads.rules import FIELDS as LEAD_FIELDS
from core.parties import actions, queries
from core.parties.models import Account, Contact
from core.parties.rules import ACCOUNT_FIELDS, CONTACT_FIELDS
from core.quotes.rules import FIELDS as QUOTE_FIELDS
from tests.support.world import House

HIDDEN = ["accounts.annual_revenue", "contacts.birthday", "contacts.mail", "contacts.tags"]
OTHER = aliased(Contact)


@pytest.fixture(scope="module")
def house(app):
    """A house whose salespeople don't know some fields and must not change another."""
    found = House(f"hide-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), visibility="all", changing="all", hidden=HIDDEN, protected=["contacts.job_title", "accounts.owner_id"])
    with found.ctx() as ctx:
        for user in people.users(ctx):
            found.users[user.mail.partition("@")[0]] = user
    return found


@pytest.fixture(scope="module")
def key(house):
    with house.ctx() as ctx:
        account = actions.create_account(ctx, name="Nordlicht", annual_revenue="12345")
        contact = actions.create_contact(ctx, name="Ada", mail="ada@secret.example", birthday="1990-02-03", tags=["secret"], job_title="CFO")
        ctx.session.flush()
        actions.edit_contact(ctx, contact, mail="ada2@secret.example", job_title="CEO", account_id=str(account.id))
        return contact.id


def test_a_loaded_record_has_nothing_in_a_hidden_field(house, key):
    with house.ctx("rep") as ctx:
        contact = queries.one_contact(ctx, key)
        assert (contact.mail, contact.mail_norm, contact.birthday, contact.tags, contact.job_title) == (None, None, None, [], "CEO")
        ctx.session.refresh(contact, with_for_update=True)
        assert contact.mail is None
        ctx.session.expire(contact)
        assert contact.mail is None and contact.name == "Ada"
        assert ctx.session.get(Account, contact.account_id).annual_revenue is None
        assert all(one.mail is None for one in ctx.session.execute(select(aliased(Contact, select(Contact).subquery()))).scalars())


def test_what_is_blanked_is_not_saved(house, key):
    with house.ctx("rep") as ctx:
        actions.edit_contact(ctx, queries.one_contact(ctx, key), phone="+34 600 11 22 33")
    with house.ctx() as ctx:
        contact = queries.one_contact(ctx, key)
        assert (contact.mail, contact.tags, str(contact.birthday), contact.phone) == ("ada2@secret.example", ["secret"], "1990-02-03", "+34 600 11 22 33")


@pytest.mark.parametrize("query", [
    select(Contact.mail), select(Contact.id).where(Contact.mail_norm == "x"), select(Contact.id).order_by(Contact.birthday), select(func.lower(Contact.mail)),
    select(OTHER.mail), select(select(Contact.mail).cte("c").c.mail), select(select(Contact).subquery().c.mail), union_all(select(Contact.name), select(Contact.mail)),
    select(Contact.id).where(Contact.id.in_(select(OTHER.id).where(OTHER.mail.like("a%")))), select(func.count()).where(Contact.tags.contains(["secret"])),
    select(Account.id).where(select(literal(1)).where(Contact.mail_norm == "x", Contact.account_id == Account.id).exists()),
    select(Contact.id, func.count().over(partition_by=Contact.birthday)), update(Account).where(Account.annual_revenue > 5).values(notes="x"),
    select(Contact.__table__), select(select(Contact).subquery()), union_all(select(Contact.__table__), select(Contact.__table__)), select(Contact.id, select(Contact.mail).limit(1).scalar_subquery()),
    update(Contact).values(source="x").returning(Contact.mail), select(Contact, Contact.mail.label("name2")), select(Account.name).join(Contact, Contact.mail == Account.name),
], ids=lambda query: " ".join(str(query).split())[:60])
def test_a_statement_that_names_a_hidden_column_is_refused(house, key, query):
    with house.ctx("rep") as ctx, pytest.raises(Forbidden, match="field_hidden"):
        ctx.session.execute(query)
    with house.ctx() as ctx:
        ctx.session.execute(query)


def test_without_the_watch_it_would_be_answered(house, key, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(hiding, "apply", lambda *_: None)
    with house.ctx("rep") as ctx:
        assert ctx.session.execute(select(Contact.mail)).scalars().all() == ["ada2@secret.example"]
        assert queries.one_contact(ctx, key).mail == "ada2@secret.example"


def test_the_audit_tells_nothing_of_it(house, key):
    def told(who):
        with house.ctx(who) as ctx:
            entries = ctx.session.execute(select(AuditEntry).where(AuditEntry.row_id == key)).scalars()
            return set().union(*(one.changes or {} for one in entries))

    assert {"mail", "job_title"} <= told("owner")
    assert "job_title" in told("rep") and not told("rep") & {"mail", "mail_norm", "birthday", "tags"}


def test_a_hidden_field_is_written_as_little_as_one_that_is_not_there(house, key):
    with house.ctx("rep") as ctx:
        contact = queries.one_contact(ctx, key)
        with pytest.raises(Refused, match="unknown_field"):
            actions.edit_contact(ctx, contact, mail="mine@x.example")
        with pytest.raises(Refused, match="field_protected"):
            actions.edit_contact(ctx, contact, job_title="Janitor")
        with pytest.raises(Refused, match="field_protected"):
            actions.create_contact(ctx, name="New", job_title="Janitor")
        with pytest.raises(Refused, match="unknown_field"):
            actions.create_contact(ctx, name="New", mail="mine@x.example")
    with house.ctx() as ctx:
        contact = queries.one_contact(ctx, key)
        assert (contact.mail, contact.job_title) == ("ada2@secret.example", "CEO")


def test_a_protected_owner_stays_and_a_new_record_is_ones_own(house):
    with house.ctx("rep") as ctx:
        account = actions.create_account(ctx, name="Mine", owner_id=str(ctx.actor.id))
        ctx.session.flush()
        with pytest.raises(Refused, match="field_protected"):
            actions.change_owner(ctx, account, house.users["colleague"].id)
        with pytest.raises(Refused, match="field_protected"):
            actions.create_account(ctx, name="Not mine", owner_id=str(house.users["colleague"].id))
        assert account.owner_id == ctx.actor.id


def test_duplicates_are_met_without_it(house, key):
    with house.ctx("rep") as ctx:
        assert queries.likely_duplicates(ctx, {"type": "contact", "mail": "ada2@secret.example"}) == []
        found = queries.likely_duplicates(ctx, {"type": "contact", "name": "Ada", "mail": "ada2@secret.example"})
        assert [match.reasons for match in found] == [("name",)]
    with house.ctx() as ctx:
        assert [match.reasons for match in queries.likely_duplicates(ctx, {"type": "contact", "mail": "ada2@secret.example"})] == [("mail",)]


def test_a_list_goes_on_without_it(house, key):
    with house.ctx("rep") as ctx:
        rows = queries.contacts(ctx).rows
        assert {(row.name, row.mail, row.job_title) for row in rows} == {("Ada", None, "CEO")}
        assert queries.contacts(ctx, queries.Filters(search="ada2@secret")).rows == []
        with pytest.raises(Forbidden, match="field_hidden"):
            queries.contacts(ctx, queries.Filters(tag="secret"))


def test_the_rooms_say_all_their_fields():
    """A new field of a form is one that roles can hide or protect; what stays open is named here."""
    for room, fields in (("accounts", ACCOUNT_FIELDS), ("contacts", CONTACT_FIELDS), ("deals", DEAL_FIELDS), ("leads", LEAD_FIELDS), ("quotes", QUOTE_FIELDS)):
        guarded = hiding.GUARDED[room]
        behind = {column for one in hiding.MIRRORS if f"{one.room}.{one.field}" in {b.name for b in hiding.BEHIND} and one.room == room for column in one.columns}
        assert set(fields) - set(guarded.fields) - behind == {"name"}
        assert all(column in guarded.model.__table__.c for columns in guarded.fields.values() for column in columns)


def test_nothing_hidden_costs_nothing(house):
    with house.ctx() as ctx:
        assert ctx.session.info[hiding.KEY] is None and field_rights.shown(ctx, "contacts", (Contact.mail,)) == (Contact.mail,)
