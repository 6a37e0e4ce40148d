"""Saved views: whose they are, who finds them, what they may hold; and how a list opens for somebody."""

from uuid import uuid4

import pytest

from core.base.errors import Forbidden, NotFound, Refused
from core.identity import teams
from core.views import actions, queries
from core.views.rules import clean_query
from tests.support.races import at_once
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    return House(f"views-{uuid4().hex[:6]}")


def saved(house, who="manager", name=None, **values):
    with house.ctx(who) as ctx:
        return actions.save_view(ctx, room="accounts", name=name or f"View {uuid4().hex[:6]}", query=values.pop("query", {"tag": "fair"}), **values).id


def found(house, who, room="accounts"):
    with house.ctx(who) as ctx:
        return {view.id for view in queries.views_of(ctx, room).views}


def test_ones_own_view_is_found_by_nobody_else(house):
    key = saved(house)
    assert key in found(house, "manager") and key not in found(house, "manager", "contacts")
    assert key not in found(house, "rep") | found(house, "owner")
    with house.ctx("owner") as ctx, pytest.raises(NotFound):
        queries.one_view(ctx, key)


def test_everyones_view_is_everyones(house):
    key = saved(house, audience="everyone")
    assert all(key in found(house, who) for who in ("owner", "rep", "reader"))


def test_a_teams_view_is_found_by_the_team_and_its_maker_alone_once_the_team_is_gone(house):
    with house.ctx() as ctx:
        team = teams.create_team(ctx, name=f"Desk {uuid4().hex[:4]}")
        ctx.session.flush()
        for who in ("manager", "rep"):
            teams.put_member(ctx, team, house.users[who].id)
        team_id = team.id
    key = saved(house, audience="team", team_id=team_id)
    assert [key in found(house, who) for who in ("manager", "rep", "colleague")] == [True, True, False]
    with house.ctx() as ctx:
        teams.delete_team(ctx, ctx.session.get(type(team), team_id))
    assert [key in found(house, who) for who in ("manager", "rep", "colleague")] == [True, False, False]


@pytest.mark.parametrize("audience", ["everyone", "team"])
def test_showing_a_view_to_others_is_a_right(house, audience):
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        actions.save_view(ctx, room="accounts", name="Mine for all", query={}, audience=audience)
    key = saved(house, "rep")
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        actions.change_view(ctx, queries.one_view(ctx, key), audience=audience)


def test_a_team_that_is_not_ones_own_is_refused(house):
    with house.ctx() as ctx:
        other = teams.create_team(ctx, name=f"Other {uuid4().hex[:4]}")
        ctx.session.flush()
    for team_id in (other.id, None, uuid4()):
        with house.ctx("manager") as ctx, pytest.raises(Refused, match="view_team_unknown"):
            actions.save_view(ctx, room="accounts", name="Theirs", query={}, audience="team", team_id=team_id)


def test_a_name_is_ones_own_once_whatever_its_case(house):
    saved(house, name="Hot leads")
    with house.ctx("manager") as ctx, pytest.raises(Refused, match="view_name_taken"):
        actions.save_view(ctx, room="accounts", name="HOT leads", query={})
    saved(house, "rep", name="Hot leads")
    with house.ctx("manager") as ctx:
        actions.save_view(ctx, room="contacts", name="Hot leads", query={})


def test_two_saves_of_one_name_at_once_leave_one(house):
    name = f"Twice {uuid4().hex[:4]}"
    assert at_once(*[lambda: saved(house, name=name)] * 3) == ["done", "view_name_taken", "view_name_taken"]


def test_others_change_what_is_everyones_with_the_right_and_nothing_else(house):
    shared, own = saved(house, audience="everyone"), saved(house)
    with house.ctx("owner") as ctx:
        actions.change_view(ctx, queries.one_view(ctx, shared), name=f"Better {uuid4().hex[:4]}")
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        actions.change_view(ctx, queries.one_view(ctx, shared), name="Worse")
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        actions.delete_view(ctx, queries.one_view(ctx, shared))
    assert own not in found(house, "owner")


def test_a_deleted_view_comes_back_for_its_maker_unless_the_name_is_taken(house):
    key = saved(house, name="Come back")
    with house.ctx("manager") as ctx:
        actions.open_with(ctx, "accounts", queries.one_view(ctx, key))
        actions.delete_view(ctx, queries.one_view(ctx, key))
    assert key not in found(house, "manager")
    with house.ctx("owner") as ctx, pytest.raises(NotFound):
        queries.one_view(ctx, key, deleted=True)
    with house.ctx("manager") as ctx:
        actions.restore_view(ctx, queries.one_view(ctx, key, deleted=True))
    assert key in found(house, "manager")
    with house.ctx("manager") as ctx:
        actions.delete_view(ctx, queries.one_view(ctx, key))
    saved(house, name="come back")
    with house.ctx("manager") as ctx, pytest.raises(Refused, match="view_name_taken"):
        actions.restore_view(ctx, queries.one_view(ctx, key, deleted=True))


def test_a_list_opens_as_somebody_likes_it(house):
    key = saved(house, "colleague")
    with house.ctx("colleague") as ctx:
        assert (queries.views_of(ctx, "accounts").columns, queries.views_of(ctx, "accounts").default) == (None, None)
        actions.choose_columns(ctx, "accounts", ["city", "phone"])
        actions.open_with(ctx, "accounts", queries.one_view(ctx, key))
    with house.ctx("colleague") as ctx:
        habits = queries.views_of(ctx, "accounts")
        assert (habits.columns, habits.default, queries.views_of(ctx, "contacts").default) == (("city", "phone"), key, None)
        actions.choose_columns(ctx, "accounts", None)
        actions.open_with(ctx, "accounts", None)
        ctx.session.flush()
        assert (queries.views_of(ctx, "accounts").columns, queries.views_of(ctx, "accounts").default) == (None, None)
    with house.ctx("owner") as ctx:
        assert queries.views_of(ctx, "accounts").default is None


def test_there_is_an_end_to_views(house, monkeypatch):
    monkeypatch.setattr(actions, "MOST_VIEWS", 2)
    [saved(house, "reader") for _ in range(2)]
    with house.ctx("reader") as ctx, pytest.raises(Refused, match="too_many_views"):
        actions.save_view(ctx, room="accounts", name="One more", query={})


@pytest.mark.parametrize("query", [
    {"evil": 1}, {"search": 5}, {"search": "x" * 201}, {"tag": "a\x00b"}, {"where": "x"}, {"where": [["a", "b"]]}, {"where": [["a", "b", 3]]}, {"where": [["a", "b", "c"]] * 31},
    {"columns": "city"}, {"columns": [1]}, {"where": {"a": 1}}, {"owner": ["me"]},
])
def test_a_view_holds_nothing_strange(query):
    with pytest.raises(Refused):
        clean_query(query)


def test_a_view_holds_what_a_list_asks_for():
    whole = {"search": "ada", "owner": "me", "tag": "fair", "kind": "company", "role": "customer", "sort": "-city", "where": [["city", "contains", "Kiel"]], "columns": ["city"]}
    assert clean_query(whole) == whole and clean_query({"search": "", "where": [], "columns": None}) == {}
