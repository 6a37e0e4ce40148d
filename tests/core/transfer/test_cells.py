"""One cell into one value: what people and programs write in place of a plain number or day."""

from datetime import date
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from core.base.errors import Refused
from core.deals.importable import TARGETS
from core.products.amounts_in import meant
from core.transfer.cells import (
    Reading,
    guess_day_order,
    guess_decimal_mark,
    read_amount,
    read_day,
    read_moment,
    read_near_day,
    read_percent,
    read_price,
)
from core.transfer.fields import by_target
from core.transfer.own import read_amount as own_amount
from infra.spreadsheets import Number


def reading(mark=".", order="dmy"):
    return Reading(mark, order, 1, ZoneInfo("Europe/Berlin"), date(2026, 11, 30))


def said(read, text, how):
    try:
        return read(text, how)
    except Refused as refusal:
        return refusal.code


@pytest.mark.parametrize("text,amount", [
    ("1 200", "1200"), ("1\u00a0200,50", "1200.50"), ("1\u202f200\u202f000", "1200000"), ("12'345", "12345"), ("1 200-", "-1200"), ("1.200,50-", "-1200.50"), ("1 200- EUR", "-1200"), ("-1 200", "-1200"),
    ("1200-USD", "1200"), ("500 - EUR", "500"), ("1200 - monthly", "1200"), ("1200- monthly", "1200"), ("1000-р.", "1000"), ("1.200,00- EUR", "-1200.00"), ("1200- р.", "-1200"), ("500 -", "-500"), ("500 -EUR", "500"), ("€ 500-", "-500"),
    ("1200,-", "1200"), ("1200.-", "1200"), ("1 2", "not_an_amount_here"), ("12 34", "not_an_amount_here"), ("-5-", "not_an_amount_here"), ("(5)", "not_an_amount_here"),
])
def test_spaces_stand_between_thousands_and_a_minus_stands_on_either_side(text, amount):
    assert said(read_amount, text, reading(",")) == amount


@pytest.mark.parametrize("beside,currency", [("р.", "RUB"), ("руб.", "RUB"), ("₽", "RUB"), ("RUR", "RUR"), ("DEM", "DEM")])
def test_a_sign_means_a_currency_in_which_somebody_pays_today(beside, currency):
    assert meant(beside, None, {"EUR"}) == currency


@pytest.mark.parametrize("text,day,moment", [
    ("31.12.2025 14:30", "2025-12-31", "2025-12-31T14:30:00+01:00"), ("31/12/2025 3:45 PM", "2025-12-31", "2025-12-31T15:45:00+01:00"), ("31.12.2025, 12:05 a.m.", "2025-12-31", "2025-12-31T00:05:00+01:00"),
    ("31/12/2025 0:00:00", "2025-12-31", "2025-12-31"), ("2025年12月31日 下午3:05", "2025-12-31", "2025-12-31T15:05:00+01:00"), ("2025. 12. 31. 오후 3:05", "2025-12-31", "2025-12-31T15:05:00+01:00"),
    ("2025. 12.31", "2025-12-31", "2025-12-31"), ("31.12.2025 25:00", "not_a_date", "not_a_date"), ("31/12/25", "2025-12-31", "2025-12-31"), ("1.2.98 9:15", "1998-02-01", "1998-02-01T09:15:00+01:00"), ("32.1.25", "not_a_date", "not_a_date"),
])
def test_a_day_may_have_a_time_behind_it_and_a_short_year(text, day, moment):
    assert (said(read_near_day, text, reading()), said(read_moment, text, reading())) == (day, moment)


