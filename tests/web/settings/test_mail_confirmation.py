"""The address of a sign-up, through the door: what waits is told, the link asks, and one press sends it."""

import re

import pytest
from sqlalchemy import func, select

from core.base.outbox import Order
from core.identity import confirmed_mail, queries
from core.identity.models import Invitation


@pytest.fixture
def unconfirmed(world):
    with world.acme.ctx() as ctx:
        queries.one_user(ctx, ctx.actor.id).mail_confirmed_at = None
        link = confirmed_mail.link_of(ctx.tenant, queries.one_user(ctx, ctx.actor.id))
    yield link.removeprefix(ctx.tenant.url)
    with world.acme.ctx() as ctx:
        queries.one_user(ctx, ctx.actor.id).mail_confirmed_at = ctx.now


def ordered(world):
    with world.acme.ctx() as ctx:
        return ctx.session.execute(select(func.count()).select_from(Order).where(Order.name == "identity.mail_invitation")).scalar_one()


def waiting(world):
    """How many invitations other tests have left without a letter."""
    with world.acme.ctx() as ctx:
        return ctx.session.execute(select(func.count()).where(Invitation.state == "waiting", Invitation.letter_at.is_(None))).scalar_one()


def test_an_invitation_waits_and_goes_out_by_the_link(world, unconfirmed):
    owner, before, there = world.browser("owner"), ordered(world), waiting(world)
    answer = owner.post("/settings/invitations/", {"mail": "waits@people.example", "name": "", "role": "sales", "team_id": ""})
    assert answer.status_code == 303 and ordered(world) == before
    text = owner.get("/settings/members").text
    assert "The invitation of waits@people.example waits until the owner" in text
    assert "Invitations wait" in text and "Waits for a confirmed address" in text and "Send the letter again" in text
    assert owner.get(unconfirmed).status_code == 200 and ordered(world) == before  # looking changes nothing
    assert owner.post(unconfirmed).status_code == 303 and ordered(world) == before + there + 1
    text = owner.get("/settings/members").text
    assert "Invitations wait" not in text and "Waits for a confirmed address" not in text
    assert owner.post(unconfirmed).status_code == 303 and ordered(world) == before + there + 1


def test_a_colleague_is_told_whom_they_wait_for(world, unconfirmed):
    text = world.browser("manager").get("/settings/members").text
    assert "once Owner has confirmed" in re.sub(r"\s+", " ", text) and "Send the letter again" not in text


def test_somebody_else_can_do_nothing_with_the_link(world, unconfirmed):
    rep = world.browser("rep")
    assert rep.get(unconfirmed).status_code == 404 and rep.post(unconfirmed).status_code == 404
    assert world.browser().get(unconfirmed).status_code == 303  # to the page to sign in
    with world.acme.ctx() as ctx:
        assert queries.one_user(ctx, ctx.actor.id).mail_confirmed_at is None


def test_a_program_sees_that_the_letter_waits(world, unconfirmed):
    made = world.api("owner").json("POST", "/api/v1/invitations", {"mail": "api-waits@people.example"})
    assert made.status_code == 201 and made.json["letter_at"] is None


def test_the_letter_can_be_had_again(world, unconfirmed):
    owner = world.browser("owner")
    assert "follow" in owner.get("/settings/mail-address/").text.lower()
    assert owner.post("/settings/mail-confirmation/").status_code == 303
    with world.acme.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Order).where(Order.name == "identity.mail_confirmation")).scalar_one() == 1
