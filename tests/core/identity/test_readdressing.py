"""Another mail address counts once its own letter was followed, by the person himself, and the old one can stop it."""

from datetime import timedelta
from itertools import count
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.base.errors import NotFound, Refused
from core.base.facts import Fact
from core.base.outbox import Order
from core.identity import actions, inviting, queries, readdressing, resetting
from core.identity.models import ApiToken, Invitation, MailChange, Passkey, SecondStep, SignIn, User, UserIdentity
from core.post.models import OutgoingMail
from tenants import entry, mail_index
from tests.core.identity.test_inviting import at_once, stranger
from tests.support.world import PASSWORD, House
from workers.jobs import identity as jobs

NUMBERS = count()


@pytest.fixture(scope="module")
def house(app):
    return House(f"ra-{uuid4().hex[:8]}", {"owner": "admin", "other": "sales", **{f"rep{n}": "sales" for n in range(20)}})


@pytest.fixture
def who():
    """Somebody whom no other test of this file touches."""
    return f"rep{next(NUMBERS)}"


@pytest.fixture
def new():
    return f"new-{uuid4().hex[:8]}@people.example"


def ask(house, who, mail):
    """(the change's key, the token to confirm, the token to stop)"""
    with house.ctx(who) as ctx:
        row = readdressing.ask(ctx, mail)
        ctx.session.flush()
        return row.id, *(readdressing.link_of(ctx.tenant, row, purpose).rsplit("/", 1)[1] for purpose in ("confirm", "stop"))


def confirm(house, who, token, **rest):
    with house.ctx(who, **rest) as ctx:
        return readdressing.confirm(ctx, token).id


def stop(house, token, **rest):
    with stranger(house, may=("users.reset",), **rest) as ctx:
        return readdressing.stop(ctx, token).mail


def user_of(house, who):
    with house.ctx() as ctx:
        return queries.one_user(ctx, house.users[who].id)


def written(house, change_id):
    """(template, to, body) of the letters that the orders about a change lead to."""
    with house.ctx() as ctx:
        orders = ctx.session.execute(select(Order).where(Order.name == "identity.mail_change_letter").order_by(Order.id)).scalars()
        for order in [order for order in orders if order.args["change_id"] == str(change_id)]:
            jobs.mail_change_letter(ctx, **order.args)
        found = select(OutgoingMail.template, OutgoingMail.to_mail, OutgoingMail.body_text).where(OutgoingMail.dedupe_key.like(f"%:{change_id}"))
        return ctx.session.execute(found.order_by(OutgoingMail.id)).all()


def test_asking_changes_nothing_and_writes_to_both_addresses(house, who, new):
    old = house.users[who].mail
    key, yes, no = ask(house, who, new)
    assert user_of(house, who).mail == old
    letters = written(house, key)
    assert [(template, to) for template, to, _ in letters] == [("mail_change", new), ("mail_change_asked", old)]
    assert f"/settings/mail-address/{yes}" in letters[0].body_text and no not in letters[0].body_text
    assert f"/mail-address/{no}" in letters[1].body_text and yes not in letters[1].body_text
    with house.ctx() as ctx:
        orders = ctx.session.execute(select(Order).where(Order.name == "identity.mail_change_letter")).scalars().all()
        assert not any(part in str(order.args) for order in orders for part in (yes, no, new))


def test_confirming_changes_the_address_ends_sessions_and_older_links_and_tells_the_old_one(house, who, new):
    old = house.users[who]
    with house.ctx(who) as ctx:
        actions.open_session(ctx.session, queries.one_user(ctx, old.id), now=ctx.now, ip=None, agent=None)
        reset = resetting.link_of(ctx.tenant, queries.one_user(ctx, old.id), ctx.now + resetting.VALID).rsplit("/", 1)[1]
    with house.ctx() as ctx:
        invited = inviting.invite(ctx, mail=new, role="reader")
        ctx.session.flush()
        invited = invited.id
    key, yes, _ = ask(house, who, new)
    confirm(house, who, yes)
    user = user_of(house, who)
    assert (user.mail, user.mail_norm) == (new, new)
    with house.ctx() as ctx:
        assert ctx.session.execute(select(SignIn.id).where(SignIn.user_id == old.id, SignIn.revoked_at.is_(None))).all() == []
        assert ctx.session.get_one(Invitation, invited).state == "revoked"
        assert ctx.session.execute(select(Fact.kind).where(Fact.subject_id == old.id).order_by(Fact.id)).scalars().all() == ["user.mail_change_asked", "user.mail_changed"]
        assert actions.prove(ctx.session, new, PASSWORD).id == old.id
        with pytest.raises(NotFound):
            resetting.find(ctx, reset)
    # What was written before the notice was due is not written any more; that it was changed is.
    assert [(template, to) for template, to, _ in written(house, key)] == [("mail_changed", old.mail)]


