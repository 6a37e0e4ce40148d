"""Fault 48 for what stands: whatever is written into a field, a cell, an address or a link, a parser reads it or refuses it;
none fails and none takes two seconds. Time-boxed: more inputs with bin/test --deep."""

import json
import os
from base64 import urlsafe_b64encode
from datetime import date
from types import SimpleNamespace
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.activities.lines import read_line
from core.activities.rules import parse_when
from core.base import text as texts
from core.base.columns import FORMS, Column
from core.base.context import TenantRef
from core.base.errors import Refused
from core.base.money import parse_amount
from core.base.places import read_place
from core.base.vat import normal_vat_id
from core.identity.rules import normal_mail
from core.mailings import unsubscribing
from core.mailings.rules import to_html, to_text
from core.parties import models, rules
from core.products import fields
from core.transfer import cells
from core.transfer import texts as of_a_cell
from core.views import paging
from core.views.rules import clean_query
from web.marks import read_mark
from web.redirects import safe_next

DEEP = os.environ.get("TENDERO_DEEP") == "1"
FUZZ = settings(max_examples=5000 if DEEP else 150, deadline=2000, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
# What has broken parsers elsewhere: edges of calendars and numbers, digits of other scripts, halves of signs, long rows of one sign.
EDGES = [
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31", "0000-00-00", "32.13.2026", "29.02.2025", "31/11", "25:61", "99:99", "24:00", "12am", "13pm", "+99999999999d",
    "+9999w", "-5d", "in 999999999 days", "1e999999", "1E5", "NaN", "-inf", "sNaN123", "0x1f", "1_000", "--1", "1.2.3,4", ",", ".", "-", "+", "1,,2", "٣٤٥", "१२३", "１２３", "²³", "½", "Ⅷ",
    "9" * 400, "-" + "9" * 400 + "." + "9" * 400, "1" + "0" * 30, "\x00", "\ud800", "\udfff\ud800", "\u202e123", "\ufeff", "\u200b" * 50, "(" * 300, "a" * 20_000, "." * 5000, "@" * 300,
    "a@" + "b." * 200 + "c", "a@[127.0.0.1]", '"a b"@c.example', "a@xn--a", "+" * 80 + "1", "{{" * 500, "{{ contact.name }", "[" * 500 + "](", "http://" + "a" * 3000, "<" * 500, "~", "~~", "2026-01-01T00:00:00+00:00~",
    "AAAA", "====", "__--", "WyJuYW1lIl0", "%00", "%ff%fe", "//\\", "İ", "ß" * 200, "e\u0301" * 200, "क्षि" * 100, "\r\n", "\x85", "\u2028",
]
typed = st.one_of(st.sampled_from(EDGES), st.text(st.characters(exclude_categories=()), max_size=80), st.text("0123456789.,-+:/ eE'年月日amp", max_size=30),
                  st.builds(str.__add__, st.sampled_from(EDGES), st.text(max_size=10)))
TODAY, READING = date(2026, 11, 29), cells.Reading(zone=ZoneInfo("Pacific/Kiritimati"))
TENANT = TenantRef(**{name: {"id": UUID(int=1)}.get(name, "x") for name in TenantRef.__dataclass_fields__})


def of_cleaner(clean):
    return lambda value: clean(value, "field")


def of_column(kind):
    column = Column.__new__(Column)
    column.kind, column.choices = kind, ()
    return lambda value: column.read(value, "field")


PARSERS = {
    "moment": lambda value: parse_when(value, TODAY), "moment past": lambda value: parse_when(value, TODAY, past=True, locale="es"),
    "moment on the last day": lambda value: parse_when(value, date(2200, 12, 31)),
    "line of a plan": lambda value: read_line(value, TODAY, "ko"), "amount": parse_amount, "vat": normal_vat_id, "mail": normal_mail, "line": texts.clean, "fold": texts.fold,
    **{f"party {name}": of_cleaner(getattr(rules, name)) for name in ("line", "paragraphs", "mail", "website", "phone", "tick", "tags", "vat_id")},
    **{f"cell {name}": (lambda read: lambda value: read(value, READING))(getattr(cells, name)) for name in ("read_amount", "read_price", "read_percent", "read_year", "read_day", "read_near_day", "read_moment", "read_yes", "read_tags")},
    "cell messengers": lambda value: of_a_cell.read_messengers(value, READING), "cell roles": lambda value: of_a_cell.read_roles(value, READING),
    "cell number": lambda value: cells.read_number(value, ","), "cell shown": cells.shown,
    **{f"filter {kind.__name__}": of_column(kind) for kind in FORMS},
    **{f"product {name}": of_cleaner(getattr(fields, name)) for name in ("code", "unit_price", "percent", "places")},
    "place": read_place, "mark": read_mark, "next": safe_next, "link of a mail": lambda value: unsubscribing.read_token(TENANT, value),
    "mailing as page": to_html, "mailing as text": to_text, "view": lambda value: clean_query({"search": value, "where": [[value, value, value]], "columns": [value]}),
}


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_it_reads_or_refuses(name):
    parse = PARSERS[name]

    @FUZZ
    @given(typed)
    def run(value):
        try:
            parse(value)
        except Refused:
            pass

    run()


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_it_reads_or_refuses_each_edge(name):
    failed = {}
    for value in EDGES:
        try:
            PARSERS[name](value)
        except Refused:
            pass
        except Exception as error:
            failed[value[:60]] = repr(error)
    assert failed == {}


@FUZZ
@given(typed)
def test_an_amount_that_is_read_is_a_number_of_bearable_length(value):
    """1e999999 is a number of a million digits, and 1_000 is no way that people write."""
    try:
        read = parse_amount(value)
    except Refused:
        return
    assert len(format(read, "f")) <= len(value) + 1 and "_" not in value and "e" not in value.lower()


values = st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), typed), lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=3)), max_leaves=8)


