"""Exchange rates: by hand and from a file, all or none; the last word for a day holds; a rate too old is none."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.base.errors import Refused
from core.base.money import Money
from core.products import rating
from core.products.rules import rounded


def code_of(call):
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


@pytest.fixture
def dollars(ctx):
    rating.add_currency(ctx, "usd")
    ctx.session.flush()
    return ctx


def test_a_rate_converts_on_its_day_and_a_week_on(dollars):
    day = dollars.today - timedelta(days=20)
    rating.store_rate(dollars, currency="USD", rate="1.25", day=day, source="ECB")
    rates = rating.rates_on(dollars, day)
    assert rates.convert(Money(Decimal(10), "EUR"), "USD") == Money(Decimal("12.5"), "USD") and rates.convert(Money(Decimal("12.5"), "USD"), "EUR") == Money(Decimal(10), "EUR")
    later = rating.rates_on(dollars, day + timedelta(days=6))
    assert later.of("USD") == Decimal("1.25") and later.day_of("USD", "EUR") == day
    for other in (day - timedelta(days=1), day + timedelta(days=7)):
        assert code_of(lambda other=other: rating.rates_on(dollars, other).of("USD")) == "no_rate"


def test_the_last_word_for_a_day_holds(dollars):
    rating.store_rate(dollars, currency="USD", rate="1.25")
    found = rating.store_rate(dollars, currency="USD", rate="1.3", source="by hand")
    assert (found.rate, found.source, rating.counted(dollars)) == (Decimal("1.3"), "by hand", 1)


@pytest.mark.parametrize(("given", "code"), [
    ({"currency": "EUR"}, "currency_own"), ({"currency": "GBP"}, "currency_unknown"), ({"currency": "XYZ"}, "not_a_currency"), ({"rate": "0"}, "rate_positive"), ({"rate": "-1"}, "rate_positive"),
    ({"rate": "1.12345678901"}, "too_many_decimals"), ({"day": "2099-01-01"}, "rate_future"), ({"day": "soon"}, "not_a_date"),
])
def test_what_is_no_rate_is_refused(dollars, given, code):
    assert code_of(lambda: rating.store_rate(dollars, **({"currency": "USD", "rate": "1.1"} | given))) == code


@pytest.mark.parametrize("content", [
    "day,currency,rate\n2026-05-01,USD,1.1\n2026-05-04,USD,1.2\n", "2026-05-01;USD;1,1\n2026-05-04;USD;1,2", "\ufeffDatum\tWährung\tKurs\n2026-05-01\tusd\t1.1\n\n2026-05-04\tUSD\t1.2\n",
])
def test_a_file_of_rates_is_read_whatever_stands_between(dollars, content):
    assert rating.store_rates(dollars, rating.read_file(dollars, content, "bank")) == 2
    assert {(one.day.isoformat(), one.rate, one.source) for one in rating.latest(dollars)} == {("2026-05-01", Decimal("1.1"), "bank"), ("2026-05-04", Decimal("1.2"), "bank")}


@pytest.mark.parametrize(("content", "code"), [("2026-05-01,USD,1.1\n2026-05-02,USD\n", "rates_unreadable"), ("2026-05-01,USD,1.1\n2026-05-02,USD,x\n", "rate_line"), ("2026-05-01,USD,1.1\n2026-05-02,GBP,1\n", "currency_unknown")])
def test_of_a_file_with_a_line_that_is_none_nothing_is_stored(dollars, content, code):
    assert code_of(lambda: rating.store_rates(dollars, rating.read_file(dollars, content))) == code
    assert rating.counted(dollars) == 0


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.decimals("0.0001", "100000", places=4), st.decimals("0.01", "1000000", places=2))
def test_there_and_back_is_the_same_to_the_cent(rate, amount):
    from datetime import date

    from core.products.rules import Rates

    rates = Rates("EUR", date(2026, 5, 1), {"USD": rate})
    money = Money(amount, "EUR")
    assert rounded(rates.convert(rates.convert(money, "USD"), "EUR")) == rounded(money)
