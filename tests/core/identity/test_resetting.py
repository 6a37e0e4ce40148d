"""A link to a new password is worth something once, for one person, for half an hour (RELIABILITY X14)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.base.errors import NotFound, Refused
from core.base.facts import Fact
from core.base.outbox import Order
from core.identity import actions, queries, resetting
from core.identity.models import SignIn, User
from core.post.models import OutgoingMail
from tenants import entry
from tests.core.identity.test_inviting import at_once, stranger
from tests.support.world import PASSWORD, House, password_hash
from workers.jobs.identity import mail_notice, mail_reset

NEW = "another good password"


@pytest.fixture
def house(app):
    return House(f"rs-{uuid4().hex[:8]}", {"owner": "admin", "rep": "sales"})


def token_of(house, who="rep", *, after=timedelta(0)):
    """The token of a link written `after` now."""
    with house.ctx() as ctx:
        user = queries.one_user(ctx, house.users[who].id)
        return resetting.link_of(ctx.tenant, user, ctx.now + after + resetting.VALID).rsplit("/", 1)[1]


def use(house, token, password=NEW, **rest):
    with stranger(house, may=("users.reset",), **rest) as ctx:
        return resetting.reset(ctx, token, password).id


def signs_in(house, password, who="rep"):
    with house.ctx() as ctx:
        try:
            return bool(actions.prove(ctx.session, house.users[who].mail, password))
        except Refused:
            return False


def test_the_link_sets_a_password_ends_sessions_and_tells_the_person(house):
    with entry.enter(house.tenant) as session:
        for _ in range(3):
            actions.open_session(session, session.get(User, house.users["rep"].id), now=entry.utcnow(), ip=None, agent=None)
    assert use(house, token_of(house)) == house.users["rep"].id
    assert signs_in(house, NEW) and not signs_in(house, PASSWORD)
    with house.ctx() as ctx:
        assert ctx.session.execute(select(SignIn.id).where(SignIn.user_id == house.users["rep"].id, SignIn.revoked_at.is_(None))).all() == []
        assert ctx.session.execute(select(Fact.kind).where(Fact.subject_id == house.users["rep"].id)).scalars().all() == ["user.password_reset"]
        order = ctx.session.execute(select(Order).where(Order.name == "identity.mail_notice")).scalar_one()
        mail_notice(ctx, **order.args)
        letter = ctx.session.execute(select(OutgoingMail)).scalar_one()
        assert letter.template == "password_changed" and letter.to_mail == house.users["rep"].mail and "/password/forgotten" in letter.body_text


def test_it_is_worth_something_once(house):
    token = token_of(house)
    use(house, token)
    with pytest.raises(NotFound, match="reset_over"):
        use(house, token, "a third good password")
    assert signs_in(house, NEW)


def test_two_at_once_with_one_link_set_one_password(house):
    token = token_of(house)
    assert at_once(lambda: use(house, token, NEW), lambda: use(house, token, "a third good password")) == ["done", "reset_over"]


def change_mail(ctx, user):
    user.mail_norm = user.mail = f"other-{uuid4().hex[:6]}@people.example"


ENDS = {
    "another password": lambda ctx, user: actions.set_password(ctx, user, password_hash()),
    "another address": change_mail,
    "no access any more": lambda ctx, user: actions.disable_user(ctx, user),
    "access taken and given back": lambda ctx, user: (actions.disable_user(ctx, user), setattr(user, "state", "active")),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_it_dies_with(house, end):
    token = token_of(house)
    with house.ctx() as ctx:
        end(ctx, queries.one_user(ctx, house.users["rep"].id))
    with pytest.raises(NotFound, match="reset_over"):
        use(house, token)


def test_without_the_version_in_its_signature_it_would_live_on(house, monkeypatch):
    """Negative control: nothing but the person is signed."""
    from infra import crypto

    monkeypatch.setattr(resetting, "_signatures", lambda tenant, user, until: [crypto.sign(b"k" * 32, str(user.id), until)])
    token = token_of(house)
    use(house, token)
    assert use(house, token, "a third good password")


def test_it_dies_after_half_an_hour(house):
    token, now = token_of(house), entry.utcnow()
    with stranger(house, may=("users.reset",), now=now + timedelta(minutes=29)) as ctx:
        assert resetting.find(ctx, token)
    with pytest.raises(NotFound), stranger(house, may=("users.reset",), now=now + timedelta(minutes=31)) as ctx:
        resetting.find(ctx, token)


def test_a_turned_or_foreign_link_is_worth_nothing(house, app):
    token = token_of(house)
    user, until, signature = token.split(".")
    later = str(int(until) + 3600)
    owner = str(house.users["owner"].id)
    turned = ["", "x", f"{user}.{later}.{signature}", f"{owner}.{until}.{signature}", f"{user}.{until}.{'0' * 64}", token.upper(), token + "0"]
    for one in turned:
        with pytest.raises(NotFound, match="reset_over"), stranger(house, may=("users.reset",)) as ctx:
            resetting.find(ctx, one)
    other = House(f"ot-{uuid4().hex[:8]}", {"owner": "admin"})
    with entry.enter(other.tenant) as session:
        session.execute(update(User).values(id=house.users["rep"].id))
    with pytest.raises(NotFound, match="reset_over"), stranger(other, may=("users.reset",)) as ctx:
        resetting.find(ctx, token)


def test_the_letter_is_written_for_who_works_here_and_for_nobody_else(house):
    known, disabled, unknown = house.users["rep"].mail, house.users["owner"].mail, "nobody@people.example"
    with entry.enter(house.tenant) as session:
        session.execute(update(User).where(User.mail == disabled).values(state="disabled"))
    for mail in (known.upper(), disabled, unknown):
        with stranger(house, may=("users.reset",)) as ctx:
            resetting.ask(ctx, mail)
    with house.ctx() as ctx:
        orders = ctx.session.execute(select(Order).where(Order.name == "identity.mail_reset")).scalars().all()
        assert len(orders) == 3 and not any(mail.split("@")[0] in str(order.args) for order in orders for mail in (known, disabled, unknown))
        for order in orders:
            mail_reset(ctx, **order.args)
        letter = ctx.session.execute(select(OutgoingMail)).scalar_one()
        assert letter.to_mail == known and f"http://{house.host}/password/{house.users['rep'].id}." in letter.body_text


def test_an_administrator_has_the_letter_sent_and_cannot_for_who_has_left(house):
    with house.ctx() as ctx:
        user = queries.one_user(ctx, house.users["rep"].id)
        resetting.send(ctx, user)
        assert ctx.session.execute(select(Fact.kind).where(Fact.subject_id == user.id)).scalars().all() == ["user.reset_sent"]
        actions.disable_user(ctx, user)
        with pytest.raises(Refused, match="user_unknown"):
            resetting.send(ctx, user)


def test_a_weak_password_leaves_the_link_as_it_was(house):
    token = token_of(house)
    with pytest.raises(Refused, match="password_known"):
        use(house, token, "administrator")
    assert use(house, token)
