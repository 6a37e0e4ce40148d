"""Before an import runs: what the first records would change, field by field, and nothing that is hidden."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from core.base.context import as_actor
from core.consent import recording
from core.consent.queries import purposes
from core.custom_fields import actions as own
from core.parties import actions, reach
from core.parties.models import Account, Contact
from core.transfer import previewing, queries
from core.transfer.models import ImportRow
from tests.support.statements import counted


@pytest.fixture(scope="module", autouse=True)
def known(house):
    with house.ctx() as ctx:
        own.create_field(ctx, room="accounts", kind="text", label="Colour")
        mother = actions.create_account(ctx, name="Mother")
        for n in range(8):
            actions.create_account(ctx, name=f"P{n}", city="Kiel", employees=n, tags=["a"], parent_id=mother.id, **{"custom.colour": "red"})
        person = actions.create_contact(ctx, name="Pia", mail="pia@x.example", account_id=mother.id)
        ctx.session.flush()
        reach.add_address(ctx, person, street="Weg 1", city="Kiel")
        reach.add_point(ctx, person, "mail", "pia2@x.example")


def shown(house, run, who="owner", **change):
    with house.ctx(who) as ctx:
        ctx = as_actor(ctx, replace(ctx.actor, **change)) if change else ctx
        return {(one.line, one.name): one.lines for one in previewing.changes(ctx, queries.one(ctx, run.id))}


HEAD = "Name,City,Employees,Tags,Colour,Parent account\n"


def test_only_what_differs_is_shown_of_the_first_five(bring, house):
    rows = ["P0,Kiel,0,a,red,Mother", "P1,Ulm,,\"a,b\",blue,Other", *(f"P{n},Ulm,,,," for n in range(2, 8)), "New,Ulm,,,,"]
    run = bring().upload(HEAD + "\n".join(rows)).choose(mode="both", key_field="name").check()
    found = shown(house, run)
    assert list(found) == [(line, f"P{line - 2}") for line in range(3, 8)]
    assert sorted(found[3, "P1"]) == [("city", "Kiel", "Ulm"), ("custom.colour", "red", "blue"), ("parent", "Mother", "Other"), ("tags", ["a"], ["a", "b"])]
    assert found[4, "P2"] == [("city", "Kiel", "Ulm")]


def test_what_it_shows_is_what_the_run_writes(bring, house):
    run = bring().upload("Name,City,Employees\nP6,Bonn,600\nP7,Kiel,7\n").choose(mode="update", key_field="name").check()
    found = shown(house, run)
    run.run()
    with house.ctx() as ctx:
        row = ctx.session.execute(select(ImportRow).where(ImportRow.run_id == run.id, ImportRow.outcome == "updated")).scalar_one()
        record = ctx.session.get_one(Account, row.record_id)
        assert list(found) == [(row.line, "P6")] and sorted(found[row.line, "P6"]) == sorted((name, before, getattr(record, name)) for name, before in row.before.items())
    assert shown(house, run) == {}


def test_addresses_and_further_values_are_shown_too(bring, house):
    run = bring().upload("Name,Mail,Mail 2,Mail 3,Street,City\nPia,pia@x.example,pia2@x.example,pia3@x.example,Weg 2,Kiel\n", kind="contacts").choose(mode="both", key_field="mail").check()
    assert shown(house, run) == {(2, "Pia"): [("street", "Weg 1", "Weg 2"), ("mail_3", None, "pia3@x.example")]}
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Contact.mail).where(Contact.name == "Pia")).scalar_one() == "pia@x.example"


def test_hidden_fields_are_left_out(bring, house):
    run = bring().upload(HEAD + "P5,Ulm,9,,blue,Other\n").choose(mode="update", key_field="name").check()
    hidden = frozenset({"accounts.city", "accounts.custom.colour", "accounts.parent_id"})
    assert shown(house, run, hidden=hidden) == {(2, "P5"): [("employees", 5, 9)]}


def test_an_import_of_new_records_changes_none(bring, house):
    run = bring().upload("Name\nNobody\n").check()
    assert shown(house, run) == {}


def test_however_many_rows_name_a_company_it_is_looked_up_once(bring, house):
    with house.ctx() as ctx:
        mother = ctx.session.execute(select(Account).where(Account.name == "Mother")).scalar_one()
        for n in range(12):
            actions.create_contact(ctx, name=f"Staff {n}", mail=f"staff{n}@x.example", account_id=mother.id)
    rows = "".join(f"Staff {n},staff{n}@x.example,Mother\n" for n in range(12))
    run = bring().upload(f"Name,Mail,Company\n{rows}", kind="contacts").choose(mode="both", key_field="mail").check()
    with house.ctx() as ctx:
        row = queries.one(ctx, run.id)
        with counted() as statements:
            assert previewing.changes(ctx, row) == []
    assert len(statements) <= 5, statements


def test_messengers_roles_and_consents_are_shown_too(bring, house):
    with house.ctx() as ctx:
        if not purposes(ctx):
            recording.add_purpose(ctx, name="News")
    head = "Name,Mail,Messengers,Roles at other accounts,Consent: News,Lawful basis\n"
    run = bring().upload(head + "Pia,pia@x.example,Telegram: @pia,P1 | Adviser,yes,contract\n", kind="contacts").choose(mode="both", key_field="mail").check()
    ((key, lines),) = shown(house, run).items()
    assert key == (2, "Pia") and [(after) for _, before, after in lines if before is None] == ["Telegram: @pia", "P1", "Agreed", "Contract"]
