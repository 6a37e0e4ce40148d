"""Tags: one spelling kept by the database, changed in every record, and taken back."""

import threading
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from core.audit.models import AuditEntry
from core.base.errors import Forbidden, Refused
from core.base.facts import Fact
from core.identity import queries as people
from core.identity import roles
from core.mailings import drafting
from core.mailings.models import Mailing
from core.parties import actions as parties
from core.parties import queries as lists
from core.parties import restricting
from core.parties.models import Account, Contact
from core.parties.queries import Filters
from core.tagging.models import Tag
from core.tags import actions, breaking, queries, running, undoing
from core.tags.models import TagChange
from core.views import actions as views
from core.views.models import SavedView
from infra.db import database
from tests.support.races import somebody_waits
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    """A tenant of this module's own: changes of tags commit."""
    return House(f"t{uuid4().hex[:8]}")


@pytest.fixture
def word():
    return f"Fair {uuid4().hex[:6]}"


def account(house, *tags, who="owner", **given):
    with house.ctx(who) as ctx:
        return parties.create_account(ctx, name=given.pop("name", "Nordlicht"), tags=list(tags), **given).id


def tags_of(house, key, model=Account):
    with house.ctx("owner") as ctx:
        return ctx.session.execute(select(model.tags).where(model.id == key)).scalar_one()


def row_of(house, name):
    with house.ctx("owner") as ctx:
        return ctx.session.execute(select(Tag.id, Tag.name, Tag.colour, Tag.leaving, Tag.description).where(Tag.name == name)).one_or_none()


def change(house, verb, old, *, who="owner", **given):
    """Do it, as a worker would where it goes on in the background."""
    with house.ctx(who) as ctx:
        tag = ctx.session.execute(select(Tag).where(Tag.name == old)).scalar_one()
        if verb == "merge":
            given = {"into_id": row_of(house, given["into"]).id}
        run = {"rename": actions.edit_tag, "merge": actions.merge_tag, "delete": actions.delete_tag}[verb](ctx, tag, **given)
        ctx.session.flush()
        key = run.id
    return work(house, key, who)


def work(house, key, who="owner"):
    @contextmanager
    def door():
        with house.ctx(who) as ctx:
            yield ctx

    with house.ctx("owner") as ctx:
        run = ctx.session.get(TagChange, key)
        state, round = run.state, run.round
    if state in ("running", "undoing"):
        (running.run_change if state == "running" else undoing.undo_change)(door, key, round)
    return key


def undo(house, key):
    with house.ctx("owner") as ctx:
        undoing.start_undo(ctx, queries.one_change(ctx, key))
    work(house, key)
    with house.ctx("owner") as ctx:
        run = ctx.session.get(TagChange, key)
        return run.state, run.undone


def test_a_new_word_in_a_record_is_a_tag_at_once_and_a_known_one_is_spelled_as_it_stands(house, word):
    account(house, word, "  ")
    key = account(house, word.upper(), "other")
    assert tags_of(house, key) == [word, "other"]
    assert row_of(house, word).colour == "grey" and row_of(house, word.upper()) is None


def test_the_database_spells_what_statements_write(house, word):
    """Imports and bulk edits write many rows by one statement."""
    account(house, word)
    with house.ctx("owner") as ctx:
        ctx.session.execute(insert(Account), [{"name": "A", "tags": [word.lower(), word.upper(), f"{word} b"]}, {"name": "B", "tags": [f"{word} B"]}])
        found = list(ctx.session.execute(select(Account.tags).where(Account.name.in_(["A", "B"]), Account.tags.overlap([word, f"{word} b", f"{word} B"])).order_by(Account.name)).scalars())
    assert found[0] == [word, f"{word} b"] and len(found[1]) == 1 and found[1][0] == found[0][1]


def test_two_tags_of_one_name_are_refused_whatever_the_case(house, word):
    with house.ctx("owner") as ctx:
        actions.create_tag(ctx, name=word, colour="amber", description="Met there")
        with pytest.raises(Refused) as refused:
            actions.create_tag(ctx, name=word.upper())
    assert refused.value.code == "tag_exists"
    with house.ctx("owner") as ctx, pytest.raises(Refused):
        actions.create_tag(ctx, name="a, b")


def test_the_database_spells_nothing_where_its_trigger_is_off(house, word):
    """Negative control: the test above is seen failing."""
    def trigger(way):
        with database().owner() as connection:
            connection.execute(f"ALTER TABLE {house.tenant.schema_name}.account {way} TRIGGER a_tags_insert")
            connection.commit()

    trigger("DISABLE")
    try:
        with pytest.raises(AssertionError):
            test_the_database_spells_what_statements_write(house, word)
    finally:
        trigger("ENABLE")


