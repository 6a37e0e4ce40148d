"""Records made one and again several: every child at its owner, every field its own, the strictest wish while they are one."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.activities import actions as log
from core.activities import queries as timelines
from core.activities.models import Activity
from core.base import policy
from core.base.errors import Conflict, Forbidden, Refused
from core.credit import actions as credit
from core.credit import queries as grades
from core.credit.models import CreditStanding
from core.discussions import actions as talk
from core.discussions.models import Comment
from core.mailings.models import MailWish
from core.merging import queries, running, tidying, undoing
from core.notifications.following import begin_to_follow
from core.notifications.models import Follower
from core.parties import actions, reach
from core.parties import queries as parties
from core.parties.models import Account, Contact
from core.parties.reach_models import ContactPoint
from core.post import actions as post
from core.post.queries import hash_of, is_suppressed


def test_three_contacts_become_one_and_three_again(merging, deals):
    """FEATURES 2.1: children, opt-outs, later edits, undo."""
    me = merging()
    keys = [me.make("contact", f"Anna Meier {n}", mail=f"anna{n}@three.example", tags=[f"t{n}"], notes=f"note {n}") for n in range(3)]
    mine = {n: me.hang(deals, contact_id=key) for n, key in enumerate(keys)}
    with me.door() as ctx:
        calls = [log.log_activity(ctx, kind="call", contact=parties.one_contact(ctx, key), body=f"call {n}", next_contact=ctx.today + timedelta(days=3)).id for n, key in enumerate(keys)]
        said = talk.add_comment(ctx, parties.one_contact(ctx, keys[2]), "who is that?").id
        post.suppress(ctx, "anna2@three.example", "marketing", "unsubscribed")
        ctx.session.add(MailWish(address_hash=hash_of(ctx, "anna1@three.example"), days=30))
    me.merge("contact", *keys)
    one = me.find("contact", keys[0])
    assert (one.tags, one.notes, one.mail) == (["t0", "t1", "t2"], "note 0\n\nnote 1\n\nnote 2", "anna0@three.example")
    assert {me.find("contact", key).merged_into for key in keys[1:]} == {keys[0]}
    assert set(me.at(deals, "contact_id").values()) == {keys[0]} and me.at(Comment.__table__, "record_id")[said] == keys[0]
    with me.door() as ctx:
        assert is_suppressed(ctx, "anna0@three.example")
        assert ctx.session.execute(select(MailWish.days).where(MailWish.address_hash == hash_of(ctx, "anna0@three.example"))).scalar_one() == 30
        planned = timelines.timeline(ctx, parties.one_contact(ctx, keys[0])).planned
        assert {row.id for row in planned} == set(calls)
    # Later: one field is edited, a child comes, one is deleted, one goes elsewhere.
    other = me.make("contact", "Somebody else")
    since = me.hang(deals, contact_id=keys[0])
    with me.door() as ctx:
        actions.edit_contact(ctx, parties.one_contact(ctx, keys[0]), notes="mine now")
        ctx.session.execute(deals.update().where(deals.c.id == mine[1]).values(contact_id=other))
        ctx.session.execute(deals.delete().where(deals.c.id == mine[2]))
    me.undo()
    again = [me.find("contact", key) for key in keys]
    assert [row.deleted_at for row in again] == [None] * 3 and [row.merged_into for row in again] == [None] * 3
    assert (again[0].tags, again[0].notes) == (["t0"], "mine now") and [row.notes for row in again[1:]] == ["note 1", "note 2"]
    assert me.row.kept == ["notes"] and me.row.counts["elsewhere"] == me.row.counts["gone"] == 1
    assert me.at(Comment.__table__, "record_id")[said] == keys[2]
    assert me.at(deals, "contact_id") == {mine[0]: keys[0], mine[1]: other, since: keys[0]}
    with me.door() as ctx:
        assert dict(ctx.session.execute(select(Activity.id, Activity.contact_id).where(Activity.id.in_(calls))).all()) == dict(zip(calls, keys, strict=True))
        assert [is_suppressed(ctx, f"anna{n}@three.example") for n in range(3)] == [False, False, True]
        assert [ctx.session.execute(select(MailWish.days).where(MailWish.address_hash == hash_of(ctx, f"anna{n}@three.example"))).scalar() for n in range(3)] == [None, 30, None]


def test_who_leaves_while_they_are_one_has_left_for_good(merging):
    me = merging()
    keys = [me.make("contact", "Leaver", mail="stays@leave.example"), me.make("contact", "Leaver two", mail="left@leave.example")]
    with me.door() as ctx:
        post.suppress(ctx, "left@leave.example", "marketing", "unsubscribed")
    me.merge("contact", *keys)
    with me.door() as ctx:
        post.suppress(ctx, "stays@leave.example", "marketing", "unsubscribed")
    me.undo()
    with me.door() as ctx:
        assert is_suppressed(ctx, "stays@leave.example")


def test_followers_of_both_follow_once_and_each_their_own_again(merging, house):
    me = merging()
    keys = [me.make("account", "Follow one"), me.make("account", "Follow two"), me.make("account", "Follow three")]
    rep, colleague = house.users["rep"].id, house.users["colleague"].id
    with me.door() as ctx:
        for key, who in ((0, rep), (1, rep), (1, colleague), (2, colleague)):
            begin_to_follow(ctx, parties.one_account(ctx, keys[key]), [who])
    me.merge("account", *keys)
    assert me.followers(keys[0]) == {rep, colleague} and me.row.counts["stayed"] == 2
    me.undo()
    assert [me.followers(key) for key in keys] == [{rep}, {rep, colleague}, {colleague}]


def followers(self, key):
    with self.door() as ctx:
        return set(ctx.session.execute(select(Follower.user_id).where(Follower.record_id == key)).scalars())


@pytest.fixture(autouse=True)
def _followers(merging):
    type(merging()).followers = followers


def test_people_of_an_account_and_its_branches_move_and_come_back(merging):
    """espo #750: the account of contacts; a branch that is its own duplicate stands under nobody of itself."""
    me = merging()
    top = me.make("account", "Top")
    two = me.make("account", "Two", parent_id=top)
    one = me.make("account", "One", parent_id=two)
    branch, person = me.make("account", "Branch", parent_id=two), me.make("contact", "Person", account_id=two)
    me.merge("account", one, two)
    assert me.find("account", one).parent_id == top
    assert me.find("account", branch).parent_id == one and me.find("contact", person).account_id == one
    me.undo()
    assert [me.find("account", key).parent_id for key in (one, two, branch)] == [two, top, two] and me.find("contact", person).account_id == two


