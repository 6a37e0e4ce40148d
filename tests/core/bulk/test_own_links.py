"""A tenant's own fields that name an account or a contact, changed in many records at once and put back."""

from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.audit.models import AuditEntry
from core.base.errors import Forbidden, Refused
from core.base.facts import Fact
from core.bulk import wishes
from core.custom_fields import actions as defining
from core.identity.models import User
from core.parties import actions
from core.parties import queries as parties
from core.parties.models import Account, Contact
from tests.core.bulk.test_running import role_of

KINDS = [("accounts", Account, "account"), ("accounts", Account, "contact"), ("contacts", Contact, "account"), ("contacts", Contact, "contact")]


@pytest.fixture
def field(house):
    """field("accounts", "contact"): such a field of its own; its name."""

    def made(room, kind, **given):
        with house.ctx() as ctx:
            return f"custom.{defining.create_field(ctx, room=room, kind=kind, label=f'{kind} {uuid4().hex[:6]}', **given).key}"

    return made


@pytest.fixture
def give(house):
    """give(key, name, value): one record's own field, by the use case for one."""

    def given(room, key, name, value, who="owner"):
        edit, one = (actions.edit_account, parties.one_account) if room == "accounts" else (actions.edit_contact, parties.one_contact)
        with house.ctx(who) as ctx:
            edit(ctx, one(ctx, key), **{name: value})

    return given


@pytest.mark.parametrize("room,model,kind", KINDS, ids=lambda one: one if isinstance(one, str) else "")
def test_many_name_one_record_and_each_names_again_what_it_named(house, bulk, make, find, field, give, room, model, kind):
    name, (old, new) = field(room, kind), make("Old", "New", kind=f"{kind}s")
    keys = make("Empty", "Named", "Same", "Touched", kind=room)
    give(room, keys[1], name, str(old)), give(room, keys[2], name, str(new))
    one = bulk(kind=room).select(keys).preview("change", **{name: str(new)})
    assert one.counts == {"due": 3, "same": 1}
    give(room, keys[3], name, str(old))
    one.run()
    assert one.counts == {"changed": 2, "same": 1, "since": 1} and [find(key, model).custom.get(name[7:]) for key in keys] == [str(new), str(new), str(new), str(old)]
    with house.ctx() as ctx:
        facts = ctx.session.execute(select(Fact.params["fields"]).where(Fact.kind == f"{room[:-1]}.edited", Fact.subject_id == keys[0])).scalars().all()
        told = ctx.session.execute(select(AuditEntry.changes).where(AuditEntry.row_id == keys[0], AuditEntry.action == "update")).scalars().all()
    assert facts == [[name]] and len(told) == 1 and str(new) in str(told)
    give(room, keys[1], "notes", "mine")
    one.undo()
    assert one.counts == {"undone": 1, "kept": 1, "same": 1, "since": 1} and [find(key, model).custom.get(name[7:]) for key in keys] == [None, str(new), str(new), str(old)]


def test_it_is_emptied_and_what_stood_in_it_comes_back(bulk, make, find, field, give):
    name, (named,) = field("accounts", "contact"), make("Named", kind="contacts")
    key, empty = make("A", "B")
    give("accounts", key, name, str(named))
    one = bulk().select([key, empty]).preview("change", **{name: None})
    assert one.counts == {"due": 1, "same": 1}
    one.run()
    assert name[7:] not in find(key).custom
    one.undo()
    assert find(key).custom == {name[7:]: str(named)}


def test_a_record_that_is_not_seen_or_not_there_is_refused(bulk, make, field):
    name, (theirs,), (mine,) = field("accounts", "contact"), make("Theirs", kind="contacts", who="colleague"), make("Mine", who="rep")
    for value in (theirs, uuid4(), mine, "x"):
        with pytest.raises(Refused) as refused:
            bulk("rep").select([mine]).preview("change", **{name: str(value)})
        assert refused.value.field == name


def test_a_required_one_is_not_emptied_and_a_hidden_or_protected_one_is_not_there(house, bulk, make, field):
    (mine,), (named,) = make("Mine", who="rep"), make("Named", kind="contacts", who="rep")
    name = field("accounts", "contact", is_required=True)
    with pytest.raises(Refused, match="required"):
        bulk("rep").select([mine]).preview("change", **{name: None})
    for how, code in (("hidden", "unknown_field"), ("protected", "field_protected")):
        with role_of(house, "rep", **{how: [f"accounts.{name}"]}):
            with pytest.raises(Refused, match=code):
                bulk("rep").select([mine]).preview("change", **{name: str(named)})
            with house.ctx("rep") as ctx:
                assert name not in wishes.changeable(ctx, "accounts")
    with house.ctx() as ctx:
        defining.archive_field(ctx, ctx.session.get(defining.CustomField, next(one.id for one in defining.alive(ctx, "accounts") if one.name == name)))


def test_what_was_written_is_taken_back_though_the_record_is_gone(house, bulk, make, find, field):
    """Nobody would write such a value today; that is why one goes back."""
    name, (named,), keys = field("accounts", "account"), make("Goes soon"), make("A", "B")
    one = bulk().select(keys).preview("change", **{name: str(named)}).run()
    with house.ctx() as ctx:
        actions.delete_account(ctx, parties.one_account(ctx, named))
    one.undo()
    assert one.counts == {"undone": 2} and [find(key).custom for key in keys] == [{}, {}]


@pytest.fixture
def left(house):
    """The colleague does not work here any more."""
    def state(value):
        with house.ctx() as ctx:
            ctx.session.execute(update(User).where(User.id == house.users["colleague"].id).values(state=value))

    yield lambda: state("disabled")
    state("active")


def test_so_is_an_account_that_is_gone(house, bulk, make, find):
    (home, new) = make("Old home", "New home")
    keys = make("Ana", "Bea", kind="contacts", account_id=home)
    one = bulk(kind="contacts").select(keys).preview("change", account_id=str(new)).run()
    with house.ctx() as ctx:
        actions.delete_account(ctx, parties.one_account(ctx, new))
    one.undo()
    assert one.counts == {"undone": 2} and {find(key, Contact).account_id for key in keys} == {home}


def test_so_is_an_owner_who_left(house, bulk, make, find, left):
    keys = make("Cleo", "Dora")
    one = bulk().select(keys).preview("owner", owner_id=str(house.users["colleague"].id)).run()
    left()
    one.undo()
    assert one.counts == {"undone": 2} and {find(key).owner_id for key in keys} == {house.users["owner"].id}


def test_but_nobody_takes_back_what_he_may_not_write_any_more(house, bulk, make, find):
    key, = make("Kept", who="rep")
    for operation, given, field in (("change", {"city": "Ulm"}, "city"), ("tags", {"add": "fair"}, "tags")):
        one = bulk("rep").select([key]).preview(operation, **given).run()
        with role_of(house, "rep", protected=[f"accounts.{field}"]), pytest.raises(Refused, match="field_protected"):
            one.undo()
        with role_of(house, "rep", permissions=[name for name in house.users["rep"].role.permissions if name != "accounts.edit"]), pytest.raises(Forbidden):
            one.undo()
    assert (find(key).city, find(key).tags) == ("Ulm", ["fair"])
