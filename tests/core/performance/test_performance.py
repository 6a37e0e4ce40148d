"""Performance (S12): figures by person, team and branch, each the sum of exactly its records; nobody is told of work that he does not see."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import event

from core.activities import actions as log
from core.base.errors import Refused
from core.base.places import read_place
from core.deals import actions as deals
from core.deals import pipelines
from core.deals import team as deal_team
from core.deals.periods import period_of, read_period
from core.identity import teams
from core.parties import actions as parties
from core.performance import behind
from core.performance.queries import figure, table
from core.products import actions as products
from core.products import rating
from core.quotes import answering, drafting, lining, sending
from tests.support.world import House

CAST = {"owner": "admin", "manager": "manager", "lead": "team_lead", "rep": "sales", "colleague": "sales", "reader": "reader"}


@pytest.fixture
def house(app):
    return House(f"pf-{uuid4().hex[:8]}", CAST)


def records(*args, **more):
    return list(behind.records(*args, **more))


def now(ctx):
    return period_of(ctx.today, "month")


def closed(ctx, house, who, state="won", amount="1000", *, days=10, **more):
    stage = next(one.id for one in pipelines.ways(ctx)[0].stages if one.kind == state)
    why = {"loss_reason": "x"} if state == "lost" else {}
    return deals.create_deal(ctx, name=f"{state} {amount}", owner_id=house.users[who].id, stage_id=stage, amount=amount, began_at=ctx.now - timedelta(days=days), closed_at=ctx.now, **why, **more)


def line(ctx, name, **more):
    found = table(ctx, now(ctx), **more)
    return next(one for one in found.lines if one.name == name)


def test_wins_revenue_cycle_and_conversion(house):
    with house.ctx("manager") as ctx:
        for state, amount, days in (("won", "1000", 10), ("won", "3000", 20), ("lost", "500", 5), ("lost", "500", 5)):
            closed(ctx, house, "rep", state, amount, days=days)
        one = line(ctx, "Rep").now
    assert (one["won"], one["revenue"], one["cycle"], one["conversion"]) == (2, 4000, 15, 50)


def test_contacts_are_his_who_wrote_them_and_a_note_is_none(house):
    with house.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="A")
        for kind in ("call", "visit", "note"):
            log.log_activity(ctx, kind=kind, account=account, body="x").owner_id = house.users["colleague"].id
    with house.ctx("manager") as ctx:
        one = line(ctx, "Rep").now
        assert (one["contacts"], one["visits"]) == (2, 1) and all(found.name != "Colleague" for found in table(ctx, now(ctx)).lines)


def test_quotes_sent_accepted_and_what_they_earn(house):
    with house.ctx("owner") as ctx:
        account = parties.create_account(ctx, name="Buyer")
        tray = products.create_product(ctx, name="Tray", code="T-1", price="10", cost="6")
        ctx.session.flush()
        for accepted in (True, False):
            quote = drafting.create_quote(ctx, name="Q", account_id=account.id, owner_id=house.users["rep"].id)
            lining.save_lines(ctx, quote, [{"product_id": tray.id, "name": "Tray", "quantity": "5", "unit_price": "10"}])
            sending.send_quote(ctx, quote)
            if accepted:
                answering.note_accepted(ctx, quote, name="Inga")
        one = line(ctx, "Rep")
        assert (one.now["sent"], one.now["accepted"], one.now["margin"], one.uncosted) == (2, 1, 20, 0)
        (row,) = records(ctx, "margin", now(ctx), one.people)
        assert row.amount == 20
    with house.ctx("rep") as ctx:
        assert "margin" not in table(ctx, now(ctx)).measures, "who is not told of costs is not told of margins"
        with pytest.raises(Refused):
            records(ctx, "margin", now(ctx), None)


def test_other_currencies_count_by_the_stored_rate_and_without_one_there_is_no_sum(house):
    with house.ctx("owner") as ctx:
        other = "USD" if ctx.tenant.currency != "USD" else "EUR"
        rating.add_currency(ctx, other)
        closed(ctx, house, "rep", amount="100", currency=ctx.tenant.currency)
        closed(ctx, house, "rep", amount="300", currency=other)
        assert line(ctx, "Rep").now["revenue"] is None and table(ctx, now(ctx)).unrated == [other]
        rating.store_rate(ctx, currency=other, rate="2", day=ctx.today)
        assert line(ctx, "Rep").now["revenue"] == 250 and table(ctx, now(ctx)).unrated == []


def test_each_figure_is_the_sum_of_exactly_its_records(house):
    with house.ctx("manager") as ctx:
        for who, amount in (("rep", "1000"), ("rep", "250.50"), ("colleague", "70")):
            closed(ctx, house, who, amount=amount)
        closed(ctx, house, "rep", "lost")
        found = table(ctx, now(ctx))
        for one in (*found.lines, found.whole):
            rows = {name: records(ctx, name, now(ctx), one.people) for name in found.measures}
            assert sum((row.amount for row in rows["revenue"]), Decimal(0)) == one.now["revenue"]
            assert {name: figure(ctx, name, now(ctx), one.people)[0] for name in found.measures} == one.now
            assert {name: len(rows[name]) for name in ("contacts", "visits", "sent", "accepted", "won")} == {name: one.now[name] for name in ("contacts", "visits", "sent", "accepted", "won")}
            assert Decimal(sum(row.state == "won" for row in rows["conversion"])) * 100 / len(rows["conversion"]) == one.now["conversion"]


def test_a_deal_of_several_counts_for_each_by_his_share_and_once_in_a_team(house):
    with house.ctx("owner") as ctx:
        north, south = (teams.create_team(ctx, name=name) for name in ("North", "South"))
        for team, who in ((north, "rep"), (north, "lead"), (south, "colleague")):
            teams.put_member(ctx, team, house.users[who].id)
        won, lost = closed(ctx, house, "rep", amount="1000", days=10), closed(ctx, house, "rep", "lost", "500")
        for deal in (won, lost):
            deal_team.add_member(ctx, deal, user_id=house.users["lead"].id, credit="30"), deal_team.add_member(ctx, deal, user_id=house.users["colleague"].id, credit="20")
        closed(ctx, house, "colleague", amount="50", days=20)
        told = lambda one: (one.now["revenue"], one.now["won"], one.now["cycle"], one.now["conversion"])  # noqa: E731
        half = Decimal(1) / 2 * 100
        found = table(ctx, now(ctx))
        assert {one.name: told(one) for one in found.lines} == {"Rep": (500, 1, 10, half), "Lead": (300, 1, 10, half), "Colleague": (250, 2, 15, Decimal(2) / 3 * 100)}
        assert told(found.whole) == (1050, 2, 15, Decimal(2) / 3 * 100)
        by_team = {one.name: told(one) for one in table(ctx, now(ctx), by="team").lines}
        assert by_team == {"North": (800, 1, 10, half), "South": (250, 2, 15, Decimal(2) / 3 * 100)}
        for one in (*found.lines, found.whole, *table(ctx, now(ctx), by="team").lines):
            rows = records(ctx, "revenue", now(ctx), one.people)
            assert sum((row.theirs for row in rows), Decimal(0)) == one.now["revenue"] and len(rows) == one.now["won"]
            assert figure(ctx, "revenue", now(ctx), one.people)[0] == one.now["revenue"] and len(records(ctx, "conversion", now(ctx), one.people)) >= len(rows)


def test_performance_reads_the_shares_that_stand(house):
    with house.ctx("manager") as ctx:
        won = closed(ctx, house, "rep", amount="1000")
        assert line(ctx, "Rep").now["revenue"] == 1000
        deal_team.add_member(ctx, won, user_id=house.users["colleague"].id, credit="40")
        assert (line(ctx, "Rep").now["revenue"], line(ctx, "Colleague").now["revenue"]) == (600, 400)


def test_ranked_by_the_figure_asked_for(house):
    with house.ctx("manager") as ctx:
        closed(ctx, house, "rep", amount="5000")
        closed(ctx, house, "colleague", amount="10")
        closed(ctx, house, "colleague", amount="10")
        assert [one.name for one in table(ctx, now(ctx)).lines] == ["Rep", "Colleague"] and [one.name for one in table(ctx, now(ctx), rank="won").lines] == ["Colleague", "Rep"]


def test_the_period_before_stands_beside_it(house):
    with house.ctx("manager") as ctx:
        then = (datetime.combine(now(ctx).first, datetime.min.time(), UTC)) - timedelta(days=3)
        closed(ctx, house, "rep", amount="100").closed_at = then
        closed(ctx, house, "rep", amount="300")
        ctx.session.flush()
        one = line(ctx, "Rep")
        assert (one.now["revenue"], one.before["revenue"]) == (300, 100)


def test_who_is_in_two_teams_counts_once_in_the_whole(house):
    with house.ctx("owner") as ctx:
        for name in ("North", "South"):
            teams.put_member(ctx, teams.create_team(ctx, name=name, is_branch=name == "North"), house.users["rep"].id)
        closed(ctx, house, "rep", amount="100")
        found = table(ctx, now(ctx), by="team")
        assert [(one.name, one.now["revenue"]) for one in found.lines] == [("North", 100), ("South", 100)] and found.whole.now["revenue"] == 100
        assert [one.name for one in table(ctx, now(ctx), by="branch").lines] == ["North"]


def test_a_salesperson_sees_his_own_and_a_team_lead_his_team(house):
    with house.ctx("owner") as ctx:
        team = teams.create_team(ctx, name="North")
        for who in ("lead", "rep"):
            teams.put_member(ctx, team, house.users[who].id, leads=who == "lead")
        for who in ("lead", "rep", "colleague"):
            closed(ctx, house, who, amount="100")
    for who, seen in (("rep", {"Rep"}), ("lead", {"Lead", "Rep"}), ("reader", {"Lead", "Rep", "Colleague"})):
        with house.ctx(who) as ctx:
            found = table(ctx, now(ctx))
            assert {one.name for one in found.lines} == seen and found.whole.now["revenue"] == 100 * len(seen), who
            assert len(records(ctx, "won", now(ctx), found.whole.people)) == len(seen)


def test_the_number_of_statements_does_not_grow_with_people(house):
    def statements(ctx):
        seen = []
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(ctx.session.get_bind(), "before_cursor_execute", listen)
        try:
            table(ctx, now(ctx))
        finally:
            event.remove(ctx.session.get_bind(), "before_cursor_execute", listen)
        return len(seen)

    with house.ctx("manager") as ctx:
        closed(ctx, house, "rep")
        ctx.session.flush()
        few = statements(ctx)
        for who in ("colleague", "lead", "owner", "manager"):
            closed(ctx, house, who)
        ctx.session.flush()
        assert statements(ctx) == few <= 16


@pytest.mark.parametrize("more", [{"by": "planet"}])
def test_what_is_unknown_is_refused(house, more):
    with house.ctx("manager") as ctx, pytest.raises(Refused):
        table(ctx, read_period("2026"), **more)


def narrowed(ctx, *rooms):
    """The same person, who sees only his own in these rooms."""
    return replace(ctx, actor=replace(ctx.actor, scopes=dict.fromkeys(rooms, ("own", "own"))))


def test_work_with_people_and_accounts_out_of_sight_is_not_told(house):
    with house.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Firm")
        person = parties.create_contact(ctx, name="Inga", account_id=account.id)
        log.log_activity(ctx, kind="call", contact=person, body="about a person")
        log.log_activity(ctx, kind="visit", account=account, body="about the firm")
    with house.ctx("manager") as ctx:
        for blind, left in (((), {"about a person", "about the firm"}), (("contacts",), {"about the firm"}), (("accounts",), {"about a person"}), (("contacts", "accounts"), set())):
            of = narrowed(ctx, *blind)
            whole = table(of, now(ctx)).whole
            assert {row.name for row in records(of, "contacts", now(ctx), whole.people)} == left, blind
            assert (whole.now["contacts"], whole.now["visits"]) == (len(left), int("about the firm" in left)), blind


def test_records_are_walked_page_by_page_and_none_is_missed_or_told_twice(house):
    with house.ctx("owner") as ctx:
        account = parties.create_account(ctx, name="Buyer")
        tray = products.create_product(ctx, name="Tray", code="T-2", price="10", cost="6")
        ctx.session.flush()
        for n in range(5):
            closed(ctx, house, "rep", amount=str(n))
            log.log_activity(ctx, kind="call", account=account, body=str(n))
            quote = drafting.create_quote(ctx, name=f"Q{n}", account_id=account.id, owner_id=house.users["rep"].id)
            lining.save_lines(ctx, quote, [{"product_id": tray.id, "name": "Tray", "quantity": "5", "unit_price": "10"}] * 2)
            sending.send_quote(ctx, quote)
            answering.note_accepted(ctx, quote, name="Inga")
        for name in ("won", "contacts", "sent", "margin"):
            place, walked = None, []
            for _ in range(9):
                rows, older = behind.page(ctx, name, now(ctx), None, limit=2, after=place)
                walked += [row.id for row in rows]
                if older is None:
                    break
                place = read_place(older)
            assert walked == [row.id for row in records(ctx, name, now(ctx), None)] and len(set(walked)) == len(walked) == 5, name


def test_a_margin_in_halves_of_a_coin_is_the_sum_of_what_its_list_shows(house):
    with house.ctx("owner") as ctx:
        account = parties.create_account(ctx, name="Buyer")
        tray = products.create_product(ctx, name="Tray", code="T-3", price="10", cost="9.995")
        ctx.session.flush()
        for n in range(2):
            quote = drafting.create_quote(ctx, name=f"Q{n}", account_id=account.id, owner_id=house.users["rep"].id)
            lining.save_lines(ctx, quote, [{"product_id": tray.id, "name": "Tray", "quantity": "0.5", "unit_price": "10"}])
            sending.send_quote(ctx, quote)
            answering.note_accepted(ctx, quote, name="Inga")
        rows = records(ctx, "margin", now(ctx), None)
        assert all(row.amount == row.amount.quantize(Decimal("0.01")) for row in rows)
        assert sum(row.amount for row in rows) == figure(ctx, "margin", now(ctx), None)[0]
