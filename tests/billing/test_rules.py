"""VAT, references and periods as pure arithmetic."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.periods import next_end
from core.base import vat
from infra import references

FRENCH = "FR40303265045"


@pytest.mark.parametrize(("seller", "country", "vat_id", "kind", "rate"), [
    (FRENCH, "FR", None, "domestic", 2000), (FRENCH, "FR", "FR83404833048", "domestic", 2000), (FRENCH, "DE", "DE123456789", "reverse_charge", 0),
    (FRENCH, "DE", None, "oss", 1900), (FRENCH, "DE", "AT123456789", "oss", 1900), (FRENCH, "US", None, "outside_scope", 0),
    (FRENCH, "GR", "EL123456789", "reverse_charge", 0), ("", "DE", None, "not_registered", 0), (None, "FR", FRENCH, "not_registered", 0),
    ("CHE123456789", "CH", None, "domestic", 810), ("GB123456789", "DE", "DE123456789", "outside_scope", 0),
])
def test_the_treatment_of_a_sale(seller, country, vat_id, kind, rate):
    assert vat.treatment(seller, country, vat_id) == (kind, rate)


@given(st.lists(st.tuples(st.integers(-10**9, 10**9), st.sampled_from([0, 700, 810, 1900, 2550])), min_size=1, max_size=30))
def test_the_tax_of_the_lines_adds_up_to_the_tax_of_their_sum(lines):
    found = vat.tax_of(lines)
    for rate in {rate for _, rate in lines}:
        net = sum(n for n, r in lines if r == rate)
        assert abs(Decimal(sum(t for t, (_, r) in zip(found, lines, strict=True) if r == rate)) - Decimal(net) * rate / 10000) <= Decimal("0.5")


@pytest.mark.parametrize("typed", ["de 123.456.789", "DE123456789", "de-123456789"])
def test_a_vat_number_is_read_however_it_is_typed(typed):
    assert vat.normal_vat_id(typed) == "DE123456789"


@pytest.mark.parametrize("typed", ["", None, "123", "DE", "DEUTSCHLAND", "DE12345678901234567", "D€123456789", "'; DROP"])
def test_what_is_no_vat_number_is_none(typed):
    assert vat.normal_vat_id(typed) is None


def test_the_published_example_of_iso_11649():
    assert references.rf_reference("539007547034") == "RF18539007547034"


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=21))
def test_every_reference_checks_and_one_wrong_digit_or_letter_shows(body):
    good = references.rf_reference(body)
    assert references.is_rf_reference(references.in_fours(good))
    others = ("1", "2") if good[-1].isdigit() else ("A", "B")  # a letter for a digit is outside what mod 97 promises
    wrong = good[:-1] + (others[0] if good[-1] != others[0] else others[1])
    assert not references.is_rf_reference(wrong)


def test_the_code_for_banking_apps_has_the_lines_of_the_standard():
    lines = references.epc_text(name="Tendero\nLtd", iban="DE89370400440532013000", bic="", amount=Decimal("57"), reference="RF18539007547034").split("\n")
    assert lines[:4] == ["BCD", "002", "1", "SCT"]
    assert lines[5:10] == ["Tendero Ltd", "DE89370400440532013000", "EUR57.00", "", "RF18539007547034"]
    assert references.epc_text(name="x", iban="x", bic="", amount=Decimal(0), reference="") is None


def test_an_anchor_on_the_31st_keeps_its_day():
    start, ends = datetime(2028, 1, 31, 12, tzinfo=UTC), []
    for _ in range(4):
        start = next_end(start, "month", 31, "UTC")
        ends.append((start.month, start.day))
    assert ends == [(2, 29), (3, 31), (4, 30), (5, 31)]


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York", "Asia/Kolkata", "UTC"])
def test_a_year_has_twelve_periods_at_the_same_hour_on_the_payers_clock(zone):
    start = datetime(2026, 1, 15, 3, 30, tzinfo=UTC)
    hours, at = set(), start
    for _ in range(12):
        hours.add(at.astimezone(ZoneInfo(zone)).hour)
        at = next_end(at, "month", at.astimezone(ZoneInfo(zone)).day, zone)
    assert len(hours) == 1 and (at.year, at.month) == (2027, 1)


def test_a_yearly_plan_of_a_leap_day_ends_on_the_last_of_february():
    assert next_end(datetime(2028, 2, 29, tzinfo=UTC), "year", 29, "UTC") == datetime(2029, 2, 28, tzinfo=UTC)