def test_without_the_version_of_credentials_an_older_link_would_live_on(house, who, new, monkeypatch):
    """Negative control: the address is set and nothing else is."""
    monkeypatch.setattr(actions, "set_mail", lambda ctx, user, mail, mail_norm: None)
    with house.ctx(who) as ctx:
        reset = resetting.link_of(ctx.tenant, queries.one_user(ctx, house.users[who].id), ctx.now + resetting.VALID).rsplit("/", 1)[1]
    confirm(house, who, ask(house, who, new)[1])
    with house.ctx() as ctx:
        assert resetting.find(ctx, reset)


def test_find_my_workspaces_follows(house, who, new):
    old = house.users[who].mail
    confirm(house, who, ask(house, who, new)[1])
    with house.ctx() as ctx:
        orders = [order.args for order in ctx.session.execute(select(Order).where(Order.name == "identity.index_mail")).scalars() if order.args["user_id"] == str(house.users[who].id)]
    assert len(orders) == 1 and old not in str(orders) and new not in str(orders)
    mail_index.put(house.tenant.id, old, active=True)
    jobs.index_mail(lambda: house.ctx(), **orders[0])
    with entry.control() as session:
        assert [len(mail_index.workspaces_of(session, mail)) for mail in (old, new)] == [0, 1]


def test_only_the_person_himself_confirms(house, who, new):
    """A letter that went astray opens nothing."""
    _, yes, _ = ask(house, who, new)
    with pytest.raises(NotFound, match="mail_change_over"):
        confirm(house, "other", yes)
    assert confirm(house, who, yes) == house.users[who].id


def test_a_link_is_worth_something_once_and_for_a_day(house, who, new):
    _, yes, no = ask(house, who, new)
    for late in (timedelta(hours=24), timedelta(days=9)):
        with pytest.raises(NotFound, match="mail_change_over"):
            confirm(house, who, yes, now=entry.utcnow() + late)
    for turned in ("", "x", no, yes.upper(), yes + "0", f"{uuid4()}.{yes.split('.')[1]}", f"{yes.split('.')[0]}.{'0' * 64}"):
        with pytest.raises(NotFound, match="mail_change_over"):
            confirm(house, who, turned)
    confirm(house, who, yes, now=entry.utcnow() + timedelta(hours=23))
    with pytest.raises(NotFound, match="mail_change_over"):
        confirm(house, who, yes)


def test_two_at_once_with_one_link_confirm_it_once(house, who, new):
    _, yes, _ = ask(house, who, new)
    assert at_once(lambda: confirm(house, who, yes), lambda: confirm(house, who, yes)) == ["done", "mail_change_over"]


