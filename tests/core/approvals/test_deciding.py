"""Who is asked, who may decide, in whose place, and what makes a yes void."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from flask import g
from sqlalchemy import event, select

from core.approvals import actions, limits, queries
from core.approvals.models import Approval
from core.base.errors import Conflict, Refused
from core.base.facts import Fact
from core.base.outbox import Order
from core.handover.leaving import hand_over
from core.identity import absence
from core.identity.actions import add_user
from core.identity.models import ApiToken
from core.identity.queries import actor_of, one_user
from core.identity.roles import create_role, edit_role, one_role
from core.notifications.models import Notification
from core.parties import actions as parties
from core.products import actions as products
from core.products import arranging
from core.quotes import answering, approving, drafting, lining, sending
from core.quotes import queries as quotes
from core.quotes.approvable import APPROVAL, OF_DRAFT, OF_LINE, OF_QUOTE, fingerprint, hold
from core.quotes.rules import VALID_DAYS
from tests.support.races import at_once
from tests.support.world import PASSWORD, House
from web.quotes.waiting import standing_of, yes_said

CAST = {"owner": "admin", "director": "director", "manager": "manager", "rep": "sales", "colleague": "sales", "reader": "reader"}


@pytest.fixture(scope="module")
def house(app):
    """Salespeople decide alone up to 8 percent on a line and 1,000 EUR, managers up to 20 and 5,000, the director up to 50."""
    made = House(f"yes-{uuid4().hex[:6]}", CAST)
    with made.ctx("owner") as ctx:
        limits.set_limits(ctx, one_role(ctx, "sales"), {("quotes.line_discount", ""): "8", ("quotes.net", "EUR"): "1000", ("quotes.margin", ""): "20"})
        limits.set_limits(ctx, one_role(ctx, "manager"), {("quotes.line_discount", ""): "20", ("quotes.net", "EUR"): "5000", ("quotes.release", ""): "0"})
        limits.set_limits(ctx, one_role(ctx, "director"), {("quotes.line_discount", ""): "50"})
        tax = arranging.add_tax_code(ctx, name="VAT", percent="19")
        products.create_product(ctx, code="TRAY", name="Tray", price="100", cost="60", tax_code_id=tax.id)
        parties.create_account(ctx, name="Nordlicht", owner_id=None)
    return made


def drafted(ctx, **line):
    """A quote of the actor's with one line of the catalogue."""
    account = ctx.session.execute(select(parties.Account)).scalars().first()
    quote = drafting.create_quote(ctx, name=f"Trays {uuid4().hex[:4]}", account_id=account.id)
    tray = ctx.session.execute(select(products.Product)).scalars().first()
    lining.save_lines(ctx, quote, [{"product_id": str(tray.id), "quantity": "2"} | line])
    return quote


def code(act, *args, **rest):
    with pytest.raises(Refused) as found:
        act(*args, **rest)
    return found.value.code


@pytest.mark.parametrize("line, refused, asked", [
    ({}, None, ()),
    ({"discount": "8"}, None, ()),
    ({"discount": "8.01"}, "quote_over_line_discount", ("manager",)),
    ({"unit_price": "91.99"}, "quote_over_line_discount", ("manager",)),  # a price written by hand is a discount too
    ({"discount": "20"}, "quote_over_line_discount", ("manager",)),
    ({"discount": "21"}, "quote_over_line_discount", ("director",)),
    ({"discount": "51"}, "quote_over_line_discount", ("owner",)),
    ({"quantity": "11"}, "quote_over_amount", ("manager",)),
    ({"quantity": "51"}, "quote_over_amount", ("director",)),
    ({"discount": "8", "quantity": "10"}, None, ()),
])
def test_what_goes_beyond_waits_for_whoever_reaches_least_far(house, line, refused, asked):
    with house.ctx("rep") as ctx:
        quote = drafted(ctx, **line)
        if refused is None:
            assert sending.send_quote(ctx, quote).approved_by is None
            return
        with ctx.session.begin_nested() as inner:
            assert code(sending.send_quote, ctx, quote) == refused
            inner.rollback()
        request = approving.ask(ctx, quote, note="He buys much")
        assert request.asked_ids == [house.users[one].id for one in asked]