def found(house, room="accounts", who="owner", **filters):
    with house.ctx(who) as ctx:
        return {row.id for row in getattr(lists, room)(ctx, Filters(**filters)).rows}


@pytest.mark.parametrize("typed", ["{} FÊTE", "{} fête", "{} fe\u0302te", "{} FETE"], ids=["case", "as it is", "composed otherwise", "no accents"])
def test_a_list_is_filtered_by_a_tag_however_it_is_typed(house, word, typed):
    key, other = account(house, f"{word} Fête"), account(house, word)
    typed = typed.format(word)
    assert found(house, tag=typed) == {key} == found(house, where=(("tags", "has", typed),))
    lacking = found(house, where=(("tags", "lacks", typed), ("tags", "has", word)))
    assert lacking == {other} and key not in found(house, where=(("tags", "lacks", typed),), tag=word)


def test_a_tag_of_its_own_is_not_taken_for_one_with_accents(house, word):
    keys = account(house, f"{word} Fête"), account(house, f"{word} Fete")
    assert found(house, where=(("tags", "has", f"{word} FETE"),)) == {keys[1]} and found(house, tag=f"{word} FÊTE") == {keys[0]}


def test_it_is_found_by_whom_the_tags_of_the_other_room_are_hidden_from(house, word):
    key = account(house, word, who="rep")
    with house.ctx() as ctx:
        role = roles.one_role(ctx, "sales")
        roles.edit_role(ctx, role, hidden=["contacts.tags"])
    try:
        house.users["rep"] = reread(house, "rep")
        assert found(house, who="rep", where=(("tags", "has", word.upper()),)) == {key} == found(house, who="rep", tag=word.upper())
        with pytest.raises(Forbidden):
            found(house, "contacts", who="rep", tag=word)
    finally:
        with house.ctx() as ctx:
            roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=[])
        house.users["rep"] = reread(house, "rep")


def reread(house, who):
    with house.ctx() as ctx:
        return next(user for user in people.users(ctx) if user.id == house.users[who].id)


def test_a_rename_reaches_every_record_and_is_taken_back(house, word, monkeypatch):
    """In the background, chunk by chunk: those of others, those in the bin; the place among the tags, facts, history."""
    monkeypatch.setattr(running, "AT_ONCE", 0)
    monkeypatch.setattr(undoing, "AT_ONCE", 0)
    monkeypatch.setattr(running, "CHUNK", 2)
    monkeypatch.setattr(undoing, "CHUNK", 2)
    new = f"{word} new"
    keys = [account(house, "first", word, "last"), account(house, word, who="rep"), account(house, word, new), account(house, word)]
    with house.ctx("owner") as ctx:
        parties.delete_account(ctx, lists.one_account(ctx, keys[3]))
        person = parties.create_contact(ctx, name="Karin", tags=[word]).id
        actions.edit_tag(ctx, ctx.session.execute(select(Tag).where(Tag.name == word)).scalar_one(), colour="green", description="D")
        taken = ctx.session.execute(select(Tag).where(Tag.name == new)).scalar_one()
        with pytest.raises(Refused) as refused:
            actions.edit_tag(ctx, ctx.session.execute(select(Tag).where(Tag.name == word)).scalar_one(), name=new.upper())
        assert refused.value.code == "tag_exists"
        ctx.session.delete(taken)  # as if nobody had made it a tag
    run = change(house, "rename", word, name=new)
    assert [tags_of(house, key) for key in keys] == [["first", new, "last"], [new], [new], [new]] and tags_of(house, person, Contact) == [new]
    assert row_of(house, word) is None and row_of(house, new)[2:] == ("green", False, "D")
    with house.ctx("owner") as ctx:
        facts = ctx.session.execute(select(Fact.params["fields"]).where(Fact.kind == "account.edited", Fact.subject_id == keys[1])).scalars().all()
        told = ctx.session.execute(select(AuditEntry.changes["tags"]).where(AuditEntry.row_id == keys[1], AuditEntry.action == "update")).scalars().all()
    assert facts == [["tags"]] and told == [[[word], [new]]]
    with house.ctx("rep") as ctx:
        parties.edit_account(ctx, lists.one_account(ctx, keys[1]), tags=["mine now"])
    assert undo(house, run) == ("undone", 4)
    assert [tags_of(house, key) for key in keys] == [["first", word, "last"], ["mine now"], [word, new], [word]] and tags_of(house, person, Contact) == [word]
    assert row_of(house, word)[2:] == ("green", False, "D") and row_of(house, new) is not None