def test_each_field_is_chosen_and_an_empty_one_is_filled(merging):
    me = merging()
    a = me.make("account", "Field A", city="Kiel", external_id=None)
    b = me.make("account", "Field B", city="Bremen", phone="0431 123456", external_id="X-77")
    me.merge("account", a, b, choices={"name": str(b), "tags": "all"})
    kept = me.find("account", a)
    assert (kept.name, kept.city, kept.phone, kept.external_id, me.find("account", b).external_id) == ("Field B", "Kiel", "0431 123456", "X-77", None)
    me.undo()
    kept, other = me.find("account", a), me.find("account", b)
    assert (kept.name, kept.phone, kept.external_id, other.external_id, other.name) == ("Field A", None, None, "X-77", "Field B")
    with me.door() as ctx, pytest.raises(Refused, match="unknown_value"):
        running.merge(ctx, "account", a, [b], choices={"city": "all"})


def test_what_no_form_would_take_comes_back_letter_by_letter(merging):
    """A file may have brought it, long ago."""
    me = merging()
    keys = [me.make("account", "Odd A"), me.make("account", "Odd B", website="b.example", phone="0431 123456")]
    odd = {"website": "not a website", "phone": "call  the boss", "vat_id": None, "founded_year": 1998}
    with me.door() as ctx:
        ctx.session.execute(update(Account).where(Account.id == keys[0]).values(**odd))
    me.merge("account", *keys, choices={"website": str(keys[1]), "phone": str(keys[1]), "founded_year": str(keys[1])})
    assert me.find("account", keys[0]).website != odd["website"]
    me.undo()
    kept = me.find("account", keys[0])
    assert {name: getattr(kept, name) for name in odd} == odd and me.row.state == "undone"


