"""A handover by rule or by hand (V20): who gets what, in one step, taken back for thirty days, without a statement for each record."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, func, insert, select

from core.activities import actions as log
from core.activities.models import Activity
from core.approvals.models import Approval
from core.base.errors import Forbidden, NotFound, Refused
from core.base.facts import Fact
from core.base.outbox import Order
from core.credit import actions as credit
from core.deals import actions as deals
from core.deals.models import Deal
from core.handover import giving, planning, queries
from core.handover.rules import first_thing
from core.handover.run_models import HandoverRow, HandoverRun
from core.identity.models import User
from core.leads import actions as leads
from core.leads.models import Lead
from core.notifications.models import Notification
from core.parties import actions as parties
from core.parties.models import Account, Contact
from core.quotes import approving, drafting, lining
from core.quotes.models import Quote
from tests.support.world import House

ALL = (Account, Contact, Deal, Lead, Quote, Activity)


@pytest.fixture
def house(app):
    made = House(f"hr-{uuid4().hex[:8]}")
    with made.ctx("owner") as ctx:
        rep = made.users["rep"].id
        for number, (country, tags) in enumerate((("DE", ["key"]), ("DE", []), ("KR", []), ("FR", []))):
            account = parties.create_account(ctx, name=f"A{number}", country=country, tags=tags, owner_id=rep)
            person = parties.create_contact(ctx, name=f"P{number}", account_id=account.id, owner_id=rep)
            deals.create_deal(ctx, name=f"D{number}", account_id=account.id, owner_id=rep, amount="100")
            log.log_activity(ctx, kind="call", contact=person, body="x", next_contact=str(ctx.today + timedelta(days=number))).owner_id = rep
        drafting.create_quote(ctx, name="Q", account_id=account.id, owner_id=rep)
        leads.create_lead(ctx, name="Alone", owner_id=rep)
        parties.create_account(ctx, name="Another's", owner_id=made.users["colleague"].id)
    return made


def key(house, who):
    return house.users[who].id


def planned(ctx, house, way="one", to=("colleague",), **more):
    return planning.plan(ctx, key(house, "rep"), way=way, people_=[key(house, one) for one in to], **more)


def owners(ctx, model, column=None):
    names = {user.id: user.name for user in ctx.session.execute(select(User)).scalars()}
    return {row[0]: names[row[1]] for row in ctx.session.execute(select(column if column is not None else model.name, model.owner_id).where(model.owner_id.is_not(None)))}


def test_the_preview_counts_and_changes_nothing(house):
    with house.ctx("manager") as ctx:
        run = planned(ctx, house)
        assert run.counts == {str(key(house, "colleague")): {"accounts": 4, "contacts": 4, "deals": 4, "leads": 1, "quotes": 1, "activities": 4}} and run.outcomes == {"due": 18}
        assert set(owners(ctx, Deal).values()) == {"Rep"}


def test_everything_goes_to_one_and_what_is_over_stays(house):
    with house.ctx("manager") as ctx:
        ctx.session.execute(select(Activity)).scalars().first().done_at = ctx.now
        ctx.session.flush()
        run = giving.start(ctx, planned(ctx, house))
        assert (run.state, run.outcomes) == ("done", {"given": 17})
        assert all(set(owners(ctx, model, model.id).values()) == {"Colleague"} for model in (Account, Contact, Deal, Lead, Quote))
        assert sorted(owners(ctx, Activity, Activity.id).values()) == ["Colleague"] * 3 + ["Rep"]


def test_one_after_the_other_deals_out_evenly_and_what_hangs_on_an_account_goes_along(house):
    with house.ctx("manager") as ctx:
        giving.start(ctx, planned(ctx, house, "turn", ("colleague", "manager")))
        accounts = owners(ctx, Account)
        assert [accounts[f"A{n}"] for n in range(4)] == ["Colleague", "Manager", "Colleague", "Manager"]
        for model, letter in ((Contact, "P"), (Deal, "D")):
            found = owners(ctx, model)
            assert [found[f"{letter}{n}"] for n in range(4)] == [accounts[f"A{n}"] for n in range(4)]
        persons = dict(tuple(row) for row in ctx.session.execute(select(Contact.id, Contact.owner_id)))
        assert all(row.owner_id == persons[row.contact_id] for row in ctx.session.execute(select(Activity.contact_id, Activity.owner_id)))


def test_the_first_rule_that_holds_decides_and_the_first_person_gets_the_rest(house):
    rules = [{"to": key(house, "manager"), "conditions": [("tags", "has", "key")]}, {"to": key(house, "colleague"), "conditions": [("country", "eq", "DE")]}]
    with house.ctx("manager") as ctx:
        giving.start(ctx, planned(ctx, house, "rules", ("owner",), rules=rules))
        accounts = owners(ctx, Account)
        assert [accounts[f"A{n}"] for n in range(4)] == ["Manager", "Colleague", "Owner", "Owner"] and owners(ctx, Lead) == {"Alone": "Owner"}


def test_more_rules_read_the_successors_no_more_often(house):
    rule = {"to": key(house, "colleague"), "conditions": [("country", "eq", "DE")]}
    with house.ctx("manager") as ctx:
        few, many = (statements(ctx, lambda number=number: planned(ctx, house, "rules", ("owner",), rules=[rule] * number)) for number in (1, 10))
    assert many <= few


def test_by_hand_each_account_goes_where_it_is_put(house):
    with house.ctx("manager") as ctx:
        run = planned(ctx, house, "hand", ("colleague",))
        rows = queries.chosen_page(ctx, run)
        assert [(row.name, row.deals, row.quotes, row.activities) for row in rows] == [("A0", 1, 0, 1), ("A1", 1, 0, 1), ("A2", 1, 0, 1), ("A3", 1, 1, 1)]
        run = planning.choose(ctx, run, {rows[2].id: key(house, "manager")})
        assert run.counts[str(key(house, "manager"))] == {"accounts": 1, "contacts": 1, "deals": 1, "activities": 1}
        giving.start(ctx, run)
        assert owners(ctx, Account)["A2"] == owners(ctx, Deal)["D2"] == "Manager" and owners(ctx, Account)["A1"] == "Colleague"


@pytest.mark.parametrize(("way", "to", "more", "code"), [
    ("one", (), {}, "required"), ("one", ("ex",), {}, "owner_unknown"), ("one", ("rep",), {}, "owner_unknown"), ("one", ("reader",), {}, "owner_unknown"), ("other", ("colleague",), {}, "unknown_value"),
    ("rules", ("colleague",), {}, "required"), ("one", ("colleague",), {"until": date(2020, 1, 1)}, "handover_over"),
])
def test_what_can_not_be_is_refused(house, way, to, more, code):
    with house.ctx("manager") as ctx, pytest.raises(Refused, match=code):
        planned(ctx, house, way, to, **more)


def test_a_rule_that_no_list_takes_is_refused(house):
    with house.ctx("manager") as ctx, pytest.raises(Refused):
        planned(ctx, house, "rules", rules=[{"to": key(house, "manager"), "conditions": [("nonsense", "eq", "x")]}])


def test_a_salesperson_hands_nothing_over(house):
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        planned(ctx, house)


def test_it_is_taken_back_whole_and_what_others_changed_stays_and_is_named(house):
    with house.ctx("manager") as ctx:
        run = giving.start(ctx, planned(ctx, house))
        ctx.session.execute(select(Account).where(Account.name == "A1")).scalar_one().owner_id = key(house, "manager")
        won = ctx.session.execute(select(Deal).where(Deal.name == "D2")).scalar_one()
        from core.deals import moving, pipelines

        moving.move_deal(ctx, won, next(one.id for one in pipelines.ways(ctx)[0].stages if one.kind == "won"))
        ctx.session.flush()
        run = giving.start_undo(ctx, run)
        assert (run.state, run.outcomes) == ("undone", {"undone": 16, "kept": 2})
        assert [(row.kind, row.name) for row in queries.left_over(ctx, run, "kept")] == [("accounts", "A1"), ("deals", "D2")]
        assert owners(ctx, Account)["A1"] == "Manager" and owners(ctx, Deal)["D2"] == "Colleague" and owners(ctx, Account)["A0"] == "Rep"
        with pytest.raises(Refused, match="handover_not_now"):
            giving.start_undo(ctx, run)


def test_what_the_successor_had_himself_stays_his(house):
    with house.ctx("manager") as ctx:
        giving.start_undo(ctx, giving.start(ctx, planned(ctx, house)))
        assert owners(ctx, Account)["Another's"] == "Colleague"


def test_after_thirty_days_nothing_is_taken_back(house):
    with house.ctx("manager") as ctx:
        run = giving.start(ctx, planned(ctx, house))
        late = replace(ctx, now=ctx.now + timedelta(days=31))
        assert not giving.can_be_undone(late, run)
        with pytest.raises(Refused, match="bulk_too_late"):
            giving.start_undo(late, run)


def test_what_changed_hands_between_plan_and_yes_is_left(house):
    with house.ctx("manager") as ctx:
        run = planned(ctx, house)
        ctx.session.execute(select(Account).where(Account.name == "A0")).scalar_one().owner_id = key(house, "manager")
        ctx.session.flush()
        run = giving.start(ctx, run)
        assert run.outcomes == {"given": 17, "since": 1} and owners(ctx, Account)["A0"] == "Manager"


def test_each_successor_is_told_once_and_each_record_says_it(house):
    with house.ctx("manager") as ctx:
        giving.start(ctx, planned(ctx, house, "turn", ("colleague", "owner")))
        told = ctx.session.execute(select(Notification.user_id, Notification.params).where(Notification.record_kind == "handover_run")).all()
        assert sorted(row.params["number"] for row in told) == [9, 9] and {row.user_id for row in told} == {key(house, "colleague"), key(house, "owner")}
        kinds = dict(tuple(row) for row in ctx.session.execute(select(Fact.kind, func.count()).where(Fact.kind.like("%owner_changed")).group_by(Fact.kind)))
        assert kinds == {"account.owner_changed": 4, "contact.owner_changed": 4, "deal.owner_changed": 4, "lead.owner_changed": 1, "quote.owner_changed": 1}
        done = ctx.session.execute(select(Fact.params).where(Fact.kind == "handover.done")).scalar_one()
        assert (done["number"], done["name"], done["successors"]) == (18, "Rep", "Colleague, Owner")


def test_a_temporary_one_comes_back_by_the_clock(house):
    with house.ctx("manager") as ctx:
        run = giving.start(ctx, planned(ctx, house, until=ctx.today + timedelta(days=5)))
        order = ctx.session.execute(select(Order).where(Order.name == "handover.back")).scalar_one()
        assert order.due_at == datetime.combine(ctx.today + timedelta(days=6), datetime.min.time(), UTC)
        giving.come_back(ctx, run.id)
        assert run.state == "undone" and owners(ctx, Account)["A0"] == "Rep"
        giving.come_back(ctx, run.id)
        assert run.state == "undone"


def test_a_temporary_one_that_breaks_off_or_is_stopped_comes_back_too(house):
    with house.ctx("manager") as ctx:
        fill(ctx, house, 700)
        for end in (lambda run: giving.end_given_up(ctx, run.id, run.round), lambda run: giving.cancel(ctx, run)):
            run = giving.start(ctx, planned(ctx, house, until=ctx.today))
            giving.step(ctx, run)
            end(run)
            assert [order.args for order in backs(ctx, run)] == [{"run_id": str(run.id)}] and owners(ctx, Account)["A0"] == "Colleague"
            giving.come_back(ctx, run.id)
            assert run.state == "undoing"
            while giving.step_back(ctx, run):
                pass
            giving.finish_back(ctx, run)
            assert owners(ctx, Account)["A0"] == "Rep"


def test_where_it_still_goes_on_the_clock_asks_again(house):
    with house.ctx("manager") as ctx:
        fill(ctx, house, 300)
        run = giving.start(ctx, planned(ctx, house, until=ctx.today))
        assert run.state == "running"
        late = replace(ctx, now=ctx.now + timedelta(days=2))
        giving.come_back(late, run.id)
        assert run.state == "running" and [order.due_at for order in backs(ctx, run)][1:] == [late.now + giving.LATER]


def test_what_was_planned_for_days_that_are_over_is_not_given(house):
    with house.ctx("manager") as ctx:
        run = planned(ctx, house, until=ctx.today)
        with pytest.raises(Refused, match="handover_over"):
            giving.start(replace(ctx, now=ctx.now + timedelta(days=1)), run)


def test_nothing_comes_back_to_somebody_who_has_left_and_whoever_gave_it_is_told(house):
    with house.ctx("manager") as ctx:
        run = giving.start(ctx, planned(ctx, house, until=ctx.today))
        ctx.session.get(User, key(house, "rep")).state = "disabled"
        ctx.session.flush()
        for _ in range(2):
            giving.come_back(ctx, run.id)
        assert (run.state, run.until) == ("done", None) and owners(ctx, Account)["A0"] == "Colleague"
        told = ctx.session.execute(select(Notification.user_id, Notification.params).where(Notification.kind == "reminder")).all()
        assert [(row.user_id, row.params["say"], row.params["place"]) for row in told] == [(key(house, "manager"), "told.handover_stays", f"/handing-over/{run.id}")]
        assert ctx.session.execute(select(Fact.params).where(Fact.kind == "handover.stays")).scalar_one() == {"name": "Rep"}


def test_a_long_temporary_one_is_ended_early_and_taken_back_for_thirty_days_more(house):
    with house.ctx("manager") as ctx:
        run = giving.start(ctx, planned(ctx, house, until=ctx.today + timedelta(days=60)))
        assert giving.can_be_undone(replace(ctx, now=ctx.now + timedelta(days=89)), run)
        assert not giving.can_be_undone(replace(ctx, now=ctx.now + timedelta(days=92)), run)
        assert giving.start_undo(replace(ctx, now=ctx.now + timedelta(days=45)), run).state == "undone" and owners(ctx, Account)["A0"] == "Rep"


def backs(ctx, run):
    return [order for order in ctx.session.execute(select(Order).where(Order.name == "handover.back").order_by(Order.due_at)).scalars() if order.args["run_id"] == str(run.id)]


def test_the_successor_finds_what_to_do_first(house):
    with house.ctx("owner") as ctx:
        account = ctx.session.execute(select(Account).where(Account.name == "A2")).scalar_one()
        entry = log.log_activity(ctx, kind="call", account=account, body="x", next_contact=str(ctx.today + timedelta(days=1)))
        entry.owner_id, entry.next_contact_on, entry.next_contact_kind, entry.next_contact_note = key(house, "rep"), ctx.today - timedelta(days=3), "promise", "send the sample"
    with house.ctx("manager") as ctx:
        run = giving.start(ctx, planned(ctx, house)).id
    with house.ctx("colleague") as ctx:
        found = queries.taken_over(ctx, queries.one_taken(ctx, run), ctx.actor.id)
        assert [row.name for row in found] == ["A2", "A0", "A1", "A3"]
        first = found[0]
        assert (first.promises, first.number, first.quotes, first.first) == (1, 1, 0, ("first_overdue", {"day": ctx.today - timedelta(days=3), "what": "send the sample"})) and list(first.deals.values()) == [100]
        assert found[3].quotes == 1 and found[3].first[0] == "first_due"
    with house.ctx("rep") as ctx, pytest.raises(NotFound):
        queries.one_taken(ctx, run)


@pytest.mark.parametrize(("given", "code"), [
    ((date(2026, 1, 1), "x", None, 1, 1), "first_overdue"), ((date(2026, 1, 2), "x", None, 1, 1), "first_due"), ((None, None, None, 3, 2), "first_quotes"), ((None, None, None, 3, 0), "first_deals"),
    ((None, None, None, 0, 0), "first_never"), ((None, None, datetime(2025, 11, 1, tzinfo=UTC), 0, 0), "first_silent"), ((None, None, datetime(2025, 12, 30, tzinfo=UTC), 0, 0), "first_hello"),
])
def test_what_comes_first(given, code):
    assert first_thing(date(2026, 1, 2), *given)[0] == code


def fill(ctx, house, number):
    rep = key(house, "rep")
    ctx.session.execute(insert(Account), [{"name": f"Many {n}", "owner_id": rep} for n in range(number)])
    ctx.session.execute(insert(Contact), [{"name": f"Many {n}", "owner_id": rep} for n in range(number)])
    ctx.session.flush()


def statements(ctx, act):
    seen = []
    listen = lambda *args: seen.append(args[2])  # noqa: E731
    event.listen(ctx.session.get_bind(), "before_cursor_execute", listen)
    try:
        act()
    finally:
        event.remove(ctx.session.get_bind(), "before_cursor_execute", listen)
    return len(seen)


def test_many_go_in_the_background_chunk_by_chunk_without_a_statement_for_each(house):
    with house.ctx("manager") as ctx:
        fill(ctx, house, 2500)
        runs = []
        assert statements(ctx, lambda: runs.append(planned(ctx, house, "turn", ("colleague", "manager")))) < 40
        run = giving.start(ctx, runs[0])
        assert run.state == "running" and run.outcomes["due"] == 5018
        order = ctx.session.execute(select(Order).where(Order.name == "handover.run")).scalar_one()
        assert order.args == {"run_id": str(run.id), "round": 1}
        assert statements(ctx, lambda: giving.step(ctx, run)) < 20 and run.rows_done == giving.CHUNK
        given = ctx.session.execute(select(func.count()).select_from(HandoverRow).where(HandoverRow.outcome == "given")).scalar_one()
        assert given == giving.CHUNK == ctx.session.execute(select(func.count()).select_from(Account).where(Account.name.like("Many%"), Account.owner_id != key(house, "rep"))).scalar_one() + ctx.session.execute(
            select(func.count()).select_from(Account).where(Account.name.like("A_"), Account.owner_id != key(house, "rep"))).scalar_one()


def test_it_is_stopped_between_chunks_and_the_given_part_taken_back(house):
    with house.ctx("manager") as ctx:
        fill(ctx, house, 700)
        run = giving.start(ctx, planned(ctx, house))
        giving.step(ctx, run)
        run = giving.cancel(ctx, run)
        assert run.state == "cancelled" and run.outcomes == {"given": 1000, "due": 418}
        run = giving.start_undo(ctx, run)
        while giving.step_back(ctx, run):
            pass
        assert giving.finish_back(ctx, run).outcomes == {"undone": 1000, "kept": 0, "due": 418}


def test_a_broken_run_ends_as_failed_and_goes_on_behind_the_last_chunk(house):
    with house.ctx("manager") as ctx:
        fill(ctx, house, 700)
        run = giving.start(ctx, planned(ctx, house))
        giving.step(ctx, run)
        giving.end_given_up(ctx, run.id, run.round)
        assert (run.state, run.failure["code"], run.outcomes["given"]) == ("failed", "handover_broke_off", 1000)
        run = giving.go_on(ctx, run)
        assert (run.state, run.round, run.position) == ("running", 2, 1000)


def test_others_do_not_know_of_it(house):
    with house.ctx("manager") as ctx:
        run = planned(ctx, house).id
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        queries.one(ctx, run)
    with house.ctx("owner") as ctx:
        assert [row.id for row in queries.runs(ctx)] == [run]


def test_the_audit_knows_each_owner(house):
    """The database writes who changed what, of every record."""
    from sqlalchemy import text

    updates = text("SELECT count(*) FROM audit_entry WHERE table_name = 'account' AND action = 'update'")
    with house.ctx("manager") as ctx:
        before = ctx.session.execute(updates).scalar_one()
        giving.start(ctx, planned(ctx, house))
    with house.ctx("owner") as ctx:
        assert ctx.session.execute(updates).scalar_one() - before == 4
    assert HandoverRun.__table__.info["audit"]


def test_what_is_about_people_out_of_sight_is_not_counted_for_a_successor(house):
    with house.ctx("owner") as ctx:
        account = ctx.session.execute(select(Account).where(Account.name == "A1")).scalar_one()
        unseen = parties.create_contact(ctx, name="Unseen", account_id=account.id, owner_id=key(house, "owner"))
        entry = log.log_activity(ctx, kind="visit", contact=unseen, body="x", next_contact=str(ctx.today + timedelta(days=1)))
        entry.owner_id, entry.account_id, entry.next_contact_on, entry.next_contact_kind, entry.next_contact_note = None, account.id, ctx.today - timedelta(days=3), "promise", "secret"
    with house.ctx("manager") as ctx:
        run = giving.start(ctx, planned(ctx, house)).id
    for who, told in (("colleague", (0, "first_due")), ("manager", (1, "first_overdue"))):
        with house.ctx(who) as ctx:
            found = {row.name: row for row in queries.taken_over(ctx, queries.one_taken(ctx, run, key(house, "colleague")), key(house, "colleague"))}
            assert (found["A1"].promises, found["A1"].first[0]) == told, who


def test_a_yes_is_his_whose_quote_it_was(house):
    """What waits for a yes, or has one, must ask anew under another owner, on the way there and back: a yes is to the words and to who answers for them."""
    with house.ctx("owner") as ctx:
        late = parties.create_account(ctx, name="Late", owner_id=key(house, "rep"))
        ctx.session.flush()
        credit.set_grade(ctx, late, grade="small_bad", reason="Open invoices", until_on="2099-01-01")
        late = late.id
    with house.ctx("rep") as ctx:
        for name in ("Waits", "Has", "Gets"):
            quote = drafting.create_quote(ctx, name=name, account_id=late)
            lining.save_lines(ctx, quote, [{"name": "Tray", "unit_price": "10"}])
            approving.ask(ctx, quote, note="He pays beforehand")
    with house.ctx("owner") as ctx:
        approving.approve(ctx, named(ctx, "Has"))
    with house.ctx("manager") as ctx:
        run = giving.start(ctx, planned(ctx, house))
        assert states(ctx) == ({"Waits": "void", "Has": "approved", "Gets": "void"}, [])
    with house.ctx("colleague") as ctx:
        for name in ("Waits", "Gets"):
            approving.ask(ctx, named(ctx, name), note="Mine now")
    with house.ctx("owner") as ctx:
        approving.approve(ctx, named(ctx, "Gets"))
        assert states(ctx) == ({"Waits": "waiting", "Has": "approved", "Gets": "approved"}, ["Gets"])
    with house.ctx("manager") as ctx:
        giving.start_undo(ctx, run)
        assert states(ctx) == ({"Waits": "void", "Has": "approved", "Gets": "approved"}, ["Has"])


def named(ctx, name):
    return ctx.session.execute(select(Quote).where(Quote.name == name)).scalar_one()


def states(ctx):
    """(quote -> state of its newest request, quotes whose draft has a yes)."""
    rows = ctx.session.execute(select(Quote.name, Approval.state).join(Approval, Approval.record_id == Quote.id).order_by(Approval.asked_at, Approval.id))
    return dict(tuple(row) for row in rows), [quote.name for quote in ctx.session.execute(select(Quote)).scalars() if approving.yes_of(ctx, quote)]


@pytest.mark.parametrize("to", ["ex", "rep", "reader"])
def test_who_is_named_by_hand_must_be_able_to_take_over(house, to):
    with house.ctx("manager") as ctx, pytest.raises(Refused, match="owner_unknown"):
        account = ctx.session.execute(select(Account.id).where(Account.name == "A0")).scalar_one()
        planned(ctx, house, "hand", by_hand={account: key(house, to)})


def test_who_has_left_since_the_plan_takes_nothing_over(house):
    with house.ctx("manager") as ctx:
        run = planned(ctx, house, "turn", ("colleague", "owner"))
        ctx.session.get(User, key(house, "colleague")).state = "disabled"
        ctx.session.flush()
        with pytest.raises(Refused, match="handover_successors_left") as refused:
            giving.start(ctx, run)
        assert refused.value.params["names"] == "Colleague" and run.state == "planned" and set(owners(ctx, Deal).values()) == {"Rep"}


def test_what_broke_off_does_not_go_on_to_somebody_who_has_left(house):
    with house.ctx("manager") as ctx:
        fill(ctx, house, 300)
        run = giving.start(ctx, planned(ctx, house))
        giving.end_given_up(ctx, run.id, run.round)
        ctx.session.get(User, key(house, "colleague")).state = "disabled"
        ctx.session.flush()
        with pytest.raises(Refused, match="handover_successors_left"):
            giving.go_on(ctx, run)


def test_a_temporary_one_that_gave_nothing_is_not_taken_up_after_its_last_day(house):
    with house.ctx("manager") as ctx:
        fill(ctx, house, 300)
        run = giving.start(ctx, planned(ctx, house, until=ctx.today))
        giving.end_given_up(ctx, run.id, run.round)
        giving.come_back(replace(ctx, now=ctx.now + timedelta(days=1)), run.id)  # there is nothing to bring back
        with pytest.raises(Refused, match="handover_over"):
            giving.go_on(replace(ctx, now=ctx.now + timedelta(days=1)), run)
        assert run.state == "failed" and set(owners(ctx, Deal).values()) == {"Rep"}


def test_what_is_taken_up_in_time_has_an_order_of_its_own_to_come_back(house):
    with house.ctx("manager") as ctx:
        fill(ctx, house, 300)
        run = giving.start(ctx, planned(ctx, house, until=ctx.today))
        giving.end_given_up(ctx, run.id, run.round)
        [first] = backs(ctx, run)
        first.state = "done"  # the workspace's clock stood elsewhere then
        run = giving.go_on(ctx, run)
        assert [order.due_at for order in backs(ctx, run) if order.state == "waiting"] == [first.due_at]
