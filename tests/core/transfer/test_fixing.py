"""Problems put right before anything is written: cell by cell, the same everywhere, rows left out, who may be known."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.base.errors import NotFound, Refused
from core.parties import actions
from core.parties.models import Account, Contact
from core.transfer import checking, doubles, fixing, problems, queries, uploading
from core.transfer.models import ImportFix
from tests.support.statements import counted

DIRTY = "name,employees,mail,city\nSol {t},many,a@{t}.example,Vigo\nLuna {t},many,not a mail,Lugo\nMar {t},few,c@{t}.example,Vigo\nRío {t},7,d@{t}.example,Lugo\n"


@pytest.fixture
def checked(bring):
    """A checked file with three rows that have problems."""
    one = bring()
    one.tag = uuid4().hex
    return one.upload(DIRTY.format(t=one.tag)).choose(key_field="", mode="create").check()


def fix(one, act):
    with one.door() as ctx:
        return act(ctx, queries.one(ctx, one.id))


def names_of(one):
    with one.door() as ctx:
        rows = ctx.session.execute(select(Account.name, Account.employees).where(Account.name.endswith(one.tag)))
        return {name.split()[0]: value for name, value in rows}


def test_a_cell_is_corrected_and_comes_in_as_corrected(checked):
    assert checked.counts == {"create": 1, "problem": 3, "noted": 3}
    fix(checked, lambda ctx, run: fixing.fix_row(ctx, run, 2, {1: "12"}))
    assert checked.counts == {"create": 2, "problem": 2, "noted": 2}
    checked.run()
    assert names_of(checked) == {"Sol": 12, "Río": 7}


def test_a_wrong_correction_says_so_and_is_kept(checked):
    fix(checked, lambda ctx, run: fixing.fix_row(ctx, run, 2, {1: "a dozen"}))
    line = fix(checked, lambda ctx, run: problems.lines(ctx, run, only=2))[0]
    assert (line.cells[1], line.was, line.problems[0]["code"]) == ("a dozen", {1: "many"}, "not_whole")


def test_one_text_is_replaced_in_all_its_rows(checked):
    groups = fix(checked, problems.groups)
    worst = groups[0]
    assert (worst.column, worst.count) == (1, 3) and fix(checked, lambda ctx, run: problems.texts(ctx, run, worst.code, 1)) == [("many", 2), ("few", 1)]
    assert fix(checked, lambda ctx, run: fixing.replace_all(ctx, run, code=worst.code, place=1, was="many", text="100")) == 2
    assert [(line, column) for line, column, _ in checked.said()] == [(3, 2), (4, 1)]
    assert fix(checked, lambda ctx, run: fixing.replace_all(ctx, run, code=worst.code, place=1, was="few", text="")) == 1
    assert fix(checked, lambda ctx, run: fixing.leave_out(ctx, run, code=problems_of(checked)[0], place=2)) == 1
    assert checked.counts == {"create": 3, "skip": 1}


def problems_of(one):
    return [code for _, _, code in one.said()]


def test_rows_left_out_stay_out_and_can_come_back(checked):
    fix(checked, lambda ctx, run: fixing.fix_row(ctx, run, 2, {}, "skip"))
    assert checked.counts["skip"] == 1 and fix(checked, problems.groups)[-1].code == problems.LEFT
    fix(checked, lambda ctx, run: fixing.fix_row(ctx, run, 2, {1: "5"}, ""))
    assert checked.counts == {"create": 2, "problem": 2, "noted": 2}


def test_a_further_check_of_the_file_knows_the_corrections(checked):
    fix(checked, lambda ctx, run: fixing.fix_row(ctx, run, 2, {1: "12"}))
    checked.choose(mode="create", key_field="").check()
    assert checked.counts == {"create": 2, "problem": 2, "noted": 2}


def test_another_way_of_reading_forgets_them(checked):
    fix(checked, lambda ctx, run: fixing.fix_row(ctx, run, 2, {1: "12"}))
    fix(checked, lambda ctx, run: uploading.choose_form(ctx, run, version=run.version, encoding="cp1252"))
    assert fix(checked, lambda ctx, run: ctx.session.execute(select(func.count()).select_from(ImportFix).where(ImportFix.run_id == run.id)).scalar_one()) == 0


def test_many_rows_are_read_anew_in_the_background(checked, monkeypatch):
    monkeypatch.setattr(fixing, "AT_ONCE", 1)
    code = fix(checked, problems.groups)[0].code
    fix(checked, lambda ctx, run: fixing.replace_all(ctx, run, code=code, place=1, was="many", text="100"))
    assert checked.row.state == "checking"
    checking.check_file(checked.door, checked.id, checked.row.round)
    assert checked.counts == {"create": 2, "problem": 2, "noted": 2}


def test_only_a_checked_import_is_corrected_and_only_its_rows(checked):
    with pytest.raises(NotFound):
        fix(checked, lambda ctx, run: fixing.fix_row(ctx, run, 99, {1: "1"}))
    with pytest.raises(Refused):
        fix(checked, lambda ctx, run: fixing.fix_row(ctx, run, 2, {7: "1"}))
    checked.run()
    with pytest.raises(Refused):
        fix(checked, lambda ctx, run: fixing.fix_row(ctx, run, 2, {1: "1"}))


def test_a_problem_that_only_the_records_know_is_in_the_grid_too(bring, house):
    with house.ctx() as ctx:
        actions.create_account(ctx, name="Known one", external_id="K-1", source="before")
    one = bring().upload("name,external id,city\nOther,K-1,Vigo\n").choose(mode="create", key_field="name").check()
    line = fix(one, problems.lines)[0]
    assert (line.problems[0]["code"], line.cells) == ("external_id_taken", ["Other", "K-1", "Vigo"])
    fix(one, lambda ctx, run: fixing.fix_row(ctx, run, 2, {1: "K-2"}))
    assert one.counts == {"create": 1}


@pytest.mark.parametrize("choice,counts", [("skip", {"skip": 1}), ("create", {"create": 1}), ("update", {"update": 1})])
def test_somebody_who_may_be_known_waits_for_a_choice(bring, house, choice, counts):
    mail = f"{choice}@known.example"
    with house.ctx() as ctx:
        known = actions.create_contact(ctx, name=f"Known {choice}", mail=mail, source="before").id
    one = bring().upload(f"name,mail,job title\nSomebody {choice},{mail},Boss\n", kind="contacts").choose(mode="create", key_field="").check()
    line = fix(one, problems.lines)[0]
    assert line.known["id"] == str(known)
    fix(one, lambda ctx, run: fixing.fix_row(ctx, run, 2, {}, f"update:{known}" if choice == "update" else choice))
    assert {name: number for name, number in one.counts.items() if name in counts} == counts
    if choice == "update":
        one.run()
        with one.door() as ctx:
            assert ctx.session.get(Contact, known).job_title == "Boss"


def test_a_chunk_of_rows_is_compared_with_what_is_there_in_a_few_statements(bring, house):
    with house.ctx() as ctx:
        known = [actions.create_contact(ctx, name=f"Chunk Person {letter * 5}", mail=f"chunk{n}@known.example", source="before").id for n, letter in enumerate("abcdefgh")]
    rows = "".join(f"Somebody {n},chunk{n}@known.example\n" for n in range(8))
    one = bring().upload(f"name,mail\n{rows}", kind="contacts").choose(mode="create", key_field="").check()
    assert [line.known["id"] for line in fix(one, problems.lines)] == [str(key) for key in known]
    run = one.row
    with one.door() as ctx, counted() as statements:
        assert doubles.note_some(ctx, run) == 9
    assert len(statements) == 4, statements  # the rows, how alike names have to be, who is there, the notes


def test_lines_of_a_cell_that_nobody_touched_stay_lines(bring, house):
    """A field of one line gives a cell of two back as one."""
    tag = uuid4().hex
    one = bring().upload(f'name,notes,employees\nLinus {tag},"one\ntwo",many\n').choose(key_field="", mode="create").check()
    fix(one, lambda ctx, run: fixing.fix_row(ctx, run, 2, {1: "onetwo", 2: "12"}))
    assert fix(one, lambda ctx, run: problems.lines(ctx, run, only=2))[0].was == {2: "many"}
    one.run()
    with one.door() as ctx:
        assert ctx.session.execute(select(Account.notes).where(Account.name == f"Linus {tag}")).scalar_one() == "one\ntwo"


def test_a_text_of_several_lines_is_replaced_as_a_form_sends_it(bring):
    one = bring().upload('name,employees\nTwo lines,"a\nlot"\n').choose(key_field="", mode="create").check()
    assert fix(one, lambda ctx, run: fixing.replace_all(ctx, run, code="not_whole", place=1, was="a\r\nlot", text="9")) == 1


@pytest.mark.parametrize("way", ["left out", "left out at the check"])
def test_whose_twin_was_left_out_comes_in(bring, house, way):
    mail = f"{uuid4().hex[:8]}@twin.example"
    with house.ctx() as ctx:
        actions.create_contact(ctx, name=f"Twin {mail}", phone="+49 431 7654321", source="before")
    one = bring().upload(f"name,mail,phone\nTwin {mail},{mail},+49 431 7654321\nTwin {mail},{mail},\n", kind="contacts").choose(mode="create", key_field="mail").check()
    assert one.counts["create"] == 1 and one.counts["duplicate"] == 1
    fix(one, lambda ctx, run: fixing.fix_row(ctx, run, 2, {}, "skip"))
    if way == "left out at the check":
        one.check()
    assert one.counts["create"] == 1 and one.counts["skip"] == 1
    assert one.run().counts["created"] == 1


def test_whose_twin_came_in_by_a_correction_is_one_too_many(bring, house):
    tag = uuid4().hex
    one = bring().upload(f"name,employees\nSame {tag},many\nSame {tag},3\n").choose(key_field="name", mode="create").check()
    assert one.counts == {"create": 1, "problem": 1, "noted": 1}
    fix(one, lambda ctx, run: fixing.fix_row(ctx, run, 2, {1: "4"}))
    assert one.counts == {"create": 1, "duplicate": 1}


@pytest.mark.parametrize("key", ["mail", "external_id"])
def test_a_row_led_to_a_record_never_brings_it_the_number_of_another(bring, house, key):
    tag = uuid4().hex[:8]
    with house.ctx() as ctx:
        actions.create_contact(ctx, name=f"Holder {tag}", external_id=f"N-{tag}", source="before")
        known = actions.create_contact(ctx, name=f"Known {tag}", mail=f"{tag}@led.example", source="before").id
    one = bring().upload(f"name,mail,external id\nKnown {tag},{tag}@led.example,M-{tag}\n", kind="contacts").choose(mode="create", key_field="external_id").check()
    if key == "mail":
        one = bring().upload(f"name,mail,external id\nKnown {tag},other{tag}@led.example,M-{tag}\n", kind="contacts").choose(mode="create", key_field="mail").check()
    fix(one, lambda ctx, run: fixing.fix_row(ctx, run, 2, {2: f"N-{tag}"}, f"update:{known}"))
    assert [code for _, _, code in one.said()] == ["external_id_taken"] and not one.counts.get("update")


def test_what_was_corrected_is_in_the_file_of_the_rows_left_out(checked):
    from io import StringIO

    from core.transfer import reporting

    fix(checked, lambda ctx, run: fixing.fix_row(ctx, run, 3, {1: "15"}))  # its mail is no good all the same
    file = StringIO()
    fix(checked, lambda ctx, run: reporting.write_left_out(ctx, run, file, lambda code, params: code, ("Line", "Problem")))
    assert [line.split(",")[3] for line in file.getvalue().splitlines()[1:]] == ["many", "15", "few"]


def test_a_row_of_many_cells_is_corrected_in_few_statements(checked):
    run = checked.row
    with checked.door() as ctx, counted() as few:
        fixing.fix_row(ctx, run, 2, {1: "12"})
    with checked.door() as ctx, counted() as more:
        fixing.fix_row(ctx, run, 4, {1: "12", 2: f"c@{checked.tag}.example", 3: "Vigo"})
    assert len(more) == len(few)


def test_somebody_of_another_team_is_noted_without_name_and_key(bring, house):
    with house.ctx() as ctx:
        actions.create_contact(ctx, name="Theirs alone", mail="theirs@known.example", source="before", owner_id=house.users["owner"].id)
    one = bring("rep").upload("name,mail\nSomebody else,theirs@known.example\n", kind="contacts").choose(mode="create", key_field="").check()
    (line,) = fix(one, problems.lines)
    assert line.notes == [{"column": None, "code": "may_be_known_hidden", "params": {}}] and line.known is None and one.counts["create"] == 1


def test_one_that_is_seen_comes_before_one_that_is_not(bring, house):
    with house.ctx() as ctx:
        actions.create_contact(ctx, name="Both of them", mail="both@known.example", source="before", owner_id=house.users["owner"].id)
        mine = actions.create_contact(ctx, name="Both of them", source="before", owner_id=house.users["rep"].id)
        ctx.session.flush()
        key = str(mine.id)
    one = bring("rep").upload("name,mail\nBoth of them,both@known.example\n", kind="contacts").choose(mode="create", key_field="").check()
    (line,) = fix(one, problems.lines)
    assert [note["code"] for note in line.notes] == ["may_be_known"] and line.known["id"] == key
