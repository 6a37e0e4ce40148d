"""Own fields in imports, exports and bulk edits."""

from io import StringIO
from uuid import uuid4

import pytest

from core.base.errors import Forbidden, Refused
from core.custom_fields import actions as defining
from core.custom_fields import fields
from core.parties import actions, queries
from core.parties.queries import Filters
from core.transfer import exporting, opening, uploading
from tests.core.bulk.conftest import Bulk
from tests.core.transfer.conftest import Import


@pytest.fixture(autouse=True)
def files_in_a_folder(tmp_path_factory, monkeypatch):
    from infra import storage

    for room in (uploading, opening):
        monkeypatch.setattr(room, "storage", lambda: storage.FolderStore(tmp_path_factory.getbasetemp() / "files"))


def customs(house, tag):
    with house.ctx() as ctx:
        return {row.name.removeprefix(f"{tag} "): queries.one_account(ctx, row.id).custom for row in queries.accounts(ctx, Filters(search=tag), limit=100).rows}


def problems(house, one):
    from core.transfer import queries as imports

    with house.ctx() as ctx:
        return {(trouble.line, trouble.code) for trouble in imports.troubles(ctx, imports.one(ctx, one.id))}


def test_columns_are_found_by_label_or_key_and_read_by_kind(house):
    tag = f"imp{uuid4().hex[:8]}"
    text = f"name,My whole,My date,my_choice,My yes_no,My amount,My choices\n{tag} A,\"1.200\",31/12/2026,GREEN,yes,\"1.234,50 USD\",\"red; blue\"\n{tag} B,x,2026-02-30,pink,no,1,\n"
    one = Import(house).upload(text)
    assert one.row.mapping == ["name", "custom.my_whole", "custom.my_date", "custom.my_choice", "custom.my_yes_no", "custom.my_amount", "custom.my_choices"]
    one.choose(decimal_mark=",", day_order="dmy").check()
    assert {code for _, code in problems(house, one)} >= {"unknown_value"} and one.row.counts["problem"] == 1
    one.run()
    assert customs(house, tag) == {"A": {"my_whole": 1200, "my_date": "2026-12-31", "my_choice": "green", "my_yes_no": True, "my_amount": {"amount": "1234.50", "currency": "USD"}, "my_choices": ["red", "blue"]}}


def test_an_update_changes_only_the_keys_of_the_file_and_its_undo_puts_them_back(house):
    tag = f"upd{uuid4().hex[:8]}"
    with house.ctx() as ctx:
        actions.create_account(ctx, name=f"{tag} A", **{"custom.my_text": "old", "custom.my_whole": 1})
    one = Import(house).upload(f"name,My text\n{tag} A,new\n").choose(mode="update", key_field="name").check().run()
    assert customs(house, tag) == {"A": {"my_text": "new", "my_whole": 1}}
    one.undo()
    assert customs(house, tag) == {"A": {"my_text": "old", "my_whole": 1}}


def test_a_column_becomes_a_field_for_whoever_may_define_them(house):
    tag, title = f"new{uuid4().hex[:8]}", f"Width {uuid4().hex[:6]}"
    text = f"name,{title}\n{tag} A,\"12.5\"\n"
    one = Import(house).upload(text).choose(mapping=["name", "new.decimal"]).check().run()
    key = one.row.mapping[1].removeprefix("custom.")
    assert customs(house, tag) == {"A": {key: "12.5"}}
    with house.ctx() as ctx:
        assert fields.one_of(ctx, "accounts", f"custom.{key}").label == title
    with pytest.raises(Forbidden):
        Import(house, "rep").upload(f"name,Other\n{tag} B,1\n").choose(mapping=["name", "new.text"])


def test_what_is_kept_beside_never_stands_under_a_fields_key(house):
    tag = f"kept{uuid4().hex[:8]}"
    Import(house).upload(f"name,my_whole\n{tag} A,not a number\n").choose(mapping=["name", "custom"]).check().run()
    assert customs(house, tag) == {"A": {"my_whole_2": "not a number"}}


def test_what_must_be_filled_in_is_asked_of_new_rows_and_presets_are_given(house, make):
    tag = f"req{uuid4().hex[:8]}"
    needed = make(is_required=True, shown_when={"field": "is_customer", "op": "eq", "value": True})
    preset = make(preset="usual")
    try:
        one = Import(house).upload(f"name,is customer,{needed.label}\n{tag} A,yes,\n{tag} B,no,\n{tag} C,yes,x\n{tag} D,no,x\n").check()
        assert problems(house, one) == {(2, "required"), (5, "custom_not_now")}
        one.run()
        assert customs(house, tag) == {"B": {preset.key: "usual"}, "C": {needed.key: "x", preset.key: "usual"}}
    finally:
        with house.ctx() as ctx:
            [defining.archive_field(ctx, ctx.session.get(type(made), made.id)) for made in (needed, preset)]