def test_while_it_goes_on_whoever_writes_the_old_word_gets_the_new_one(house, word, monkeypatch):
    monkeypatch.setattr(running, "AT_ONCE", 0)
    account(house, word)
    with house.ctx("owner") as ctx:
        run = actions.edit_tag(ctx, ctx.session.execute(select(Tag).where(Tag.name == word)).scalar_one(), name=f"{word} 2").id
    late = account(house, word)
    assert tags_of(house, late) == [f"{word} 2"]
    with house.ctx("owner") as ctx:
        actions.create_tag(ctx, name=f"{word} 3")
        with pytest.raises(Refused) as refused:
            actions.delete_tag(ctx, ctx.session.execute(select(Tag).where(Tag.name == f"{word} 3")).scalar_one())
    assert refused.value.code == "tags_busy"
    work(house, run)
    assert row_of(house, word) is None


def test_a_rename_of_the_case_alone_reaches_every_record(house, word):
    key = account(house, word)
    run = change(house, "rename", word, name=word.upper())
    assert tags_of(house, key) == [word.upper()]
    assert undo(house, run) == ("undone", 1) and tags_of(house, key) == [word] and row_of(house, word.upper()) is None


def test_two_tags_become_one_and_are_two_again(house, word):
    both, one, other = account(house, word, "x", f"{word} old"), account(house, f"{word} old"), account(house, word)
    run = change(house, "merge", f"{word} old", into=word)
    assert [tags_of(house, key) for key in (both, one, other)] == [[word, "x"], [word], [word]] and row_of(house, f"{word} old") is None
    assert undo(house, run) == ("undone", 2)
    assert [tags_of(house, key) for key in (both, one, other)] == [[word, "x", f"{word} old"], [f"{word} old"], [word]]


def test_a_deleted_tag_goes_from_every_record_and_comes_back_to_its_place(house, word):
    keys = [account(house, "a", word, "b"), account(house, word)]
    run = change(house, "delete", word)
    assert [tags_of(house, key) for key in keys] == [["a", "b"], []] and row_of(house, word) is None
    assert undo(house, run) == ("undone", 2) and [tags_of(house, key) for key in keys] == [["a", word, "b"], [word]]
    with house.ctx("owner") as ctx, pytest.raises(Refused) as refused:
        undoing.start_undo(ctx, queries.one_change(ctx, run))
    assert refused.value.code == "tag_change_not_now"


def test_a_restricted_person_keeps_the_tag_and_the_tag_stays(house, word):
    with house.ctx("owner") as ctx:
        person = parties.create_contact(ctx, name="Resting", tags=[word])
        restricting.restrict(ctx, person, "asked for it")
        key = person.id
    change(house, "delete", word)
    assert tags_of(house, key, Contact) == [word] and row_of(house, word).leaving is False


def test_drafts_and_views_follow(house, word):
    account(house, word)
    with house.ctx("owner") as ctx:
        draft = drafting.draft_mailing(ctx, subject="News", body="x", tags=[word, "kept"]).id
        view = views.save_view(ctx, room="accounts", name=word, query={"tag": word, "where": [["tags", "has", word], ["city", "eq", word]], "either": [[["city", "eq", word]], [["tags", "lacks", word]]]}).id
    run = change(house, "rename", word, name=f"{word} 2")
    with house.ctx("owner") as ctx:
        assert ctx.session.get(Mailing, draft).tags == [f"{word} 2", "kept"]
        assert ctx.session.get(SavedView, view).query == {"tag": f"{word} 2", "where": [["tags", "has", f"{word} 2"], ["city", "eq", word]], "either": [[["city", "eq", word]], [["tags", "lacks", f"{word} 2"]]]}
    undo(house, run)
    with house.ctx("owner") as ctx:
        assert ctx.session.get(Mailing, draft).tags == [word, "kept"] and ctx.session.get(SavedView, view).query["tag"] == word


