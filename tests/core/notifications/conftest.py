"""Settings and letters of the cast."""

from contextlib import contextmanager

import pytest
from sqlalchemy import delete, select, text, update

from core.base.context import make_context, system
from core.identity.models import User
from core.notifications import choosing
from core.notifications.models import Follower, Notification, NotificationSetting
from core.post.models import OutgoingMail
from tenants import entry


class Ear:
    """What the cast of a house hears."""

    def __init__(self, house):
        self.house = house

    def wants(self, who, **channels):
        with self.house.ctx(who) as ctx:
            choosing.choose(ctx, **channels)

    def heard(self, who):
        """(kind, record) of all that somebody was told, oldest first."""
        with self.house.ctx("owner") as ctx:
            query = select(Notification.kind, Notification.record_id).where(Notification.user_id == self.house.users[who].id)
            return [tuple(row) for row in ctx.session.execute(query.order_by(Notification.id))]

    def letters(self, who):
        """Letters to somebody, oldest first."""
        with self.house.ctx("owner") as ctx:
            return list(ctx.session.execute(select(OutgoingMail).where(OutgoingMail.to_mail == self.house.users[who].mail).order_by(OutgoingMail.id)).scalars())

    def moves(self, who, zone):
        with self.house.ctx("owner") as ctx:
            ctx.session.execute(update(User).where(User.id == self.house.users[who].id).values(timezone=zone))

    @contextmanager
    def as_system(self, now):
        with entry.enter(self.house.tenant) as session:
            yield make_context(session, system("test"), self.house.fresh().ref(f"http://{self.house.host}"), now)


@pytest.fixture
def ear(world):
    """Nobody has been told anything yet, and nobody chose anything."""
    with world.acme.ctx("owner") as ctx:
        for model in (Notification, NotificationSetting, Follower, OutgoingMail):
            ctx.session.execute(delete(model))
        ctx.session.execute(text("DELETE FROM outbox"))
        ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC'"))
    return Ear(world.acme)
