"""Phone numbers are read as libphonenumber reads them."""

import csv

import pytest

from infra import phones


def test_every_published_number_is_read_alike(data):
    with (data / "phone-numbers" / "phones.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wrong = []
    for row in rows:
        found = phones.read(row["typed"], row["default_region"] or None)
        told = (found.e164, found.international, found.region or "", str(found.valid).lower()) if found else ("", "", "", "false")
        if told != (row["e164"], row["international"], row["region"], row["valid"]):
            wrong.append((row["typed"], told))
    assert [one for one in wrong if one[1][3] != "false"] == [], "read as a number, and as another one"
    assert len(rows) > 1600 and len(wrong) < 160
    spelled = {}
    for row in rows:
        found = phones.known(row["typed"], row["default_region"] or None)
        if row["valid"] == "true":
            spelled.setdefault(row["e164"], set()).add(found.e164)
        else:
            assert found is None, row
    assert all(len(one) == 1 for one in spelled.values()) and len(spelled) > 300


@pytest.mark.parametrize("typed", [None, "", "abc", "+", "0431", "1" * 400, "+34\x00"])
def test_what_is_no_number_is_none(typed):
    assert phones.known(typed, "DE") is None


def test_a_number_without_its_country_is_read_by_the_region():
    assert phones.known("0431 7771234", "DE").e164 == "+494317771234" and phones.known("0431 7771234") is None


def test_a_clock_tells_a_country():
    assert phones.country_of_zone("Europe/Madrid") == "ES" and phones.country_of_zone("UTC") is None
