"""What a file is written in, and its rows: real files whose right reading is known."""

import codecs
import csv
import json
import resource
import time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from infra import spreadsheets
from infra.spreadsheets import Form, Unreadable, look_at, read_rows


def table(path, form=None):
    header, rows = read_rows(path, form)
    return header, [row.cells for row in rows]


@pytest.fixture
def written(tmp_path):
    """written(text, encoding): a file of it."""

    def write(content, encoding="utf-8"):
        path = tmp_path / "some.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


# csv-spectrum's own json for this name belongs to another version of the file
SPECTRUM = ["comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8"]


@pytest.mark.parametrize("name", SPECTRUM)
def test_the_spectrum_of_dialects_reads_as_its_authors_say(data, name):
    folder = data / "csv-dialects" / "csv-spectrum"
    header, rows = table(folder / "csvs" / f"{name}.csv")
    assert [dict(zip(header, row, strict=True)) for row in rows] == json.loads((folder / "json" / f"{name}.json").read_text())


# Every other file of csvkit's: its header, and its rows with the lines they begin on.
ABC = ["a", "b", "c"]
CSVKIT = {
    "bad": (["column_a", "column_b", "column_c"], [(2, ["1", "27", "", "I'm too long!"]), (3, ["", "I'm too short!"]), (4, ["0", "mixed types.... uh oh", "17"])]),
    "bad_skip_lines": (["column_a", "column_b", "column_c"], [(5, ["1", "27", "", "I'm too long!"]), (6, ["", "I'm too short!"]), (7, ["0", "mixed types.... uh oh", "17"])]),
    "blanks": ([*"abcdef"], [(2, ["", "NA", "N/A", "NONE", "NULL", "."])]), "date_like_number": (["a"], [(2, ["4.5"])]), "mac_newlines": (ABC, [(2, ["1", "2", "3"]), (3, ["Once upon\ra time", "5", "6"])]),
    "optional_quote_characters": (ABC, [(2, ["1", "2", "3"])]), "sniff_limit": (ABC, [(2, ["1", "2", "3"])]), "test_date_format": (["a"], [(2, ["02/01/2014"]), (3, ["31/12/2012"])]),
    "test_empty_columns": ([*ABC, "", ""], [(2, ["a", "", "", "", ""]), (3, ["", "", "c", ""])]), "test_extra_header": ([*"abcd"], [(2, ["1", "2", "3"])]), "test_header_newline": (["start end", "b", "c"], [(8, ["d", "e", "f"])]),
    "test_latin1": (ABC, [(2, ["1", "2", "3"]), (3, ["4", "5", "©"])]), "test_locale": (ABC, [(2, ["1,7", "200.000.000", ""])]), "test_locale_converted": (ABC, [(2, ["1.7", "200000000", ""])]),
    "test_no_leading_zeroes": (ABC, [(2, ["01", "00.11", "0.1"])]), "test_numeric_date_format": (["a"], [(2, ["20140102"]), (3, ["20121231"])]), "test_precision": (["a"], [(2, ["1.234567"])]), "test_skip_lines": (ABC, [(5, ["1", "2", "3"])]),
    **dict.fromkeys(("test_utf16_big", "test_utf16_little"), (ABC, [(2, ["1", "2", "3"]), (3, ["4", "5", "ʤ"])])), **dict.fromkeys(("test_utf8", "test_utf8_bom"), (["foo", "bar", "baz"], [(2, ["1", "2", "3"]), (3, ["4", "5", "ʤ"])])),
}


@pytest.mark.parametrize("name", CSVKIT)
def test_csvkit_s_files_are_read_as_they_are_meant(data, name):
    """Lines above the header, blank ones, quotes that need not be, NUL aside; words such as NA are words."""
    header, rows = read_rows(data / "csv-dialects" / "csvkit" / f"{name}.csv")
    assert (header, [(row.line, row.cells) for row in rows]) == CSVKIT[name]


def test_the_other_two_of_csvkit_s_files(data):
    """One has no header, which a person says; one holds a NUL byte and is refused, by its line."""
    folder = data / "csv-dialects" / "csvkit"
    assert {path.stem for path in folder.iterdir()} == CSVKIT.keys() | {"no_header_row", "null_byte"}
    assert table(folder / "no_header_row.csv", Form("utf-8", ",", 0)) == (["Column 1", "Column 2", "Column 3"], [["1", "2", "3"]])
    with pytest.raises(Unreadable) as refusal:
        table(folder / "null_byte.csv")
    assert (refusal.value.code, refusal.value.params) == ("nul_bytes", {"line": 2})


@pytest.mark.parametrize(("name", "order", "days"), [("test_date_format", "dmy", ["2014-01-02", "2012-12-31"]), ("test_numeric_date_format", "dmy", ["2014-01-02", "2012-12-31"])])
def test_days_of_csvkit_s_files_are_the_days_that_are_meant(data, name, order, days):
    from core.transfer.cells import Reading, read_day

    rows = table(data / "csv-dialects" / "csvkit" / f"{name}.csv")[1]
    assert [str(read_day(row[0], Reading(".", order, 1, ZoneInfo("UTC"))))[:10] for row in rows] == days


