"""What became of each row: whole, in the order of the file, true after an undo, and no more than its reader may see."""

import csv
import io
import tracemalloc
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select

from core.base.context import as_actor
from core.base.errors import Forbidden, Refused
from core.parties.actions import create_account, delete_account, edit_account
from core.parties.models import Account
from core.transfer import fixing, queries, reporting, results, running, starting
from core.transfer.models import ExportRun, ImportRow
from infra.readers.converting import convert
from infra.spreadsheets import TABLE, Form, read_rows
from tests.support.chunks import one_import_chunk

TITLES = ["Line", "Result", "Reason", "Record", "Link"]


@pytest.fixture
def tag():
    return f"r{uuid4().hex[:8]}"


def say(code, params):
    return code


def table(one, who=None, only="", change=lambda ctx: ctx):
    """The file as rows of cells."""
    with one.house.ctx(who or one.who) as ctx:
        file = io.StringIO()
        results.write_results(change(ctx), queries.one(ctx, one.id), file, say, only=only)
    return list(csv.reader(io.StringIO(file.getvalue().removeprefix("\ufeff"))))


def said(one, **more):
    """line -> (result, reason)."""
    return {int(row[0]): tuple(row[1:3]) for row in table(one, **more)[1:]}


@pytest.fixture
def done(bring, house, tag):
    """Six rows: new, changed, the same already, with a problem, twice in the file, left out."""
    with house.ctx() as ctx:
        create_account(ctx, name=f"Old {tag}", city="Ulm")
        create_account(ctx, name=f"Same {tag}", city="Ulm")
    text = f"name,city,employees\nNew {tag},Kiel,5\nOld {tag},Bonn,\nSame {tag},Ulm,\n=Bad {tag},Ulm,many\nNew {tag},Kiel,\nOut {tag},Jena,\n"
    one = bring().upload(text).choose(mode="both", key_field="name").check()
    with one.door() as ctx:
        fixing.fix_row(ctx, queries.one(ctx, one.id), 7, {}, "skip")
    return one.run()


def test_every_row_is_there_in_its_order_with_what_became_of_it(done, house, tag):
    rows = table(done)
    assert rows[0] == [*TITLES, "name", "city", "employees"]
    assert [row[:3] for row in rows[1:]] == [
        ["2", "Created", ""], ["3", "Changed", ""], ["4", "Left out", "row_unchanged"], ["5", "Failed", "employees: not_whole"],
        ["6", "Already there", "row_twice"], ["7", "Left out", "row_left_out"],
    ]
    assert [row[5:] for row in rows[1:]] == [
        [f"New {tag}", "Kiel", "5"], [f"Old {tag}", "Bonn", ""], [f"Same {tag}", "Ulm", ""], [f"'=Bad {tag}", "Ulm", "many"], [f"New {tag}", "Kiel", ""], [f"Out {tag}", "Jena", ""],
    ]
    with house.ctx() as ctx:
        keys = {name: str(key) for name, key in ctx.session.execute(select(Account.name, Account.id).where(Account.name.contains(tag)))}
        links = [[keys[f"{name} {tag}"], f"{ctx.tenant.url}/accounts/{keys[f'{name} {tag}']}"] for name in ("New", "Old", "Same")]
    assert [row[3:5] for row in rows[1:]] == [*links, ["", ""], ["", ""], ["", ""]]


def test_after_the_undo_it_says_what_was_taken_back_and_what_stays(done, house, tag):
    with house.ctx() as ctx:
        edit_account(ctx, ctx.session.execute(select(Account).where(Account.name == f"Old {tag}")).scalar_one(), city="Berlin")
    done.undo()
    rows = {int(row[0]): row for row in table(done)[1:]}
    assert rows[2][1:3] == ["Taken back", "row_in_bin_again"] and rows[2][3] and rows[2][4] == ""  # in the recycle bin: no link
    assert rows[3][1:3] == ["Kept", "row_kept"] and rows[3][4]
    assert rows[5][1:3] == ["Failed", "employees: not_whole"]
    back = {line: one for line, one in said(done).items() if one[0] == "Taken back"}
    assert set(back) == {2}


def test_a_changed_record_that_went_back_says_so(bring, house, tag):
    with house.ctx() as ctx:
        create_account(ctx, name=f"Old {tag}", city="Ulm")
    one = bring().upload(f"name,city\nOld {tag},Bonn\n").choose(mode="both", key_field="name").check().run().undo()
    assert said(one) == {2: ("Taken back", "row_as_before")}


