"""Further mail addresses and numbers come in with a file, and go with its undo."""

from sqlalchemy import select

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