def test_an_option_and_the_whole_count_too(house):
    with house.ctx("owner") as ctx:
        limits.set_limits(ctx, one_role(ctx, "sales"), {("quotes.discount", ""): "5", ("quotes.net", "EUR"): "300"})
    try:
        with house.ctx("rep") as ctx:
            quote = drafted(ctx, discount="6")
            with ctx.session.begin_nested() as inner:
                assert code(sending.send_quote, ctx, quote) == "quote_over_discount"
                inner.rollback()
            lining.save_lines(ctx, quote, [{"name": "Work", "unit_price": "200"}, {"name": "More work", "unit_price": "150", "choice": "optional"}])
            assert code(sending.send_quote, ctx, quote) == "quote_over_amount"
    finally:
        with house.ctx("owner") as ctx:
            limits.set_limits(ctx, one_role(ctx, "sales"), {("quotes.line_discount", ""): "8", ("quotes.net", "EUR"): "1000", ("quotes.margin", ""): "20"})


def test_a_margin_below_the_limit_is_held_up_and_told_without_its_figure(house):
    with house.ctx("rep") as ctx:
        quote = drafted(ctx, discount="8")
        ctx.session.execute(quotes.QuoteLine.__table__.update().values(cost=Decimal("80")).where(quotes.QuoteLine.version_id == quotes.draft_of(ctx, quote).id))
        with pytest.raises(Refused) as refused:
            sending.send_quote(ctx, quote)
        assert (refused.value.code, refused.value.params) == ("quote_under_margin", {})


def test_an_option_that_loses_is_not_hidden_by_one_that_earns(house):
    with house.ctx("rep") as ctx:
        quote = drafted(ctx)
        (tray,) = quotes.lines_of(ctx, quotes.draft_of(ctx, quote))
        rows = [{"product_id": tray.product_id, "quantity": "1"}, {"product_id": tray.product_id, "quantity": "2", "choice": "optional"}, {"product_id": tray.product_id, "quantity": "5", "choice": "optional"}]
        lining.save_lines(ctx, quote, rows)
        draft = quotes.draft_of(ctx, quote)
        losing = quotes.lines_of(ctx, draft)[1].id
        ctx.session.execute(quotes.QuoteLine.__table__.update().values(cost=Decimal("99")).where(quotes.QuoteLine.id == losing))
        found = {need.code: need.value("") for need in approving.wanted(ctx, quote, draft)}
        assert found["quotes.margin"] == Decimal(14)  # 40 as it stands, 30.25 with all of it
        assert code(sending.send_quote, ctx, quote) == "quote_under_margin"


def asked(house, **line):
    with house.ctx("rep") as ctx:
        quote = drafted(ctx, **(line or {"discount": "10"}))
        return quote.id, approving.ask(ctx, quote, note="He buys much").id


def test_nobody_decides_on_his_own_nor_beyond_his_limit(house):
    key, request = asked(house, discount="30")
    with house.ctx("rep") as ctx:
        assert code(actions.decide, ctx, request, yes=True) == "approval_own"
    with house.ctx("colleague") as ctx:
        assert code(actions.decide, ctx, request, yes=True) == "not_found"
    with house.ctx("manager") as ctx:
        assert code(actions.decide, ctx, request, yes=True) == "approval_beyond_you"
    with house.ctx("reader") as ctx:
        assert code(actions.decide, ctx, request, yes=True) == "forbidden"
    with house.ctx("director") as ctx:
        assert code(actions.decide, ctx, request, yes=False, note=" ") == "required"
        assert actions.decide(ctx, request, yes=True).decided_by == ctx.actor.id
    with house.ctx("rep") as ctx:
        sent = sending.send_quote(ctx, quotes.one_quote(ctx, key))
        assert sent.approved_by == house.users["director"].id


