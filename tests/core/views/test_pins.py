"""Views that somebody pinned to his side bar: they come with his sign-in, as far as he still finds them."""

from uuid import uuid4

import pytest

from core.base.errors import Refused
from core.identity import actions as identity
from core.identity import queries as people
from core.views import actions, queries
from tenants import entry
from tests.core.views.test_views import saved
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    return House(f"pins-{uuid4().hex[:6]}")


def act(house, who, view, how=actions.pin):
    with house.ctx(who) as ctx:
        how(ctx, queries.one_view(ctx, view))


def bar(house, who):
    """What a page of his is told: names, in their order."""
    with entry.enter(house.tenant) as session:
        token, _ = identity.open_session(session, house.users[who], now=entry.utcnow(), ip="127.0.0.1", agent="x")
    with entry.enter(house.tenant) as session:
        found = people.session_of(session, token, entry.utcnow()).beside["pinned"]
    return [name for _, _, name in found or []]


def test_a_pinned_view_comes_with_the_sign_in_and_goes_again(house):
    beta, alpha = saved(house, "rep", name="beta"), saved(house, "rep", name="Alpha")
    assert bar(house, "rep") == []
    act(house, "rep", beta), act(house, "rep", alpha), act(house, "rep", alpha)
    assert bar(house, "rep") == ["Alpha", "beta"] and bar(house, "manager") == []
    with house.ctx("rep") as ctx:
        assert set(queries.views_of(ctx, "accounts").pinned) == {alpha, beta}
    act(house, "rep", beta, actions.unpin)
    assert bar(house, "rep") == ["Alpha"]


def test_a_view_that_is_no_longer_shared_or_is_deleted_leaves_the_bar(house):
    shared = saved(house, audience="everyone", name="Shared")
    act(house, "reader", shared)
    assert bar(house, "reader") == ["Shared"]
    act(house, "manager", shared, lambda ctx, view: actions.change_view(ctx, view, audience="me"))
    assert bar(house, "reader") == []
    act(house, "manager", shared, lambda ctx, view: actions.change_view(ctx, view, audience="everyone", name="Shared again"))
    assert bar(house, "reader") == ["Shared again"]
    act(house, "manager", shared, actions.delete_view)
    assert bar(house, "reader") == []


def test_there_are_ten_at_most_and_what_is_gone_takes_no_place(house):
    keys = [saved(house, "colleague") for _ in range(11)]
    for key in keys[:10]:
        act(house, "colleague", key)
    with pytest.raises(Refused, match="too_many_pins"):
        act(house, "colleague", keys[10])
    act(house, "colleague", keys[0], actions.delete_view)
    act(house, "colleague", keys[10])
    assert len(bar(house, "colleague")) == 10
