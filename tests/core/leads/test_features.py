"""What a model looks at in a lead: few categories, shared ones, nothing that names anybody, whatever stands in the fields."""

import pytest

from core.leads import features
from core.leads.features import ANOTHER, NOT_GIVEN, Fitted, Looked


def leads(count, **columns):
    return [{name: values(number) for name, values in columns.items()} for number in range(count)]


def only(found):
    return {one.name: one for one in found}


def test_a_value_of_nine_is_another_one_and_of_ten_is_its_own():
    found = only(features.looked_at(leads(40, source=lambda n: "Nine" if n < 9 else "Ten" if n < 19 else None), {}))["source"]
    assert found.values == ("Ten",) and [found.place(raw) for raw in (None, "Nine", "ten", "never seen")] == [NOT_GIVEN, ANOTHER, 2, ANOTHER]


def test_ten_thousand_values_become_forty_and_another_one():
    found = only(features.looked_at(leads(10_000, city=lambda n: f"City {n}", campaign=lambda n: f"Campaign {n % 500}"), {}))
    assert "city" not in found, "all are another one: nothing to look at"
    assert len(found["campaign"].values) == features.MOST_VALUES and found["campaign"].size == features.MOST_VALUES + 2


def test_what_is_the_same_everywhere_is_left_out():
    assert features.looked_at(leads(50, source=lambda n: "Web", country=lambda n: None), {}) == []


@pytest.mark.parametrize("odd", [None, "", " ", 7, True, [], {}, "nan", float("nan"), float("inf"), "\ud83d\ude00" * 500, b"bytes", "***", {"a": {"b": 1}}])
def test_whatever_stands_in_a_field_becomes_a_category(odd):
    names = ["source", "message", "mail_norm", "touches", "first_touch", "custom", "phone"]
    many = leads(60, source=lambda n: "Web" if n % 2 else "Fair", custom=lambda n: {"size": n, "kind": "a" if n % 3 else "b"})
    found = features.looked_at(many, {"custom.size": "whole", "custom.kind": "choice"})
    for name in names:
        places = features.places(found, dict.fromkeys(names) | {name: odd})
        assert all(0 <= place < one.size for place, one in zip(places, found, strict=True))
    assert all(0 <= one.place(odd) < one.size for one in found)


def test_numbers_become_quarters():
    found = only(features.looked_at(leads(100, custom=lambda n: {"size": str(n)}), {"custom.size": "decimal"}))["custom.size"]
    assert found.edges == (25.0, 50.0, 75.0) and [found.place(raw) for raw in (None, "nan", "0", 25, "26", 99)] == [NOT_GIVEN, NOT_GIVEN, 2, 2, 3, 5]


def test_of_addresses_names_and_texts_only_what_names_nobody_is_taken():
    lead = {
        "name": "Ada Lace", "mail_norm": "ada.lace@gmail.com", "phone": "+49 40 1234", "message": "I am Ada", "company": "Lace Works", "notes": "Ada", "external_id": "A-1",
        "first_touch": {"referrer": "https://user:secret@Fair.example/ada?mail=ada", "page": "/form?name=ada", "click_id": "abc"},
    }
    said = {name: features.raw_of(lead, name) for name in features.FIELDS}
    assert (said["mail"], said["phone"], said["message"], said["company"], said["first_touch.referrer"], said["first_touch.page"]) == ("free", "given", "short", "given", "fair.example", "/form")
    assert not any("ada" in str(value).lower() or "secret" in str(value) for value in said.values())
    assert not {"name", "state", "reason", "owner_id", "account_id", "notes", "converted_at", "answered_at", "external_id"} & {*features.FIELDS, *features.READ}


def test_reasons_are_how_far_each_field_moves_the_chance():
    model = Fitted({"fields": [
        {"field": "source", "values": ["Fair"], "edges": [], "weights": [0.0, 0.0, 2.0], "usual": 0.0}, {"field": "country", "values": ["DE"], "edges": [], "weights": [0.0, 0.0, -0.01], "usual": 0.0},
    ], "intercept": 0.0, "map": [1.0, 0.0], "strength": 1.0})
    assert model.usually() == 50 and model.says({"source": "Fair", "country": "DE"}) == (88, [{"field": "source", "at": 2, "points": 38}])
    assert Looked("source", ("Fair",)).size == 3
