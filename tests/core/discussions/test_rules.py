"""Whom a text mentions."""

from uuid import UUID

import pytest

from core.discussions.rules import Person, mentions

ANNA, LEE, WANG, KIM, OTHER = (UUID(int=n) for n in range(1, 6))
PEOPLE = [
    Person(ANNA, "Anna", "anna@acme.example"), Person(LEE, "Anna Lee", "lee@acme.example"), Person(WANG, "王丽", "wang@acme.example"),
    Person(KIM, "김민준", "kim@acme.example"), Person(OTHER, "O'Neill-Søn, Jr.", "oneill@acme.example"),
]


@pytest.mark.parametrize(("text", "who"), [
    ("@Anna please call", [ANNA]), ("@Anna Lee please call", [LEE]), ("please, @anna lee!", [LEE]), ("(@ANNA)", [ANNA]), ("@Annabel is new", []), ("mail@Anna", []),
    ("write to anna@acme.example", []), ("@lee@acme.example look", [LEE]), ("@Anna and @Anna Lee and @Anna", [ANNA, LEE]), ("@王丽请看", [WANG]), ("请@王丽看", [WANG]),
    ("@김민준님 확인", [KIM]), ("ask @O'Neill-Søn, Jr. about it", [OTHER]), ("@ Anna", []), ("@", []), ("@@Anna", []), ("first\n@Anna", [ANNA]), ("@Anna\nLee", [ANNA]), ("", []),
    ("@Anna's car", [ANNA]), ("@Anna_x", []),
])
def test_the_longest_name_behind_an_at_counts(text, who):
    found, unclear = mentions(text, PEOPLE)
    assert ([one.id for one in found], unclear) == (who, [])


def test_what_stands_there_is_kept_as_it_was_typed():
    (found,), _ = mentions("see @anna LEE", PEOPLE)
    assert found.said == "anna LEE"


def test_a_name_that_two_have_is_unclear_and_their_addresses_are_not():
    twins = [Person(ANNA, "Anna", "a1@acme.example"), Person(LEE, "anna", "a2@acme.example")]
    assert mentions("@Anna", twins) == ([], ["Anna"])
    found, unclear = mentions("@a2@acme.example", twins)
    assert [one.id for one in found] == [LEE] and unclear == []


def test_behind_an_at_only_so_much_is_looked_at_as_a_name_can_be_long(monkeypatch):
    """Not quadratic in the text: each look is bounded by the length of a name."""
    from core.discussions import rules

    looks = []
    monkeypatch.setattr(rules, "fold", lambda text: looks.append(text) or text.casefold())
    mentions(" @" + "x " * 5_000, PEOPLE)
    assert len(looks) <= 300 + 2 * len(PEOPLE)