def test_the_database_knows_too_that_nobody_decides_on_his_own(house):
    _, request = asked(house)
    with pytest.raises(Exception, match="ck_approval_own"), house.ctx("owner") as ctx:
        row = ctx.session.get(Approval, request)
        row.state, row.decided_at, row.decided_by = "approved", ctx.now, row.asked_by
        ctx.session.flush()


def as_deputy(house, ctx, who, *absent):
    """The actor as the door makes him on a day on which he stands in."""
    return replace(ctx, actor=replace(ctx.actor, stands_in_for=frozenset(house.users[one].id for one in absent)))


@pytest.fixture
def away(house):
    """The manager is away, and a salesperson stands in for him."""
    with house.ctx("owner") as ctx:
        made = absence.plan_absence(ctx, one_user(ctx, house.users["manager"].id), deputy_id=house.users["colleague"].id, starts_on=ctx.today, ends_on=ctx.today + timedelta(days=3)).id
    yield
    with house.ctx("owner") as ctx:
        absence.cancel_absence(ctx, absence.one_absence(ctx, made))


def test_a_deputy_decides_in_his_own_name_for_the_absent(house, away):
    key, request = asked(house)
    with house.ctx("colleague") as ctx:
        ctx = as_deputy(house, ctx, "colleague", "manager")
        assert request in [one.id for one in queries.waiting(ctx)]
        told = ctx.session.execute(select(Notification).where(Notification.user_id == ctx.actor.id, Notification.source_id == request)).scalar_one()
        assert told.params["place"] == "/approvals" and told.record_id is None  # he does not see the quote itself
        made = actions.decide(ctx, request, yes=True, note="As he would")
        assert (made.decided_by, made.decided_for) == (ctx.actor.id, house.users["manager"].id)
    with house.ctx("rep") as ctx:
        facts = {fact.kind: fact for fact in ctx.session.execute(select(Fact).where(Fact.subject_id == key)).scalars()}
        assert facts["approval.stood_in"].params["absent"] == "Manager" and facts["quote.allowed"].actor_name == "Colleague"
        assert sending.send_quote(ctx, quotes.one_quote(ctx, key)).approved_by == house.users["colleague"].id


def test_a_deputy_decides_neither_on_his_own_quote_nor_further_than_the_absent(house, away):
    with house.ctx("colleague") as ctx:
        quote = drafted(ctx, discount="10")
        request = approving.ask(ctx, quote, note="Mine")
        assert house.users["manager"].id not in request.asked_ids  # his only deputy asks himself
        assert code(actions.decide, as_deputy(house, ctx, "colleague", "manager", "director"), request.id, yes=True) == "approval_own"
    with house.ctx("rep") as ctx:
        quote = drafted(ctx, discount="10")
        request = approving.ask(ctx, quote, note="Ours").id
    with house.ctx("owner") as ctx:
        limits.set_limits(ctx, one_role(ctx, "manager"), {("quotes.line_discount", ""): "9"})
    try:
        with house.ctx("colleague") as ctx:
            assert code(actions.decide, as_deputy(house, ctx, "colleague", "manager"), request, yes=True) == "forbidden"
    finally:
        with house.ctx("owner") as ctx:
            limits.set_limits(ctx, one_role(ctx, "manager"), {("quotes.line_discount", ""): "20", ("quotes.net", "EUR"): "5000", ("quotes.release", ""): "0"})


SAID = {"relief": "E", "valid_until": "2099-01-01", "terms": "Money first", "intro": "Dear you", "closing": "Yours", "language": "es"}


