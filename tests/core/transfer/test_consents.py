"""Consents and lawful bases that a list brings: written into the ledger with their proof, never over a person's no, gone with the undo."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from core.base.context import as_actor
from core.base.errors import Forbidden
from core.base.facts import Fact
from core.consent import bases, many, recording
from core.consent.models import Consent, LawfulBasis
from core.mailings import audience
from core.parties import actions, marks, restricting
from core.parties.models import Contact
from core.post import actions as post
from core.post.queries import hash_of
from core.transfer import queries as runs
from core.transfer import starting
from core.transfer.exporting import Filters, Shape
from core.transfer.wanted import Wanted, write

HEAD = "Name,Mail,Consent: News,Proof of consent\n"


@pytest.fixture(scope="module")
def news(house):
    with house.ctx() as ctx:
        return recording.add_purpose(ctx, name="News", said="May we write?").id


@pytest.fixture
def person(house, news):
    """person("Ann"): somebody who is there already."""

    def make(name, **given):
        with house.ctx() as ctx:
            return actions.create_contact(ctx, name=name, mail=f"{name.lower()}@agrees.example", source="before", **given).id

    return make


def row(name, says="yes", proof="", **more):
    return f"{name},{name.lower()}@agrees.example,{says},{proof}\n"


def brought(bring, *rows, head=HEAD):
    return bring().upload(head + "".join(rows), kind="contacts", name="fair.csv").choose(mode="both", key_field="mail").check()


def lines(house, name):
    """(given, source, proof) of a person, the oldest first."""
    with house.ctx() as ctx:
        query = select(Consent.given, Consent.source, Consent.proof).join(Contact, Contact.id == Consent.contact_id).where(Contact.name == name).order_by(Consent.created_at, Consent.id)
        return [tuple(one) for one in ctx.session.execute(query.execution_options(include_deleted=True))]


def says(house, key, purpose, given, source="phone"):
    with house.ctx() as ctx:
        recording.record_consent(ctx, ctx.session.get_one(Contact, key), purpose, given=given, source=source)


def written_to(house, purpose):
    with house.ctx() as ctx:
        return {one.name for one in ctx.session.execute(audience.people(ctx, "everyone", [], purpose)).scalars()}


def test_a_yes_is_written_down_with_its_proof_for_who_is_new_and_who_is_there(bring, house, person, news):
    person("Ann")
    run = brought(bring, row("Ann", "yes", "card 12"), row("Bea", "Agreed"), row("Cid", ""))
    assert run.said() == [] and run.run().counts == {"created": 2, "updated": 1}
    assert (lines(house, "Ann"), lines(house, "Bea"), lines(house, "Cid")) == ([(True, "import", "card 12")], [(True, "import", "fair.csv, 3")], [])
    assert {"Ann", "Bea"} <= written_to(house, news) and "Cid" not in written_to(house, news)
    with house.ctx() as ctx:
        found = ctx.session.execute(select(Consent, Contact.mail).join(Contact, Contact.id == Consent.contact_id).where(Contact.name == "Bea")).one()
        assert found.Consent.address_hash == hash_of(ctx, found.mail) and found.Consent.created_by == ctx.actor.id and found.Consent.wording_id is None
        assert ctx.session.execute(select(Fact.params).join(Contact, Contact.id == Fact.subject_id).where(Fact.kind == "consent.given", Contact.name == "Ann")).scalar_one() == {"purpose": "News"}


def test_the_same_again_adds_no_line(bring, house, person, news):
    says(house, person("Dan"), news, True)
    run = brought(bring, row("Dan")).run()
    assert run.counts == {"skipped": 1} and len(lines(house, "Dan")) == 1


@pytest.mark.parametrize(("how", "code"), [
    ("by hand", "consent_withdrawn"), ("by a link", "consent_withdrawn"), ("before a merge", "consent_withdrawn"), ("no advertising", "consent_objected"), ("unsubscribed", "consent_objected"),
])
def test_a_no_stands_whatever_a_file_says_and_the_row_says_so(bring, house, person, news, how, code):
    name = f"No{how.replace(' ', '')}"
    key, mail = person(name), f"{name.lower()}@agrees.example"
    if how == "by hand":
        says(house, key, news, False)
    if how == "before a merge":
        other = person(f"{name}Other")
        says(house, other, news, False)
    with house.ctx() as ctx:
        if how == "by a link":
            ctx.session.add(Consent(address_hash=hash_of(ctx, mail), purpose_id=news, given=False, source="link"))
        if how == "before a merge":
            ctx.session.get_one(Contact, other).merged_into = key
        if how == "no advertising":
            marks.opt_out(ctx, ctx.session.get_one(Contact, key), "mail", mail)
        if how == "unsubscribed":
            post.suppress(ctx, mail, "marketing", "unsubscribed")
    before = lines(house, name)
    run = brought(bring, row(name))
    assert run.said() == [(2, 2, code)]
    run.run()
    assert run.said() == [(2, 2, code)] and lines(house, name) == before and name not in written_to(house, news)


def test_a_new_person_whose_address_left_before_stays_out(bring, house, news):
    with house.ctx() as ctx:
        ctx.session.add(Consent(address_hash=hash_of(ctx, "eve@agrees.example"), purpose_id=news, given=False, source="link"))
    run = brought(bring, row("Eve"))
    assert run.said() == [(2, 2, "consent_withdrawn")] and run.run().counts["created"] == 1 and lines(house, "Eve") == []


def test_a_no_of_a_file_takes_back_and_says_nothing_where_nothing_stands(bring, house, person, news):
    says(house, person("Fay"), news, True)
    brought(bring, row("Fay", "no"), row("Gus", "no"), row("Hal", "Withdrew")).run()
    assert [given for given, *_ in lines(house, "Fay")] == [True, False] and lines(house, "Gus") == [] and [given for given, *_ in lines(house, "Hal")] == [False]


def test_the_undo_takes_a_yes_back_and_a_later_import_may_give_it(bring, house, person, news):
    person("Ida")
    run = brought(bring, row("Ida"), row("Joe"), row("Kim", "Withdrew")).run().undo()
    assert run.counts["undone"] == 3 and not run.counts.get("kept") and not {"Ida", "Joe"} & written_to(house, news)
    assert lines(house, "Ida") == [(True, "import", "fair.csv, 2"), (False, "import", "↶ fair.csv, 2")] and [given for given, *_ in lines(house, "Kim")] == [False]
    again = brought(bring, row("Ida", "yes", "↶ forged"))
    assert again.said() == [] and again.run().counts == {"updated": 1}
    assert lines(house, "Ida")[-1] == (True, "import", "forged") and "Ida" in written_to(house, news)


def test_what_the_person_said_since_is_left_by_the_undo(bring, house, person, news):
    key = person("Leo")
    run = brought(bring, row("Leo")).run()
    says(house, key, news, False)
    run.undo()
    assert [given for given, *_ in lines(house, "Leo")] == [True, False] and lines(house, "Leo")[-1][1] == "phone"


def test_a_restricted_person_is_left_alone(bring, house, person, news):
    with house.ctx() as ctx:
        restricting.restrict(ctx, ctx.session.get_one(Contact, person("Mia")), "disputed")
    brought(bring, row("Mia"), row("Nia")).run()
    assert lines(house, "Mia") == [] and len(lines(house, "Nia")) == 1


def test_who_records_no_consents_brings_none_in_and_sees_none_in_a_list(bring, house, person, news):
    def narrowed(ctx):
        held = frozenset({"contacts.read", "contacts.create", "contacts.edit", "contacts.export", "imports.read", "imports.run"})
        return as_actor(ctx, replace(ctx.actor, permissions=held))

    says(house, person("Ole"), news, True)
    run = brought(bring, row("Ole", "Withdrew"))
    with house.ctx() as ctx, pytest.raises(Forbidden):
        starting.start_run(narrowed(ctx), runs.one(ctx, run.id))
    from io import BytesIO

    seen, unseen = BytesIO(), BytesIO()
    with house.ctx() as ctx:
        write(ctx, Wanted("contacts", Filters(search="Ole"), shape=Shape("csv", None, True)), seen)
    with house.ctx() as ctx:
        write(narrowed(ctx), Wanted("contacts", Filters(search="Ole"), shape=Shape("csv", None, True)), unseen)
    assert b"consent.News" in seen.getvalue() and b"Agreed" in seen.getvalue() and b"lawful_basis" in seen.getvalue()
    assert b"onsent" not in unseen.getvalue() and b"Agreed" not in unseen.getvalue() and b"lawful" not in unseen.getvalue()


def test_what_a_purpose_was_called_leads_nowhere_once_it_has_ended(bring, house):
    with house.ctx() as ctx:
        over = recording.add_purpose(ctx, name="Over")
        ctx.session.flush()
        key = over.id
    run = bring().upload("Name,Consent: Over\nPia,yes\n", kind="contacts")
    assert run.row.mapping == ["name", f"consent.{key}"]
    run.check()
    with house.ctx() as ctx:
        recording.end_purpose(ctx, recording.one_purpose(ctx, key))
    run.run()
    assert run.counts["created"] == 1 and lines(house, "Pia") == []
    assert bring().upload("Name,Consent: Over\nQia,yes\n", kind="contacts").row.mapping == ["name", "custom"]


def test_many_rows_are_asked_in_few_statements(house, person, news):
    from tests.support.statements import counted

    keys = {person(f"Many{n}"): f"many{n}@agrees.example" for n in range(12)}
    with house.ctx() as ctx:
        with counted() as few:
            many.record_many(ctx, [many.Said(key, news, True) for key in list(keys)[:2]])
        with counted() as more:
            many.record_many(ctx, [many.Said(key, news, True) for key in list(keys)[2:]])
    assert len(more) == len(few) <= 10, more


# ---- the basis ----

BASED = "Name,Mail,Lawful basis,Proof of consent\n"


def basis_of(house, name):
    with house.ctx() as ctx:
        query = select(LawfulBasis.basis, LawfulBasis.source, LawfulBasis.note, LawfulBasis.ended_on).join(Contact, Contact.id == LawfulBasis.contact_id).where(Contact.name == name)
        return [tuple(one) for one in ctx.session.execute(query.execution_options(include_deleted=True))]


def test_a_basis_is_said_where_none_stands_and_another_is_left_with_a_word(bring, house, person):
    with house.ctx() as ctx:
        bases.set_basis(ctx, ctx.session.get_one(Contact, person("Rob")), basis="contract", source="paper")
    run = brought(bring, row("Rob", "consent"), row("Sue", "Legitimate interest", "No. 7"), row("Tom", "whim"), head=BASED)
    assert run.said() == [(2, 2, "basis_there"), (4, 2, "basis_unknown")]
    run.run()
    assert basis_of(house, "Rob") == [("contract", "paper", None, None)] and basis_of(house, "Sue") == [("legitimate_interest", "import", "No. 7", None)]
    run.undo()
    assert run.counts["undone"] == 1 and not run.counts.get("kept") and basis_of(house, "Sue") == []


def test_a_basis_that_somebody_changed_since_keeps_its_person(bring, house):
    run = brought(bring, row("Uma", "contract"), head=BASED).run()
    with house.ctx() as ctx:
        uma = ctx.session.execute(select(Contact).where(Contact.name == "Uma")).scalar_one()
        bases.set_basis(ctx, uma, basis="legal_duty", source="paper")
    run.undo()
    assert run.counts["kept"] == 1 and [basis for basis, *_ in basis_of(house, "Uma")] == ["contract", "legal_duty"]
