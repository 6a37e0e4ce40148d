"""What is known of people: who may write and read it, and that nothing of it is told to anybody else."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.audit import queries as audit
from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.base.facts import Fact, FactSubject
from core.identity import queries as people
from core.identity import roles
from core.parties import actions as parties
from core.personal import actions, queries
from tenants import takeout
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    """marketing reads and writes contacts of everybody, without what is known of them."""
    return House(f"known-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "colleague": "sales", "marketing": "marketing", "service": "service", "reader": "reader"})


@pytest.fixture
def contact(house):
    with house.ctx("rep") as ctx:
        found = parties.create_contact(ctx, name="Ada")
        ctx.session.flush()
        ctx.session.expunge(found)
    return found


def add(house, who, contact, **given):
    with house.ctx(who) as ctx:
        fact = actions.add_fact(ctx, ctx.session.get_one(type(contact), contact.id), **({"body": "Green tea", "kind": "taste"} | given))
        ctx.session.flush()
        ctx.session.expunge(fact)
        return fact


def widen(house, permission):
    """One permission more for marketing."""
    with house.ctx("owner") as ctx:
        role = roles.one_role(ctx, "marketing")
        roles.edit_role(ctx, role, permissions=[*role.permissions, permission])
    with house.ctx("owner") as ctx:
        house.users["marketing"] = next(user for user in people.users(ctx) if user.role.code == "marketing")


def test_it_is_kept_with_how_it_is_known_since_when_and_by_whom(house, contact):
    add(house, "rep", contact, source="colleague", source_note="Said at the fair", noted_on="2026-05-03")
    with house.ctx("service") as ctx:
        (row,) = queries.facts_of(ctx, ctx.session.get_one(type(contact), contact.id))
        fact = row.PersonalFact
        assert (fact.kind, fact.body, fact.source, fact.source_note, str(fact.noted_on), row.noted_by_name) == ("taste", "Green tea", "colleague", "Said at the fair", "2026-05-03", "Rep")


@pytest.mark.parametrize(("given", "code"), [
    ({"body": "  "}, "personal_fact_empty"), ({"body": "x" * 2001}, "too_long"), ({"kind": "secret"}, "unknown_value"), ({"source": "x"}, "unknown_value"),
    ({"noted_on": "2999-01-01"}, "noted_in_future"), ({"noted_on": "soon"}, "not_a_date"),
])
def test_what_can_not_be_is_refused(house, contact, given, code):
    with pytest.raises(Refused, match=code):
        add(house, "rep", contact, **given)


def test_whoever_holds_no_permission_neither_reads_nor_writes(house, contact):
    fact = add(house, "rep", contact)
    for who in ("marketing", "reader"):
        with house.ctx(who) as ctx:
            with pytest.raises(Forbidden):
                queries.facts_of(ctx, ctx.session.get_one(type(contact), contact.id))
            with pytest.raises(Forbidden):
                queries.personal_facts(ctx)
            with pytest.raises(NotFound):
                queries.one_fact(ctx, fact.id)
            with pytest.raises(Forbidden):
                actions.edit_fact(ctx, ctx.session.get_one(type(fact), fact.id), body="x")
        with pytest.raises(Forbidden):
            add(house, who, contact)


def test_whoever_does_not_see_the_person_sees_nothing_of_him(house, contact):
    fact = add(house, "rep", contact)
    with house.ctx("colleague") as ctx:
        with pytest.raises(NotFound):
            queries.one_fact(ctx, fact.id)
        assert ctx.session.execute(queries.personal_facts(ctx).where(type(fact).id == fact.id)).first() is None
        with pytest.raises(NotFound):
            actions.delete_fact(ctx, ctx.session.get_one(type(fact), fact.id))


def test_no_timeline_and_no_audit_tells_it_to_who_may_not_know(house, contact):
    fact = add(house, "rep", contact, body="Has two daughters")
    with house.ctx("owner") as ctx:
        told = ctx.session.execute(select(FactSubject.subject_id).join(Fact, Fact.id == FactSubject.fact_id).where(Fact.kind == "personal_fact.added", Fact.subject_id == fact.id)).scalars().all()
        assert told == [fact.id], "it stands on no timeline but its own"
        assert any(entry.row_id == fact.id for entry in audit.entries(ctx, limit=200))
    widen(house, "audit.read")
    with house.ctx("marketing") as ctx:
        found = audit.entries(ctx, limit=200)
        assert found and not [entry for entry in found if entry.table_name == "personal_fact"] and audit.history(ctx, fact.id) == []


def test_everything_in_one_archive_is_not_for_who_may_not_know(house):
    widen(house, "takeout.run")
    with house.ctx("marketing") as ctx, pytest.raises(Forbidden):
        takeout.ask(ctx)


def test_two_at_once_are_merged_and_the_same_field_is_asked_about(house, contact):
    fact = add(house, "rep", contact)
    was = {"body": "Green tea", "kind": "taste"}
    with house.ctx("service") as ctx:
        actions.edit_fact(ctx, queries.one_fact(ctx, fact.id), version=1, original=was, kind="habit")
    with house.ctx("rep") as ctx:
        merged = actions.edit_fact(ctx, queries.one_fact(ctx, fact.id), version=1, original=was, body="Black tea")
        assert (merged.kind, merged.body, merged.version) == ("habit", "Black tea", 3)
    with house.ctx("service") as ctx, pytest.raises(Conflict):
        actions.edit_fact(ctx, queries.one_fact(ctx, fact.id), version=2, original=was | {"kind": "habit"}, body="Coffee")


def test_deleted_and_brought_back(house, contact):
    fact = add(house, "rep", contact)
    with house.ctx("rep") as ctx:
        actions.delete_fact(ctx, queries.one_fact(ctx, fact.id))
    with house.ctx("rep") as ctx:
        assert queries.facts_of(ctx, ctx.session.get_one(type(contact), contact.id)) == []
        actions.restore_fact(ctx, queries.one_fact(ctx, fact.id, deleted=True))
    with house.ctx("rep") as ctx:
        assert queries.one_fact(ctx, fact.id).body == "Green tea"