@pytest.mark.parametrize("name", ["Nord\u00a0Licht", "山田\u3000太郎", "Ada \U0001f469\u200d\U0001f52c", "क्\u200dष", paging.LAST_TEXT, ""])
def test_every_name_has_a_place_in_its_list(name):
    """Spaces of other kinds and joiners stand in names: the page behind them must open."""
    order = paging.Order("name_fold", models.Account.name_fold)
    row = SimpleNamespace(name_fold=name, id=UUID(int=1))
    assert paging.read_cursor(paging.write_cursor("name", order, row), "name", order) == paging.Cursor(name, row.id)


@pytest.mark.parametrize("name", ["a\x00b", "a\x1bb", "a\u202eb", "a\ud800b"])
def test_what_no_name_can_be_is_no_place(name):
    made = urlsafe_b64encode(json.dumps(["name", False, name, str(UUID(int=1))]).encode()).decode().rstrip("=")
    with pytest.raises(Refused, match="bad_cursor"):
        paging.read_cursor(made, "name", paging.Order("name_fold", models.Account.name_fold))


@FUZZ
@given(values)
def test_a_cursor_made_up_is_refused_and_nothing_else(value):
    for order in (paging.Order("name_fold", models.Account.name_fold), paging.Order("created_at", models.Account.created_at)):
        for made in (value, ["name", False, value, str(UUID(int=1))]):
            try:
                paging.read_cursor(urlsafe_b64encode(json.dumps(made).encode()).decode().rstrip("="), "name", order)
            except Refused:
                pass


@FUZZ
@given(st.dictionaries(st.sampled_from(["search", "where", "columns", "sort", "other"]), values, max_size=4))
def test_a_view_of_any_shape_is_kept_or_refused(value):
    try:
        json.dumps(clean_query(value))
    except Refused:
        pass


@pytest.mark.parametrize("fails", [ValueError, OverflowError])
def test_a_parser_that_fails_is_seen(fails, monkeypatch):
    """Negative control."""
    def broken(value):
        if not value.isascii():
            raise fails(value)

    monkeypatch.setitem(PARSERS, "broken", broken)
    with pytest.raises(BaseException) as seen:  # noqa: B017 (Hypothesis may tell of several at once)
        test_it_reads_or_refuses("broken")
    assert fails.__name__ in repr(seen.value)
