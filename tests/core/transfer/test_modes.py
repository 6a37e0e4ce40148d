"""Create, update, both: what meets what, what is left out and named."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.base.errors import Conflict, Forbidden, NotFound, ReadOnly, Refused
from core.parties.actions import create_account, create_contact, delete_account, edit_account
from core.parties.models import Account, Contact
from core.transfer import queries, running, starting, uploading
from tests.support.chunks import one_import_chunk


@pytest.fixture
def tag():
    """A word that keeps one test's records apart from another's."""
    return f"x{uuid4().hex[:8]}"


def names(house, tag, model=Account):
    with house.ctx() as ctx:
        query = select(model).where(model.name.contains(tag), model.deleted_at.is_(None)).order_by(model.id)
        return list(ctx.session.execute(query).scalars())


def test_nothing_is_written_before_the_person_says_so(bring, house, tag):
    one = bring().upload(f"name\nA {tag}\nB {tag}\n").check()
    assert one.counts == {"create": 2} and names(house, tag) == []


def test_problems_are_named_by_line_and_column_and_their_rows_stay_out(bring, house, tag):
    text = f"name,employees,mail,website\nA {tag},12,a@b.example,\nB {tag},many,nobody,\n,5,,\nC {tag},7,,not a site\nD {tag},3,,d.example\n"
    one = bring().upload(text).choose(key_field="name").check()
    assert one.said() == [(3, 1, "not_whole"), (3, 2, "not_a_mail"), (4, 0, "required"), (5, 3, "not_a_website")]
    assert one.counts == {"create": 2, "problem": 3, "noted": 3}
    one.run()
    assert [a.name[0] for a in names(house, tag)] == ["A", "D"] and one.counts == {"created": 2, "failed": 3}


def test_a_fraction_is_never_read_as_a_bigger_number(bring, tag):
    one = bring().upload(f'name,employees,annual revenue\nA {tag},12.5,"1,7"\nB {tag},1.000.000,1.5\n').check()
    assert [(line, column) for line, column, _ in one.said()] == [(2, 1), (2, 2), (3, 1)]


def test_the_whole_import_stops_where_the_person_chose_so(bring, house, tag):
    one = bring().upload(f"name,employees\nA {tag},12\nB {tag},many\n").choose(on_problem="stop").check()
    with pytest.raises(Refused, match="import_has_problems"):
        one.start()
    assert names(house, tag) == []


def test_control_and_direction_characters_are_named_by_line_and_cell(bring, tag):
    one = bring().upload(f"name,city\nA {tag},Ulm\x07\nB\u202e {tag},Ulm\n").check()
    assert one.said() == [(2, 1, "control_character"), (3, 0, "control_character")]


def test_ragged_rows_are_named(bring, data, tag):
    one = bring().upload((data / "csv-dialects" / "csvkit" / "bad.csv").read_bytes()).choose(mapping=["name", "custom", "custom"]).check()
    assert [(line, code) for line, _, code in one.said() if code == "row_width"] == [(2, "row_width"), (3, "row_width")]


def test_what_exists_is_a_duplicate_and_so_is_the_second_in_the_file(bring, house, tag):
    with house.ctx() as ctx:
        create_account(ctx, name=f"Café {tag}")
    one = bring().upload(f"name\ncafe {tag}\nNew {tag}\nNEW {tag}\n").check().run()
    assert one.counts == {"created": 1, "duplicate": 2}
    assert [a.name for a in names(house, tag)] == [f"Café {tag}", f"New {tag}"]


def test_update_changes_only_mapped_cells_that_say_something(bring, house, tag):
    with house.ctx() as ctx:
        create_account(ctx, name=f"A {tag}", external_id=f"1{tag}", city="Ulm", industry="Optics")
    text = f"external id,city,industry\n1{tag},Bonn,\n2{tag},Kiel,Retail\n"
    one = bring().upload(text).choose(mode="update", key_field="external_id").check().run()
    assert one.counts == {"skipped": 1, "updated": 1}
    (account,) = names(house, tag)
    assert (account.city, account.industry, account.version) == ("Bonn", "Optics", 2)


def test_a_row_that_says_the_same_changes_nothing(bring, house, tag):
    with house.ctx() as ctx:
        create_account(ctx, name=f"A {tag}", city="Ulm")
    one = bring().upload(f"name,city\nA {tag},Ulm\n").choose(mode="both", key_field="name").check().run()
    assert one.counts == {"skipped": 1} and names(house, tag)[0].version == 1


def test_both_creates_what_is_missing_and_updates_the_rest(bring, house, tag):
    with house.ctx() as ctx:
        create_account(ctx, name=f"A {tag}", city="Ulm")
    one = bring().upload(f"name,city\nA {tag},Bonn\nB {tag},Kiel\n").choose(mode="both", key_field="name").check().run()
    assert one.counts == {"created": 1, "updated": 1}
    assert {a.name[0]: a.city for a in names(house, tag)} == {"A": "Bonn", "B": "Kiel"}


def test_several_records_of_one_key_are_not_guessed_between(bring, house, tag):
    with house.ctx() as ctx:
        create_account(ctx, name=f"A {tag}")
        create_account(ctx, name=f"a {tag}")
    one = bring().upload(f"name,city\nA {tag},Bonn\n").choose(mode="update", key_field="name").check()
    assert one.said() == [(2, None, "row_ambiguous")]


def test_an_external_id_of_another_record_keeps_the_row_out(bring, house, tag):
    with house.ctx() as ctx:
        gone = create_account(ctx, name=f"A {tag}", external_id=f"1{tag}")
        delete_account(ctx, gone)
    one = bring().upload(f"name,external id\nB {tag},1{tag}\nC {tag},2{tag}\nD {tag},2{tag}\n").choose(key_field="name").check()
    assert one.said() == [(2, 1, "external_id_taken"), (4, 1, "external_id_taken")]
    assert one.run().counts == {"created": 1, "failed": 2}


def test_contacts_bring_their_company_once_and_link_to_one_that_is_there(bring, house, tag):
    with house.ctx() as ctx:
        there = create_account(ctx, name=f"Sol {tag}")
        there_id = there.id
    text = f"Full name,Email,Company\nAna {tag},ana@{tag}.example,SOL {tag}\nBo {tag},bo@{tag}.example,Luna {tag}\nCy {tag},,luna {tag}\nDi {tag},,\n"
    one = bring().upload(text, kind="contacts").check().run()
    assert one.counts == {"created": 4, "accounts": 1}
    people = {c.name[:2]: c.account_id for c in names(house, tag, Contact)}
    luna = next(a.id for a in names(house, tag) if a.name == f"Luna {tag}")
    assert people == {"An": there_id, "Bo": luna, "Cy": luna, "Di": None}


def test_first_and_last_names_become_one(bring, house, tag):
    bring().upload(f"First Name,Last Name\nAna,Ruiz {tag}\n,Solo {tag}\n", kind="contacts").choose(key_field="").check().run()
    assert [c.name for c in names(house, tag, Contact)] == [f"Ana Ruiz {tag}", f"Solo {tag}"]


def test_unmapped_columns_are_kept_beside_the_fields_or_left_out(bring, house, tag):
    bring().upload(f"name,Shoe size,Secret\nA {tag},43,x\n").choose(mapping=["name", "custom", ""]).check().run()
    assert names(house, tag)[0].custom == {"shoe_size": "43"}


def test_a_mapping_is_remembered_for_files_with_the_same_columns(bring, tag):
    text = f"Firma {tag},Standort\nA,Ulm\n"
    assert bring().upload(text).row.mapping == ["custom", "custom"]
    bring().upload(text).choose(mapping=["name", "city"], on_problem="stop")
    again = bring().upload(f"firma {tag},STANDORT\nB,Bonn\n").row
    assert (again.mapping, again.on_problem) == (["name", "city"], "stop")


def test_records_are_found_by_their_vat_number_however_it_is_written(bring, house, tag):
    digits = str(int(tag[1:8], 16) % 10**8).zfill(8)
    bring().upload(f"Name,Tax ID\nOne {tag},US {digits}\n").choose(key_field="").check().run()
    one = bring().upload(f"Name,VAT number,City\nOne {tag} Ltd,us-{digits},Boston\n")
    assert one.row.mapping == ["name", "vat_id", "city"]
    one.choose(key_field="vat_id", mode="update").check().run()
    (account,) = names(house, tag)
    assert (account.name, account.city, account.vat_id) == (f"One {tag} Ltd", "Boston", f"US{digits}")


@pytest.mark.parametrize(("said", "kept"), [("AE", "AE"), ("ae", "AE"), ("Reverse charge", "AE"), ("exempt", "E"), ("Tax is due", None), ("", None)])
def test_why_no_tax_is_due_is_read_as_files_and_pages_say_it(bring, house, tag, said, kept):
    one = bring().upload(f"Name,Tax exemption\nOne {tag},{said}\n")
    assert one.row.mapping == ["name", "tax_relief"]
    one.choose(key_field="").check().run()
    assert [account.tax_relief for account in names(house, tag)] == [kept]


def test_another_reason_why_no_tax_is_due_is_named(bring, house, tag):
    one = bring().upload(f"Name,Tax exemption\nOne {tag},because\n").choose(key_field="").check()
    with pytest.raises(Refused, match="import_nothing_to_do"):
        one.run()
    assert names(house, tag) == []


def test_a_german_file_is_read_with_its_own_marks(bring, house, tag):
    text = f"Name;Annual revenue;Employees;Founded\nMüller {tag};1.234.567,50;1.200;01.05.1998\n".encode("cp1252")
    bring().upload(text).choose(key_field="").check().run()
    (account,) = names(house, tag)
    assert (account.name, str(account.annual_revenue), account.employees, account.founded_year) == (f"Müller {tag}", "1234567.50", 1200, 1998)


@pytest.mark.parametrize("written,day", [
    ("2010-10-14T23:30:00.000Z", "2010-10-15"), ("2010-10-14T12:00:00.000", "2010-10-14"), ("2010-10-14", "2010-10-14"), ("14.10.2010", "2010-10-14"),
    ("14/10/2010", "2010-10-14"), ("20101014", "2010-10-14"), ("2010年10月14日", "2010-10-14"), ("2010년 10월 14일", "2010-10-14"), ("2010-10-14T00:30:00-08:00", "2010-10-14"),
])
def test_dates_with_and_without_zone_are_read(bring, house, tag, written, day):
    one = bring().upload(f"Full name,Birthday\nAna {tag},{written}\n", kind="contacts").choose(key_field="", day_order="dmy")
    with house.ctx(timezone="Europe/Berlin") as ctx:
        from core.transfer.reading import Layout

        layout = Layout(ctx, queries.one(ctx, one.id), lambda name: None)
        rows = uploading.preview(ctx, queries.one(ctx, one.id))
    assert layout.read(rows[0]).values["birthday"] == day


# ---- who may ----


def test_a_salesperson_brings_in_his_own_and_meets_only_what_he_sees(bring, house, tag):
    with house.ctx("colleague") as ctx:
        create_account(ctx, name=f"Theirs {tag}")
    one = bring("rep").upload(f"name,owner\nTheirs {tag},\nMine {tag},\nHers {tag},Colleague\n").check()
    assert one.said() == [(2, None, "row_of_others"), (4, 1, "no_such_user")]
    one.run()
    mine = [a for a in names(house, tag) if a.name.startswith("Mine")]
    assert mine[0].owner_id == house.users["rep"].id


def test_a_manager_gives_rows_their_owner(bring, house, tag):
    bring("manager").upload(f"name,owner\nA {tag},rep\n").check().run()
    assert names(house, tag)[0].owner_id == house.users["rep"].id


def test_a_colleagues_import_is_not_there(bring, house, tag):
    one = bring("rep").upload(f"name\nA {tag}\n")
    with house.ctx("colleague") as ctx, pytest.raises(NotFound):
        queries.one(ctx, one.id)
    with house.ctx("manager") as ctx:
        assert queries.one(ctx, one.id).id == one.id


def test_a_reader_imports_nothing(bring):
    with pytest.raises(Forbidden):
        bring("reader").upload("name\nA\n")


def test_a_read_only_workspace_starts_no_import(bring, house, tag):
    from core.base.entitlements import Entitlements

    one = bring().upload(f"name\nA {tag}\n").check()
    with house.ctx(entitlements=Entitlements(access="read_only")) as ctx, pytest.raises(ReadOnly):
        starting.start_run(ctx, queries.one(ctx, one.id))


def test_who_may_not_create_such_records_does_not_by_a_file(bring, house, tag):
    from dataclasses import replace

    from core.base.context import as_actor

    one = bring().upload(f"name\nA {tag}\n").check()
    with house.ctx() as ctx, pytest.raises(Forbidden):
        narrow = as_actor(ctx, replace(ctx.actor, permissions=frozenset({"imports.run", "accounts.read", "accounts.edit"})))
        starting.start_run(narrow, queries.one(narrow, one.id))


# ---- choices that can't be ----


@pytest.mark.parametrize("choices,code", [
    ({"mapping": ["name", "name"]}, "import_field_twice"), ({"mapping": ["city", ""], "mode": "create"}, "import_needs_name"), ({"mapping": ["name"]}, "unknown_value"),
    ({"mapping": ["name", "deleted_at"]}, "unknown_value"), ({"mapping": ["name", "id"]}, "unknown_value"), ({"mode": "delete"}, "unknown_value"),
    ({"mode": "update", "key_field": ""}, "import_needs_key"), ({"key_field": "mail"}, "import_key_not_mapped"), ({"scale": 7}, "unknown_value"),
])
def test_choices_that_make_no_sense_are_refused(bring, choices, code):
    with pytest.raises(Refused) as refusal:
        bring().upload("name,city\nA,Ulm\n").choose(**choices)
    assert refusal.value.code == code


def test_two_people_at_one_import_do_not_overwrite_each_other(bring, house):
    one = bring().upload("name,city\nA,Ulm\n")
    old = one.row.version
    one.choose(mapping=["name", ""])
    with house.ctx() as ctx, pytest.raises(Conflict):
        run = queries.one(ctx, one.id)
        uploading.choose_columns(ctx, run, version=old, mapping=["name", "city"], mode="create", key_field="name")


# ---- parents ----


def test_parents_are_found_by_name_wherever_they_stand_in_the_file(bring, house, tag):
    text = f"name,parent\nChild {tag},Top {tag}\nTop {tag},\nLost {tag},Nobody {tag}\n"
    one = bring().upload(text).check().run()
    found = {a.name.split()[0]: a for a in names(house, tag)}
    assert found["Child"].parent_id == found["Top"].id and found["Lost"].parent_id is None
    assert one.said() == [(4, 1, "parent_not_found")]


def test_a_circle_of_parents_is_not_closed(bring, house, tag):
    one = bring().upload(f"name,parent\nA {tag},B {tag}\nB {tag},C {tag}\nC {tag},A {tag}\nD {tag},D {tag}\n").check().run()
    assert [code for _, _, code in one.said()] == ["parent_in_circle", "parent_in_circle"]
    assert {a.name[0]: a.parent_id is not None for a in names(house, tag)} == {"A": True, "B": True, "C": False, "D": False}


# ---- undo ----


def test_undo_takes_back_what_nobody_touched_and_names_the_rest(bring, house, tag):
    with house.ctx() as ctx:
        create_account(ctx, name=f"Old {tag}", city="Ulm", tags=["a"])
        create_account(ctx, name=f"Old too {tag}", city="Ulm")
    one = bring().upload(f"name,city,tags\nOld {tag},Bonn,b\nOld too {tag},Bonn,\nNew {tag},Kiel,\nNewer {tag},Kiel,\nBusy {tag},Kiel,\n")
    one.choose(mode="both", key_field="name").check().run()
    with house.ctx() as ctx:
        by_name = {a.name.removesuffix(f" {tag}"): a for a in ctx.session.execute(select(Account).where(Account.name.contains(tag))).scalars()}
        edit_account(ctx, by_name["Newer"], city="Berlin")
        edit_account(ctx, by_name["Old too"], city="Berlin")
        create_contact(ctx, name=f"Ana {tag}", account_id=by_name["Busy"].id)
    one.undo()
    assert {a.name.removesuffix(f" {tag}"): (a.city, a.tags) for a in names(house, tag)} == {
        "Old": ("Ulm", ["a"]), "Old too": ("Berlin", []), "Newer": ("Berlin", []), "Busy": ("Kiel", []),
    }
    assert (one.row.state, one.counts["undone"], one.counts["kept"]) == ("undone", 2, 3)


def test_undo_of_contacts_takes_their_new_companies_along(bring, house, tag):
    one = bring().upload(f"Full name,Company\nAna {tag},Sol {tag}\nBo {tag},Luna {tag}\n", kind="contacts").choose(key_field="").check().run()
    with house.ctx() as ctx:
        luna = ctx.session.execute(select(Account).where(Account.name == f"Luna {tag}")).scalar_one()
        create_contact(ctx, name=f"Later {tag}", account_id=luna.id)
    one.undo()
    assert [c.name for c in names(house, tag, Contact)] == [f"Later {tag}"] and [a.name for a in names(house, tag)] == [f"Luna {tag}"]
    with pytest.raises(Refused, match="import_not_now"):
        one.undo()


def test_undo_restores_parents(bring, house, tag):
    with house.ctx() as ctx:
        top = create_account(ctx, name=f"Top {tag}")
        ctx.session.flush()
        create_account(ctx, name=f"Sub {tag}", parent_id=top.id)
        create_account(ctx, name=f"Else {tag}")
    one = bring().upload(f"name,parent\nSub {tag},Else {tag}\n").choose(mode="update", key_field="name").check().run()
    assert one.counts == {"updated": 1}
    one.undo()
    found = {a.name.split()[0]: a for a in names(house, tag)}
    assert found["Sub"].parent_id == found["Top"].id


def test_cancel_keeps_what_is_in_and_stops_the_rest(bring, house, tag, monkeypatch):
    from core.transfer import checking

    monkeypatch.setattr(running, "CHUNK", 2)
    one = bring().upload("name\n" + "".join(f"{n} {tag}\n" for n in range(5))).check().start()
    row = one.row
    assert one_import_chunk(running, one.door, one.id, row.round)
    with house.ctx() as ctx:
        starting.cancel(ctx, queries.one(ctx, one.id))
    running.run_import(one.door, one.id, row.round)
    assert len(names(house, tag)) == 2 and (one.row.state, one.row.rows_done) == ("cancelled", 2)
    assert checking.CHUNK == 1000
    one.undo()
    assert names(house, tag) == []


def test_a_second_worker_with_the_same_order_writes_nothing_twice(bring, house, tag):
    one = bring().upload(f"name\nA {tag}\nB {tag}\n").choose(key_field="").check().start()
    round = one.row.round
    running.run_import(one.door, one.id, round)
    running.run_import(one.door, one.id, round)
    with house.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Account).where(Account.name.contains(tag))).scalar_one() == 2