def test_what_was_not_reached_says_so(bring, tag, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 2)
    one = bring().upload(f"name\nA {tag}\nB {tag}\nC {tag}\n").choose(key_field="").check().start()
    one_import_chunk(running, one.door, one.id, one.row.round)
    with one.door() as ctx:
        starting.cancel(ctx, queries.one(ctx, one.id))
    assert said(one) == {2: ("Created", ""), 3: ("Created", ""), 4: ("Not reached", "row_not_reached")}


def test_a_row_that_met_nothing_is_not_called_the_same(bring, house, tag):
    with house.ctx() as ctx:
        create_account(ctx, name=f"Known {tag}")
    one = bring().upload(f"name,city\nNobody {tag},Ulm\nKnown {tag},Kiel\n").choose(mode="update", key_field="name").check().run()
    assert said(one) == {2: ("Left out", "row_not_found"), 3: ("Changed", "")}
    with one.door() as ctx:
        file = io.StringIO()
        reporting.write_left_out(ctx, queries.one(ctx, one.id), file, say, ("Line", "Problem"))
    assert file.getvalue().splitlines()[1:] == [f"2,row_not_found,Nobody {tag},Ulm"]


def test_a_row_that_says_an_earlier_line_again_names_that_line(bring, tag):
    one = bring().upload(f"name,city\nA {tag},Ulm\nB {tag},Ulm\nA {tag},Kiel\nB {tag},Bonn\nA {tag},Jena\n").choose(mode="both", key_field="name").check().run()
    with one.door() as ctx:
        run, file = queries.one(ctx, one.id), io.StringIO()
        assert {row.line: row.reasons for row in results.results(ctx, run) if row.reasons} == {4: [(None, "row_twice", {"line": 2})], 5: [(None, "row_twice", {"line": 3})], 6: [(None, "row_twice", {"line": 2})]}
        reporting.write_left_out(ctx, run, file, lambda code, params: f"{code} {params['line']}", ("Line", "Problem"))
    assert [line.split(",")[:2] for line in file.getvalue().splitlines()[1:]] == [["4", "row_twice 2"], ["5", "row_twice 3"], ["6", "row_twice 2"]]


def test_an_earlier_line_with_a_problem_of_its_own_is_not_the_one_that_came_in(bring, tag):
    one = bring().upload(f"name,employees\nA {tag},many\nA {tag},5\nA {tag},7\n").choose(mode="both", key_field="name").check().run()
    assert said(one) == {2: ("Failed", "employees: not_whole"), 3: ("Created", ""), 4: ("Already there", "row_twice")}
    with one.door() as ctx:
        assert queries.said_before(ctx, queries.one(ctx, one.id)) == {4: 3}


def test_a_row_whose_earlier_line_is_not_known_any_more_is_not_called_a_record_that_exists(bring, tag):
    one = bring().upload(f"name,city\nA {tag},Ulm\nA {tag},Kiel\n").choose(mode="both", key_field="name").check().run()
    with one.door() as ctx:
        run, file = queries.one(ctx, one.id), io.StringIO()
        ctx.session.execute(delete(ImportRow).where(ImportRow.run_id == run.id, ImportRow.line == 2))
        assert {row.line: row.reasons for row in results.results(ctx, run) if row.reasons} == {2: [(None, "row_not_reached", {})], 3: [(None, "row_again", {})]}
        reporting.write_left_out(ctx, run, file, say, ("Line", "Problem"))
        ctx.session.rollback()
    assert [line.split(",")[:2] for line in file.getvalue().splitlines()[1:]] == [["3", "row_again"]]


def test_what_was_corrected_stands_there_and_says_what_it_was(bring, tag):
    one = bring().upload(f"name,employees\nA {tag},many\n").choose(key_field="").check()
    with one.door() as ctx:
        fixing.fix_row(ctx, queries.one(ctx, one.id), 2, {1: "12"})
    row = table(one.run())[1]
    assert row[1:3] == ["Created", "employees: cell_corrected"] and row[5:] == [f"A {tag}", "12"]