def test_what_named_both_names_both_again(house, word):
    old, into = f"{word} old", f"{word} into"
    account(house, old), account(house, into)
    with house.ctx("owner") as ctx:
        drafts = [drafting.draft_mailing(ctx, subject="News", body="x", tags=tags).id for tags in ([into, old, "z"], [old], [into])]
        query = {"tag": into, "where": [["tags", "has", into], ["city", "eq", old], ["tags", "lacks", old]], "either": [[["city", "eq", old], ["tags", "has", old]], [["tags", "has", into]]]}
        view = views.save_view(ctx, room="accounts", name=word, query=query).id
    run = change(house, "merge", old, into=into)
    with house.ctx("owner") as ctx:
        assert [ctx.session.get(Mailing, draft).tags for draft in drafts] == [[into, "z"], [into], [into]]
        assert ctx.session.get(SavedView, view).query == {"tag": into, "where": [["tags", "has", into], ["city", "eq", old], ["tags", "lacks", into]], "either": [[["city", "eq", old], ["tags", "has", into]], [["tags", "has", into]]]}
    undo(house, run)
    with house.ctx("owner") as ctx:
        assert [ctx.session.get(Mailing, draft).tags for draft in drafts] == [[into, old, "z"], [old], [into]] and ctx.session.get(SavedView, view).query == query


def test_a_view_follows_however_the_tag_is_typed_in_it(house, word):
    """A list finds it so, and goes on finding it."""
    account(house, word)
    with house.ctx("owner") as ctx:
        view = views.save_view(ctx, room="accounts", name=word, query={"either": [[["tags", "has", word.upper()], ["city", "eq", "x"]], [["city", "eq", "y"]]]}).id
    change(house, "rename", word, name=f"{word} 2")
    with house.ctx("owner") as ctx:
        assert ctx.session.get(SavedView, view).query == {"either": [[["tags", "has", f"{word} 2"], ["city", "eq", "x"]], [["city", "eq", "y"]]]}


def test_two_who_take_back_at_once_do_it_one_after_the_other(house, word):
    """Neither saw the other at work when he asked; the database has the last word."""
    keys = [account(house, f"{word} {n}") for n in range(2)]
    runs = [change(house, "delete", f"{word} {n}") for n in range(2)]
    heard = []

    def second():
        with house.ctx("manager") as ctx:
            try:
                undoing.start_undo(ctx, queries.one_change(ctx, runs[1]))
            except Refused as refusal:
                heard.append(refusal.code)
                ctx.session.execute(select(Tag.id).limit(1)).all()  # the transaction goes on

    other = threading.Thread(target=second)
    with house.ctx("owner") as ctx:
        run = queries.one_change(ctx, runs[0])
        running.alone(ctx, run, "undoing")
        other.start()
        somebody_waits()
    other.join(20)
    assert heard == ["tags_busy"]
    with house.ctx("owner") as ctx:
        ctx.session.get(TagChange, runs[0]).state = "done"
    assert [undo(house, run) for run in runs] == [("undone", 1)] * 2 and [tags_of(house, key) for key in keys] == [[f"{word} {n}"] for n in range(2)]


def test_a_name_that_is_just_given_up_is_said_to_be_so(house, word, monkeypatch):
    """There is no tag of that name to be seen, nor to be merged with."""
    monkeypatch.setattr(running, "AT_ONCE", 0)
    account(house, word)
    with house.ctx("owner") as ctx:
        run = actions.edit_tag(ctx, ctx.session.execute(select(Tag).where(Tag.name == word)).scalar_one(), name=f"{word} 2").id
    with house.ctx("owner") as ctx, pytest.raises(Refused, match="tag_leaving"):
        actions.create_tag(ctx, name=word.upper())
    work(house, run)
    with house.ctx("owner") as ctx:
        actions.create_tag(ctx, name=word.upper())


def test_only_who_may_changes_tags_and_counts_are_of_what_is_seen(house, word):
    account(house, word), account(house, word, who="rep")
    with house.ctx("rep") as ctx:
        tag = next(one for one in queries.tags(ctx) if one.name == word)
        with pytest.raises(Forbidden):
            actions.delete_tag(ctx, tag)
        assert queries.used(ctx, [word])[word].accounts == 1
    with house.ctx("owner") as ctx:
        assert queries.used(ctx, [word])[word].total == 2


def test_a_change_that_broke_off_ends_as_failed_and_goes_on(house, word, monkeypatch):
    monkeypatch.setattr(running, "AT_ONCE", 0)
    key = account(house, word)
    with house.ctx("owner") as ctx:
        run = actions.delete_tag(ctx, ctx.session.execute(select(Tag).where(Tag.name == word)).scalar_one())
        run_id, round = run.id, run.round
    with house.ctx("owner") as ctx:
        breaking.end_given_up(ctx, run_id, round, None)
    with house.ctx("owner") as ctx:
        run = queries.one_change(ctx, run_id)
        assert run.state == "failed" and run.failure["code"] == "tag_change_broke_off"
        breaking.go_on(ctx, run)
    work(house, run_id)
    assert tags_of(house, key) == []
