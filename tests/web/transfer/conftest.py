"""A world whose imports run at once, as the worker would run them."""

from contextlib import contextmanager
from io import BytesIO

import pytest
from sqlalchemy import select, update

from core.base.outbox import Order
from core.transfer import checking, running, undoing

JOBS = {"transfer.check": checking.check_file, "transfer.run": running.run_import, "transfer.undo": undoing.undo_import}


@pytest.fixture
def work(world):
    """work("rep"): do the waiting orders of imports, as that person."""
    from uuid import UUID

    def orders(who, house):
        with house.ctx(who) as ctx:
            waiting = select(Order.id, Order.name, Order.args).where(Order.name.in_(JOBS), Order.state == "waiting").order_by(Order.id)
            found = ctx.session.execute(waiting).all()
            ctx.session.execute(update(Order).where(Order.id.in_([order.id for order in found])).values(state="done"))
        return found

    def run(who="owner", house=None):
        house = house or world.acme

        @contextmanager
        def door():
            with house.ctx(who) as ctx:
                yield ctx

        while found := orders(who, house):
            for order in found:
                JOBS[order.name](door, UUID(order.args["run_id"]), order.args["round"])

    return run


@pytest.fixture
def upload(world):
    """upload(content, who=…): the page of the new import."""

    def send(content, who="owner", kind="accounts", name="list.csv", house=None, status=303):
        content = content.encode() if isinstance(content, str) else content
        answer = world.browser(who, house).post("/imports", {"kind": kind, "file": (BytesIO(content), name)}, content_type="multipart/form-data")
        assert answer.status_code == status, answer.text
        return answer.headers.get("Location") if status == 303 else answer

    return send
