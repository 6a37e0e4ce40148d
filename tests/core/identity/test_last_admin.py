"""A company never loses its last administrator, whoever acts at once with whom."""

import threading
from uuid import uuid4

from sqlalchemy import func, select

from core.base.errors import Refused
from core.identity import actions, queries
from core.identity.models import Role, User
from tests.support.world import House


def admins(house) -> int:
    with house.ctx("one") as ctx:
        query = select(func.count()).select_from(User).join(Role).where(Role.code == "admin", User.state == "active")
        return ctx.session.execute(query).scalar_one()


def at_once(house, *acts) -> list[str]:
    """Each act in a transaction and a thread of its own, all begun before any goes on; what each came to."""
    met, said = threading.Barrier(len(acts)), []

    def run(who, act):
        try:
            with house.ctx(who) as ctx:
                ctx.session.execute(select(1))
                met.wait()
                act(ctx)
            said.append("done")
        except Refused as error:
            said.append(error.code)

    threads = [threading.Thread(target=run, args=one) for one in acts]
    [one.start() for one in threads]
    [one.join() for one in threads]
    return sorted(said)


def test_two_administrators_who_shut_each_other_out_at_once_leave_one(app):
    for _ in range(5):
        house = House(f"two-{uuid4().hex[:6]}", {"one": "admin", "two": "admin"})
        shut = [(me, lambda ctx, other=other: actions.disable_user(ctx, queries.one_user(ctx, house.users[other].id))) for me, other in (("one", "two"), ("two", "one"))]
        assert at_once(house, *shut) == ["done", "last_admin"] and admins(house) == 1


def test_one_who_takes_a_role_and_one_who_takes_access_away_leave_one(app):
    for _ in range(5):
        house = House(f"mix-{uuid4().hex[:6]}", {"one": "admin", "two": "admin"})
        role = ("one", lambda ctx: actions.give_role(ctx, queries.one_user(ctx, house.users["two"].id), "reader"))
        access = ("two", lambda ctx: actions.disable_user(ctx, queries.one_user(ctx, house.users["one"].id)))
        assert at_once(house, role, access) == ["done", "last_admin"] and admins(house) == 1

