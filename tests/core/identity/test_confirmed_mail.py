"""No invitation leaves a workspace before the address of its sign-up is confirmed; then each goes out, once."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from core.base.errors import NotFound
from core.base.outbox import Order
from core.identity import confirmed_mail, inviting, queries, readdressing, resetting
from core.identity.models import Invitation, User
from core.post.models import OutgoingMail
from tenants import entry
from tests.core.identity.test_inviting import stranger
from tests.support.races import somebody_waits
from tests.support.world import House


@pytest.fixture
def house(app):
    """A workspace as a sign-up leaves it: its owner's address is not confirmed."""
    made = House(f"cm-{uuid4().hex[:6]}")
    with made.ctx() as ctx:
        queries.one_user(ctx, ctx.actor.id).mail_confirmed_at = None
    return made


def invited(house, **rest):
    with house.ctx(**rest) as ctx:
        return inviting.invite(ctx, mail=f"new-{uuid4().hex[:8]}@people.example", role="sales").id


def orders(house):
    """The keys of the invitations whose letters are ordered, one for each order."""
    with house.ctx() as ctx:
        return sorted(ctx.session.execute(select(Order.args["invitation_id"].astext).where(Order.name == "identity.mail_invitation")).scalars())


def token(ctx):
    return confirmed_mail.link_of(ctx.tenant, queries.one_user(ctx, ctx.actor.id)).rsplit("/", 1)[1]


def confirm(house, **rest):
    with house.ctx(**rest) as ctx:
        return confirmed_mail.confirm(ctx, token(ctx))


def test_invitations_wait_and_go_out_once(house):
    keys = sorted(str(invited(house)) for _ in range(3))
    with house.ctx() as ctx:
        inviting.resend(ctx, ctx.session.get(Invitation, keys[0]))
    assert orders(house) == []
    assert confirm(house) == 3 and confirm(house) == 0
    assert orders(house) == keys
    later = str(invited(house))
    assert orders(house) == sorted([*keys, later])


def test_another_administrator_does_not_send_them_either(house):
    with house.ctx() as ctx:
        ctx.session.execute(update(User).where(User.id == house.users["rep"].id).values(role_id=queries.one_user(ctx, ctx.actor.id).role_id))
    house.users["rep"].role = house.users["owner"].role
    with house.ctx("rep") as ctx:
        assert inviting.invite(ctx, mail="somebody@people.example", role="sales").letter_at is None
    assert orders(house) == []


def test_their_seven_days_begin_with_the_letter(house):
    key, now = invited(house), entry.utcnow()
    confirm(house, now=now + timedelta(days=5))
    with house.ctx() as ctx:
        invitation = ctx.session.get(Invitation, key)
        assert abs(invitation.expires_at - now - timedelta(days=12)) < timedelta(seconds=5) and invitation.letter_at is not None


def test_revoked_and_ended_ones_stay_where_they_are(house):
    revoked, ended = invited(house), invited(house)
    with house.ctx() as ctx:
        inviting.revoke(ctx, ctx.session.get(Invitation, revoked))
        ctx.session.get(Invitation, ended).expires_at = ctx.now - timedelta(hours=1)
    assert confirm(house) == 0 and orders(house) == []


def test_a_link_is_for_one_person_and_one_address(house):
    with house.ctx() as ctx:
        mine = token(ctx)
    with house.ctx("rep") as ctx, pytest.raises(NotFound):
        confirmed_mail.confirm(ctx, mine)
    with house.ctx() as ctx:
        user = queries.one_user(ctx, ctx.actor.id)
        user.mail = user.mail_norm = f"other-{uuid4().hex[:6]}@people.example"
        ctx.session.flush()
        for one in (mine, mine[:-1] + ("0" if mine[-1] != "0" else "1"), "", "x" * 101):
            with pytest.raises(NotFound):
                confirmed_mail.confirm(ctx, one)
        assert user.mail_confirmed_at is None


def test_whoever_invites_while_it_is_confirmed_is_not_passed_by(house):
    """The confirmation waits for him, and sees his invitation."""
    with house.ctx() as ctx:
        made = str(inviting.invite(ctx, mail="new@people.example", role="sales").id)
        confirming = threading.Thread(target=confirm, args=(house,))
        confirming.start()
        somebody_waits()
    confirming.join()
    assert orders(house) == [made]


def test_another_address_that_is_confirmed_is_as_good(house):
    key = str(invited(house))
    with house.ctx() as ctx:
        row = readdressing.ask(ctx, f"other-{uuid4().hex[:6]}@people.example")
        ctx.session.flush()
        link = readdressing.link_of(ctx.tenant, row, "confirm").rsplit("/", 1)[1]
    assert orders(house) == []
    with house.ctx() as ctx:
        readdressing.confirm(ctx, link)
    assert orders(house) == [key]


def test_a_new_password_by_mail_is_as_good(house):
    key = str(invited(house))
    with house.ctx() as ctx:
        user = queries.one_user(ctx, ctx.actor.id)
        link = resetting.link_of(ctx.tenant, user, ctx.now + resetting.VALID).rsplit("/", 1)[1]
    with stranger(house, may=("users.reset",)) as ctx:
        resetting.reset(ctx, link, "a sentence that is long")
    assert orders(house) == [key]


def test_the_letter_comes_again_until_it_is_confirmed(house):
    with house.ctx() as ctx:
        user = confirmed_mail.send_again(ctx)
        found = confirmed_mail.letter_of(ctx, user.id)
        assert found["to"] == user.mail and found["params"]["link"].endswith(token(ctx))
    confirm(house)
    with house.ctx() as ctx:
        assert confirmed_mail.send_again(ctx) is None and confirmed_mail.letter_of(ctx, ctx.actor.id) is None
        assert ctx.session.execute(select(func.count()).select_from(OutgoingMail)).scalar_one() == 0