def test_values_of_ones_own_fields_are_merged_key_by_key(merging):
    me = merging()
    keys = [me.make("contact", "Own A"), me.make("contact", "Own B")]
    with me.door() as ctx:
        for key, custom in zip(keys, ({"size": 3, "shoe": 40}, {"size": 5, "hat": 57}), strict=True):
            ctx.session.execute(update(Contact).where(Contact.id == key).values(custom=custom))
    me.merge("contact", *keys, choices={"custom.shoe": str(keys[1]), "custom.size": str(keys[1])})
    assert me.find("contact", keys[0]).custom == {"size": 5, "hat": 57}
    me.undo()
    assert [me.find("contact", key).custom for key in keys] == [{"size": 3, "shoe": 40}, {"size": 5, "hat": 57}]


def test_nothing_that_one_is_reached_by_is_out_of_sight(merging):
    """The losers' mail and phone stand beside the survivor's own, and go again with the undo; what somebody edited since stays."""
    me = merging()
    keys = [me.make("contact", "Reach A", mail="a@reach.example", phone="+49 431 5550001"), me.make("contact", "Reach B", mail="b@reach.example", phone="+49 431 5550001", mobile="+49 171 5550002")]
    me.merge("contact", *keys, choices={"mail": str(keys[1])})
    assert me.find("contact", keys[0]).mail == "b@reach.example" and further(me, keys[0]) == {"a@reach.example"}
    assert me.find("contact", keys[0]).mobile == "+49 171 5550002"
    me.undo()
    assert further(me, keys[0]) == set() and me.find("contact", keys[0]).mail == "a@reach.example"
    me.merge("contact", *keys)
    with me.door() as ctx:
        [point] = ctx.session.execute(select(ContactPoint).where(ContactPoint.contact_id == keys[0], ContactPoint.deleted_at.is_(None))).scalars()
        reach.edit_point(ctx, point, label="home")
    me.undo()
    assert further(me, keys[0]) == {"b@reach.example"}


def further(me, key):
    with me.door() as ctx:
        return set(ctx.session.execute(select(ContactPoint.value).where(ContactPoint.contact_id == key, ContactPoint.deleted_at.is_(None))).scalars())


def test_a_merged_record_is_no_duplicate_any_more_and_leads_to_the_survivor(merging):
    """DiscipleTools #2742: the merged one was still offered."""
    me = merging()
    a, b, c = (me.make("contact", name) for name in ("Ottokar Zweifel", "Ottokar Zweifell", "Ottokar Zwaifel"))
    me.merge("contact", a, b)
    with me.door() as ctx:
        assert {match.id for match in parties.likely_duplicates(ctx, {"type": "contact", "name": "Ottokar Zweifell"})} == {a, c}
        assert queries.survivor_of(ctx, "contact", b) == a and queries.survivor_of(ctx, "contact", a) is None
        assert b not in {row.id for row in parties.deleted(ctx, "contacts")}
        with pytest.raises(Refused, match="merged_elsewhere"):
            actions.restore_contact(ctx, ctx.session.get(Contact, b))
    first = me.id
    me.merge("contact", c, a)
    with me.door() as ctx:
        assert queries.survivor_of(ctx, "contact", b) == c
        with pytest.raises(Refused, match="merge_survivor_merged"):
            undoing.undo(ctx, queries.one(ctx, first))


def test_the_history_of_both_stands_on_the_survivor(merging):
    me = merging()
    a, b = me.make("account", "History A"), me.make("account", "History B")
    me.merge("account", a, b)
    with me.door() as ctx:
        said = [(row.kind, row.params.get("name")) for row in timelines.timeline(ctx, parties.one_account(ctx, a)).entries]
        assert said == [("account.merged", "History A"), ("account.created", "History B"), ("account.created", "History A")]
    me.undo()
    with me.door() as ctx:
        assert [row.kind for row in timelines.timeline(ctx, parties.one_account(ctx, b)).entries] == ["account.unmerged", "account.merged", "account.created"]
        assert "History B" not in [row.params.get("name") for row in timelines.timeline(ctx, parties.one_account(ctx, a)).entries]