def test_by_a_token_of_a_role_nobody_stands_in_further_than_that_role(house, away):
    key, request = asked(house)
    with house.ctx("owner") as ctx:
        narrow = create_role(ctx, name="Narrow", permissions=["approvals.decide", "quotes.approve"])
        limits.set_limits(ctx, narrow, {("quotes.line_discount", ""): "9"})
        token = ApiToken(name="t", token_hash=uuid4().bytes, hint="t", user_id=house.users["colleague"].id, role_id=narrow.id)
        ctx.session.add(token)
        ctx.session.flush()
        by = replace(ctx.actor, id=house.users["colleague"].id, kind="token", token_id=token.id, permissions=frozenset({"approvals.decide", "approvals.read"}), visibility="own", stands_in_for=frozenset({house.users["manager"].id}))
        with ctx.session.begin_nested() as inner:
            assert code(actions.decide, replace(ctx, actor=by), request, yes=True) == "forbidden"
            inner.rollback()
        limits.set_limits(ctx, narrow, {("quotes.line_discount", ""): "10"})
        assert actions.decide(replace(ctx, actor=by), request, yes=True).decided_for == house.users["manager"].id
        ctx.session.rollback()


def test_nobody_stands_in_for_whom_the_quote_is_hidden_by_now(house, away):
    key, request = asked(house)
    with house.ctx("owner") as ctx:
        edit_role(ctx, one_role(ctx, "manager"), sees_quotes="own")
        ctx.session.flush()
        by = as_deputy(house, replace(ctx, actor=actor_of(house.users["colleague"])), "colleague", "manager")
        assert code(actions.decide, by, request, yes=True) == "forbidden"
        ctx.session.rollback()


def test_an_accepted_quote_waits_for_nobody(house):
    """The next version is written and asked about while the customer accepts the one before."""
    with house.ctx("rep") as ctx:
        quote = drafted(ctx)
        sending.send_quote(ctx, quote)
        draft = drafting.revise(ctx, quote)
        (line,) = quotes.lines_of(ctx, draft)
        lining.save_lines(ctx, quote, [{"id": line.id, "product_id": line.product_id, "discount": "15"}])
        request = approving.ask(ctx, quote, note="More")
        answering.note_accepted(ctx, quote, name="Inga Beck")
        assert request.state == "void" and queries.open_one(ctx, "quote", quote) is None
        assert code(approving.ask, ctx, quote, note="Again") == "quote_over" and hold(ctx, quote.id) is None


def test_a_draft_that_was_handed_over_names_no_yes(house):
    key, request = asked(house)
    with house.ctx("manager") as ctx:
        actions.decide(ctx, request, yes=True)
    with house.ctx("owner") as ctx:
        assert approving.yes_of(ctx, quotes.one_quote(ctx, key)).id == request
        assert hand_over(ctx, one_user(ctx, house.users["rep"].id), house.users["colleague"].id).state == "done"
        ctx.session.expire_all()
        quote = quotes.one_quote(ctx, key)
        assert quote.owner_id == house.users["colleague"].id and approving.yes_of(ctx, quote) is None
        ctx.session.rollback()


def test_a_yes_is_not_told_of_a_draft_that_a_merge_changed(house):
    key, request = asked(house)
    with house.ctx("manager") as ctx:
        actions.decide(ctx, request, yes=True)
    with house.ctx("owner") as ctx:
        quote = quotes.one_quote(ctx, key)
        assert approving.yes_of(ctx, quote).id == request
        other = parties.create_account(ctx, name="Survivor").id
        ctx.session.execute(quotes.Quote.__table__.update().values(account_id=other).where(quotes.Quote.id == key))
        assert approving.yes_of(ctx, quote) is None
        ctx.session.rollback()


def test_a_yes_with_a_later_no_to_the_same_is_not_told_of_a_draft(house):
    key, request = asked(house)
    with house.ctx("manager") as ctx:
        actions.decide(ctx, request, yes=True)
    with house.ctx("rep") as ctx:
        again = approving.ask(ctx, quotes.one_quote(ctx, key), note="Once more").id
    with house.ctx("director") as ctx:
        actions.decide(ctx, again, yes=False, note="Too deep")
    with house.ctx("owner") as ctx:
        quote = quotes.one_quote(ctx, key)
        assert approving.yes_of(ctx, quote) is None
        ctx.session.get(Approval, request).decided_at = ctx.now + timedelta(minutes=1)  # the yes is the later word
        ctx.session.flush()
        assert approving.yes_of(ctx, quote).id == request
        ctx.session.rollback()


