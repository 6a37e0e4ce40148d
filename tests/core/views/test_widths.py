"""Widths of columns: in a view that one may change for everybody who finds it, else for oneself and that list."""

from uuid import uuid4

import pytest

from core.base.errors import Refused
from core.views import actions, queries
from core.views.models import SavedView
from tests.core.views.test_views import saved
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    return House(f"widths-{uuid4().hex[:6]}")


def put(house, who, column, width, room="accounts", view=None):
    with house.ctx(who) as ctx:
        actions.set_width(ctx, room, column, width, queries.one_view(ctx, view) if view else None)


def habit(house, who, room="accounts"):
    with house.ctx(who) as ctx:
        return dict(queries.views_of(ctx, room).widths)


def kept(house, view):
    with house.ctx() as ctx:
        return ctx.session.get(SavedView, view).widths


def test_they_are_ones_own_and_the_lists(house):
    put(house, "rep", "city", 200), put(house, "rep", "name", 300), put(house, "rep", "city", 90)
    assert habit(house, "rep") == {"city": 90, "name": 300}
    assert habit(house, "manager") == {} == habit(house, "rep", "contacts")
    put(house, "rep", "city", None)
    assert habit(house, "rep") == {"name": 300}
    put(house, "colleague", "city", None)
    assert habit(house, "colleague") == {}


def test_columns_and_widths_leave_each_other_alone(house):
    put(house, "owner", "city", 200)
    with house.ctx() as ctx:
        actions.choose_columns(ctx, "accounts", ["city"])
    assert habit(house, "owner") == {"city": 200}
    put(house, "owner", "name", 100)
    with house.ctx() as ctx:
        assert queries.views_of(ctx, "accounts").columns == ("city",)


def test_a_view_that_one_may_change_keeps_them_for_all(house):
    own, shared = saved(house), saved(house, audience="everyone")
    put(house, "manager", "city", 120, view=own), put(house, "owner", "city", 150, view=shared), put(house, "manager", "name", 80, view=shared)
    assert (kept(house, own), kept(house, shared)) == ({"city": 120}, {"city": 150, "name": 80})
    put(house, "manager", "city", None, view=shared)
    assert kept(house, shared) == {"name": 80} and habit(house, "manager") == {}


def test_in_anothers_view_they_are_ones_own(house):
    shared = saved(house, audience="everyone")
    put(house, "reader", "city", 111, view=shared)
    assert kept(house, shared) == {} and habit(house, "reader") == {"city": 111}


@pytest.mark.parametrize("width", [47, 801, 0, -5, 10**9])
def test_what_nobody_could_use_is_refused(house, width):
    with pytest.raises(Refused, match="out_of_range"):
        put(house, "rep", "city", width)