def test_nothing_that_is_declared_to_move_is_left_out(merging):
    """odoo #192926: rows silently left out. Every declared child of the kind is counted by the preview and moved."""
    me = merging()
    a, b = me.make("contact", "Whole A"), me.make("contact", "Whole B")
    with me.door() as ctx:
        log.log_activity(ctx, kind="note", contact=parties.one_contact(ctx, b), body="n")
        begin_to_follow(ctx, parties.one_contact(ctx, b), [ctx.actor.id])
        shown = queries.preview(ctx, "contact", queries.candidates(ctx, "contact", [a, b]))
    me.merge("contact", a, b)
    assert sum(map(sum, shown.values())) == me.row.counts["moved"] + me.row.counts.get("stayed", 0)
    with me.door() as ctx:
        assert queries.preview(ctx, "contact", [ctx.session.get(Contact, a), ctx.session.get(Contact, b)]) == {}


def test_a_field_that_is_hidden_stays_the_survivors(house, merging):
    with house.ctx() as ctx:
        a = actions.create_contact(ctx, name="Hidden A", mail="a@hide.example", owner_id=None).id
        b = actions.create_contact(ctx, name="Hidden B", mail="b@hide.example", phone="030 1234567", owner_id=None).id
        post.suppress(ctx, "b@hide.example", "marketing", "unsubscribed")
    with house.ctx("rep") as ctx:
        blind = replace(ctx, actor=replace(ctx.actor, hidden=frozenset({"contacts.mail"}), protected=frozenset({"contacts.mail"})))
        from core.base import hiding

        hiding.apply(ctx.session, blind.actor.hidden)
        with pytest.raises(Refused, match="unknown_field"):
            running.merge(blind, "contact", a, [b], choices={"mail": str(b)})
        assert set(running.merge(blind, "contact", a, [b]).fields) == {"phone"}
        hiding.apply(ctx.session, frozenset())
    with house.ctx() as ctx:
        kept = parties.one_contact(ctx, a)
        assert (kept.mail, kept.phone) == ("a@hide.example", "030 1234567") and is_suppressed(ctx, "a@hide.example")


def test_only_whoever_may_change_each_of_them_merges_them(house, merging):
    theirs = merging("colleague").make("account", "Not yours")
    mine = merging("rep").make("account", "Mine")
    with house.ctx("rep") as ctx, pytest.raises(Refused, match="merge_gone"):
        running.merge(ctx, "account", mine, [theirs])
    for role in ("reader", "service"):
        if role in house.users:
            with house.ctx(role) as ctx, pytest.raises((Forbidden, Refused)):
                running.merge(ctx, "account", mine, [theirs])
    assert policy.permissions()["accounts.merge"].conditions


def test_what_was_changed_since_the_preview_is_looked_at_again(merging):
    me = merging()
    a, b = me.make("account", "Version A"), me.make("account", "Version B")
    with me.door() as ctx:
        actions.edit_account(ctx, parties.one_account(ctx, b), city="Ulm")
    with me.door() as ctx, pytest.raises(Conflict, match="merge_changed"):
        running.merge(ctx, "account", a, [b], versions={a: 1, b: 1})
    with me.door() as ctx, pytest.raises(Refused, match="merge_how_many"):
        running.merge(ctx, "account", a, [a])


def test_of_two_who_merge_overlapping_sets_at_once_one_hears(merging):
    a, b, c = (merging().make("account", f"Race {n}") for n in "abc")
    results, start = [], threading.Barrier(2)

    def go(first, second):
        me = merging()
        start.wait()
        try:
            me.merge("account", first, second)
            results.append("merged")
        except Refused as refusal:
            results.append(refusal.code)

    threads = [threading.Thread(target=go, args=pair) for pair in ((a, b), (b, c))]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    # b into a first: b is gone for the other. c into b first: then b goes into a with it.
    assert sorted(results) in (["merge_gone", "merged"], ["merged", "merged"])
    with merging().door() as ctx:
        there = {key: ctx.session.get(Account, key) for key in (a, b, c)}
        assert sum(row.deleted_at is None for row in there.values()) == 3 - results.count("merged")


def test_a_big_merge_goes_on_where_it_was_killed_and_so_does_its_undo(merging, deals):
    me = merging()
    a, b = me.make("account", "Big A"), me.make("account", "Big B")
    with me.door() as ctx:
        ctx.session.execute(deals.insert(), [{"account_id": b} for _ in range(2500)])
    me.merge("account", a, b)
    assert me.row.state == "running" and list(me.at(deals, "account_id").values()).count(a) == 0
    _killed_after(me, running, 1)
    assert list(me.at(deals, "account_id").values()).count(a) == 1000 and me.row.rows_done == 1000
    me.work()
    assert me.row.state == "done" and list(me.at(deals, "account_id").values()).count(a) == 2500
    me.undo()
    _killed_after(me, undoing, 2)
    assert list(me.at(deals, "account_id").values()).count(b) == 2000
    me.work()
    assert me.row.state == "undone" and list(me.at(deals, "account_id").values()).count(b) == 2500
    with me.door() as ctx:
        ctx.session.execute(deals.delete())