def test_a_yes_that_covers_less_than_sending_takes_is_not_told_of_a_draft(app, house):
    key, request = asked(house)
    with house.ctx("manager") as ctx:
        actions.decide(ctx, request, yes=True)
    with house.ctx("owner") as ctx, app.test_request_context("/"):
        g.lang, quote = "en", quotes.one_quote(ctx, key)
        rep, told = replace(ctx, actor=actor_of(house.users["rep"])), lambda rep: yes_said(rep, quote, standing_of(rep, quote, quotes.draft_of(rep, quote)), queries.of_record(rep, "quote", quote))
        assert told(rep).id == request
        limits.set_limits(ctx, one_role(ctx, "sales"), {("quotes.line_discount", ""): "8", ("quotes.net", "EUR"): "10"})
        assert told(rep) is None and code(sending.send_quote, rep, quote) == "quote_over_line_discount"
        ctx.session.rollback()


def test_whoever_sends_nothing_is_told_a_limit_of_nothing(house):
    with house.ctx("owner") as ctx:
        writes = create_role(ctx, name="Writes", permissions=["quotes.read", "quotes.edit"])
        person = add_user(ctx, mail=f"{uuid4().hex[:6]}@example.com", name="Writer", password=PASSWORD, role=writes.code)
        ctx.session.flush()
        by = replace(ctx, actor=replace(ctx.actor, id=person.id, permissions=frozenset(writes.permissions)))
        quote = drafted(ctx, discount="10")
        needs = {need.code: need for need in approving.wanted(ctx, quote, quotes.draft_of(ctx, quote))}
        assert approving.refusal(by, needs["quotes.line_discount"]).params["limit"] == "0" and approving.refusal(by, needs["quotes.net"]).params["limit"] == "0.00 EUR"
        ctx.session.rollback()


@pytest.mark.parametrize("change", ["lines", "description", "unit", "owner", "account", "contact", "name", *SAID, "deleted"])
def test_what_was_changed_needs_another_yes_and_what_waited_is_void(house, change):
    for before in (True, False):  # decided before the change, or still waiting
        key, request = asked(house)
        if before:
            with house.ctx("manager") as ctx:
                actions.decide(ctx, request, yes=True)
        with house.ctx("owner") as ctx:
            quote = quotes.one_quote(ctx, key)
            if change == "lines":
                lining.save_lines(ctx, quote, [{"product_id": str(quotes.lines_of(ctx, quotes.draft_of(ctx, quote))[0].product_id), "discount": "9"}])
            elif change in ("description", "unit"):
                (line,) = quotes.lines_of(ctx, quotes.draft_of(ctx, quote))
                kept = {name: getattr(line, name) for name in ("id", "product_id", "quantity", "unit_price", "discount", "tax_code_id")}
                lining.save_lines(ctx, quote, [kept | {change: "Other"}])
            elif change in ("name", "contact"):
                person = parties.create_contact(ctx, name="Inga Beck", account_id=quote.account_id)
                drafting.edit_quote(ctx, quote, **({"name": "Other"} if change == "name" else {"contact_id": person.id}))
            elif change == "owner":
                drafting.change_owner(ctx, quote, house.users["colleague"].id)
            elif change == "account":
                drafting.edit_quote(ctx, quote, account_id=parties.create_account(ctx, name="Other", owner_id=None).id)
            elif change in SAID:
                drafting.edit_draft(ctx, quote, **{change: SAID[change]})
            else:
                drafting.delete_quote(ctx, quote)
        with house.ctx("manager") as ctx:
            assert queries.open_one(ctx, "quote", ctx.session.get(quotes.Quote, key)) is None
            assert ctx.session.get(Approval, request).state == ("approved" if before else "void")
            if change != "deleted":
                quote = quotes.one_quote(ctx, key)
                assert approving.yes_of(ctx, quote) is None
                needs = approving.wanted(ctx, quote, quotes.draft_of(ctx, quote))
                assert queries.yes_to(ctx, "quote", quote, approving.fingerprint(ctx, quote), needs[:1]) is None