ENDS = {
    "another change": lambda ctx, user: readdressing.ask(ctx, f"third-{uuid4().hex[:8]}@people.example"),
    "calling it off": lambda ctx, user: readdressing.cancel(ctx),
    "another password": lambda ctx, user: actions.set_password(ctx, user, None),
    "no access any more": lambda ctx, user: ctx.session.execute(update(User).where(User.id == user.id).values(state="disabled")),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_it_dies_with(house, who, new, end):
    _, yes, _ = ask(house, who, new)
    with house.ctx(who) as ctx:
        end(ctx, queries.one_user(ctx, house.users[who].id))
    with pytest.raises(NotFound, match="mail_change_over"):
        confirm(house, who, yes)


def test_a_taken_address_is_answered_like_any_other_and_its_holder_alone_is_told(house, who):
    taken = house.users["other"].mail
    key, yes, _ = ask(house, who, taken.upper())
    assert [(template, to) for template, to, _ in written(house, key)] == [("mail_change_taken", taken), ("mail_change_asked", house.users[who].mail)]
    with pytest.raises(Refused, match="mail_taken"):
        confirm(house, who, yes)
    assert user_of(house, "other").mail == taken


def test_an_address_that_is_ones_own_or_none_is_refused(house, who):
    for mail, code in ((house.users[who].mail.upper(), "mail_same"), ("nobody", "not_a_mail")):
        with pytest.raises(Refused, match=code):
            ask(house, who, mail)


def test_the_old_address_stops_it_and_the_password_is_worth_nothing(house, who, new):
    old = house.users[who].mail
    _, yes, no = ask(house, who, new)
    assert stop(house, no) == old
    with pytest.raises(NotFound):
        confirm(house, who, yes)
    with house.ctx() as ctx:
        assert queries.one_user(ctx, house.users[who].id).password_hash is None
        assert [resetting.letter_of(ctx, order.args["sealed"])["to"] for order in ctx.session.execute(select(Order).where(Order.name == "identity.mail_reset")).scalars()][-1:] == [old]
    with pytest.raises(NotFound, match="mail_change_over"):
        stop(house, no)


def test_the_old_address_takes_itself_back_within_three_days(house, who, new):
    old = house.users[who].mail
    _, yes, no = ask(house, who, new)
    confirm(house, who, yes)
    with pytest.raises(NotFound, match="mail_change_over"):
        stop(house, no, now=entry.utcnow() + timedelta(days=3, minutes=1))
    assert stop(house, no, now=entry.utcnow() + timedelta(days=2)) == old
    user = user_of(house, who)
    assert user.mail_norm == old and user.password_hash is None


def ways_in(house, who):
    with house.ctx() as ctx:
        mine = house.users[who].id
        return {
            model.__tablename__: len(ctx.session.execute(select(model.id).where(model.user_id == mine, *([ApiToken.revoked_at.is_(None)] if model is ApiToken else []))).all())
            for model in (Passkey, ApiToken, SecondStep, UserIdentity)
        }


def get_in(ctx, user, *, days=0):
    """What somebody under another's name makes for himself, or the person did that many days ago."""
    at = ctx.now - timedelta(days=days)
    ctx.session.add_all((
        Passkey(user_id=user, name="x", rp_id="x", credential_id=uuid4().bytes, public_key=b"x", sign_count=0, created_at=at), ApiToken(user_id=user, name="x", token_hash=uuid4().bytes, hint="x"),
        UserIdentity(user_id=user, issuer=f"https://{uuid4().hex}.example", subject="x", created_at=at),
    ))
    if not ctx.session.execute(select(SecondStep.id).where(SecondStep.user_id == user)).first():
        ctx.session.add(SecondStep(user_id=user, secret=b"x", confirmed_at=at))


@pytest.mark.parametrize("confirmed", [False, True])
def test_whoever_got_in_keeps_no_way_in_when_the_old_address_says_it_was_not_him(house, who, new, confirmed):
    """A passkey, a token, a link to a company's sign-in or a second step of his own would let him in again, or keep the person out."""
    _, yes, no = ask(house, who, new)
    with house.ctx() as ctx:
        get_in(ctx, house.users[who].id)
    if confirmed:
        confirm(house, who, yes)
    assert ways_in(house, who) == {"passkey": 1, "api_token": 1, "second_step": 1, "user_identity": 1}
    stop(house, no)
    assert ways_in(house, who) == {"passkey": 0, "api_token": 0, "second_step": 0, "user_identity": 0}


def test_a_second_step_and_a_link_of_long_ago_are_the_persons_own_and_stay(house, who, new):
    with house.ctx() as ctx:
        get_in(ctx, house.users[who].id, days=30)
    stop(house, ask(house, who, new)[2])
    assert ways_in(house, who) == {"passkey": 0, "api_token": 0, "second_step": 1, "user_identity": 1}


def test_a_former_address_that_is_somebody_elses_meanwhile_does_not_come_back(house, who, new):
    old = house.users[who].mail
    _, yes, no = ask(house, who, new)
    confirm(house, who, yes)
    with house.ctx() as ctx:
        actions.add_user(ctx, mail=old, name="Heir", password="a password of an heir")
    with pytest.raises(NotFound, match="mail_change_over"):
        stop(house, no)
    assert user_of(house, who).mail == new


def test_what_is_long_over_is_forgotten(house, who, new):
    from core.identity import pruning

    key, _, _ = ask(house, who, new)
    with house.ctx(now=entry.utcnow() + timedelta(days=92)) as ctx:
        pruning.prune(ctx)
        assert ctx.session.get(MailChange, key) is None
