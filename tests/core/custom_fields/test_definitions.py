"""Definitions: what may be defined, what stays, what goes, and that everything is there at once."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.errors import Conflict, Forbidden, Refused
from core.base.outbox import Order
from core.custom_fields import actions, counting, erasing, fields
from core.custom_fields.definition import free_key, key_of
from core.custom_fields.models import CustomField, CustomUnique
from core.parties import actions as parties
from core.parties import queries
from core.parties.columns import chosen_columns, columns_of
from core.parties.models import Account


def one(ctx, made):
    return ctx.session.get(CustomField, made.id)


@pytest.mark.parametrize(("label", "key"), [("Shoe size", "shoe_size"), ("  Größe (cm) ", "grösse_cm"), ("鞋码", "鞋码"), ("2nd name", "f_2nd_name"), ("!!", "field"), ("x" * 80, "x" * 60)])
def test_a_key_is_made_of_the_label(label, key):
    assert key_of(label) == key


def test_a_key_is_never_given_twice_not_even_after_the_archive(house, make):
    assert free_key("Size", {"size", "size_2"}) == "size_3"
    first = make(label=f"Size {uuid4().hex[:6]}")
    with house.ctx() as ctx:
        actions.archive_field(ctx, one(ctx, first))
        second = actions.create_field(ctx, room="accounts", kind="whole", label=first.label)
        assert second.key == f"{first.key}_2"
        with pytest.raises(Refused, match="custom_key_taken"):
            actions.create_field(ctx, room="accounts", kind="text", label="Else", key=first.key)
        actions.archive_field(ctx, second)


def test_a_key_under_which_an_import_kept_texts_becomes_no_number(house):
    with house.ctx() as ctx:
        ctx.session.add(Account(name="Old", custom={"loose_one": "43 and a half"}))
        ctx.session.flush()
        assert ("loose_one", 1) in counting.loose(ctx, "accounts")
        assert actions.create_field(ctx, room="accounts", kind="whole", label="Loose one").key == "loose_one_2"
        assert actions.create_field(ctx, room="accounts", kind="text", label="Loose one again", key="loose_one").key == "loose_one"
        assert counting.usage(ctx, "accounts")[1]["loose_one"] == 1
        ctx.session.rollback()


REFUSED = [
    ({"kind": "choice"}, "custom_no_options"), ({"kind": "choice", "options": [{"label": "A"}, {"label": "a"}]}, "custom_option_twice"), ({"kind": "choice", "options": [{"label": "A", "colour": "black"}]}, "unknown_value"), ({"kind": "date", "is_unique": True}, "custom_not_unique_kind"),
    ({"label": " "}, "required"), ({"label": "x" * 61}, "too_long"), ({"kind": "formula"}, "unknown_value"), ({"room": "orders"}, "unknown_value"), ({"key": "1a"}, "custom_bad_key"), ({"key": "Big"}, "custom_bad_key"), ({"labels": {"xx": "y"}}, "unknown_value"), ({"kind": "whole", "preset": "many"}, "custom_not_a_number"),
    ({"shown_when": {"field": "nothing", "op": "filled"}}, "custom_condition_unknown"), ({"shown_when": {"field": "city", "op": "like", "value": "x"}}, "custom_condition_unknown"), ({"shown_when": {"field": "employees", "op": "eq", "value": "x"}}, "custom_condition_unknown"), ({"label": "My text"}, "custom_label_taken"), ({"nothing": 1}, "unknown_field"),
]


@pytest.mark.parametrize(("given", "code"), REFUSED, ids=lambda one: one if isinstance(one, str) else "")
def test_what_can_not_be_defined_is_refused(house, given, code):
    with house.ctx() as ctx, pytest.raises(Refused) as refusal:
        actions.create_field(ctx, **{"room": "accounts", "kind": "text", "label": f"F {uuid4().hex[:6]}"} | given)
    assert refusal.value.code == code


def test_who_may_not_configure_defines_nothing(house):
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        actions.create_field(ctx, room="accounts", kind="text", label="Mine")


def test_a_limit_of_the_plan_is_a_limit(house):
    from dataclasses import replace

    with house.ctx() as ctx:
        narrow = replace(ctx, entitlements=replace(ctx.entitlements, limits={"custom_fields": 3}))
        with pytest.raises(Refused, match="custom_too_many"):
            actions.create_field(narrow, room="accounts", kind="text", label="One more")


def test_fields_that_wait_for_each_other_are_refused(house, make):
    a = make()
    b = make(shown_when={"field": f"custom.{a.key}", "op": "filled"})
    with house.ctx() as ctx:
        with pytest.raises(Refused, match="custom_condition_circle"):
            actions.edit_field(ctx, one(ctx, a), shown_when={"field": f"custom.{b.key}", "op": "filled"})
        actions.archive_field(ctx, one(ctx, a))
        assert one(ctx, b).shown_when == {}  # what it waited for is gone
        actions.archive_field(ctx, one(ctx, b))


def test_options_are_renamed_ordered_and_archived_but_never_taken_away(house, make):
    made = make(kind="choice", options=[{"label": "Low"}, {"label": "High"}])
    with house.ctx() as ctx:
        key = parties.create_account(ctx, name="A", **{f"custom.{made.key}": "low"}).id
        with pytest.raises(Refused, match="custom_options_kept"):
            actions.edit_field(ctx, one(ctx, made), options=[{"key": "low", "label": "Low"}])
        actions.edit_field(ctx, one(ctx, made), options=[{"key": "high", "label": "Top"}, {"key": "low", "label": "Low", "archived": True}])
    with house.ctx() as ctx:
        assert [option.label for option in fields.one_of(ctx, "accounts", f"custom.{made.key}").options] == ["Top", "Low"]
        found = queries.one_account(ctx, key)
        parties.edit_account(ctx, found, city="Kiel")  # what stands may stand
        with pytest.raises(Refused, match="unknown_value"):
            parties.create_account(ctx, name="B", **{f"custom.{made.key}": "low"})
        actions.archive_field(ctx, one(ctx, made))


def test_an_archived_field_is_gone_everywhere_and_comes_back_with_its_values(house, make):
    made = make(in_list=True)
    name = f"custom.{made.key}"
    with house.ctx() as ctx:
        key = parties.create_account(ctx, name="A", **{name: "kept"}).id
        assert name in chosen_columns(ctx, "accounts", None)
        actions.archive_field(ctx, one(ctx, made))
        assert name not in columns_of(ctx, "accounts") and fields.one_of(ctx, "accounts", name) is None
        with pytest.raises(Refused, match="unknown_field"):
            parties.edit_account(ctx, queries.one_account(ctx, key), **{name: "x"})
        with pytest.raises(Refused, match="custom_archived"):
            actions.edit_field(ctx, one(ctx, made), help="x")
        actions.restore_field(ctx, one(ctx, made))
        assert getattr(queries.one_account(ctx, key), name) == "kept" and name in columns_of(ctx, "accounts")
        actions.archive_field(ctx, one(ctx, made))


def test_values_are_erased_for_good_after_the_name_was_typed(house, make, monkeypatch):
    monkeypatch.setattr(erasing, "CHUNK", 2)
    made = make(is_unique=True, label=f"Erase me {uuid4().hex[:6]}")
    with house.ctx() as ctx:
        keys = [parties.create_account(ctx, name="A", **{f"custom.{made.key}": f"v{n}", "custom.my_text": "stays"}).id for n in range(5)]
        ctx.session.flush()
        with pytest.raises(Refused, match="custom_not_archived"):
            actions.erase_values(ctx, one(ctx, made), typed=made.label)
        actions.archive_field(ctx, one(ctx, made))
        with pytest.raises(Refused, match="typed_otherwise"):
            actions.erase_values(ctx, one(ctx, made), typed="something")
        actions.erase_values(ctx, one(ctx, made), typed=made.label.upper())
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Order).where(Order.name == "custom_fields.erase")).scalars().all()
        with pytest.raises(Refused, match="custom_erased"):
            actions.restore_field(ctx, one(ctx, made))

    @contextmanager
    def door():
        with house.ctx() as ctx:
            yield ctx

    assert erasing.erase(door, made.id) == 5 and erasing.erase(door, made.id) == 0
    with house.ctx() as ctx:
        assert [queries.one_account(ctx, key).custom for key in keys] == [{"my_text": "stays"}] * 5
        assert not ctx.session.execute(select(CustomUnique).where(CustomUnique.field_id == made.id)).first()


@pytest.mark.parametrize(("kind", "wider", "value", "read"), [("text", "long_text", "x", "x"), ("whole", "decimal", "5", "5"), ("choice", "choices", "a", ["a"])])
def test_a_kind_becomes_wider_without_touching_a_value(house, make, kind, wider, value, read):
    made = make(kind=kind, options=[{"label": "A"}, {"label": "B"}] if kind == "choice" else [])
    name = f"custom.{made.key}"
    with house.ctx() as ctx:
        key = parties.create_account(ctx, name="A", **{name: value}).id
        ctx.session.flush()
        before = queries.one_account(ctx, key).version
        with pytest.raises(Refused, match="custom_kind_kept"):
            actions.widen_field(ctx, one(ctx, made), "date")
        actions.widen_field(ctx, one(ctx, made), wider)
        found = queries.one_account(ctx, key)
        assert found.version == before
        op = ("has", "a") if kind == "choice" else ("eq", value)
        rows = queries.accounts(ctx, queries.Filters(where=((name, *op),)), chosen=[name]).rows
        assert [row.id for row in rows] == [key]
        parties.edit_account(ctx, found, **{name: read})
        actions.archive_field(ctx, one(ctx, made))


def test_a_field_becomes_unique_only_where_no_value_stands_twice(house, make):
    made = make()
    name = f"custom.{made.key}"
    with house.ctx() as ctx:
        twins = [parties.create_account(ctx, name="A", **{name: "Same"}) for _ in range(2)]
        ctx.session.flush()
        with pytest.raises(Refused) as refusal:
            actions.edit_field(ctx, one(ctx, made), is_unique=True)
        assert (refusal.value.code, refusal.value.params) == ("custom_values_twice", {"count": 1})
        parties.edit_account(ctx, twins[0], **{name: "Other"})
        actions.edit_field(ctx, one(ctx, made), is_unique=True)
        with pytest.raises(Refused, match="custom_taken"):
            parties.create_account(ctx, name="B", **{name: "same"})
    with house.ctx() as ctx:
        actions.edit_field(ctx, one(ctx, made), is_unique=False)
        parties.create_account(ctx, name="B", **{name: "same"})
        actions.archive_field(ctx, one(ctx, made))


def test_two_who_edit_a_definition_meet_field_by_field(house, make):
    made = make(help="old")
    with house.ctx() as ctx:
        actions.edit_field(ctx, one(ctx, made), help="theirs")
    with house.ctx() as ctx:
        with pytest.raises(Conflict):
            actions.edit_field(ctx, one(ctx, made), version=1, original={"help": "old"}, help="mine")
        actions.edit_field(ctx, one(ctx, made), version=1, original={"section": ""}, section="Trade")
        assert (one(ctx, made).help, one(ctx, made).section) == ("theirs", "Trade")
        actions.archive_field(ctx, one(ctx, made))


def test_fields_are_moved_and_arranged(house):
    with house.ctx() as ctx:
        a, b, c = (actions.create_field(ctx, room="contacts", kind="text", label=f"Order {n} {uuid4().hex[:4]}") for n in range(3))
        order = lambda: [own.id for own in fields.alive(ctx, "contacts") if own.id in (a.id, b.id, c.id)]  # noqa: E731
        actions.move(ctx, c, -1)
        assert order() == [a.id, c.id, b.id]
        actions.arrange(ctx, "contacts", [c.id, b.id, a.id, uuid4()])
        assert order() == [c.id, b.id, a.id]
        ctx.session.rollback()


def test_a_label_is_read_in_the_readers_language(house, make):
    made = make(labels={"es": "Talla", "zh": ""})
    with house.ctx(locale="es") as ctx:
        assert columns_of(ctx, "accounts")[f"custom.{made.key}"].label == "Talla"
        actions.archive_field(ctx, one(ctx, made))
