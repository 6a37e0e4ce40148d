"""Rows that failed are put right after the run, and come in by themselves: the good rows are never done again."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.errors import Refused
from core.parties.models import Account
from core.transfer import again, checking, fixing, queries, results, uploading
from tests.core.transfer.conftest import Import
from tests.support.races import at_once

DIRTY = "name;employees;mail\nSol {t};many;a@{t}.example\nLuna {t};5;b@{t}.example\nMar {t};1,5;not a mail\nRío {t}\nLago {t};many;\n"


@pytest.fixture
def ended(bring, monkeypatch):
    """An import of which one row came in and four failed."""
    monkeypatch.setattr(again, "storage", uploading.storage)
    one = bring()
    one.tag = uuid4().hex
    return one.upload(DIRTY.format(t=one.tag)).choose(key_field="", mode="create").check().run()


def put_right(one, **rest):
    """The further import, checked."""
    made = Import(one.house, **rest)
    with made.door() as ctx:
        made.id = again.put_right(ctx, queries.one(ctx, one.id)).id
    checking.check_file(made.door, made.id, made.row.round)
    made.tag = one.tag
    return made


def fix(one, line, cells):
    with one.door() as ctx:
        fixing.fix_row(ctx, queries.one(ctx, one.id), line, cells)


def accounts(one):
    with one.door() as ctx:
        return sorted((name.split()[0], number) for name, number in ctx.session.execute(select(Account.name, Account.employees).where(Account.name.endswith(one.tag), Account.deleted_at.is_(None))))


def test_they_come_in_once_put_right_and_the_good_ones_are_left(ended):
    assert ended.counts["created"] == 1 and ended.counts["failed"] == 4
    further = put_right(ended)
    assert further.row.state == "checked" and further.counts == {"problem": 4, "noted": 4}
    assert {line for line, _, _ in further.said()} == {2, 4, 5, 6}  # as in the file
    fix(further, 2, {1: "12"})
    fix(further, 4, {1: "3", 2: "c@mar.example"})
    further.run()
    assert further.counts["created"] == 2 and further.counts["failed"] == 2
    assert accounts(ended) == [("Luna", 5), ("Mar", 3), ("Sol", 12)]


def test_a_cut_row_is_still_a_problem(ended):
    assert (5, None, "row_width") in put_right(ended).said()


def test_what_was_corrected_before_is_not_lost(bring, monkeypatch):
    monkeypatch.setattr(again, "storage", uploading.storage)
    one = bring()
    one.tag = uuid4().hex
    one.upload(DIRTY.format(t=one.tag)).choose(key_field="", mode="create").check()
    fix(one, 4, {1: "7"})
    further = put_right(one.run())
    assert [code for line, _, code in further.said() if line == 4] == ["not_a_mail"]


def test_each_is_taken_back_by_itself(ended):
    further = put_right(ended)
    fix(further, 2, {1: "12"})
    further.run().undo()
    assert accounts(ended) == [("Luna", 5)]
    ended.undo()
    assert accounts(ended) == []


def test_asked_twice_it_is_the_same_and_taken_back_another(ended):
    further = put_right(ended)
    with ended.door() as ctx:
        assert again.put_right(ctx, queries.one(ctx, ended.id)).id == further.id
    fix(further, 2, {1: "12"})
    further.run()
    with ended.door() as ctx:
        assert again.put_right(ctx, queries.one(ctx, ended.id)).id == further.id
    further.undo()
    assert put_right(ended).id != further.id


def test_two_at_once_make_one(ended):
    found = []

    def act():
        with ended.door() as ctx:
            found.append(again.put_right(ctx, queries.one(ctx, ended.id)).id)

    assert at_once(act, act, act) == ["done"] * 3 and len(set(found)) == 1


def test_rows_that_fail_again_go_on(ended):
    further = put_right(ended)
    fix(further, 2, {1: "12"})
    third = put_right(further.run())
    fix(third, 6, {1: "2"})
    third.run()
    assert accounts(ended) == [("Lago", 2), ("Luna", 5), ("Sol", 12)]


def test_the_result_of_each_row_names_its_line(ended):
    further = put_right(ended)
    fix(further, 2, {1: "12"})
    further.run()
    with further.door() as ctx:
        assert [(one.line, one.outcome) for one in results.results(ctx, queries.one(ctx, further.id))] == [(2, "created"), (4, "failed"), (5, "failed"), (6, "failed")]


@pytest.mark.parametrize("content", ["name,employees\nGood {t},5\n"])
def test_where_nothing_failed_there_is_nothing(bring, content):
    one = bring().upload(content.format(t=uuid4().hex)).choose(key_field="", mode="create").check()
    for _ in range(2):
        with pytest.raises(Refused, match="import_not_now"), one.door() as ctx:
            again.put_right(ctx, queries.one(ctx, one.id))
        if one.row.state == "checked":
            one.run()


def test_numbers_of_a_workbook_stay_numbers(bring, monkeypatch):
    """A comma is the decimal mark of the list; a workbook's own number has none."""
    from io import BytesIO

    import xlsxwriter

    monkeypatch.setattr(again, "storage", uploading.storage)
    file, tag = BytesIO(), uuid4().hex
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    for place, row in enumerate([("name", "annual_revenue", "mail"), (f"Sol {tag}", 1234.5, "no address"), (f"Luna {tag}", 7.25, "l@luna.example")]):
        sheet.write_row(place, 0, row)
    book.close()
    one = bring().upload(file.getvalue(), name="list.xlsx")
    one.tag = tag
    one.choose(key_field="", mode="create", decimal_mark=",", mapping=["name", "annual_revenue", "mail"]).check().run()
    further = put_right(one)
    fix(further, 2, {2: "s@sol.example"})
    further.run()
    with one.door() as ctx:
        assert sorted(str(one) for one in ctx.session.execute(select(Account.annual_revenue).where(Account.name.endswith(tag))).scalars()) == ["1234.50", "7.25"]