def test_a_unique_value_keeps_rows_out_within_the_file_and_beside_it(house, make):
    tag, made = f"uni{uuid4().hex[:8]}", make(is_unique=True)
    with house.ctx() as ctx:
        actions.create_account(ctx, name=f"{tag} Old", **{f"custom.{made.key}": f"{tag}-1"})
    one = Import(house).upload(f"name,{made.label}\n{tag} A,{tag}-1\n{tag} B,{tag}-2\n{tag} C,{tag.upper()}-2\n{tag} D,\n").check()
    assert {one for one in problems(house, one) if one[1] != "may_be_known"} == {(2, "custom_taken"), (4, "custom_taken")}
    one.run()
    assert set(customs(house, tag)) == {"Old", "B", "D"}
    with house.ctx() as ctx, pytest.raises(Refused, match="custom_taken"):
        actions.create_account(ctx, name="E", **{f"custom.{made.key}": f"{tag}-2"})
    with house.ctx() as ctx:
        defining.archive_field(ctx, ctx.session.get(type(made), made.id))


def test_an_export_is_read_again_as_it_was(house):
    tag = f"exp{uuid4().hex[:8]}"
    with house.ctx() as ctx:
        actions.create_account(ctx, name=f"{tag} A", **{
            "custom.my_text": "a, \"b\"", "custom.my_whole": 7, "custom.my_decimal": "-1.25", "custom.my_amount": "5 CHF", "custom.my_date": "2026-05-06", "custom.my_yes_no": True, "custom.my_choice": "green", "custom.my_choices": ["red", "blue"],
            "custom.my_user": str(house.users["rep"].id), "custom.my_moment": "2026-05-06T10:00",
        })
    file = StringIO()
    with house.ctx() as ctx:
        before = customs(house, tag)["A"]
        assert exporting.take_out(ctx, "accounts", Filters(search=tag), file) == 1
    header, row = file.getvalue().lstrip("\ufeff").splitlines()
    assert "My choice" in header and "Green" in row and "Rep" in row and "5.00 CHF" in row
    again = f"re{uuid4().hex[:8]}"
    one = Import(house).upload(file.getvalue().replace(tag, again)).choose(mode="create").check().run()
    assert "custom.my_choice" in one.row.mapping and one.row.counts["created"] == 1
    assert customs(house, again)["A"] == before


def test_many_records_are_changed_by_key_and_put_back(house, make):
    tag, made = f"bulk{uuid4().hex[:8]}", make(kind="whole")
    with house.ctx() as ctx:
        keys = [actions.create_account(ctx, name=f"{tag} {n}", **({"custom.my_text": f"t{n}"} | ({f"custom.{made.key}": n} if n else {}))).id for n in range(3)]
        ctx.session.flush()
    before = customs(house, tag)
    one = Bulk(house).select(keys).preview("change", **{f"custom.{made.key}": "9"}).run()
    assert {name: custom[made.key] for name, custom in customs(house, tag).items()} == {"0": 9, "1": 9, "2": 9}
    assert {custom["my_text"] for custom in customs(house, tag).values()} == {"t0", "t1", "t2"}
    with house.ctx() as ctx:
        actions.edit_account(ctx, queries.one_account(ctx, keys[2]), city="Kiel")
    one.undo()
    after = customs(house, tag)
    assert (after["0"], after["1"]) == (before["0"], before["1"]) and after["2"][made.key] == 9


def test_a_bulk_edit_takes_no_unique_field_and_leaves_no_hole(house, make):
    unique, status = make(is_unique=True), make(kind="choice", options=[{"label": "On"}, {"label": "Off"}])
    since = make(kind="date", is_required=True, shown_when={"field": f"custom.{status.key}", "op": "eq", "value": "on"})
    with house.ctx() as ctx:
        key = actions.create_account(ctx, name="A").id
        ctx.session.flush()
    try:
        for given, code in (({f"custom.{unique.key}": "x"}, "bulk_not_this_field"), ({f"custom.{since.key}": None}, "required"), ({f"custom.{status.key}": "on"}, "custom_needed_then")):
            with pytest.raises(Refused, match=code):
                Bulk(house).select([key]).preview("change", **given)
        Bulk(house).select([key]).preview("change", **{f"custom.{status.key}": "on", f"custom.{since.key}": "2026-01-01"}).run()
        with house.ctx() as ctx:
            assert queries.one_account(ctx, key).custom == {status.key: "on", since.key: "2026-01-01"}
    finally:
        with house.ctx() as ctx:
            [defining.archive_field(ctx, ctx.session.get(type(made), made.id)) for made in (unique, since, status)]