def _killed_after(me, module, chunks):
    """The worker dies inside the chunk after so many: its transaction is rolled back."""
    run, done = me.row, 0
    with pytest.raises(RuntimeError):
        for _ in range(chunks + 1):
            with me.door() as ctx:
                module.step(ctx, queries.one(ctx, run.id))
                done += 1
                if done > chunks:
                    raise RuntimeError("killed")


def test_after_thirty_days_the_journal_is_gone(house, merging):
    me = merging()
    a, b = me.make("account", "Old A"), me.make("account", "Old B")
    me.merge("account", a, b)
    with house.ctx() as ctx:
        later = ctx.now + timedelta(days=31)
    with house.ctx(now=later) as ctx:
        with pytest.raises(Refused, match="merge_too_late"):
            undoing.undo(ctx, queries.one(ctx, me.id))
        assert tidying.tidy(ctx)["erased"] >= 1
    assert me.row.erased_at is not None and me.row.fields == {}


def graded(me, *grades, until=0):
    """Accounts with these grades (None: without), which hold until today or so many days more."""
    keys = [me.make("account", f"Graded {n}") for n in range(len(grades))]
    with me.door() as ctx:
        for key, grade in zip(keys, grades, strict=True):
            if grade:
                credit.set_grade(ctx, parties.one_account(ctx, key), grade=grade, reason=f"{grade}, said one", until_on=ctx.today + timedelta(days=until))
    return keys


def holding(me, keys):
    """The grades that hold today."""
    with me.door() as ctx:
        return [(found := grades.grade_of(ctx, key)) and found.terms.grade for key in keys]


def test_a_single_credit_grade_goes_over_and_is_back_after_the_undo(merging, deals):
    me = merging()
    keys = graded(me, None, "big_good")
    me.merge("account", *keys).work()
    assert holding(me, keys) == ["big_good", None]
    me.undo().work()
    assert holding(me, keys) == [None, "big_good"]


@pytest.mark.parametrize("given", [("big_good", "small_bad"), ("small_bad", "big_good"), ("small_good", "big_good", "small_bad"), (None, "big_good", "small_bad")])
def test_the_strictest_credit_grade_that_holds_is_that_of_the_one_that_stays(merging, deals, given):
    """With its reason, its end and who set it; what held before is its history, and each has its own again."""
    me = merging()
    keys = graded(me, *given)
    me.merge("account", *keys).work()
    assert holding(me, keys[:1]) == ["small_bad"]
    with me.door() as ctx:
        now, *before = grades.history(ctx, parties.one_account(ctx, keys[0]))
        assert (now.reason, now.until_on, now.set_by, now.ended_at) == ("small_bad, said one", ctx.today, ctx.actor.id, None)
        assert [row.grade for row in before] == ([given[0]] if given[0] and given[0] != "small_bad" else [])
    me.undo().work()
    assert holding(me, keys) == list(given)


def test_a_credit_grade_whose_day_is_over_gives_way_though_nobody_closed_it(merging, deals):
    me = merging()
    keys = graded(me, "small_bad", "big_bad", until=40)
    with me.door() as ctx:
        ctx.session.execute(update(CreditStanding).where(CreditStanding.account_id == keys[0]).values(until_on=ctx.today - timedelta(days=1)))
    me.merge("account", *keys).work()
    assert holding(me, keys[:1]) == ["big_bad"]
    me.undo().work()
    assert holding(me, keys) == [None, "big_bad"]


def test_a_credit_grade_that_was_set_since_stays_after_the_undo(merging, deals):
    me = merging()
    keys = graded(me, "big_good", "small_bad")
    me.merge("account", *keys).work()
    with me.door() as ctx:
        credit.set_grade(ctx, parties.one_account(ctx, keys[0]), grade="small_good", reason="Paid all", until_on=ctx.today)
    me.undo().work()
    assert holding(me, keys) == ["small_good", "small_bad"]
