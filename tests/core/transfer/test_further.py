"""Further mail addresses and numbers come in with a file, and go with its undo."""

from sqlalchemy import select

from core.base.facts import Fact
from core.parties import actions, reach
from core.parties.models import Contact
from core.parties.reach_models import ContactPoint


def points(house, name):
    """(kind, value) of what hangs on the person of that name, deleted or not."""
    with house.ctx() as ctx:
        query = select(ContactPoint.kind, ContactPoint.value).join(Contact, Contact.id == ContactPoint.contact_id).where(Contact.name == name, ContactPoint.deleted_at.is_(None))
        return sorted(ctx.session.execute(query.execution_options(include_deleted=True)).all())


def test_a_new_person_has_them_all_and_the_undo_takes_the_person(bring, house):
    run = bring().upload("Name,Email,Email 2,Phone home,Work phone\nFara Zwei,f@one.example,f2@one.example,+49 431 1112233,+49 431 4445566\n", kind="contacts")
    assert run.row.mapping == ["name", "mail", "mail_2", "phone_2", "phone"]
    run.check().run()
    assert points(house, "Fara Zwei") == [("mail", "f2@one.example"), ("phone", "+49 431 1112233")]
    run.undo()
    assert run.row.counts["undone"] == 1 and run.row.counts.get("kept", 0) == 0


def test_a_known_person_gets_what_is_new_and_loses_it_again(bring, house):
    with house.ctx() as ctx:
        known = actions.create_contact(ctx, name="Gila Drei", mail="g@three.example")
        ctx.session.flush()
        reach.add_point(ctx, known, "mail", "old@three.example")
    run = bring().upload("Name,Email,Email 2,Email 3\nGila Drei,g@three.example,old@three.example,new@three.example\n", kind="contacts").choose(mode="both", key_field="mail")
    run.check().run()
    assert points(house, "Gila Drei") == [("mail", "new@three.example"), ("mail", "old@three.example")]
    assert run.row.counts["updated"] == 1
    run.undo()
    assert points(house, "Gila Drei") == [("mail", "old@three.example")]


def test_a_number_that_a_person_added_since_keeps_the_record(bring, house):
    run = bring().upload("Name,Email,Email 2\nHans Vier,h@four.example,h2@four.example\n", kind="contacts")
    run.check().run()
    with house.ctx() as ctx:
        mine = ctx.session.execute(select(Contact).where(Contact.name == "Hans Vier")).scalar_one()
        reach.add_point(ctx, mine, "phone", "+49 431 9990001")
    run.undo()
    assert run.row.counts["kept"] == 1
    assert points(house, "Hans Vier") == [("mail", "h2@four.example"), ("phone", "+49 431 9990001")]


def test_half_an_address_is_a_problem_of_its_cell(bring, house):
    run = bring().upload("Name,Email,Email 2\nIda Fuenf,i@five.example,not a mail\n", kind="contacts")
    run.check()
    assert run.row.counts["problem"] == 1


def test_the_only_number_is_the_main_one(bring, house):
    run = bring().upload("Name,Home phone\nJan Sechs,+49 431 1230001\n", kind="contacts")
    assert run.row.mapping == ["name", "phone"]


def facts_of(house, name):
    with house.ctx() as ctx:
        query = select(Fact.kind, Fact.params).join(Contact, Contact.id == Fact.subject_id).where(Contact.name == name).order_by(Fact.id)
        return [tuple(row) for row in ctx.session.execute(query.execution_options(include_deleted=True))]


def test_what_hangs_on_a_known_person_is_told_on_his_timeline_and_so_is_its_going(bring, house):
    with house.ctx() as ctx:
        actions.create_contact(ctx, name="Kai Sieben", mail="k@seven.example")
    run = bring().upload("Name,Email,Email 2,Street,City\nKai Sieben,k@seven.example,k2@seven.example,Weg 7,Kiel\n", kind="contacts").choose(mode="both", key_field="mail")
    run.check().run().undo()
    told = {"fields": ["further_address", "further_mail"], "name": "Kai Sieben"}
    assert facts_of(house, "Kai Sieben")[1:] == [("reach.added", told), ("reach.removed", told)]


def test_a_timeline_can_be_read_after_the_undo_of_what_only_hung_something_on_a_person(bring, house):
    with house.ctx() as ctx:
        actions.create_contact(ctx, name="Lea Acht", mail="l@eight.example")
    bring().upload("Name,Email,Email 2\nLea Acht,l@eight.example,l2@eight.example\n", kind="contacts").choose(mode="both", key_field="mail").check().run().undo()
    assert [params for _, params in facts_of(house, "Lea Acht") if "fields" in params and params["fields"] is None] == []
