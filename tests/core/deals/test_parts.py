"""What belongs to a deal: products make its amount, a team shares it, competitors are named and counted."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.deals import actions, competitors, lines, moving, parts, pipelines, queries, team
from core.deals.models import Deal
from core.identity.models import RecordShare
from core.identity.people import user_names
from core.products import actions as products
from core.products import arranging, pricing
from tests.support.statements import counted

NOBODY = UUID("7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11")


@pytest.fixture
def deal(ctx):
    return actions.create_deal(ctx, name="Trays", amount="10", currency="EUR")


@pytest.fixture
def tray(ctx):
    return products.create_product(ctx, code="T-1", name="Tray", price="12.50")



def test_the_lines_make_the_amount(ctx, deal, tray):
    kept = lines.save_lines(ctx, deal, [{"product_id": tray.id, "quantity": "3"}, {"name": "Service", "unit_price": "100", "recurs": "month", "times": 12, "discount": "10"}])
    assert [(one.name, one.unit_price, one.amount) for one in kept] == [("Tray", Decimal("12.5000"), Decimal("37.50")), ("Service", Decimal("100"), Decimal("1080.00"))]
    assert deal.amount == Decimal("1117.50")


def test_an_amount_by_hand_is_refused_while_there_are_lines_and_welcome_after(ctx, deal):
    lines.save_lines(ctx, deal, [{"name": "Service", "unit_price": "100"}])
    for change in ({"amount": "5"}, {"currency": "USD"}):
        with pytest.raises(Refused) as refused:
            actions.edit_deal(ctx, deal, **change)
        assert refused.value.code == "amount_of_lines"
    actions.edit_deal(ctx, deal, amount="100.00", name="Other")  # the same amount is no change
    lines.save_lines(ctx, deal, [])
    assert deal.amount == Decimal("100.00")
    assert actions.edit_deal(ctx, deal, amount="5").amount == 5


@pytest.mark.parametrize(("row", "field", "code"), [
    ({}, "lines.0.name", "line_needs"), ({"name": "A"}, "lines.0.unit_price", "line_needs"), ({"name": "A", "unit_price": "-1"}, "lines.0.unit_price", "not_an_amount"),
    ({"name": "A", "unit_price": "1", "quantity": "0"}, "lines.0.quantity", "quantity_positive"), ({"name": "A", "unit_price": "1", "discount": "101"}, "lines.0.discount", "not_a_percent"),
    ({"name": "A", "unit_price": "1", "recurs": "daily"}, "lines.0.recurs", "unknown_value"), ({"name": "A", "unit_price": "1", "times": "500", "recurs": "month"}, "lines.0.times", "not_whole"),
    ({"product_id": NOBODY}, "lines.0.product_id", "product_unknown"), ({"name": "A", "unit_price": "9" * 12, "quantity": "9" * 9}, "lines.0.unit_price", "deal_lines_too_large"), ({"colour": "red"}, None, "unknown_field"),
])
def test_what_no_line_can_say_names_the_line(ctx, deal, row, field, code):
    with pytest.raises(Refused) as refused:
        lines.save_lines(ctx, deal, [row])
    assert (refused.value.code, refused.value.field) == (code, field)
    assert deal.amount == 10


def test_lines_written_by_two_at_once_meet(ctx, deal):
    before = deal.version
    lines.save_lines(ctx, deal, [{"name": "A", "unit_price": "1"}])
    with pytest.raises(Conflict):
        lines.save_lines(ctx, deal, [{"name": "B", "unit_price": "2"}], version=before)


def test_the_database_keeps_what_is_paid_once_once(ctx, deal):
    one = lines.save_lines(ctx, deal, [{"name": "A", "unit_price": "1", "recurs": "once", "times": 7}])[0]
    assert one.times == 1
    with pytest.raises(IntegrityError), ctx.session.begin_nested():
        ctx.session.execute(text("UPDATE deal_line SET times = 7 WHERE id = :id"), {"id": one.id})


def test_a_line_keeps_its_price_until_its_product_changes(ctx, deal, tray):
    one = lines.save_lines(ctx, deal, [{"product_id": tray.id}])[0]
    products.edit_product(ctx, tray, price="20")
    kept = lines.save_lines(ctx, deal, [{"id": one.id, "product_id": tray.id, "unit_price": one.unit_price, "quantity": "2"}])[0]
    assert (kept.id, kept.amount) == (one.id, Decimal("25.00"))
    assert lines.save_lines(ctx, deal, [{"id": one.id, "product_id": tray.id, "quantity": "2"}])[0].amount == Decimal("40.00")


def test_a_line_that_is_named_twice_is_one_line_and_one_more(ctx, deal):
    one = lines.save_lines(ctx, deal, [{"name": "A", "unit_price": "1"}])[0]
    row = {"id": one.id, "name": "A", "unit_price": "1"}
    assert len({line.id for line in lines.save_lines(ctx, deal, [row, row])}) == 2
    assert deal.amount == 2


amounts = st.decimals("0", "99999.9999", places=4)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.decimals("0.001", "999", places=3), amounts, st.decimals("0", "100", places=2), st.integers(1, 24)), min_size=1, max_size=8), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_the_amount_is_the_sum_of_the_lines_to_the_coin(ctx, some, currency):
    deal = actions.create_deal(ctx, name="Any", currency=currency)
    kept = lines.save_lines(ctx, deal, [{"name": "A", "quantity": q, "unit_price": p, "discount": d, "recurs": "month", "times": t} for q, p, d, t in some])
    ctx.session.expire_all()
    assert deal.amount == sum(one.amount for one in kept)
    exact = sum(q * p * (100 - d) / 100 * t for q, p, d, t in some)
    coin = Decimal(1) if currency == "JPY" else Decimal("0.01")
    assert abs(deal.amount - exact) <= coin / 2 * sum(t for *_, t in some)
    assert deal.amount % coin == 0


def test_a_colleague_of_the_team_sees_and_changes_the_deal_until_he_leaves_it(as_, shared_house):
    owner, other = as_("rep"), shared_house.users["colleague"]
    deal = actions.create_deal(owner, name="Trays")
    row = team.add_member(owner, deal, user_id=other.id, role="Advice", credit="25")
    share = owner.session.get(RecordShare, row.share_id)
    assert (share.user_id, share.level) == (other.id, "write")
    team.remove_member(owner, deal, row)
    assert owner.session.execute(select(RecordShare.id).where(RecordShare.record_id == deal.id)).first() is None


def test_what_was_shared_before_stays_when_he_leaves_the_team(as_, shared_house):
    from core.sharing import actions as sharing

    owner, other = as_("rep"), shared_house.users["colleague"]
    deal = actions.create_deal(owner, name="Trays")
    sharing.share(owner, deal, user_id=other.id)
    team.remove_member(owner, deal, team.add_member(owner, deal, user_id=other.id))
    assert owner.session.execute(select(RecordShare.level).where(RecordShare.record_id == deal.id)).scalar_one() == "read"


@pytest.mark.parametrize(("given_", "code"), [({"credit": "101"}, "not_a_percent"), ({"credit": "1.234"}, "too_many_decimals"), ({"role": "x" * 61}, "too_long"), ({"user_id": NOBODY}, "user_unknown")])
def test_who_can_be_no_part_of_a_team_is_refused(as_, shared_house, given_, code):
    owner = as_("rep")
    deal = actions.create_deal(owner, name="Trays")
    with pytest.raises(Refused) as refused:
        team.add_member(owner, deal, **{"user_id": shared_house.users["colleague"].id} | given_)
    assert refused.value.code == code


def test_nobody_is_in_it_twice_nor_beside_himself_and_no_more_than_all_is_given(as_, shared_house):
    owner = as_("rep")
    deal = actions.create_deal(owner, name="Trays")
    row = team.add_member(owner, deal, user_id=shared_house.users["colleague"].id, credit="60")
    for whom, credit, code in ((shared_house.users["colleague"], 0, "member_twice"), (shared_house.users["rep"], 0, "member_is_owner"), (shared_house.users["manager"], "40.01", "credit_over")):
        with pytest.raises(Refused) as refused:
            team.add_member(owner, deal, user_id=whom.id, credit=credit)
        assert refused.value.code == code
    team.add_member(owner, deal, user_id=shared_house.users["manager"].id, credit="40")
    assert team.left_for_owner([one for one, _ in team.members(owner, deal)]) == 0
    with pytest.raises(Refused):
        team.change_member(owner, deal, row, role=None, credit="61")
    with pytest.raises(IntegrityError), owner.session.begin_nested():
        owner.session.execute(text("UPDATE deal_member SET credit = 100.01 WHERE id = :id"), {"id": row.id})


def test_a_new_competitor_joins_the_list_and_one_of_the_list_is_found_again(ctx, deal):
    first = competitors.name_in_deal(ctx, deal, named="Rival Ltd", note="cheaper")
    again = competitors.name_in_deal(ctx, deal, named="rival LTD", note="much cheaper")
    assert (first.id, again.note) == (again.id, "much cheaper")
    assert [one.name for one in competitors.all_competitors(ctx)] == ["Rival Ltd"]


def test_only_one_of_them_took_it(ctx, deal):
    a, b = (competitors.name_in_deal(ctx, deal, named=name, took_it=True) for name in ("A", "B"))
    ctx.session.expire_all()
    assert (a.took_it, b.took_it) == (False, True)
    with pytest.raises(IntegrityError), ctx.session.begin_nested():
        ctx.session.execute(text("UPDATE deal_competitor SET took_it = true WHERE id = :id"), {"id": a.id})


def test_how_often_one_meets_them_is_counted_in_what_one_sees(ctx, as_, deal):
    stage = {one.code: one for one in pipelines.working(ctx)[0].stages}
    won, lost = (actions.create_deal(ctx, name=name, amount="100", currency="EUR") for name in ("Won", "Lost"))
    for one in (deal, won, lost):
        competitors.name_in_deal(ctx, one, named="Rival", took_it=one is lost)
    moving.move_deal(ctx, won, stage["won"].id)
    moving.move_deal(ctx, lost, stage["lost"].id, loss_reason="Price")
    found = competitors.met(ctx)[competitors.all_competitors(ctx)[0].id]
    assert (found.open, found.won, found.lost, found.taken, found.rate) == (1, 1, 1, 1, Decimal("50.0"))
    assert (found.taken_worth.sum.amount, found.taken_worth.sum.currency) == (100, "EUR")
    actions.delete_deal(ctx, deal)
    assert competitors.met(ctx)[competitors.all_competitors(ctx)[0].id].open == 0


def test_one_to_whom_a_deal_was_lost_stays(ctx, deal):
    row = competitors.name_in_deal(ctx, deal, named="Rival", took_it=True)
    them = competitors.one_competitor(ctx, row.competitor_id)
    with pytest.raises(Refused) as refused:
        competitors.remove_competitor(ctx, them)
    assert refused.value.code == "competitor_took"
    competitors.name_in_deal(ctx, deal, named="Rival")
    competitors.remove_competitor(ctx, them)
    assert competitors.of_deal(ctx, deal) == []


def test_a_name_is_there_once_and_a_website_is_one(ctx):
    competitors.add_competitor(ctx, name="Rival")
    for given_, code in (({"name": "RIVAL"}, "name_taken_here"), ({"name": " "}, "required"), ({"name": "Other", "website": "javascript:alert(1)"}, "not_a_website")):
        with pytest.raises(Refused) as refused:
            competitors.add_competitor(ctx, **given_)
        assert refused.value.code == code


def test_whoever_only_reads_changes_nothing_of_it(as_, shared_house):
    reader = as_("reader")
    with pytest.raises(Forbidden):
        competitors.add_competitor(reader, name="Rival")
    deal = reader.session.execute(select(Deal).limit(1)).scalars().first() or Deal(name="x")
    for call in (lambda: lines.save_lines(reader, deal, []), lambda: team.add_member(reader, deal, user_id=NOBODY), lambda: competitors.name_in_deal(reader, deal, named="Rival")):
        with pytest.raises(Forbidden):
            call()


def test_the_page_has_all_of_it_in_the_deals_own_statement(ctx, deal, tray):
    lines.save_lines(ctx, deal, [{"product_id": tray.id, "quantity": "0.333", "discount": "12.5"}])
    competitors.name_in_deal(ctx, deal, named="Rival", note="cheap")
    found = parts.of(queries.deal_page(ctx, deal.id), {})
    assert [(one["name"], one["quantity"], one["discount"], one["amount"]) for one in found.lines] == [("Tray", Decimal("0.333"), Decimal("12.5"), deal.amount)]
    assert [(one["name"], one["note"], one["took_it"]) for one in found.competitors] == [("Rival", "cheap", False)]
    assert (found.team, found.left) == ([], 100)


def test_a_quote_begins_with_what_its_deal_would_sell(ctx, deal, tray):
    from core.quotes import beginning
    from core.quotes import queries as quotes

    lines.save_lines(ctx, deal, [{"product_id": tray.id, "quantity": "3", "discount": "10"}, {"name": "Service", "unit_price": "100", "recurs": "month", "times": 12}])
    quote = beginning.begin_quote(ctx, deal_id=deal.id)
    found = quotes.lines_of(ctx, quotes.draft_of(ctx, quote))
    assert [(one.name, one.quantity, one.unit_price, one.discount, one.is_own, one.description) for one in found] == [
        ("Tray", 3, Decimal("12.5"), 10, False, None), ("Service", 12, 100, 0, False, "Every month: 1 × 12"),
    ]
    assert sum(one.amount for one in found) == deal.amount
    products.delete_product(ctx, tray)
    again = beginning.begin_quote(ctx, deal_id=deal.id)
    assert [(one.name, one.product_id) for one in quotes.lines_of(ctx, quotes.draft_of(ctx, again))] == [("Tray", None), ("Service", None)]


@pytest.fixture
def shelf(ctx):
    """119.00 with the tax that it holds: 100.00 without."""
    code = arranging.add_tax_code(ctx, name="VAT 19 held", percent="19", included=True)
    ctx.session.flush()
    return products.create_product(ctx, code="S-1", name="Shelf", price="119", tax_code_id=code.id, description="Of oak")


def test_a_price_that_holds_its_tax_is_taken_without_it(ctx, deal, shelf):
    (one,) = lines.save_lines(ctx, deal, [{"product_id": shelf.id, "quantity": "2"}])
    assert (one.unit_price, deal.amount) == (Decimal("100.0000"), Decimal("200.00"))
    products.edit_product(ctx, shelf, price="10")
    assert lines.save_lines(ctx, deal, [{"product_id": shelf.id}])[0].unit_price == Decimal("8.4034")


def begun(ctx, deal):
    from core.quotes import beginning
    from core.quotes import queries as quotes

    draft = quotes.draft_of(ctx, beginning.begin_quote(ctx, deal_id=deal.id))
    return draft, quotes.lines_of(ctx, draft)


def test_a_quote_of_prices_that_hold_their_tax_offers_what_the_deal_says(ctx, deal, shelf):
    lines.save_lines(ctx, deal, [{"product_id": shelf.id}, {"product_id": shelf.id, "unit_price": "90"}, {"name": "Service", "unit_price": "50"}])
    draft, found = begun(ctx, deal)
    assert draft.gross and [(one.unit_price, one.is_own, [why["code"] for why in one.reasons]) for one in found] == [
        (119, False, ["own_price"]), (Decimal("107.1"), True, ["own_price"]), (50, False, []),
    ]
    assert draft.net == deal.amount == 240


def test_a_price_that_holds_its_tax_stands_without_it_in_a_quote_of_prices_that_do_not(ctx, deal, tray, shelf):
    plain = arranging.add_tax_code(ctx, name="VAT 19", percent="19")
    products.edit_product(ctx, tray, tax_code_id=plain.id)
    lines.save_lines(ctx, deal, [{"product_id": tray.id}, {"product_id": shelf.id}])
    draft, found = begun(ctx, deal)
    assert not draft.gross and [(one.unit_price, one.is_own) for one in found] == [(Decimal("12.5"), False), (100, False)]


def test_what_is_paid_again_says_so_in_the_quote_even_once(ctx, deal, shelf):
    lines.save_lines(ctx, deal, [{"name": "Service", "unit_price": "50", "recurs": "month"}, {"product_id": shelf.id, "recurs": "year", "times": 3}, {"product_id": shelf.id}])
    assert [one.description for one in begun(ctx, deal)[1]] == ["Every month", "Every year: 1 × 3\nOf oak", "Of oak"]


def test_one_product_without_a_price_takes_the_price_of_no_other_and_no_statement_more(ctx, deal, tray, shelf):
    bare = products.create_product(ctx, code="B-1", name="Bare")
    ctx.session.flush()
    ask = lambda *wanted: pricing.known_prices(ctx, [(one, Decimal(1)) for one in wanted], on=ctx.today, currency="EUR")  # noqa: E731
    with counted() as one:
        ask(tray)
    with counted() as many:
        assert [found and found.each.amount for found in ask(tray, bare, shelf, bare)] == [Decimal("12.50"), None, 119, None]
    assert len(many) == len(one)


@pytest.fixture
def theirs(as_):
    """A deal of the salesperson, with his context."""
    owner = as_("rep")
    return owner, actions.create_deal(owner, name="Trays")


def test_a_member_who_becomes_the_owner_is_none_while_he_is_and_keeps_his_part(ctx, shared_house, deal):
    rep, colleague, manager = (shared_house.users[name].id for name in ("rep", "colleague", "manager"))
    row = team.add_member(ctx, deal, user_id=colleague, credit="30")
    team.add_member(ctx, deal, user_id=manager, credit="10")
    actions.change_owner(ctx, deal, colleague)
    ctx.session.flush()
    assert [one.user_id for one, _ in team.members(ctx, deal)] == [manager]
    found = parts.of(queries.deal_page(ctx, deal.id), user_names(ctx))
    assert ([one["user_id"] for one in found.team], found.left) == ([str(manager)], 90)
    with pytest.raises(NotFound):
        team.one_member(ctx, row.id)
    with pytest.raises(Refused) as refused:
        team.add_member(ctx, deal, user_id=rep, credit="90.01")
    assert refused.value.code == "credit_over"
    actions.change_owner(ctx, deal, rep)
    ctx.session.flush()
    assert [(one.user_id, one.credit) for one, _ in team.members(ctx, deal)] == [(colleague, 30), (manager, 10)]


@pytest.mark.parametrize(("level", "days"), [("read", None), ("write", -1), ("read", 3)])
def test_who_joins_with_a_share_that_ended_or_only_reads_changes_the_deal_until_he_leaves(shared_house, theirs, level, days):
    from core.sharing import actions as sharing

    ctx, deal = theirs
    share = sharing.share(ctx, deal, user_id=shared_house.users["colleague"].id, level=level)
    share.until = was = ctx.today + timedelta(days=days) if days is not None else None
    row = team.add_member(ctx, deal, user_id=share.user_id)
    assert (share.level, share.until) == ("write", None)
    team.remove_member(ctx, deal, row)
    ctx.session.flush()
    ctx.session.refresh(share)
    assert (share.level, share.until) == (level, was)


def test_a_share_that_was_changed_meanwhile_stays_as_it_is_when_he_leaves(shared_house, theirs):
    from core.sharing import actions as sharing

    ctx, deal = theirs
    share = sharing.share(ctx, deal, user_id=shared_house.users["colleague"].id)
    row = team.add_member(ctx, deal, user_id=share.user_id)
    sharing.share(ctx, deal, user_id=share.user_id, level="write", until=ctx.today)
    team.remove_member(ctx, deal, row)
    assert (share.level, share.until) == ("write", ctx.today)


def test_whoever_sees_only_what_names_him_is_told_of_no_member_whom_he_does_not_know(shared_house, theirs):
    ctx, deal = theirs
    colleague, manager, owner = (shared_house.users[name].id for name in ("colleague", "manager", "owner"))
    team.add_member(ctx, deal, user_id=colleague, credit="20")
    row = team.add_member(ctx, deal, user_id=manager, credit="30")
    partner = replace(ctx, actor=replace(ctx.actor, id=colleague, visibility="named", changing="named", scopes={}, shares={"deal": {deal.id: "write"}}))
    assert [one.user_id for one, _ in team.members(partner, deal)] == [colleague]
    found = parts.of(queries.deal_page(partner, deal.id), user_names(partner))
    assert ([one["user_id"] for one in found.team], found.left) == ([str(colleague)], 50)
    with pytest.raises(NotFound):
        team.one_member(partner, row.id)
    for whom in (manager, owner):
        with pytest.raises(Refused) as refused:
            team.add_member(partner, deal, user_id=whom)
        assert refused.value.code == "user_unknown"