@pytest.mark.parametrize(("name", "numbers"), [("test_no_leading_zeroes", ["1", "0.11", "0.1"]), ("test_precision", ["1.234567"])])
def test_numbers_of_csvkit_s_files_keep_every_digit(data, name, numbers):
    from core.transfer.cells import read_number

    assert [read_number(cell, ".") for cell in table(data / "csv-dialects" / "csvkit" / f"{name}.csv")[1][0]] == [Decimal(number) for number in numbers]


def test_rows_know_the_line_they_begin_on(data):
    _, rows = read_rows(data / "csv-dialects" / "csv-spectrum" / "csvs" / "quotes_and_newlines.csv")
    assert [row.line for row in rows] == [2, 5]


@pytest.mark.parametrize("name", ["csvtext", "csvtext_BOM_UTF8", "csvtext_BOM_UTF16LE", "csvtext_BOM_UTF16BE"])
def test_marks_of_byte_order_change_nothing(data, name):
    header, rows = table(data / "salesforce-dataloader" / f"{name}.csv")
    assert header == ["column1", "column2", "column3"]
    assert rows == [["row1-1", "row1-2", "row1-3"], ["row2-1", "row2-2", "row2-3"]]


def test_encodings_of_known_texts_are_found(data):
    folder = data / "text-encodings"
    with (folder / "expected.csv").open() as file:
        known = {row["file"]: row["encoding"] for row in csv.DictReader(file)}
    found = {name: spreadsheets.find_encoding(folder / name).replace("-", "_") for name in known}
    assert found == known


@pytest.mark.parametrize("language", ["en", "es", "zh", "ko", "ru"])
@pytest.mark.parametrize("text,encoding", [
    ("姓名,公司,电话\n王伟,北京明视科技有限公司,13800138000\n李娜,上海光学,13900139000\n", "gb18030"),
    ("이름,회사\n김철수,한빛안경 주식회사\n박영희,서울광학\n", "cp949"),
    ("Имя,Компания\nИван,ООО «Ясный взгляд»\nПётр,Ромашка\n", "cp1251"),
    ("nombre,empresa,ciudad\nJosé Peña,Óptica Núñez,Málaga\nAna,Sol,León\n", "cp1252"),
    ("name,city\nMüller,Köln\n", "cp1252"),
])
def test_short_lists_are_read_in_their_encoding_whatever_the_reader_speaks(written, text, encoding, language):
    assert look_at(written(text, encoding), language) == Form(encoding, ",")


def test_utf16_without_a_mark_is_seen_by_its_zeros(written):
    assert look_at(written("name,city\nAnna,Ulm\n", "utf-16-le")).encoding == "utf-16-le"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_the_rows_agree_on(written, delimiter):
    lines = [["name", "amount", "note"], ["Meier", "1.234;50" if delimiter == "," else "1.234,50", "a, b; c"], ["Ruiz", "7", "x"]]
    text = "\n".join(delimiter.join(f'"{cell}"' if set(cell) & set(",;") else cell for cell in line) for line in lines)
    path = written(text)
    assert look_at(path).delimiter == delimiter
    assert table(path) == (lines[0], lines[1:])


def test_excels_note_about_the_delimiter_is_no_row(written):
    assert table(written("sep=;\nname;city\nAnna;Ulm\n")) == (["name", "city"], [["Anna", "Ulm"]])


def test_one_broken_byte_costs_its_cell_and_not_the_encoding(written):
    path = written("name,city\n" + "Zoë,Köln\n" * 40 + "x", "utf-8")
    path.write_bytes(path.read_bytes() + b"\xff,Ulm\n")
    _, rows = read_rows(path)
    assert [row.line for row in rows if spreadsheets.has_strange_bytes(row.cells[0])] == [42]


REFUSED = {
    "nothing": (b"", "no_rows"),
    "blank lines": (b"\n\n  \n", "no_rows"),
    "a workbook": (b"PK\x03\x04" + b"\0" * 500, "not_text"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "not_text"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not_text"),
    "a NUL": (b"a,b\n" + b"1,2\n" * 50_000 + b"\0,2\n", "nul_bytes"),
    "a million columns": (b"a," * 1_000_000, "line_too_long"),
    "501 columns": (b",".join([b"a"] * 501), "too_many_columns"),
    "a quoted cell of 20 MB": (b'a,b\n1,"' + b"x\n" * 10_000_000, "cell_too_long"),
    "a line of 20 MB": (b"x" * 20_000_000, "line_too_long"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_files_are_refused_at_once_and_in_little_memory(written, name):
    content, code = REFUSED[name]
    path = written(content)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(Unreadable) as refusal:
        table(path)
    assert refusal.value.code == code
    assert time.monotonic() - start < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kB


def test_a_file_of_a_gibibyte_is_refused_by_its_size(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b'a,b\n1,"')
        file.truncate(2**30)
    with pytest.raises(Unreadable, match="too_large"):
        look_at(path)


def test_more_rows_than_the_limit_are_refused(written, monkeypatch):
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 10)
    assert len(table(written("a,b\n" + "1,2\n" * 10))[1]) == 10
    with pytest.raises(Unreadable, match="too_many_rows"):
        table(written("a,b\n" + "1,2\n" * 11))


def test_a_mark_that_contradicts_the_chosen_encoding_is_not_shown_as_text(written):
    path = written(codecs.BOM_UTF8 + b"name,city\nA,B\n")
    assert table(path)[0][0] == "name"
