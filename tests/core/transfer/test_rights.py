"""Who may not: fields hidden or protected, imports of colleagues, restricted people, records out of sight."""

from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from uuid import uuid4

import pytest

from core.base.context import as_actor
from core.base.errors import Forbidden
from core.parties import restricting
from core.parties.actions import create_account, create_contact
from core.transfer import previewing, problems, queries, running, starting, undoing, uploading
from tenants import takeout
from tests.core.transfer.test_modes import names


@pytest.fixture
def tag():
    """A word that keeps one test's records apart from another's."""
    return f"x{uuid4().hex[:8]}"


def seen_as(house, who, **change):
    @contextmanager
    def door():
        with house.ctx(who) as ctx:
            yield as_actor(ctx, replace(ctx.actor, **change))

    return door


@pytest.mark.parametrize(("kind", "target", "cell", "hidden"), [
    ("contacts", "mail_2", "a@x.example", "contacts.mail"), ("contacts", "street", "Weg 1", "accounts.street"), ("contacts", "mobile_no_calls", "yes", "contacts.mobile"),
    ("contacts", "messengers", "Telegram: @a", "contacts.phone"), ("accounts", "phone_2", "+49 431 123", "accounts.phone"), ("contacts", "to_notes", "text", "contacts.notes"),
], ids=["further mails", "an address", "a mark", "a messenger", "a further number", "a part of the notes"])
def test_whoever_does_not_see_a_field_sees_no_import_whose_columns_tell_it(bring, house, tag, kind, target, cell, hidden):
    one = bring().upload(f"name,other\nA {tag},{cell}\n", kind=kind).choose(mapping=["name", target], key_field="name")
    with seen_as(house, "manager")() as ctx:
        queries.one(ctx, one.id)
    with seen_as(house, "manager", hidden=frozenset({hidden}))() as ctx, pytest.raises(Forbidden):
        queries.one(ctx, one.id)


def test_nobody_runs_an_import_into_fields_that_he_may_not_change(bring, house, tag):
    one = bring().upload(f"name,industry\nA {tag},Optics\n").check()
    with seen_as(house, "manager", protected=frozenset({"accounts.industry"}))() as ctx, pytest.raises(Forbidden, match="import_field_protected"):
        starting.start_run(ctx, queries.one(ctx, one.id))
    assert names(house, tag) == [] and one.run().counts == {"created": 1}


def test_whoever_only_looks_at_the_teams_records_moves_no_import_of_a_colleagues(bring, house, tag):
    one = bring("rep").upload(f"name\nA {tag}\n").check().run()
    with seen_as(house, "manager", visibility="all", changing="own")() as ctx:
        run = queries.one(ctx, one.id)
        for act in (undoing.start_undo, starting.cancel, starting.start_run):
            with pytest.raises(Forbidden):
                act(ctx, run)
    assert len(names(house, tag)) == 1


def test_parents_are_found_by_name_where_numbers_are_hidden(bring, house, tag):
    with house.ctx() as ctx:
        mother = create_account(ctx, name=f"Mother {tag}").id
    one = bring().upload(f"name,parent account\nChild {tag},Mother {tag}\n").check()
    one.start()
    running.run_import(seen_as(house, "owner", hidden=frozenset({"accounts.external_id"})), one.id, one.row.round)
    assert one.row.state == "done" and {account.name: account.parent_id for account in names(house, tag)}[f"Child {tag}"] == mother


def test_a_restricted_person_is_named_as_such_and_left_as_he_is(bring, house, tag):
    with house.ctx() as ctx:
        restricting.restrict(ctx, create_contact(ctx, name=f"Rita {tag}", mail=f"{tag}@x.example"), "disputed")
    text = f"name,mail,job title,mail 2\nRita {tag},{tag}@x.example,Boss,b{tag}@x.example\n"
    one = bring().upload(text, kind="contacts").choose(mode="both", key_field="mail").check()
    assert one.said() == [(2, None, "contact_restricted")] and one.counts == {"problem": 1, "noted": 1}


def test_who_may_be_known_is_named_to_those_alone_who_see_him(bring, house, tag):
    with house.ctx("colleague") as ctx:
        create_contact(ctx, name=f"Nora {tag}", mail=f"{tag}@x.example", source="before")
    one = bring().upload(f"name,mail\nNora {tag},{tag}@x.example\n", kind="contacts").choose(mode="create", key_field="").check()
    assert one.said() == [(2, None, "may_be_known")]
    for scopes, known in (({}, 1), ({"contacts": ("own", "own")}, 0)):
        with seen_as(house, "manager", scopes=scopes)() as ctx:
            run = queries.one(ctx, one.id)
            assert len(queries.troubles(ctx, run)) == known
            assert len([line for line in problems.lines(ctx, run) if line.known]) == known and all(tag not in str(group.params) for group in problems.groups(ctx, run))


@pytest.mark.parametrize("change", [{"visibility": "team"}, {"scopes": {"contacts": ("own", "own")}}, {"hidden": frozenset({"accounts.phone"})}], ids=["records", "records of one kind", "a field"])
def test_everything_is_taken_out_by_those_alone_who_see_everything(house, change):
    with seen_as(house, "owner", **change)() as ctx, pytest.raises(Forbidden):
        takeout.ask(ctx)


def test_whoever_sees_no_consents_sees_no_import_that_brings_them(bring, house, tag):
    one = bring().upload(f"name,lawful basis\nA {tag},contract\n", kind="contacts")
    with house.ctx("manager") as ctx:
        queries.one(ctx, one.id)
        narrow = as_actor(ctx, replace(ctx.actor, permissions=ctx.actor.permissions - {"consents.read"}))
        with pytest.raises(Forbidden):
            queries.one(narrow, one.id)


def test_whoever_sees_none_of_such_records_or_could_write_none_brings_no_file_and_sees_no_import_of_them(bring, house, tag):
    create_one = bring().upload(f"name,city\nA {tag},Kiel\n").check().run()
    changing = bring("manager").upload(f"name,city\nA {tag},Ulm\n").choose(mode="update", key_field="name").check()
    with house.ctx("manager") as ctx:
        may = ctx.actor.permissions
        assert len(previewing.changes(ctx, queries.one(ctx, changing.id))) == 1
    blind = {"permissions": may - {"accounts.read"}}
    with seen_as(house, "manager", **blind)() as ctx:
        own = queries.one(ctx, changing.id)
        with pytest.raises(Forbidden):
            previewing.changes(ctx, own)
    for change in (blind, {"permissions": may - {"accounts.create", "accounts.edit"}}):
        with seen_as(house, "manager", **change)() as ctx:
            with pytest.raises(Forbidden):
                uploading.receive_file(ctx, kind="accounts", source=BytesIO(b"name\nA\n"), name="a.csv")
            with pytest.raises(Forbidden):
                uploading.start_check(ctx, queries.one(ctx, changing.id))
    with seen_as(house, "manager")() as ctx:
        queries.one(ctx, create_one.id)
        with pytest.raises(Forbidden):
            queries.one(as_actor(ctx, replace(ctx.actor, permissions=ctx.actor.permissions - {"accounts.read"})), create_one.id)
