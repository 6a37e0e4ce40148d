"""One version counts: numbered without gaps, fixed for good, accepted only while it is the current one and still holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from core.base import hiding
from core.base.context import Actor
from core.base.errors import Conflict, NotFound, Refused
from core.documents import actions as print_actions
from core.documents import queries as print_templates
from core.parties import actions as parties
from core.products import actions as products
from core.quotes import answering, drafting, lining, offered, queries, sending
from core.quotes.models import QuoteVersion
from core.quotes.paper import paper_of


def accept(ctx, version, **more):
    return answering.accept(ctx, version.token, name="Inga Beck", address="192.0.2.7", **more)


def refused(act, *args, **more):
    with pytest.raises(Refused) as found:
        act(*args, **more)
    return found.value.code


def test_what_is_sent_is_numbered_says_whom_it_is_for_and_keeps_its_prices(ctx, ready, tray, account):
    version = sending.send_quote(ctx, ready)
    assert ready.number == f"Q-{ctx.today.year}-{int(ready.number[-5:]):05d}" and (ready.state, version.state, version.number) == ("sent", "sent", 1)
    assert version.valid_until == ctx.today + timedelta(days=30) and version.customer["name"] == "Nordlicht" and "24103 Kiel" in " ".join(version.customer["lines"])
    products.edit_product(ctx, tray, price="1")
    account.name = "Renamed"
    paper = paper_of(ctx, version)
    assert (paper.total, paper.customer.name, paper.number, paper.state) == (D("238.00"), "Nordlicht", ready.number, "sent")
    assert paper.lines[0].amount == D("200") and paper.link.endswith(f"/quote/check/{version.proof}") and paper.owner.name == ctx.actor.name


@pytest.mark.parametrize("statement", [
    "UPDATE quote_version SET total = 1 WHERE id = :id", "UPDATE quote_version SET state = 'draft', token = NULL, proof = NULL WHERE id = :id", "DELETE FROM quote_version WHERE id = :id",
    "UPDATE quote_line SET unit_price = 1 WHERE version_id = :id", "DELETE FROM quote_line WHERE version_id = :id", "UPDATE quote_version SET terms = 'x' WHERE id = :id",
    "INSERT INTO quote_line (version_id, position, kind, name) VALUES (:id, 9, 'text', 'x')", "UPDATE quote SET number = NULL, state = 'draft', deleted_at = now(); DELETE FROM quote" ,
])
def test_the_database_refuses_to_change_what_was_sent(ctx, ready, statement):
    version = sending.send_quote(ctx, ready)
    with pytest.raises(DBAPIError), ctx.session.begin_nested():
        for one in statement.split(";"):
            ctx.session.execute(text(one), {"id": version.id} if ":id" in one else {})


def test_a_new_version_takes_the_place_of_the_old_one_under_the_same_number(ctx, ready):
    first = sending.send_quote(ctx, ready)
    number = ready.number
    second = drafting.revise(ctx, ready)
    assert refused(drafting.revise, ctx, ready) == "quote_has_draft"
    (line,) = queries.lines_of(ctx, second)
    assert (line.unit_price, list(queries.costs_of(ctx, second).values()), ready.state) == (D("100"), [D("60")], "sent")
    lining.save_lines(ctx, ready, [{"id": line.id, "product_id": line.product_id, "name": line.name, "quantity": "3", "tax_code_id": line.tax_code_id}])
    assert ready.total == D("238.00")  # what counts is what was sent
    sending.send_quote(ctx, ready)
    ctx.session.refresh(first)
    assert (first.state, second.state, ready.number, ready.total) == ("superseded", "sent", number, D("357"))
    with pytest.raises(Conflict):
        accept(ctx, first)
    assert answering.newer_than(ctx, first) == 2
    assert accept(ctx, second).state == "accepted" and ready.state == "accepted"
    assert refused(drafting.revise, ctx, ready) == "quote_over"


def test_two_drafts_or_two_that_count_are_refused_by_the_database(ctx, ready):
    first = sending.send_quote(ctx, ready)
    for state in ("draft", "sent"):
        given = {"quote_id": ready.id, "number": 8, "state": state, "language": "en", "currency": "EUR"} | ({"token": "a", "proof": "b", "valid_until": ctx.today, "sent_at": ctx.now} if state == "sent" else {})
        if state == "draft":
            drafting.revise(ctx, ready)
        with pytest.raises(DBAPIError), ctx.session.begin_nested():
            ctx.session.add(QuoteVersion(**given))
            ctx.session.flush()
    assert first.state == "sent"


def test_the_customer_chooses_options_and_what_he_accepted_is_kept(ctx, quote, tray, rack):
    lining.save_lines(ctx, quote, [{"product_id": tray.id}, {"product_id": rack.id, "choice": "optional"}, {"name": "Gold", "unit_price": "900", "choice": "optional"}])
    version = sending.send_quote(ctx, quote)
    lines = queries.lines_of(ctx, version)
    accept(ctx, version, chosen=[str(lines[1].id), str(lines[0].id), "nonsense"], note="Please before Easter")
    assert (version.chosen, version.accepted_total, quote.total) == ([str(lines[1].id)], D("178.38"), D("178.38")) and version.total == D("119")
    assert (version.decided_name, version.decided_from, version.decided_note, version.decided_at) == ("Inga Beck", "192.0.2.7", "Please before Easter", ctx.now)
    assert [one.counted for one in paper_of(ctx, version).lines] == [True, True, False]


def test_what_is_over_is_not_accepted(world):
    with world.acme.ctx("owner") as ctx:
        from core.parties import actions as parties

        account = parties.create_account(ctx, name="Late")
        ctx.session.flush()
        quote = drafting.create_quote(ctx, name="Late", account_id=account.id)
        lining.save_lines(ctx, quote, [{"name": "Work", "unit_price": "1"}])
        version, until = sending.send_quote(ctx, quote, valid_until=ctx.today), ctx.now
        key = quote.id
    with world.acme.ctx("owner", now=until + timedelta(days=2)) as ctx:
        version = queries.newest(ctx, queries.one_quote(ctx, key))
        assert answering.state_now(ctx, version) == "expired"
        with pytest.raises(Conflict):
            accept(ctx, version)
        assert refused(sending.send_quote, ctx, queries.one_quote(ctx, key)) == "quote_not_draft"


def test_declined_and_withdrawn_are_over_and_a_new_version_may_follow(ctx, ready):
    version = sending.send_quote(ctx, ready)
    answering.decline(ctx, version.token, name="", address="192.0.2.7", note="Too dear")
    assert (ready.state, version.decided_name, version.decided_note) == ("declined", "Nordlicht", "Too dear")
    assert refused(sending.withdraw, ctx, ready) == "quote_not_open"
    drafting.revise(ctx, ready)
    again = sending.send_quote(ctx, ready)
    sending.withdraw(ctx, ready)
    assert (version.state, again.state, ready.state) == ("declined", "withdrawn", "withdrawn")


def test_what_is_missing_is_said_before_it_is_sent(ctx, quote, tray):
    assert refused(sending.send_quote, ctx, quote) == "quote_empty"
    lining.save_lines(ctx, quote, [{"product_id": tray.id}])
    assert refused(sending.send_quote, ctx, quote, valid_until="2020-01-01") == "validity_past"
    nobody = drafting.create_quote(ctx, name="For nobody")
    lining.save_lines(ctx, nobody, [{"product_id": tray.id}])
    assert refused(sending.send_quote, ctx, nobody) == "quote_needs_account"
    sending.send_quote(ctx, quote)
    assert refused(drafting.delete_quote, ctx, quote) == "quote_was_sent" and refused(drafting.edit_quote, ctx, quote, account_id="") == "quote_was_sent"
    assert refused(lining.save_lines, ctx, quote, []) == "quote_not_draft"


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "é" * 40, "a" * 5000, "\x00"])
def test_a_link_that_we_never_gave_out_is_not_found(ctx, ready, token):
    sending.send_quote(ctx, ready)
    with pytest.raises(NotFound):
        answering.by_token(ctx, token)


def test_numbers_follow_one_another_without_gaps_also_where_one_was_rolled_back_and_many_send_at_once(world):
    keys = []
    with world.acme.ctx("owner") as ctx:
        from core.parties import actions as parties

        account = parties.create_account(ctx, name="Many")
        ctx.session.flush()
        for place in range(4):
            quote = drafting.create_quote(ctx, name=f"Quote {place}", account_id=account.id)
            lining.save_lines(ctx, quote, [{"name": "Work", "unit_price": "1"}])
            keys.append(quote.id)
    gate = Barrier(4)

    def send(place):
        try:
            with world.acme.ctx("owner") as ctx:
                quote = queries.one_quote(ctx, keys[place])
                gate.wait(10)
                sending.send_quote(ctx, quote)
                if place == 2:
                    raise InterruptedError
        except InterruptedError:
            pass

    threads = [Thread(target=send, args=(place,)) for place in range(4)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    with world.acme.ctx("owner") as ctx:
        numbers = sorted(int(one.number[-5:]) for one in map(lambda key: queries.one_quote(ctx, key), keys) if one.number)
        assert len(numbers) == 3 and numbers == list(range(numbers[0], numbers[0] + 3))


def test_two_who_accept_and_revise_at_once_come_one_after_the_other(world):
    with world.acme.ctx("owner") as ctx:
        from core.parties import actions as parties

        account = parties.create_account(ctx, name="Race")
        ctx.session.flush()
        quote = drafting.create_quote(ctx, name="Race", account_id=account.id)
        lining.save_lines(ctx, quote, [{"name": "Work", "unit_price": "1"}])
        token, key = sending.send_quote(ctx, quote).token, quote.id
        drafting.revise(ctx, quote)
    gate, told = Barrier(2), []

    def act(what):
        with world.acme.ctx("owner") as ctx:
            gate.wait(10)
            try:
                answering.accept(ctx, token, name="Inga", address="192.0.2.7") if what == "accept" else sending.send_quote(ctx, queries.one_quote(ctx, key))
                told.append(what)
            except (Conflict, Refused):
                told.append(f"no {what}")

    threads = [Thread(target=act, args=(what,)) for what in ("accept", "send")]
    [one.start() for one in threads]
    [one.join() for one in threads]
    with world.acme.ctx("owner") as ctx:
        states = ctx.session.execute(select(QuoteVersion.state).where(QuoteVersion.quote_id == key).order_by(QuoteVersion.number)).scalars().all()
        assert sorted(told) in (["accept", "no send"], ["no accept", "send"]) and states in (["accepted", "draft"], ["superseded", "sent"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["send", "revise", "accept", "decline", "withdraw", "accept_old"]), min_size=1, max_size=12))
def test_whatever_happens_only_the_current_version_is_accepted(ctx, account, steps):
    quote = drafting.create_quote(ctx, name="Any", account_id=account.id)
    lining.save_lines(ctx, quote, [{"name": "Work", "unit_price": "10"}])
    for step in steps:
        all_ = queries.versions(ctx, quote)
        sent = [one for one in all_ if one.token]
        target = (sent[-1] if step == "accept_old" else sent[0]) if sent else None
        may = target is not None and target.state == "sent"
        try:
            with ctx.session.begin_nested():
                if step in ("accept", "accept_old", "decline"):
                    if target is None:
                        continue
                    accept(ctx, target) if step != "decline" else answering.decline(ctx, target.token, name="", address="192.0.2.7")
                    assert may
                else:
                    {"send": sending.send_quote, "revise": drafting.revise, "withdraw": sending.withdraw}[step](ctx, quote)
        except Refused:
            assert step not in ("accept", "accept_old", "decline") or not may
        ctx.session.expire_all()
        states = ctx.session.execute(select(QuoteVersion.state, func.count()).where(QuoteVersion.quote_id == quote.id).group_by(QuoteVersion.state)).all()
        counts = dict(map(tuple, states))
        assert counts.get("sent", 0) + counts.get("accepted", 0) <= 1 and counts.get("draft", 0) <= 1
        assert (quote.state == "accepted") == bool(counts.get("accepted")) and (quote.state == "sent") == bool(counts.get("sent"))


def test_every_price_this_customer_was_quoted_is_told_also_by_colleagues(world):
    from core.parties import actions as parties

    with world.acme.ctx("owner") as ctx:
        tray = products.create_product(ctx, code="V13", name="Tray", price="100")
        account = parties.create_account(ctx, name="Two of us", owner_id=None)
        ctx.session.flush()
        theirs = drafting.create_quote(ctx, name="The owner's", account_id=account.id)
        lining.save_lines(ctx, theirs, [{"product_id": tray.id, "discount": "10"}])
        sending.send_quote(ctx, theirs)
        product, customer = tray.id, account.id
    with world.acme.ctx("rep") as ctx:
        mine = drafting.create_quote(ctx, name="Mine", account_id=customer)
        draft = lining.save_lines(ctx, mine, [{"product_id": product}])
        (line,) = queries.lines_of(ctx, draft)
        (offer,) = offered.offers(ctx, mine, [product])[product]
        assert (offer.each, offer.state, offer.holds, offer.quote_id, offer.number) == (D("90.00"), "sent", True, None, None) and offer.who
        assert offered.conflicts(mine, line, draft.gross, draft.currency, [offer]) == [offer]
        lining.save_lines(ctx, mine, [{"id": line.id, "product_id": product, "discount": "10"}])
        assert offered.conflicts(mine, line, draft.gross, draft.currency, [offer]) == []
    with world.acme.ctx("owner") as ctx:
        sending.withdraw(ctx, queries.one_quote(ctx, theirs.id))
    with world.acme.ctx("rep") as ctx:
        mine = queries.one_quote(ctx, mine.id)
        (offer,) = offered.offers(ctx, mine, [product])[product]
        assert (offer.state, offer.holds) == ("withdrawn", False)


def test_a_price_that_conflicts_waits_for_a_yes_of_whoever_may(world):
    """V13: two salespeople, one customer, two prices."""
    from core.approvals.queries import waiting
    from core.notifications.models import Notification
    from core.parties import actions as parties
    from core.quotes import approving

    with world.acme.ctx("owner") as ctx:
        tray = products.create_product(ctx, code="V13-2", name="Tray", price="100")
        account = parties.create_account(ctx, name="Two prices", owner_id=None)
        ctx.session.flush()
        theirs = drafting.create_quote(ctx, name="The colleague's", account_id=account.id, owner_id=world.acme.users["colleague"].id)
        lining.save_lines(ctx, theirs, [{"product_id": tray.id, "discount": "10"}])
        sending.send_quote(ctx, theirs)
        product, customer = tray.id, account.id
    with world.acme.ctx("rep") as ctx:
        mine = drafting.create_quote(ctx, name="Mine", account_id=customer)
        lining.save_lines(ctx, mine, [{"product_id": product}])
        with pytest.raises(Refused) as found, ctx.session.begin_nested():
            sending.send_quote(ctx, mine)
        assert found.value.code == "quote_conflicts" and found.value.params == {"product": "Tray", "who": "Colleague"} and mine.number is None
        assert refused(approving.approve, ctx, mine) == "forbidden" and refused(approving.ask, ctx, mine, note="") == "required"
        approving.ask(ctx, mine, note="He buys more now")
        key = mine.id
    with world.acme.ctx("manager") as ctx:
        mine = queries.one_quote(ctx, key)
        assert key in {one.record_id for one in waiting(ctx)}
        told = ctx.session.execute(select(Notification.user_id).where(Notification.record_id == key, Notification.params["say"].astext == "told.quote_asks")).scalars().all()
        assert ctx.actor.id in told and world.acme.users["rep"].id not in told
        approving.refuse(ctx, mine, note="Call your colleague first")
        assert refused(approving.approve, ctx, mine) == "approval_not_asked"
    with world.acme.ctx("rep") as ctx:
        mine = queries.one_quote(ctx, key)
        with pytest.raises(Refused), ctx.session.begin_nested():
            sending.send_quote(ctx, mine)
        approving.ask(ctx, mine, note="I called him")
    with world.acme.ctx("manager") as ctx:
        approving.approve(ctx, queries.one_quote(ctx, key), note="Agreed")
        assert (approving.yes_of(ctx, queries.one_quote(ctx, key)).decided_by, key in {one.record_id for one in waiting(ctx)}) == (ctx.actor.id, False)
    with world.acme.ctx("rep") as ctx:
        mine = queries.one_quote(ctx, key)
        (line,) = queries.lines_of(ctx, queries.draft_of(ctx, mine))
        lining.save_lines(ctx, mine, [{"id": line.id, "product_id": product, "name": "Tray", "quantity": "5"}])
        with pytest.raises(Refused), ctx.session.begin_nested():  # another draft needs another yes
            sending.send_quote(ctx, mine)
        approving.ask(ctx, mine, note="Five")
    with world.acme.ctx("manager") as ctx:
        approving.approve(ctx, queries.one_quote(ctx, key))
    with world.acme.ctx("rep") as ctx:
        assert sending.send_quote(ctx, queries.one_quote(ctx, key)).state == "sent"
    with world.acme.ctx("owner") as ctx:  # whoever may approve decides by sending, in his own name
        other = drafting.create_quote(ctx, name="The owner's", account_id=customer)
        lining.save_lines(ctx, other, [{"product_id": product, "discount": "20"}])
        assert sending.send_quote(ctx, other).approved_by == ctx.actor.id
        fair = drafting.create_quote(ctx, name="Without conflict", account_id=customer)
        lining.save_lines(ctx, fair, [{"name": "Work", "unit_price": "1"}])
        assert refused(approving.ask, ctx, fair, note="x") == "approval_not_needed" and sending.send_quote(ctx, fair).approved_by is None


def test_what_was_sent_keeps_the_words_of_its_paper_whatever_becomes_of_the_template_and_the_name(ctx, ready):
    template = print_templates.usual(ctx, "quote", "en") or print_actions.create_template(ctx, name="Usual")
    ctx.session.flush()
    print_actions.edit_template(ctx, template, terms="Payable in 30 days, {number}.")
    version = sending.send_quote(ctx, ready)
    assert version.terms == f"Payable in 30 days, {ready.number}." and version.subject == "Forty trays"
    print_actions.edit_template(ctx, template, terms="Payable at once.")
    drafting.edit_quote(ctx, ready, name="Renamed")
    paper = paper_of(ctx, version)
    assert (paper.terms, paper.subject) == (f"Payable in 30 days, {ready.number}.", "Forty trays")


def test_the_sender_need_not_see_the_address_that_the_paper_needs(ctx, ready, account):
    ctx.session.expire(account)
    hiding.apply(ctx.session, frozenset({"accounts.street", "accounts.tags", "accounts.currency", "accounts.vat_id"}))
    try:
        assert sending.customer_of_now(ctx, ready).get("lines") != ["Kai 3", "24103 Kiel"]
        version = sending.send_quote(ctx, ready)
        lining.save_lines(ctx, drafting.create_quote(ctx, name="Begun by the same", account_id=account.id), [{"name": "Tray", "unit_price": "1"}])
    finally:
        hiding.apply(ctx.session, frozenset())
    assert "Kai 3" in " ".join(version.customer["lines"])


@pytest.mark.parametrize("away, gone", [("accounts.street", {"lines"}), ("accounts.vat_id", {"tax_id"}), ("contacts.mail", {"mail"}), ("accounts.phone", {"phone"}), ("accounts.notes", set())])
def test_the_paper_of_what_was_sent_shows_nobody_what_his_role_hides_and_the_customer_all(ctx, ready, account, away, gone):
    person = parties.create_contact(ctx, name="Inga Beck", account_id=account.id, mail="inga@nordlicht.example")
    parties.edit_account(ctx, account, vat_id="DE811569869", phone="+49 431 5550123")
    drafting.edit_quote(ctx, ready, contact_id=person.id)
    version, told = sending.send_quote(ctx, ready), lambda ctx: {name for name in ("lines", "tax_id", "mail", "phone") if getattr(paper_of(ctx, version).customer, name)}
    stranger = replace(ctx, actor=Actor(id=None, name="", kind="public", permissions=frozenset(), visibility="all"))
    assert told(ctx) == told(stranger) == {"lines", "tax_id", "mail", "phone"}
    assert told(replace(ctx, actor=replace(ctx.actor, hidden=frozenset({away})))) == told(ctx) - gone


def test_the_workspaces_day_says_until_when_it_holds_and_of_which_year_the_number_is(ctx, ready):
    """Auckland has New Year eleven hours before Berlin; Honolulu is a day behind."""
    eve = replace(ctx, now=datetime(2026, 12, 31, 12, 0, tzinfo=UTC), timezone="Pacific/Auckland", tenant=replace(ctx.tenant, timezone="Europe/Berlin"))
    assert eve.today.year == 2027 and sending.send_quote(eve, ready, valid_until="2026-12-31").sent_at == eve.now
    assert ready.number.startswith("Q-2026-")
    behind = replace(eve, timezone="Pacific/Honolulu", now=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert behind.today.isoformat() == "2026-12-31" and not answering.holds_now(behind, queries.newest(behind, ready))
