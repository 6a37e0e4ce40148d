"""Numbers under which companies are taxed, against lists of valid and invalid ones of 22 countries (vat-numbers)."""

import csv
from collections import Counter

import pytest

from infra.vat_numbers import read

# Written as at home, without the country's letters: nobody can tell whose they are.
NO_PREFIX = {"BR"}


@pytest.fixture(scope="module")
def judged(data):
    """(list, country) -> how often a number was refused, doubted, found right."""
    found = Counter()
    with (data / "vat-numbers" / "vat_numbers.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            number = read(row["number"])
            found[row["list"], row["iso"], "refused" if number is None else "right" if number.fits else "doubted"] += 1
    return found


def of(judged, which, verdict):
    return {country: count for (name, country, said), count in judged.items() if (name, said) == (which, verdict) and country not in NO_PREFIX}


def test_no_valid_number_is_refused_and_few_are_doubted(judged):
    assert of(judged, "valid", "refused") == {}
    # Two of Andorra lie outside what it gives out, two of France follow a rule of long ago, and one country has left the Union.
    assert of(judged, "valid", "doubted") == {"AD": 2, "FR": 2, "EU": 1} and sum(of(judged, "valid", "right").values()) > 1000


@pytest.mark.parametrize("which", ["invalid", "validOnlyByFormat"])
def test_no_wrong_number_is_taken_for_right(judged, which):
    assert of(judged, which, "right") == {} and sum(of(judged, which, "doubted").values()) > 50


@pytest.mark.parametrize(("typed", "written", "country"), [
    ("de 136.695-976", "DE136695976", "DE"), ("EL 123456783", "EL123456783", "GR"), ("CHE-116.281.710 MWST", "CHE116281710MWST", "CH"),
    ("12-3456789", "123456789", None), ("22AAAAA0000A1Z5", "22AAAAA0000A1Z5", None), ("91350211M000100Y43", "91350211M000100Y43", None),
    ("123-45-67890", "1234567890", None), ("7707083893", "7707083893", None), ("PEÑ8501019A1", "PEÑ8501019A1", None),
])
def test_a_number_is_kept_in_one_way_of_writing(typed, written, country):
    number = read(typed)
    assert (number.written, number.country, number.fits) == (written, country, True)


@pytest.mark.parametrize("typed", ["", "none", "DE12", "DE1366959761", "<script>1", "1" * 31, "=1+1", "ATU1234567\u0000", "１２３"])
def test_what_can_be_no_number_is_none(typed):
    assert read(typed) is None
