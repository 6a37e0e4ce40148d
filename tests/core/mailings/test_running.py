"""Start, pause, resume, cancel: who is written down, and that a state is left once."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.base.context import as_actor
from core.base.entitlements import Entitlements
from core.base.errors import Forbidden, NotFound, ReadOnly, Refused
from core.base.facts import Fact
from core.base.outbox import Order
from core.mailings import audience, drafting, queries, running, sending
from core.mailings.models import Mailing, MailingRecipient
from core.parties.models import Account
from core.post.actions import suppress
from tests.core.mailings.conftest import add_contact


def draft(ctx, **values):
    mailing = drafting.draft_mailing(ctx, **{"subject": "News", "body": "Hello {{ contact.name }}", "tags": ["news"], **values})
    ctx.session.flush()
    return mailing


def rows(ctx, mailing):
    return ctx.session.execute(select(MailingRecipient).where(MailingRecipient.mailing_id == mailing.id).order_by(MailingRecipient.id)).scalars().all()


def test_the_audience_is_frozen_once_per_address_in_the_order_of_names(ctx, people):
    mailing = running.start_mailing(ctx, draft(ctx).id, expected=2)
    frozen = rows(ctx, mailing)
    assert [(r.name, r.address_norm, r.lang, r.state) for r in frozen] == [
        ("Anna Ahlberg", "anna@people.example", "es", "queued"), ("Bo Berg", "bo@people.example", "en", "queued"),
    ]
    assert frozen[0].fields["account.name"] == "Nordlicht Optik" and frozen[0].fields["contact.greeting"] == "Dear Anna"
    add_contact(ctx, "Late Comer", "late@people.example")
    assert mailing.total == 2 and len(rows(ctx, mailing)) == 2


def test_names_of_companies_unseen_or_deleted_never_become_merge_fields(ctx, as_):
    """As in the list of contacts: who does not see a company does not write its name to people."""
    rep = as_("rep")
    rep = as_actor(rep, replace(rep.actor, permissions=frozenset({"*"})))
    made = {
        "mine": Account(name="Mine", owner_id=rep.actor.id), "shared": Account(name="Shared", owner_id=None),
        "secret": Account(name="Secret", owner_id=ctx.actor.id), "gone": Account(name="Gone", owner_id=rep.actor.id, deleted_at=rep.now),
    }
    rep.session.add_all(made.values())
    rep.session.flush()
    for name, account in made.items():
        add_contact(rep, name, f"{name}@people.example", tags=["merge"], owner_id=rep.actor.id, account_id=account.id)
    mailing = draft(rep, tags=["merge"])
    assert audience.freeze(rep, mailing) == 4
    assert {row.name: row.fields["account.name"] for row in rows(rep, mailing)} == {"mine": "Mine", "shared": "Shared", "secret": None, "gone": None}


@pytest.mark.parametrize("chosen,tags,names", [
    ("any", ["news", "vip"], {"Anna Ahlberg", "Bo Berg", "Cleo <b>Cruz</b>"}), ("all", ["news", "vip"], {"Bo Berg"}),
    ("everyone", [], {"Anna Ahlberg", "Bo Berg", "Cleo <b>Cruz</b>"}), ("any", ["ne", "no'; --"], set()), ("any", [], set()),
])
def test_the_count_is_the_number_of_people_who_get_it(ctx, people, chosen, tags, names):
    assert audience.count(ctx, chosen, tags) == len(names)
    if names:
        mailing = running.start_mailing(ctx, draft(ctx, audience=chosen, tags=tags).id)
        assert {r.name for r in rows(ctx, mailing)} == names


def test_the_bin_and_what_the_sender_does_not_see_are_left_out(ctx, people, shared_house):
    people["anna"].deleted_at = ctx.now
    people["bo"].owner_id = shared_house.users["colleague"].id
    people["bo2"].owner_id = shared_house.users["colleague"].id
    add_contact(ctx, "Own", "own@people.example", owner_id=shared_house.users["rep"].id)
    ctx.session.flush()
    from core.identity.queries import load_actor

    rep = as_actor(ctx, load_actor(ctx.session, shared_house.users["rep"].id, ctx.now)[1])
    assert audience.count(ctx, "any", ["news"]) == 2 and audience.count(rep, "any", ["news"]) == 1
    assert dict(audience.known_tags(rep)) == {"news": 1, "vip": 1}


def test_the_reach_says_how_many_have_left(ctx, people):
    suppress(ctx, "bo@people.example", "marketing", "test")
    assert queries.reach(ctx, "any", ["news"]) == queries.Reach(2, 1)


def test_a_start_wants_somebody_a_draft_and_the_number_that_was_seen(ctx, people):
    for values, expected, code in (({"tags": ["nobody"]}, None, "mailing_nobody"), ({"tags": []}, None, "mailing_tags_missing"), ({}, 7, "mailing_count_changed")):
        mailing = draft(ctx, **values)
        with pytest.raises(Refused, match=code), ctx.session.begin_nested():
            running.start_mailing(ctx, mailing.id, expected=expected)
        assert rows(ctx, mailing) == [] and ctx.session.get(Mailing, mailing.id).state == "draft"
    mailing = running.start_mailing(ctx, draft(ctx).id)
    with pytest.raises(Refused, match="mailing_wrong_state"):
        running.start_mailing(ctx, mailing.id)


def test_each_verb_leaves_only_the_states_it_is_for(ctx, people):
    mailing = draft(ctx)
    for verb in (running.pause_mailing, running.resume_mailing, running.cancel_mailing, running.resend_unknown):
        with pytest.raises(Refused, match="mailing_wrong_state"):
            verb(ctx, mailing.id)
    running.start_mailing(ctx, mailing.id)
    assert running.pause_mailing(ctx, mailing.id).pause_reason == "person"
    assert running.resume_mailing(ctx, mailing.id).state == "sending"
    assert running.cancel_mailing(ctx, mailing.id).finished_at == ctx.now
    with pytest.raises(Refused, match="mailing_wrong_state"):
        running.resume_mailing(ctx, mailing.id)
    kinds = ctx.session.execute(select(Fact.kind).where(Fact.subject_id == mailing.id)).scalars().all()
    assert set(kinds) == {"mailing.created", "mailing.started", "mailing.paused", "mailing.resumed", "mailing.cancelled"}


def test_only_who_may_send_starts_and_only_while_the_plan_allows(ctx, as_, people, shared_house):
    from dataclasses import replace

    mailing = draft(ctx)
    late = replace(ctx, entitlements=Entitlements(access="read_only"))
    with pytest.raises(ReadOnly):
        running.start_mailing(late, mailing.id)
    from core.identity.queries import load_actor

    for who in ("rep", "reader"):
        with pytest.raises(Forbidden):
            running.start_mailing(as_actor(ctx, load_actor(ctx.session, shared_house.users[who].id, ctx.now)[1]), mailing.id)
    with pytest.raises(NotFound):
        running.start_mailing(ctx, shared_house.users["rep"].id)


def test_one_order_waits_however_often_it_is_paused(ctx, people):
    mailing = running.start_mailing(ctx, draft(ctx).id)
    for _ in range(5):
        running.pause_mailing(ctx, mailing.id)
        running.resume_mailing(ctx, mailing.id)
    waiting = select(func.count()).select_from(Order).where(Order.name == "mailings.send", Order.args["mailing_id"].astext == str(mailing.id))
    assert ctx.session.execute(waiting).scalar_one() == 1


def test_a_mailing_that_comes_hours_late_asks_instead_of_going(ctx, people):
    from dataclasses import replace

    mailing = running.start_mailing(ctx, draft(ctx).id)
    assert sending.open_run(replace(ctx, now=ctx.now + timedelta(hours=3)), mailing.id)
    late = replace(ctx, now=ctx.now + timedelta(hours=8))
    assert not sending.open_run(late, mailing.id)
    assert (mailing.state, mailing.pause_reason) == ("paused", "late")
    running.resume_mailing(late, mailing.id)
    assert sending.open_run(late, mailing.id)


def test_a_withheld_plan_pauses_and_drops_nothing(ctx, people):
    from dataclasses import replace

    mailing = running.start_mailing(ctx, draft(ctx).id)
    for access in ("read_only", "suspended"):
        assert not sending.open_run(replace(ctx, entitlements=Entitlements(access=access)), mailing.id)
        assert (mailing.state, mailing.pause_reason) == ("paused", "plan")
        running.resume_mailing(ctx, mailing.id)
    assert {r.state for r in rows(ctx, mailing)} == {"queued"}


def test_of_two_starts_in_the_same_moment_one_wins(world):
    """Fault 4, twenty rounds: one run, every address once, and the other is told."""
    with world.acme.ctx() as ctx:
        for n in range(30):
            add_contact(ctx, f"Person {n}", f"p{n}@people.example", tags=["race"])
        ids = [draft(ctx, name=f"Race {n}", tags=["race"]).id for n in range(20)]
    for mailing_id in ids:
        barrier, outcomes = threading.Barrier(2), []

        def click(mailing_id=mailing_id, barrier=barrier, outcomes=outcomes):
            barrier.wait()
            try:
                with world.acme.ctx() as ctx:
                    running.start_mailing(ctx, mailing_id)
                outcomes.append("started")
            except Refused as refusal:
                outcomes.append(refusal.code)

        clicks = [threading.Thread(target=click) for _ in range(2)]
        [t.start() for t in clicks]
        [t.join() for t in clicks]
        assert sorted(outcomes) == ["mailing_wrong_state", "started"]
    with world.acme.ctx() as ctx:
        counted = select(MailingRecipient.mailing_id, func.count(), func.count(MailingRecipient.address_norm.distinct())).group_by(MailingRecipient.mailing_id)
        assert all(row[1:] == (30, 30) for row in ctx.session.execute(counted)) and len(ctx.session.execute(counted).all()) == 20
        assert ctx.session.execute(select(func.count()).select_from(Order).where(Order.name == "mailings.send")).scalar_one() == 20
