"""Invitations that ended more than 90 days ago are let go of; a program sends a waiting one again."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from core.identity import inviting, pruning
from core.identity.models import Invitation
from tests.conftest import rolled_back


def old(ctx, **values):
    key = inviting.invite(ctx, mail=f"{uuid4().hex[:8]}@people.example", role="sales").id
    ctx.session.flush()
    ctx.session.execute(update(Invitation.__table__).where(Invitation.__table__.c.id == key).values(**values))
    return key


@pytest.mark.parametrize("state, days, goes", [
    ("accepted", 91, True), ("revoked", 91, True), ("accepted", 89, False), ("revoked", 89, False), ("waiting", 91, True), ("waiting", 89, False),
])
def test_it_goes_90_days_after_its_end(shared_house, state, days, goes):
    with rolled_back(shared_house, "owner") as ctx:
        moment = ctx.now - timedelta(days=days)
        waits = state == "waiting"
        key = old(ctx, state=state, expires_at=moment if waits else ctx.now, updated_at=ctx.now if waits else moment)
        ctx.session.expire_all()
        assert (pruning.prune(ctx)["invitations"] == 1) is goes
        assert (ctx.session.get(Invitation, key) is None) is goes


def test_a_program_sends_it_again_and_the_link_before_dies(world):
    api = world.api("owner")
    made = api.json("POST", "/api/v1/invitations", {"mail": f"{uuid4().hex[:8]}@people.example"}).json
    again = api.json("POST", f"/api/v1/invitations/{made['id']}/resending")
    assert again.status_code == 200, again.json
    assert again.json["version"] > made["version"] and again.json["expires_at"] >= made["expires_at"]
    with world.acme.ctx() as ctx:
        assert inviting.one_invitation(ctx, made["id"]).nonce == 2
    assert world.api("rep").json("POST", f"/api/v1/invitations/{made['id']}/resending").status_code == 403
