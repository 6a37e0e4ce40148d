"""Lists as workbooks and cards: values as such, texts never a formula, a view's columns in its order."""

from io import BytesIO, StringIO
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook

from core.base.errors import Refused
from core.parties import actions
from core.transfer.exporting import Filters, Shape, take_out
from infra.cards_out import card, folded
from infra.readers.converting import convert
from infra.readers.rows import read_table
from infra.workbooks_out import write_workbook

EVIL = ["=1+1", "+1", "-1+1", "@x", "\ttab", "|pipe", "＝1", "http://x.example", "00123"]


def cells(content):
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def taken(ctx, kind, tag, **shape):
    file = BytesIO() if shape.get("format") == "xlsx" else StringIO()
    assert take_out(ctx, kind, Filters(search=tag), file, shape=Shape(**shape)) == 1
    return file.getvalue()


def test_a_workbook_keeps_types_and_runs_nothing():
    file = BytesIO()
    assert write_workbook(file, "A/B: list", ["text", "number"], [[text, 1.5] for text in EVIL]) == len(EVIL)
    rows = cells(file.getvalue())
    assert [row[0] for row in rows[1:]] == EVIL and all(row[1] == 1.5 for row in rows[1:])
    assert b"<f>" not in file.getvalue() and CalamineWorkbook.from_filelike(BytesIO(file.getvalue())).sheet_names == ["AB list"]


def test_a_list_is_a_workbook_of_a_view_s_columns_in_its_order(ctx):
    tag = uuid4().hex[:8]
    actions.create_account(ctx, name=f"=Sum {tag}", employees=12, city="Vigo", founded_year=1999, annual_revenue="12.50", currency="EUR", is_customer=True)
    header, row = cells(taken(ctx, "accounts", tag, format="xlsx", columns=("employees", "role", "annual_revenue", "city")))
    assert header == ["Name", "Employees", "Role", "Annual revenue", "City"] and row == [f"=Sum {tag}", 12, "Customer", 12.5, "Vigo"]


def test_field_names_come_in_again_as_they_went_out(ctx):
    tag = uuid4().hex[:8]
    actions.create_contact(ctx, name=f"Ana {tag}", mail=f"{tag}@x.example")
    head = taken(ctx, "contacts", tag, names=True).splitlines()[0].lstrip("\ufeff").split(",")
    assert head[:4] == ["external_id", "name", "account_id", "job_title"]


def test_a_column_that_is_none_is_refused(ctx):
    with pytest.raises(Refused):
        take_out(ctx, "accounts", Filters(), StringIO(), shape=Shape(columns=("password",)))
    with pytest.raises(Refused):
        take_out(ctx, "accounts", Filters(), StringIO(), shape=Shape("vcard"))


def test_a_card_comes_back_as_it_went(ctx, tmp_path):
    tag = uuid4().hex[:8]
    company = actions.create_account(ctx, name=f"Comma, {tag}; Ltd\\")
    actions.create_contact(ctx, name=f"Ñandú, {tag}", mail=f"{tag}@x.example", phone="+34 600 111 222", account_id=company.id, job_title="Boss; all", birthday="1980-02-03",
                           tags=["a,b", "c"], notes="Long " * 60 + "\nTwo")
    path = tmp_path / "x.vcf"
    path.write_text(taken(ctx, "contacts", tag, format="vcard"), newline="")
    assert max(map(len, path.read_bytes().split(b"\r\n"))) <= 75
    convert("vcard", path, tmp_path / "rows")
    header, row = read_table(tmp_path / "rows")
    found = dict(zip(header.cells, row.cells, strict=True))
    assert (found["Name"], found["Company"], found["Job title"], found["Birthday"], found["Phone (work)"]) == (
        f"Ñandú, {tag}", f"Comma, {tag}; Ltd\\", "Boss; all", "1980-02-03", "+34 600 111 222"
    )
    assert found["Notes"] == "Long " * 60 + "\nTwo"


def test_no_value_begins_a_line_of_its_own():
    lines = card({"id": "1", "name": "A\nEND:VCARD", "notes": "x\r\nBEGIN:VCARD"})
    assert [line for line in lines if line.startswith(("BEGIN", "END"))] == ["BEGIN:VCARD", "END:VCARD"]
    assert folded("é" * 100).replace("\r\n ", "") == "é" * 100