def test_the_rows_that_failed_come_again_with_the_columns_matched_as_they_were(bring, house, tag):
    text = f"Firmenname x,Kopfzahl x\nGood {tag},7\nBad {tag},many\n"
    one = bring().upload(text).choose(mapping=["name", "employees"], key_field="").check().run()
    rows = table(one, only="failed")
    assert [row[0] for row in rows[1:]] == ["3"]
    rows[1][-1] = "12"
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    two = bring().upload(file.getvalue())
    assert two.row.mapping == [""] * 5 + ["name", "employees"]
    assert two.check().run().counts == {"created": 1}
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Account.employees).where(Account.name == f"Bad {tag}")).scalar_one() == 12


def test_a_workbook_holds_the_same_rows(done, tmp_path):
    path = tmp_path / "book.xlsx"
    with done.door() as ctx, path.open("wb") as file:
        assert results.write_results(ctx, queries.one(ctx, done.id), file, say, format="xlsx") == 6
    convert("workbook", path, tmp_path / "rows", sheet="", charset="utf-8")
    header, rows = read_rows(tmp_path / "rows", Form(TABLE, "", 1))
    as_csv = table(done)
    assert header == as_csv[0] and [row.cells[:3] for row in rows] == [row[:3] for row in as_csv[1:]]


# ---- who may ----


def test_of_another_persons_file_only_whoever_takes_such_lists_out_gets_it(bring, house, tag):
    one = bring("rep").upload(f"name\nA {tag}\n").choose(key_field="").check().run()
    assert len(table(one)) == 2 == len(table(one, "manager"))

    with pytest.raises(Forbidden):
        table(one, "manager", change=lambda ctx: as_actor(ctx, replace(ctx.actor, permissions=ctx.actor.permissions - {"accounts.export"})))
    assert len(table(one, change=lambda ctx: as_actor(ctx, replace(ctx.actor, permissions=ctx.actor.permissions - {"accounts.export"})))) == 2  # his own file


def test_a_field_that_is_hidden_by_now_is_empty_and_nothing_is_said_of_it(done, tag):
    def blind(ctx):
        return as_actor(ctx, replace(ctx.actor, hidden=frozenset({"accounts.employees"})))

    assert [row[-1] for row in table(done, change=blind)[1:]] == [""] * 6 and said(done, change=blind)[5] == ("Failed", "employees: field_hidden")
    with done.door() as ctx:
        file = io.StringIO()
        reporting.write_left_out(blind(ctx), queries.one(ctx, done.id), file, say, ("Line", "Problem"))
    assert "many" not in file.getvalue() and "employees: field_hidden" in file.getvalue()


def test_who_took_it_stands_in_the_record(done, house):
    table(done)
    table(done, only="failed")
    with house.ctx() as ctx:
        found = ctx.session.execute(select(ExportRun.kind, ExportRun.rows, ExportRun.filters).where(ExportRun.filters["import"].astext == str(done.id)).order_by(ExportRun.id)).all()
    assert [tuple(row) for row in found] == [("accounts", 6, {"import": str(done.id)}), ("accounts", 1, {"import": str(done.id), "rows": "failed"})]


def test_before_it_ran_there_is_no_result(bring, tag):
    one = bring().upload(f"name\nA {tag}\n").check()
    with pytest.raises(Refused, match="import_not_now"):
        table(one)


def test_a_record_that_went_is_no_link_and_one_that_is_not_seen_not_even_a_number(bring, house, tag):
    one = bring("rep").upload(f"name\nA {tag}\nB {tag}\n").choose(key_field="").check().run()
    with house.ctx() as ctx:
        a, b = ctx.session.execute(select(Account).where(Account.name.endswith(tag)).order_by(Account.name)).scalars()
        delete_account(ctx, a)
        b.owner_id = house.users["colleague"].id
    rows = table(one)
    assert rows[1][3] == str(a.id) and rows[1][4] == "" and rows[2][3:5] == ["", ""]


# ---- size ----


def test_a_long_file_is_written_in_bounded_memory(bring, tag):
    text = "name,city\n" + "".join(f"{tag} {n},{'Ulm' * 30}\n" for n in range(6000))
    one = bring().upload(text).choose(key_field="").check().run()
    peaks = []
    for most in (3000, 6000):
        with one.door() as ctx:
            found = results.results(ctx, queries.one(ctx, one.id))
            tracemalloc.start()
            assert sum(1 for number, _ in enumerate(found, 1) if number <= most or found.close()) == most
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3
    with one.door() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Account).where(Account.name.startswith(tag))).scalar_one() == 6000
