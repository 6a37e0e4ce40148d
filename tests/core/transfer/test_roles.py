"""Messengers and roles at other accounts that a list brings: added where they are new, named where they lead nowhere, gone with the undo."""

import pytest
from sqlalchemy import select

from core.base.errors import Refused
from core.base.facts import Fact
from core.parties import actions, affiliations, reach
from core.parties.models import Account, Contact
from core.parties.reach_models import Affiliation, ContactPoint
from core.transfer import texts
from core.transfer.cells import Reading

HEAD = "Name,Mail,Company,Messengers,Roles at other accounts\n"


@pytest.fixture(scope="module", autouse=True)
def companies(house):
    with house.ctx() as ctx:
        return {name: actions.create_account(ctx, name=name).id for name in ("Bank One", "Club Two", "Twice Ltd")} | {"": actions.create_account(ctx, name="Twice Ltd").id}


def brought(bring, *rows, who="owner"):
    return bring(who).upload(HEAD + "".join(rows), kind="contacts").choose(mode="both", key_field="mail").check()


def roles(house, name):
    with house.ctx() as ctx:
        query = select(Account.name, Affiliation.title, Affiliation.is_former).join(Affiliation, Affiliation.account_id == Account.id).join(Contact, Contact.id == Affiliation.contact_id)
        return sorted(tuple(one) for one in ctx.session.execute(query.where(Contact.name == name, Affiliation.deleted_at.is_(None)).execution_options(include_deleted=True)))


def chats(house, name):
    with house.ctx() as ctx:
        query = select(ContactPoint.service, ContactPoint.value).join(Contact, Contact.id == ContactPoint.contact_id).where(Contact.name == name, ContactPoint.deleted_at.is_(None))
        return sorted(tuple(one) for one in ctx.session.execute(query.execution_options(include_deleted=True)))


def test_a_new_person_has_them_and_goes_with_them(bring, house):
    run = brought(bring, 'Ada,ada@r.example,,"WhatsApp: +34 600 1; Telegram (work): @ada","Bank One | Adviser\nClub Two | Chair | | | | former"\n')
    assert run.said() == []
    run.run()
    assert roles(house, "Ada") == [("Bank One", "Adviser", False), ("Club Two", "Chair", True)] and chats(house, "Ada") == [("telegram", "@ada"), ("whatsapp", "+34 600 1")]
    run.undo()
    assert run.counts["undone"] == 1 and not run.counts.get("kept") and roles(house, "Ada") == [] == chats(house, "Ada")


def test_a_known_person_keeps_what_he_has_and_loses_what_was_new(bring, house, companies):
    with house.ctx() as ctx:
        bob = actions.create_contact(ctx, name="Bob", mail="bob@r.example")
        ctx.session.flush()
        affiliations.affiliate(ctx, bob, companies["Bank One"], title="Owner")
        reach.add_point(ctx, bob, "messenger", "@bob", service="telegram")
    run = brought(bring, 'Bob,bob@r.example,,"Telegram: bob\nSignal: bob.1","Bank One | Guest\nClub Two"\n').run()
    assert roles(house, "Bob") == [("Bank One", "Owner", False), ("Club Two", None, False)] and chats(house, "Bob") == [("signal", "bob.1"), ("telegram", "@bob")]
    assert run.counts == {"updated": 1}
    run.undo()
    assert roles(house, "Bob") == [("Bank One", "Owner", False)] and chats(house, "Bob") == [("telegram", "@bob")]
    with house.ctx() as ctx:
        told = ctx.session.execute(select(Fact.kind).join(Contact, Contact.id == Fact.subject_id).where(Contact.name == "Bob").order_by(Fact.id)).scalars().all()
    assert told[-4:] == ["reach.added", "affiliation.added", "reach.removed", "affiliation.removed"]


def test_an_account_that_none_or_two_are_called_is_named_and_the_row_comes_in(bring, house):
    run = brought(bring, 'Cleo,cleo@r.example,,,"Nobody Inc\nTwice Ltd\nBank One"\n')
    assert run.said() == [(2, 4, "link_not_found"), (2, 4, "link_not_one")]
    run.run()
    assert roles(house, "Cleo") == [("Bank One", None, False)] and run.said() == [(2, 4, "link_not_found"), (2, 4, "link_not_one")]


def test_a_company_that_the_file_itself_brings_is_found_by_the_run(bring, house):
    run = brought(bring, "Dora,dora@r.example,,,Late Ltd | Guest\n", "Emil,emil@r.example,Late Ltd,,\n")
    assert run.said() == []
    run.run()
    assert roles(house, "Dora") == [("Late Ltd", "Guest", False)] and run.said() == []


def test_ones_own_company_is_no_other(bring, house):
    brought(bring, "Finn,finn@r.example,Bank One,,Bank One | Boss\n").run()
    assert roles(house, "Finn") == []


def test_an_account_that_one_does_not_see_is_not_found(bring, house):
    with house.ctx("manager") as ctx:
        actions.create_account(ctx, name="Secret Club")
    run = brought(bring, "Gert,gert@r.example,,,Secret Club\n", who="rep")
    assert run.said() == [(2, 4, "link_not_found")]


@pytest.mark.parametrize(("read", "cell", "code"), [
    (texts.read_messengers, "+34 600 1", "messenger_unknown"), (texts.read_messengers, "Pigeon: coop 3", "messenger_unknown"), (texts.read_messengers, "\n".join(["Line: a"] * 21), "too_many_points"),
    (texts.read_roles, "| Boss", "role_unreadable"), (texts.read_roles, "A | b | c | 2020-01-01 | 2021-01-01 | former | more", "role_unreadable"), (texts.read_roles, "A | b | c | soon", "not_a_date"),
    (texts.read_roles, "A | | | 2021-01-01 | 2020-01-01", "ends_before"), (texts.read_roles, "A | | | | | perhaps", "role_unreadable"), (texts.read_roles, "A" * 201, "too_long"),
])
def test_what_can_not_be_read_is_said(read, cell, code):
    with pytest.raises(Refused, match=code):
        read(cell, Reading())


@pytest.mark.parametrize("language", ["en", "es", "zh", "ko", "ru"])
def test_what_is_written_is_read_in_every_language(language):
    from core.parties.reach_models import SERVICES
    from core.parties.reach_words import LABELS_OF

    said = [(service, label, f"x:{service}; y") for service in SERVICES for label in LABELS_OF["messenger"]][:20]
    assert [tuple(one) for one in texts.read_messengers(texts.say_messengers(language, said), Reading())] == said