def test_a_later_no_to_the_same_draft_undoes_the_yes_before_it(house):
    key, request = asked(house)
    decided = [("manager", True, request), ("director", False, None), ("manager", True, None)]
    for place, (who, yes, request) in enumerate(decided):
        with house.ctx("rep") as ctx:
            quote = quotes.one_quote(ctx, key)
            request = request or approving.ask(ctx, quote, note="Once more").id
        with house.ctx(who) as ctx:
            actions.decide(ctx, request, yes=yes, note="So")
        with house.ctx("rep") as ctx:
            quote, sent = quotes.one_quote(ctx, key), None
            with ctx.session.begin_nested() as inner:
                if yes:
                    sent = sending.send_quote(ctx, quote).approved_by
                else:
                    assert code(sending.send_quote, ctx, quote) == "quote_over_line_discount", place
                inner.rollback()
            assert sent == (house.users[who].id if yes else None)


def test_a_yes_is_to_the_day_until_which_it_holds(house):
    key, request = asked(house)
    with house.ctx("manager") as ctx:
        actions.decide(ctx, request, yes=True)
        usual = ctx.tenant_today + timedelta(days=VALID_DAYS)
    with house.ctx("rep") as ctx:
        quote = quotes.one_quote(ctx, key)
        with ctx.session.begin_nested() as inner:
            with pytest.raises(Refused) as found:
                sending.send_quote(ctx, quote, valid_until="2099-01-01")
            assert (found.value.code, found.value.field) == ("validity_unasked", "valid_until")
            inner.rollback()
        assert sending.send_quote(ctx, quote, valid_until=usual).valid_until == usual  # the day that it has by itself


def test_what_has_no_yes_is_refused_for_that_whatever_the_day(house):
    key, _ = asked(house)
    with house.ctx("rep") as ctx:
        assert code(sending.send_quote, ctx, quotes.one_quote(ctx, key), valid_until="2099-01-01") == "quote_over_line_discount"


def test_a_draft_whose_day_passed_while_it_waited_gets_out_with_another_day_and_another_yes(house):
    with house.ctx("rep") as ctx:
        quote = drafted(ctx, discount="10")
        drafting.edit_draft(ctx, quote, valid_until=ctx.tenant_today)
        key, request, late = quote.id, approving.ask(ctx, quote, note="He buys much").id, ctx.now + timedelta(days=2)
    with house.ctx("manager", now=late) as ctx:
        actions.decide(ctx, request, yes=True)
    with house.ctx("rep", now=late) as ctx:
        quote = quotes.one_quote(ctx, key)
        assert code(sending.send_quote, ctx, quote) == "validity_past" and code(approving.ask, ctx, quote, note="Again") == "validity_past"
        with ctx.session.begin_nested() as inner:
            assert code(sending.send_quote, ctx, quote, valid_until=ctx.tenant_today) == "validity_unasked"
            inner.rollback()
        drafting.edit_draft(ctx, quote, valid_until=ctx.tenant_today)
        request = approving.ask(ctx, quote, note="Again").id
    with house.ctx("manager", now=late) as ctx:
        actions.decide(ctx, request, yes=True)
    with house.ctx("rep", now=late) as ctx:
        assert sending.send_quote(ctx, quotes.one_quote(ctx, key)).valid_until == ctx.tenant_today


