"""Addresses by the customs of their country, on published envelopes of 150 countries."""

import re
from collections import Counter

import pytest
import yaml
from babel import Locale

from infra import addresses, i18n

CITY, ROAD = ("city", "town", "village", "municipality", "hamlet"), ("road", "pedestrian", "footway", "path")


def envelopes(data):
    """(country, parts as somebody would type them, the lines of the envelope that hold them) of every case whose street,
    postcode and city are printed. How a house number stands in the street's line is typed by people, not by us."""
    for path in sorted((data / "postal-addresses").glob("*.yaml")):
        for case in yaml.safe_load_all(path.read_text()):
            given = {name: str(value) for name, value in (case or {}).get("components", {}).items()}
            printed = case["expected"].strip().split("\n") if case else []
            city = next((given[name] for name in CITY if name in given and any(given[name] in line for line in printed)), None)
            road = next((given[name] for name in ROAD if name in given), None)
            street, postcode = next((line for line in printed if road and road in line), None), given.get("postcode")
            if not (city and postcode and street) or not any(postcode in line for line in printed):
                continue
            place = [line for line in printed if (postcode in line or city in line) and line != street]
            region = re.sub(r"\s+", " ", " ".join(place).replace(postcode, "").replace(city, "")).strip(" ,-") or None
            yield path.stem, {"street": street, "postcode": postcode, "city": city, "region": region}, [line for line in printed if line == street or line in place]


def same(found, printed):
    """Commas, dashes and case aside: "Rio de Janeiro-RJ" is "Rio de Janeiro - RJ"."""
    return [re.sub(r"[\s,\-]+", " ", line).strip().casefold() for line in found] == [re.sub(r"[\s,\-]+", " ", line).strip().casefold() for line in printed]


# Where the publishers print otherwise than the tables of post offices that we print by (libaddressinput), and how many of their cases
# that concerns. Of the two neither is wrong; an address of ours is at any rate whole.
ORDER = "the publishers set the postcode on the other side of the city, before it or behind"
LINES = "the publishers give the postcode, or the region, a line of its own, or none"
LEFT = "the publishers leave the city out where the region says it"
VENUE = "the name of a building begins with the city's, and our reading of the published case takes that line for the city's"
NORTHWARDS = "the publishers set the place before the street"
OTHERWISE = {
    **dict.fromkeys(("bg", "xk"), (ORDER, 1)), "co": (ORDER, 2), "jo": (ORDER, 5), "ps": (ORDER + "; once " + VENUE, 4),
    **dict.fromkeys(("bn", "cu", "do", "gu", "id", "mn", "mu", "uz", "va", "vg"), (LINES, 1)), "ph": (LEFT, 4), "kg": (NORTHWARDS, 1),
    "ca": (VENUE, 2), **dict.fromkeys(("cr", "kr", "lk", "sz"), (VENUE, 1)),
}


def test_envelopes_are_printed_as_published_but_for_these(data):
    cases = list(envelopes(data))
    differ = Counter(country for country, parts, printed in cases if not same(addresses.lines(parts, country), printed))
    assert differ == {country: number for country, (_, number) in OTHERWISE.items()}
    assert len(cases) == 119 and {"us", "es", "fr", "gb", "it", "ru", "au", "nl", "be", "sg", "tr"} & {country for country, *_ in cases} <= {country for country, *_ in cases} - differ.keys()


def test_no_part_that_was_given_is_left_out(data):
    for country, parts, _ in envelopes(data):
        text = "\n".join(addresses.lines({**parts, "recipient": "Somebody"}, country))
        assert [part for part in (*parts.values(), "Somebody") if part and part not in text] == [], (country, text)


@pytest.mark.parametrize(("country", "parts", "printed"), [
    ("DE", {"recipient": "Ada Wolf", "street": "Am Kai 3\nHaus B", "postcode": "24103", "city": "Kiel"}, ["Ada Wolf", "Am Kai 3", "Haus B", "24103 Kiel"]),
    ("US", {"street": "1 Main St", "city": "Palo Alto", "region": "CA", "postcode": "94303"}, ["1 Main St", "Palo Alto, CA 94303"]),
    ("US", {"street": "1 Main St", "city": "Palo Alto", "postcode": "94303"}, ["1 Main St", "Palo Alto 94303"]),
    ("CN", {"recipient": "王芳", "street": "建国路 1 号", "city": "朝阳区", "region": "北京", "postcode": "100022"}, ["100022", "北京朝阳区", "建国路 1 号", "王芳"]),
    ("CN", {"recipient": "Wang Fang", "street": "1 Jianguo Rd", "city": "Chaoyang", "region": "Beijing", "postcode": "100022"}, ["Wang Fang", "1 Jianguo Rd", "Chaoyang", "Beijing, 100022"]),
    ("KR", {"street": "세종대로 110", "city": "중구", "region": "서울특별시", "postcode": "04524"}, ["서울특별시 중구", "세종대로 110", "04524"]),
    ("JP", {"street": "千代田1-1", "city": "千代田区", "region": "東京都"}, ["東京都千代田区", "千代田1-1"]),
    ("RU", {"street": "Гороховая улица, 23", "city": "Санкт-Петербург", "postcode": "190000"}, ["Гороховая улица, 23", "Санкт-Петербург", "190000"]),
    ("SG", {"street": "16 Sandilands Road", "city": "Singapore", "postcode": "546080"}, ["16 Sandilands Road", "Singapore 546080"]), ("SG", {"street": "16 Sandilands Road", "postcode": "546080"}, ["16 Sandilands Road", "546080"]),
    ("TR", {"city": "Beşiktaş", "postcode": "34357"}, ["34357 Beşiktaş"]), ("TR", {"city": "Beşiktaş", "region": "İstanbul", "postcode": "34357"}, ["34357 Beşiktaş/İstanbul"]),
    ("SE", {"street": "Kanalvägen 7", "city": "Upplands Väsby", "postcode": "194 61"}, ["Kanalvägen 7", "194 61 Upplands Väsby"]),
    ("XX", {"street": "x", "city": "y", "postcode": "1"}, ["x", "y 1"]), (None, {"city": "y"}, ["y"]), ("../us", {"city": "y"}, ["y"]), ("DE", {}, []),
])
def test_customs(country, parts, printed):
    assert addresses.lines(parts, country) == printed


@pytest.mark.parametrize("named", ["Germany", "de", "Alemania", "德国", "독일", "Германия", " GERMANY ", "Deutschland", "Allemagne", "Germania", "Alemanha", "Duitsland", "Niemcy"])
def test_a_country_is_recognised_in_every_language(named):
    assert addresses.country_code(named) == "DE"


def test_no_name_of_a_country_means_another_elsewhere():
    locales = [*map(i18n.babel_locale, i18n.LANGUAGES), *map(Locale, addresses.OTHER_LANGUAGES)]
    codes = {(name, code) for one in locales for code, name in one.territories.items() if len(code) == 2 and code.isalpha() and code not in ("ZZ", "EU", "EZ", "UN", "XA", "XB", "QO")}
    assert [(name, code) for name, code in codes if addresses.country_code(name) != code] == []


def test_what_is_no_country_has_no_code():
    assert [addresses.country_code(named) for named in ("Narnia", "", None, "zz", "EU")] == [None] * 5
