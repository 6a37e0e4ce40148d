"""Reports (S12): composed from what somebody logged, handed in, kept as they were; nobody is told of what he does not see."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from threading import Thread

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from core.activities import actions as log
from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.base.policy import is_visible
from core.deals import actions as deals
from core.deals import moving, pipelines
from core.deals.models import Deal
from core.discussions.actions import add_comment
from core.files.actions import add_file, delete_file
from core.files.queries import one_file
from core.identity.viewing import VIEWING
from core.leads import actions as leads
from core.leads import converting, judging
from core.leads.models import Lead
from core.notifications.models import Notification
from core.parties import actions as parties
from core.quotes import drafting, lining, sending
from core.quotes.models import Quote
from core.reports import actions, composing, queries
from core.reports.composing import compose
from core.reports.models import WorkReportLine
from core.reports.rules import span_of
from core.sharing.actions import share
from tenants import entry
from tests.core.reports.conftest import handed, stage, today, told, work
from workers.jobs.privacy import purge_tenant


def test_it_is_composed_from_what_he_logged(house):
    with house.ctx("rep") as ctx:
        work(ctx)
        found = queries.content(ctx, compose(ctx, today(ctx)))
    assert told(found) == [
        ("contacts", "call", "Nordlicht"), ("contacts", "visit", "Nordlicht"), ("deals", "new", "Ovens"), ("deals", "won", "Forty trays"), ("leads", "accepted", "Anna"),
        ("next", "promise", "Nordlicht"), ("next", "step", "Ovens"), ("promises", "made", "Nordlicht"), ("quotes", "sent", "Trays"),
    ]
    assert not found.partly and [one.line.amount for one in found.lines if one.line.what == "won"] == [4800]


def deals_of(ctx, span=None):
    return [(one.what, one.stage_id) for one in compose(ctx, span or today(ctx)) if one.section == "deals"]


def test_a_deal_that_was_won_and_opened_again_is_told_where_it_stands(house):
    with house.ctx("rep") as ctx:
        deal = deals.create_deal(ctx, name="Trays", amount="1")
        first = deal.stage_id
        moving.move_deal(ctx, deal, stage(ctx, "won").id)
        key = deal.id
        assert deals_of(ctx) == [("won", deal.stage_id)]
    with house.ctx("manager") as ctx:
        moving.move_deal(ctx, ctx.session.get_one(Deal, key), first)
        assert deals_of(ctx) == [("moved", first)], "it was begun by somebody else"
    with house.ctx("rep") as ctx:
        assert deals_of(ctx) == [("new", first)]


def test_new_is_a_deal_that_he_himself_began(house):
    with house.ctx("manager") as ctx:
        key = deals.create_deal(ctx, name="Trays", amount="1", owner_id=house.users["rep"].id).id
        assert [one for one, _ in deals_of(ctx)] == ["new"]
    with house.ctx("rep") as ctx:
        assert deals_of(ctx) == []
        second = [one for one in pipelines.ways(ctx)[0].stages if one.kind == "open"][1]
        moving.move_deal(ctx, ctx.session.get_one(Deal, key), second.id)
        assert deals_of(ctx) == [("moved", second.id)]


def test_a_part_with_more_than_it_tells_says_so(house, monkeypatch):
    monkeypatch.setattr(composing, "MOST", 2)
    with house.ctx("rep") as ctx:
        account = work(ctx)
        assert queries.content(ctx, compose(ctx, today(ctx))).more == ()
        late = log.log_activity(ctx, kind="call", account=account, body="A third", next_contact=ctx.today, next_contact_note="Overdue")
        late.next_contact_on = ctx.today - timedelta(days=1)
        ctx.session.flush()
        report = actions.hand_in(ctx, today(ctx))
        found = queries.content(ctx, queries.lines_of(ctx, report))
    assert found.more == ("contacts", "next") and not found.partly
    assert [one.line.words for one in found.lines if one.line.section == "next"] == ["Overdue", "Measure"], "what is due first is told first"
    assert sum(one.line.section == "contacts" for one in found.lines) == 2


def test_a_report_written_later_tells_what_was_so_then(house):
    with house.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        lead = leads.create_lead(ctx, name="Anna", mail="anna@lead.example", owner_id=ctx.actor.id)
        judging.judge(ctx, lead, "accepted")
        quote = drafting.create_quote(ctx, name="Trays", account_id=account.id)
        lining.save_lines(ctx, quote, [{"name": "Tray", "unit_price": "12"}])
        sending.send_quote(ctx, quote)
        first, keys = today(ctx), (lead.id, quote.id)
    with house.ctx("rep", now=entry.utcnow() + timedelta(days=2)) as ctx:
        lead, quote = ctx.session.get_one(Lead, keys[0]), ctx.session.get_one(Quote, keys[1])
        converting.convert(ctx, lead)
        drafting.revise(ctx, quote)
        lining.save_lines(ctx, quote, [{"name": "Tray", "unit_price": "15"}])
        sending.send_quote(ctx, quote)
        then, now = ([(one.section, one.what, one.amount) for one in compose(ctx, span) if one.section in ("quotes", "leads")] for span in (first, first.next(2)))
    assert then == [("quotes", "sent", 12), ("leads", "accepted", None)] and now == [("quotes", "sent", 15), ("leads", "converted", None)]


def test_a_quote_is_told_by_whoever_sent_it_and_a_lead_as_it_was_judged_last(house):
    with house.ctx("rep") as ctx:
        quote = drafting.create_quote(ctx, name="Trays", account_id=parties.create_account(ctx, name="Nordlicht").id)
        lining.save_lines(ctx, quote, [{"name": "Tray", "unit_price": "12"}])
        lead = leads.create_lead(ctx, name="Anna", mail="anna@lead.example", owner_id=ctx.actor.id)
        judging.judge(ctx, lead, "accepted")
        judging.judge(ctx, lead, "working")
        key = quote.id
    with house.ctx("manager") as ctx:
        sending.send_quote(ctx, ctx.session.get_one(Quote, key))
        assert [(one.section, one.what) for one in compose(ctx, today(ctx))] == [("quotes", "sent")]
    with house.ctx("rep") as ctx:
        assert [one for one in compose(ctx, today(ctx)) if one.section in ("quotes", "leads")] == []


def test_another_day_and_another_person_have_their_own(house):
    with house.ctx("rep") as ctx:
        work(ctx)
        assert [one.section for one in compose(ctx, today(ctx).next(-1))] == ["next", "next"] and compose(ctx, today(ctx).next(-9)) == []
        assert {one.section for one in compose(ctx, span_of(ctx.today, "week"))} == {"contacts", "promises", "deals", "quotes", "leads", "next"}
    with house.ctx("colleague") as ctx:
        assert compose(ctx, today(ctx)) == []


def test_promises_kept_and_not_kept(house):
    with house.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="A")
        kept = log.log_activity(ctx, kind="call", account=account, body="x", next_contact=ctx.today, next_contact_kind="promise", next_contact_note="Call back")
        log.complete_next_contact(ctx, kept)
        late = log.log_activity(ctx, kind="call", account=account, body="y", next_contact=ctx.today, next_contact_kind="promise", next_contact_note="Write")
        late.broken_at = ctx.now
        ctx.session.flush()
        found = [(one.what, one.words) for one in compose(ctx, today(ctx)) if one.section == "promises"]
    assert sorted(found) == [("broken", "Write"), ("kept", "Call back"), ("made", "Call back"), ("made", "Write")]


def test_a_draft_is_its_authors_alone(house):
    with house.ctx("rep") as ctx:
        report = actions.save_draft(ctx, today(ctx), words="Not yet").id
    for who in ("manager", "lead", "owner", "colleague", "reader"):
        with house.ctx(who) as ctx, pytest.raises((NotFound, Forbidden)):
            queries.one(ctx, report)
    with house.ctx("manager") as ctx:
        assert [(one.name, one.report) for one in queries.authors(ctx, today(ctx))] == [("Colleague", None), ("Rep", None)]


def test_nobody_reads_a_draft_through_its_authors_eyes(house):
    with house.ctx("rep") as ctx:
        report = actions.save_draft(ctx, today(ctx), words="Not yet")
        eyes = replace(ctx, actor=replace(ctx.actor, reason=VIEWING))
        assert queries.own(ctx, today(ctx)) is report and is_visible(ctx, report)
        assert queries.own(eyes, today(ctx)) is None and not is_visible(eyes, report)


def test_handed_in_it_is_read_by_those_who_lead(house):
    report = handed(house, words="A good day")
    for who, name in (("manager", "Nordlicht"), ("lead", "Nordlicht"), ("owner", "Nordlicht")):
        with house.ctx(who) as ctx:
            found = queries.one(ctx, report)
            assert found.words == "A good day" and name in {one.name for one in queries.content(ctx, queries.lines_of(ctx, found)).lines}
    for who in ("colleague", "reader"):
        with house.ctx(who) as ctx, pytest.raises((NotFound, Forbidden)):
            queries.one(ctx, report)


def test_a_team_lead_reads_his_team_alone(house):
    report = handed(house, "colleague")
    with house.ctx("lead") as ctx:
        with pytest.raises(NotFound):
            queries.one(ctx, report)
        assert [one.name for one in queries.authors(ctx, today(ctx))] == ["Rep"]


def test_it_stays_as_it_was_handed_in(house):
    report = handed(house)
    with house.ctx("rep") as ctx:
        deal = ctx.session.execute(text("UPDATE deal SET amount = 1 WHERE name = 'Forty trays' RETURNING id")).scalar_one()
        log.log_activity(ctx, kind="call", account=parties.create_account(ctx, name="Later"), body="After it")
        found = queries.content(ctx, queries.lines_of(ctx, queries.one(ctx, report)))
        line = next(one for one in found.lines if one.key == deal)
    assert line.line.amount == 4800 and "Later" not in {one.name for one in found.lines}
    with house.ctx("rep") as ctx, pytest.raises(DatabaseError, match="fixed|never changed"):
        ctx.session.execute(text("UPDATE work_report_line SET amount = 1"))


def test_nobody_is_told_of_what_he_does_not_see(house):
    report = handed(house)
    with house.ctx("owner") as ctx:
        ctx.session.execute(text("UPDATE account SET owner_id = :his"), {"his": house.users["colleague"].id})
        ctx.session.execute(text("UPDATE deal SET owner_id = :his WHERE name = 'Ovens'"), {"his": house.users["colleague"].id})
    with house.ctx("lead") as ctx:
        found = queries.content(ctx, queries.lines_of(ctx, queries.one(ctx, report)))
    assert {one.name for one in found.lines} == {"Forty trays", "Trays", "Anna"} and found.partly
    assert all(one.account is None for one in found.lines)


def test_what_its_author_does_not_see_any_more_is_told_to_those_who_do(house):
    with house.ctx("rep") as ctx:
        work(ctx)
    with house.ctx("owner") as ctx:
        ctx.session.execute(text("UPDATE account SET owner_id = :his"), {"his": house.users["colleague"].id})
    with house.ctx("rep") as ctx:
        found = queries.content(ctx, compose(ctx, today(ctx)))
        assert {one.line.section for one in found.lines} == {"deals", "quotes", "leads", "next"} and found.partly
        report = actions.hand_in(ctx, today(ctx)).id
    with house.ctx("manager") as ctx:
        read = queries.content(ctx, queries.lines_of(ctx, queries.one(ctx, report)))
        assert [one[:2] for one in told(read) if one[2] == "Nordlicht"] == [("contacts", "call"), ("contacts", "visit"), ("next", "promise"), ("promises", "made")] and not read.partly


def test_the_end_of_the_recycle_bin_takes_no_deals_and_quotes_out_of_it(house):
    report = handed(house)
    with house.ctx("owner") as ctx:
        ctx.session.execute(text("UPDATE account SET deleted_at = now() - interval '100 days'"))
    assert purge_tenant(house.fresh()) == 1
    with house.ctx("manager") as ctx:
        found = queries.content(ctx, queries.lines_of(ctx, queries.one(ctx, report)))
        assert told(found) == [("deals", "new", "Ovens"), ("deals", "won", "Forty trays"), ("leads", "accepted", "Anna"), ("next", "step", "Ovens"), ("quotes", "sent", "Trays")]
        assert {one.line.account_id for one in found.lines} == {None} and sum(one.line.amount for one in found.lines if one.line.section == "deals") == 5700


def test_whoever_does_not_read_the_log_is_told_nothing_of_it(house):
    report = handed(house)
    with house.ctx("manager") as ctx:
        blind = replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions - {"activities.read"}))
        found = queries.content(blind, queries.lines_of(blind, queries.one(blind, report)))
        assert {one.line.section for one in found.lines} == {"deals", "quotes", "leads", "next"} and "Saw the kitchen" not in str(found) and found.partly
        assert {one.name for one in found.lines if one.line.section == "next"} == {"Ovens"}


def test_what_was_handed_in_is_not_written_again(house):
    handed(house)
    with house.ctx("rep") as ctx:
        for again in (actions.save_draft, actions.hand_in):
            with pytest.raises(Conflict, match="report_handed"):
                again(ctx, today(ctx), words="More")


def test_what_is_to_come_is_refused_and_so_are_too_many_words(house):
    with house.ctx("rep") as ctx:
        with pytest.raises(Refused, match="report_ahead"):
            actions.save_draft(ctx, today(ctx).next(), words="x")
        with pytest.raises(Refused, match="too_long"):
            actions.save_draft(ctx, today(ctx), words="x" * 4001)


def test_an_older_draft_does_not_overwrite_a_newer_one(house):
    with house.ctx("rep") as ctx:
        first = actions.save_draft(ctx, today(ctx), words="One").version
    with house.ctx("rep") as ctx:
        actions.save_draft(ctx, today(ctx), version=first, words="Two")
    with house.ctx("rep") as ctx, pytest.raises(Conflict):
        actions.save_draft(ctx, today(ctx), version=first, words="Three")


def test_it_is_taken_back_for_a_while(house):
    report = handed(house, words="Oops")
    with house.ctx("manager") as ctx, pytest.raises(Forbidden):
        actions.take_back(ctx, queries.one(ctx, report))
    with house.ctx("rep") as ctx:
        actions.take_back(ctx, queries.one(ctx, report))
        assert ctx.session.execute(select(WorkReportLine.id)).all() == [] and queries.one(ctx, report).words == "Oops"
    with house.ctx("manager") as ctx, pytest.raises(NotFound):
        queries.one(ctx, report)
    with house.ctx("rep") as ctx:
        actions.hand_in(ctx, today(ctx))
    with house.ctx("rep", now=None) as ctx:
        found = queries.one(ctx, report)
        found.handed_at = ctx.now - actions.BACK - timedelta(seconds=1)
        with pytest.raises(Conflict, match="report_final"):
            actions.take_back(ctx, found)


def test_what_somebody_has_commented_on_stays(house):
    report = handed(house)
    with house.ctx("manager") as ctx:
        add_comment(ctx, queries.one(ctx, report), "Well done")
    with house.ctx("rep") as ctx:
        with pytest.raises(Conflict, match="report_discussed"):
            actions.take_back(ctx, queries.one(ctx, report))
        assert ctx.session.execute(select(Notification.kind).where(Notification.user_id == ctx.actor.id, Notification.kind == "commented")).scalars().all() == ["commented"]


def test_what_a_file_hangs_on_stays(house):
    report = handed(house)
    with house.ctx("manager") as ctx:
        key = add_file(ctx, queries.one(ctx, report), source=BytesIO(b"Prices"), name="prices.txt").id
    with house.ctx("rep") as ctx, pytest.raises(Conflict, match="report_with_files"):
        actions.take_back(ctx, queries.one(ctx, report))
    with house.ctx("manager") as ctx:
        delete_file(ctx, one_file(ctx, key))
    with house.ctx("rep") as ctx:
        actions.take_back(ctx, queries.one(ctx, report))


def test_what_he_himself_put_on_the_draft_does_not_keep_it(house):
    with house.ctx("rep") as ctx:
        draft = actions.save_draft(ctx, today(ctx), words="x")
        add_file(ctx, draft, source=BytesIO(b"Prices"), name="prices.txt")
        add_comment(ctx, draft, "For later")
    with house.ctx("rep") as ctx:
        report = actions.hand_in(ctx, today(ctx))
        assert actions.hung_since(ctx, report) is None
        actions.take_back(ctx, report)


@pytest.mark.parametrize("put", [lambda ctx, report: add_comment(ctx, report, "Well done"), lambda ctx, report: add_file(ctx, report, source=BytesIO(b"Prices"), name="prices.txt")])
def test_who_takes_it_back_waits_for_who_is_just_putting_something_on_it(house, put):
    report, found = handed(house), []

    def take_back():
        with house.ctx("rep") as ctx:
            try:
                actions.take_back(ctx, queries.one(ctx, report))
            except Conflict as conflict:
                found.append(conflict.code)

    other = Thread(target=take_back)
    with house.ctx("manager") as ctx:
        put(ctx, queries.one(ctx, report))
        ctx.session.flush()
        other.start()
        other.join(0.5)
        assert other.is_alive(), "it waits"
    other.join()
    assert len(found) == 1 and found[0] in ("report_discussed", "report_with_files")


def test_nothing_is_put_on_what_was_just_taken_back(house):
    report = handed(house)
    with house.ctx("manager") as ctx:
        known = queries.one(ctx, report)
        with house.ctx("rep") as mine:
            actions.take_back(mine, queries.one(mine, report))
        with pytest.raises(NotFound):
            add_comment(ctx, known, "Well done")


def test_a_day_or_hour_is_a_whole_one(house):
    with house.ctx("owner") as ctx:
        for name, value in (("days", ["0.5"]), ("days", ["1,"]), ("week_day", "0.5"), ("day_hour", "1.8"), ("week_hour", "1 8"), ("day_hour", "-5"), ("days", ["8"])):
            with pytest.raises(Refused, match="not_whole"):
                actions.change_rules(ctx, **{name: value})


def test_of_ones_own_all_are_reached(house, monkeypatch):
    monkeypatch.setattr(queries, "SHOWN", 3)
    with house.ctx("rep") as ctx:
        week = span_of(ctx.today, "week").next(-1)
        spans = [week, *(span_of(week.first, "day").next(by) for by in (-1, 0, 1, 2))]
        for span in spans:
            actions.save_draft(ctx, span, words="x")
        actions.save_draft(ctx, week.next(-1), words="x")
        found, before = [], None
        for length in (3, 3):
            rows, before = queries.mine(ctx, before)
            assert len(rows) == length
            found += [one.span for one in rows]
        day = span_of(week.first, "day")
        assert before is None and found == [day.next(2), day.next(1), day, week, day.next(-1), week.next(-1)]


def test_a_report_is_not_shared_by_name(house):
    report = handed(house)
    with house.ctx("rep") as ctx, pytest.raises(Refused, match="unknown_value"):
        share(ctx, queries.one(ctx, report), user_id=house.users["colleague"].id)


def test_whoever_leads_his_team_hears_of_it(house):
    report = handed(house)
    with house.ctx("owner") as ctx:
        assert [(one.user_id, one.record_id) for one in ctx.session.execute(select(Notification).where(Notification.kind == "finished")).scalars()] == [(house.users["lead"].id, report)]