@pytest.mark.parametrize("table, column", [(one.class_.__table__.name, one.key) for one in (*OF_QUOTE, *OF_DRAFT, *OF_LINE)])
def test_the_checksum_tells_apart_whatever_the_customer_reads(ctx, table, column):
    quote = drafting.create_quote(ctx, name="Trays", account_id=parties.create_account(ctx, name="Nordlicht").id)
    lining.save_lines(ctx, quote, [{"name": "Tray", "unit_price": "100"}])
    before, draft = fingerprint(ctx, quote), quotes.draft_of(ctx, quote)
    other = parties.create_account(ctx, name="Other")
    keys = {"account_id": other.id, "contact_id": parties.create_contact(ctx, name="Inga", account_id=other.id).id, "owner_id": None, "product_id": products.create_product(ctx, code=uuid4().hex[:8], name="X").id}
    values = {"choice": "optional", "kind": "text", "gross": True, "relief": "E", "valid_until": ctx.today, "language": "es", "currency": "USD", "tax_category": "E", "reasons": [{"code": "x", "params": {}}]}
    model = next(one for one in (quotes.Quote, quotes.QuoteVersion, quotes.QuoteLine) if one.__table__.name == table)
    written = keys | values | {name: 7 for name in ("number", "quantity", "unit_price", "list_price", "discount", "tax_percent", "amount")}
    more = {"quantity": None, "unit_price": None, "amount": None} if column == "kind" else {}
    own = {"quote": model.id == quote.id, "quote_version": model.id == draft.id}.get(table, getattr(model, "version_id", None) == draft.id)
    ctx.session.execute(model.__table__.update().values({column: written.get(column, "Other")} | more).where(own))
    assert fingerprint(ctx, quote) != before


def test_a_change_that_no_use_case_made_is_noticed_when_it_is_decided(house):
    key, request = asked(house)
    with house.ctx("owner") as ctx:
        draft = quotes.draft_of(ctx, quotes.one_quote(ctx, key))
        ctx.session.execute(quotes.QuoteLine.__table__.update().values(discount=Decimal(15)).where(quotes.QuoteLine.version_id == draft.id))
    with house.ctx("manager") as ctx, pytest.raises(Conflict):
        actions.decide(ctx, request, yes=True)


def test_nobody_answers_and_those_who_reach_further_are_asked_too(house):
    key, request = asked(house)
    with house.ctx("rep") as ctx:
        row = ctx.session.get(Approval, request)
        due = row.escalate_at
        assert due > ctx.now and ctx.session.execute(select(Order.due_at).where(Order.name == "approvals.escalate", Order.args["approval_id"].astext == str(request))).scalar_one() == due
    with house.ctx("owner") as ctx:
        assert actions.escalate(ctx, request) == 0  # too soon
    with house.ctx("owner", now=due) as ctx:
        assert actions.escalate(ctx, request) == 1 and actions.escalate(ctx, request) == 0
        row = ctx.session.get(Approval, request)
        assert row.asked_ids == [house.users["manager"].id, house.users["director"].id] and row.escalated == 1 and row.escalate_at > due
    with house.ctx("director", now=due + timedelta(minutes=1)) as ctx:
        actions.decide(ctx, request, yes=True)
    with house.ctx("owner", now=due + timedelta(days=9)) as ctx:
        assert actions.escalate(ctx, request) == 0


def told(ctx, *requests):
    return [one.retracted_at is None for one in ctx.session.execute(select(Notification).where(Notification.source_id.in_(requests)).execution_options(populate_existing=True)).scalars()]


def test_what_waited_about_something_that_is_gone_is_not_told_any_more(house):
    key, request = asked(house)
    with house.ctx("owner") as ctx:
        due = ctx.session.get(Approval, request).escalate_at
        ctx.session.execute(quotes.Quote.__table__.update().values(deleted_at=ctx.now).where(quotes.Quote.id == key))
    with house.ctx("owner", now=due) as ctx:
        assert told(ctx, request) == [True] and actions.escalate(ctx, request) == 0
        assert ctx.session.get(Approval, request).state == "void" and told(ctx, request) == [False]


