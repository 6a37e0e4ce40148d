"""Whatever happens to several quotes at once: numbers follow one another without a gap, versions of each too, and at most one of each counts."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.base.errors import Refused
from core.base.numbering import NumberSeries
from core.quotes import answering, drafting, lining, queries, sending
from core.quotes.models import QuoteVersion

ACTS = ("send", "revise", "accept", "decline", "withdraw", "give up")
STEPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(("send", "send", "revise", *ACTS)), st.sampled_from((False, False, True))), min_size=1, max_size=16)


class Broke(Exception):
    """The transaction ends here, as when a server dies."""


def act(ctx, quote, what):
    """One thing that may happen to a quote; of an answer, to the oldest version that was ever sent."""
    sent = [one for one in queries.versions(ctx, quote) if one.token]
    if what in ("accept", "decline") and sent:
        answering.accept(ctx, sent[0].token, name="Inga", address="192.0.2.7") if what == "accept" else answering.decline(ctx, sent[0].token, name="", address="192.0.2.7")
    elif what in ("send", "withdraw", "revise"):
        {"send": sending.send_quote, "withdraw": sending.withdraw, "revise": drafting.revise}[what](ctx, quote)
    elif what == "give up":
        drafting.delete_quote(ctx, quote)


@settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_numbers_and_versions_have_no_gaps_and_only_a_current_version_is_accepted(ctx, account, steps):
    before = last(ctx)
    quotes = [drafting.create_quote(ctx, name=f"Quote {n}", account_id=account.id) for n in range(3)]
    for quote in quotes:
        lining.save_lines(ctx, quote, [{"name": "Work", "unit_price": "10"}])
    for place, what, breaks in steps:
        if quotes[place].deleted_at is None:
            try:
                with ctx.session.begin_nested():
                    act(ctx, quotes[place], what)
                    ctx.session.flush()
                    if breaks:
                        raise Broke
            except (Refused, Broke):
                pass
        ctx.session.expire_all()
        check(ctx, quotes, before)


def last(ctx):
    return ctx.session.execute(select(NumberSeries.last).where(NumberSeries.series == "Q", NumberSeries.year == ctx.tenant_today.year)).scalar_one_or_none() or 0


def check(ctx, quotes, before):
    numbered = sorted(int(quote.number.rsplit("-", 1)[1]) for quote in quotes if quote.number)
    assert numbered == list(range(before + 1, before + 1 + len(numbered))) and last(ctx) == before + len(numbered)
    for quote in quotes:
        rows = ctx.session.execute(select(QuoteVersion.number, QuoteVersion.state).where(QuoteVersion.quote_id == quote.id).order_by(QuoteVersion.number)).all()
        states = [row.state for row in rows]
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        assert states.count("sent") + states.count("accepted") <= 1 and states.count("draft") <= 1
        current = next((state for state in reversed(states) if state != "draft"), "draft")
        assert "accepted" not in states or current == "accepted", "what was accepted is the last that was sent"
        assert (quote.number is None) == (states == ["draft"])


def test_an_act_that_broke_has_not_happened(ctx, account):
    """Negative control: a number that stays taken after a transaction that broke is a gap, and is seen."""
    quote = drafting.create_quote(ctx, name="Quote", account_id=account.id)
    before = last(ctx)
    ctx.session.add(NumberSeries(series="Q", year=ctx.tenant_today.year, last=1)) if not before else ctx.session.execute(NumberSeries.__table__.update().where(NumberSeries.series == "Q").values(last=before + 1))
    ctx.session.flush()
    with pytest.raises(AssertionError):
        check(ctx, [quote], before)