@pytest.mark.parametrize("text,day", [
    ("26. 11. 12.", "2026-11-12"), ("26년 11월 12일", "2026-11-12"), ("26年11月12日", "2026-11-12"), ("26. 11. 12. 오후 3:05", "2026-11-12"), ("26-11-12", "not_a_date"), ("31-12-25", "not_a_date"), ("26 11 12", "not_a_date"),
    ("26.11.12", "2012-11-26"), ("26. 11. 12", "2012-11-26"), ("26/11/12", "2012-11-26"), ("26.11/12", "not_a_date"), ("26年11月2012日", "not_a_date"), ("2026-11-12", "2026-11-12"), ("12-11-2026", "2026-11-12"), ("26. 13. 12.", "not_a_date"),
])
def test_a_short_year_stands_where_its_writing_says_and_nowhere_by_guess(text, day):
    assert said(read_near_day, text, reading()) == day


@pytest.mark.parametrize("text", ["26. 11. 12.", "26년 11월 12일", "26年11月12日"])
def test_a_short_year_in_front_is_none_of_a_birthday_either(text):
    assert said(read_day, text, reading()) == "not_a_date"


@pytest.mark.parametrize("text", ["26. 11. 12.", "26-11-12", "26年11月12日", "26 11 12", "12.31.2025", "13/13/2025"])
def test_what_is_not_read_with_its_year_behind_says_nothing_of_the_order(text):
    assert guess_day_order([text, "1/31/2025"], "es") == "mdy" and guess_day_order([text, "31/1/2025"], "en") == "dmy"


def test_a_short_year_of_a_birthday_is_no_guess_of_ours():
    assert said(read_day, "31.12.25", reading()) == "not_a_date" and said(read_day, "31.12.1925 10:00", reading()) == "1925-12-31"


def test_short_years_and_times_tell_the_order_of_day_and_month_too():
    assert (guess_day_order(["12/31/25"], "es"), guess_day_order(["31/12/2025 15:00"], "en")) == ("mdy", "dmy")


@pytest.mark.parametrize("cell,percent", [("20", 20), ("20 %", 20), ("20\uff05", 20), ("%20", 20), (Number("20"), 20), (Number("20%"), 20), (Number("0.2"), "not_whole"), ("20 kg", "not_whole"), ("12.5%", "not_whole"), (Number("2.5"), "not_whole"), (Number("0.025"), "not_whole")])
def test_a_likelihood_is_a_whole_percent_with_or_without_its_sign(cell, percent):
    assert said(by_target("probability", TARGETS["probability"]).read, cell, reading()) == percent


@pytest.mark.parametrize("cell", [Number("0.025"), Number("0.025%")])
def test_a_share_of_a_workbook_is_never_read_by_the_marks_of_the_file(cell):
    assert said(by_target("probability", TARGETS["probability"]).read, cell, reading(",")) == "not_whole"


@pytest.mark.parametrize("cell,amount", [
    ("500-USD", "500 USD"), ("1200 р.", "1200 RUB"), ("1.200,50 €", "1200.50 EUR"), ("-EUR 12", "-12 EUR"), ("EUR -12", "-12 EUR"), ("500- EUR", "-500 EUR"), ("500 - EUR", "500 EUR"), ("EUR 1.200,00-", "-1200.00 EUR"), ("1200,-", "1200"),
    ("12,50", "12.50"), ("5 $", "5 $"), ("12 kg", "12 kg"), ("12,50 XQQ", "12,50 XQQ"), (Number("0.5"), "0.5"), ("EUR", "EUR"),
])
def test_an_own_amount_is_read_as_any_other(cell, amount):
    assert own_amount(cell, reading(",")) == amount


def test_what_a_workbook_shows_as_a_percent_is_the_same_number_where_no_percent_is_meant():
    assert said(read_amount, Number("20%"), reading()) == "0.2"


@pytest.mark.parametrize("cell", ["1" + "a" * 100_000 + "1 x", "1" + " " * 100_000 + "x", "a" * 100_000 + "%", "(" * 100_000, "1,1" * 33_000, "1" + " ,T" * 33_000])
def test_a_cell_as_long_as_may_be_is_read_or_refused_at_once(cell):
    began = process_time()
    for read in (read_amount, read_price, read_percent, read_day, read_near_day, read_moment):
        said(read, cell, reading())
    guess_decimal_mark([cell])
    guess_day_order([cell], "en")
    assert process_time() - began < 2