def test_many_are_void_in_as_many_statements_as_one(house):
    made = [asked(house) for _ in range(4)]
    requests = [request for _, request in made]
    with house.ctx("owner") as ctx:
        versions = [ctx.session.get(Approval, one).version for one in requests]
        assert len(told(ctx, *requests)) == 4

        def void(some):
            return counted(ctx, lambda: actions.void_many(ctx, APPROVAL, [key for key, _ in some]))

        assert void(made[:1]) == void(made[1:]) == 3
        rows = [ctx.session.get(Approval, one) for one in requests]
        assert [(one.state, one.escalate_at, one.version) for one in rows] == [("void", None, version + 1) for version in versions] and told(ctx, *requests) == [False] * 4
        assert void(made) == 1  # nothing waits


def counted(ctx, act):
    """How many statements it takes."""
    seen = []
    listen = lambda *args: seen.append(args[2])  # noqa: E731
    event.listen(ctx.session.get_bind(), "before_cursor_execute", listen)
    try:
        act()
    finally:
        event.remove(ctx.session.get_bind(), "before_cursor_execute", listen)
    return len(seen)


def test_of_two_who_decide_at_once_one_is_told_that_it_is_over(house):
    key, request = asked(house)

    def by(who):
        def act():
            with house.ctx(who) as ctx:
                return actions.decide(ctx, request, yes=who == "manager", note="So").decided_by

        return act

    assert at_once(by("manager"), by("director")) == ["approval_over", "done"]


def test_lines_that_change_while_somebody_decides_never_go_out_with_his_yes(house):
    key, request = asked(house)

    def decide():
        with house.ctx("manager") as ctx:
            actions.decide(ctx, request, yes=True)

    def change():
        with house.ctx("rep") as ctx:
            lining.save_lines(ctx, quotes.one_quote(ctx, key), [{"name": "Work", "unit_price": "100", "discount": "12"}])

    assert at_once(decide, change)[-1] in ("done", "stale")
    with house.ctx("rep") as ctx:
        assert code(sending.send_quote, ctx, quotes.one_quote(ctx, key)) == "quote_over_line_discount"


def test_whoever_gives_roles_gives_no_more_than_he_has(house):
    with house.ctx("manager") as ctx:
        able = replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions | {"roles.manage"}))
        sales = one_role(able, "sales")
        with able.session.begin_nested() as inner:
            assert code(limits.set_limits, able, sales, {("quotes.line_discount", ""): "25", ("quotes.net", "EUR"): "1000", ("quotes.margin", ""): "20"}) == "limit_beyond_yours"
            inner.rollback()
        with able.session.begin_nested() as inner:
            assert code(limits.set_limits, able, sales, {("quotes.net", "EUR"): "1000", ("quotes.margin", ""): "20"}) == "limit_beyond_yours"  # none at all
            inner.rollback()
        found = limits.set_limits(able, sales, {("quotes.line_discount", ""): "7", ("quotes.net", "EUR"): "1000", ("quotes.margin", ""): "20"})
        assert found["quotes.line_discount", ""] == 7
        limits.set_limits(able, sales, {("quotes.line_discount", ""): "8", ("quotes.net", "EUR"): "1000", ("quotes.margin", ""): "20"})
        assert code(limits.set_limits, able, one_role(able, "admin"), {}) == "role_fixed"


@pytest.mark.parametrize("given, refused", [
    ({("quotes.line_discount", ""): "101"}, "limit_out_of_range"), ({("quotes.line_discount", ""): "-1"}, "limit_out_of_range"), ({("quotes.margin", ""): "-101"}, "limit_out_of_range"),
    ({("quotes.nothing", ""): "1"}, "unknown_value"), ({("quotes.net", ""): "1"}, "unknown_value"), ({("quotes.line_discount", "EUR"): "1"}, "unknown_value"), ({("quotes.net", "EUR"): "1e99"}, None),
])
def test_values_that_are_no_limits(house, given, refused):
    with house.ctx("owner") as ctx:
        found = code(limits.set_limits, ctx, one_role(ctx, "reader"), given)
        assert found == refused if refused else found
