"""Roles, teams and absences: what the use cases refuse, and that nobody hands out more than he has."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from core.base.context import as_actor
from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.base.policy import permissions
from core.identity import absence, actions, queries, roles, teams
from core.identity.models import Absence, Role, Team, User
from core.identity.policy import BUILT_IN_ROLES
from core.identity.rights import RoleRights, add_up


@pytest.fixture
def hr(ctx):
    """A context of somebody who manages people and roles but is no administrator: sees his team, changes his own."""
    role = roles.create_role(ctx, name="People", permissions=["users.manage", "roles.manage", "teams.manage", "accounts.edit"], visibility="team", changing="own")
    user = User(mail="hr@x.example", mail_norm="hr@x.example", name="Hr", role_id=role.id, role=role, password_hash=None)
    ctx.session.add(user)
    ctx.session.flush()
    return as_actor(ctx, queries.actor_of(user))


# ---- what several roles add up to ----


def test_permissions_add_up_and_each_room_takes_the_widest_reach_of_those_who_read_there():
    sums = add_up([
        RoleRights(frozenset({"accounts.read", "accounts.edit"}), "team", "own"),
        RoleRights(frozenset({"accounts.read", "contacts.read"}), "branch", "own", {"contacts": ("own", "own")}),
        RoleRights(frozenset({"mailings.read"}), "all", "all"),
    ])
    assert sums.permissions == {"accounts.read", "accounts.edit", "contacts.read", "mailings.read"}
    assert sums.reach("accounts") == ("branch", "own") and sums.reach("contacts") == ("own", "own") and sums.reach("mailings") == ("all", "all")


def test_nobody_changes_further_than_he_sees_whatever_his_roles_say():
    near = RoleRights(frozenset({"accounts.edit", "accounts.read"}), "own", "all")
    far = RoleRights(frozenset({"accounts.read"}), "all", "own")
    assert add_up([near, far]).reach("accounts") == ("all", "own")


# ---- roles ----


def test_a_new_workspace_has_a_role_for_every_job(ctx):
    assert {role.code for role in queries.roles(ctx)} >= {"admin", "director", "manager", "team_lead", "sales", "marketing", "service", "purchasing", "finance", "reader"}
    for name, held, sees, changes in BUILT_IN_ROLES.values():
        assert held == {"*"} or held <= set(permissions()), name
        assert {f"{one.partition('.')[0]}.read" for one in held if f"{one.partition('.')[0]}.read" in permissions()} <= held | {"*.read"}, name


def test_whoever_may_do_something_in_a_room_may_read_there(ctx):
    assert roles.create_role(ctx, name="Odd", permissions=["accounts.edit"]).permissions == ["accounts.edit", "accounts.read"]


@pytest.mark.parametrize(("given", "code"), [
    ({"name": ""}, "required"), ({"name": "administrator"}, "role_name_taken"), ({"name": "X", "permissions": ["accounts.fly"]}, "unknown_permission"),
    ({"name": "X", "permissions": ["*"]}, "unknown_permission"), ({"name": "X", "visibility": "world"}, "unknown_value"), ({"name": "X", "sees_accounts": "moon"}, "unknown_value"),
    ({"name": "X", "code": "admin"}, "unknown_field"), ({"name": "X" * 61}, "too_long"), ({"name": "a\x00b"}, "control_character"),
])
def test_a_role_that_makes_no_sense_is_refused(ctx, given, code):
    with pytest.raises(Refused) as refusal:
        roles.create_role(ctx, **given)
    assert refusal.value.code == code


def test_the_administrators_role_stays_what_it_is(ctx):
    for act in (lambda role: roles.edit_role(ctx, role, name="Boss"), lambda role: roles.reset_role(ctx, role)):
        with pytest.raises(Refused, match="role_fixed"):
            act(roles.one_role(ctx, "admin"))
    with pytest.raises(Refused, match="role_built_in"):
        roles.delete_role(ctx, roles.one_role(ctx, "sales"))


def test_a_changed_role_holds_for_all_who_have_it_at_once_and_can_be_put_back(ctx):
    sales = roles.one_role(ctx, "sales")
    roles.edit_role(ctx, sales, permissions=["accounts.read"], visibility="all", sees_contacts="own")
    assert sales.scopes == {"contacts": ["own", ""]}
    roles.reset_role(ctx, sales)
    assert (set(sales.permissions), sales.visibility, sales.scopes) == (set(BUILT_IN_ROLES["sales"][1]), "own", {})
    with pytest.raises(Refused, match="role_not_built_in"):
        roles.reset_role(ctx, roles.create_role(ctx, name="Mine"))


def test_two_who_change_a_role_at_once_meet(ctx):
    role = roles.create_role(ctx, name="Desk", visibility="own")
    ctx.session.flush()
    was = {"name": "Desk", "visibility": "own"}
    roles.edit_role(ctx, role, name="Front desk", version=role.version, original=was)
    ctx.session.flush()
    with pytest.raises(Conflict):
        roles.edit_role(ctx, role, name="Back desk", version=1, original=was)
    roles.edit_role(ctx, role, visibility="team", version=1, original=was)
    assert (role.name, role.visibility) == ("Front desk", "team")


def test_a_role_goes_when_nobody_has_it(ctx, shared_house):
    role = roles.create_role(ctx, name="Gone soon")
    user = queries.one_user(ctx, shared_house.users["rep"].id)
    roles.give_further_roles(ctx, user, [role.code])
    with pytest.raises(Refused, match="role_in_use"):
        roles.delete_role(ctx, role)
    roles.give_further_roles(ctx, user, [])
    roles.delete_role(ctx, role)
    ctx.session.flush()
    with pytest.raises(NotFound):
        roles.one_role(ctx, role.code)


def test_further_roles_are_never_the_administrators_and_never_the_first_again(ctx, shared_house):
    user = queries.one_user(ctx, shared_house.users["rep"].id)
    with pytest.raises(Refused, match="unknown_value"):
        roles.give_further_roles(ctx, user, ["admin"])
    assert [role.code for role in roles.give_further_roles(ctx, user, ["sales", "reader"])] == ["reader"]


@pytest.mark.parametrize("act", [
    lambda hr, user: actions.give_role(hr, user, "admin"),
    lambda hr, user: actions.give_role(hr, user, "manager"),
    lambda hr, user: roles.give_further_roles(hr, user, ["manager"]),
    lambda hr, user: roles.create_role(hr, name="Up", permissions=["billing.manage"]),
    lambda hr, user: roles.create_role(hr, name="Up", permissions=["accounts.edit"], visibility="all"),
    lambda hr, user: roles.create_role(hr, name="Up", permissions=["accounts.edit"], visibility="team", changing="team"),
    lambda hr, user: roles.create_role(hr, name="Up", permissions=["accounts.edit"], sees_contacts="all"),
    lambda hr, user: roles.edit_role(hr, roles.one_role(hr, "sales"), permissions=["accounts.read"]),
    lambda hr, user: actions.add_user(hr, mail="new@x.example", name="New", password="correct horse battery", role="admin"),
])
def test_nobody_hands_out_more_than_he_has(hr, shared_house, act):
    with pytest.raises(Refused, match="beyond_yours"):
        act(hr, queries.one_user(hr, shared_house.users["reader"].id))


def test_what_he_has_he_may_hand_out(hr):
    assert roles.create_role(hr, name="Below", permissions=["accounts.edit"], visibility="team", changing="own").code.startswith("role-")


def test_without_the_check_rights_could_be_raised(hr, shared_house, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(roles, "check_grant", lambda ctx, role: None)
    assert roles.create_role(hr, name="Up", permissions=["billing.manage"]).permissions == ["billing.manage"]


def test_fields_are_withheld_by_all_roles_that_matter_there_or_not_at_all():
    hides = RoleRights(frozenset({"contacts.read", "contacts.edit"}), hidden=frozenset({"contacts.mail", "contacts.notes"}), protected=frozenset({"contacts.mail", "contacts.notes", "contacts.tags"}))
    reads = RoleRights(frozenset({"contacts.read"}), hidden=frozenset({"contacts.notes"}), protected=frozenset({"contacts.notes"}))
    elsewhere = RoleRights(frozenset({"mailings.read"}))
    assert add_up([hides]).hidden == {"contacts.mail", "contacts.notes"}
    both = add_up([hides, reads])
    assert both.hidden == {"contacts.notes"}, "one role shows the address"
    assert both.protected == {"contacts.mail", "contacts.notes", "contacts.tags"}, "showing it is not letting it be changed"
    assert add_up([hides, elsewhere]).hidden == hides.hidden, "a role that does not read there shows nothing"
    writes = RoleRights(frozenset({"contacts.read", "contacts.create"}), protected=frozenset({"contacts.tags"}))
    assert add_up([hides, writes]).protected == {"contacts.tags"}
    assert RoleRights.of({"permissions": ["*"], "visibility": "all", "changing": "all", "scopes": {}, "hidden": ["contacts.mail"], "protected": None}).protected == {"contacts.mail", "leads.mail"}


@pytest.mark.parametrize("field, names", [
    ("hidden", ["contacts.name"]), ("hidden", ["contacts.account_id"]), ("hidden", ["nothing.at_all"]), ("hidden", ["contacts"]), ("protected", ["contacts.created_at"]), ("protected", ["a\x00.b"]),
])
def test_only_fields_that_can_be_are_withheld(ctx, field, names):
    with pytest.raises(Refused, match="unknown_value"):
        roles.create_role(ctx, name="Strange", **{field: names})


def test_nobody_gives_a_field_that_he_does_not_have(hr):
    blind = replace(hr, actor=replace(hr.actor, hidden=frozenset({"accounts.phone"}), protected=frozenset({"accounts.phone", "accounts.notes"})))
    for withheld in ({}, {"hidden": ["accounts.phone"]}, {"protected": ["accounts.phone", "accounts.notes"]}):
        with pytest.raises(Refused, match="beyond_yours"):
            roles.create_role(blind, name="Sees", permissions=["accounts.edit"], visibility="own", changing="own", **withheld)
    roles.create_role(blind, name="Sees no more", permissions=["accounts.edit"], visibility="own", changing="own", hidden=["accounts.phone"], protected=["accounts.notes"])
    roles.create_role(blind, name="Reads no more", permissions=["accounts.read"], visibility="own", changing="own", hidden=["accounts.phone"])
    roles.create_role(blind, name="Elsewhere", permissions=["users.manage"], visibility="own", changing="own")


def test_a_built_in_role_put_back_shows_everything(ctx):
    role = roles.edit_role(ctx, roles.one_role(ctx, "service"), hidden=["contacts.birthday"], protected=["contacts.tags"])
    assert (role.hidden, role.protected) == (["contacts.birthday"], ["contacts.tags"])
    roles.reset_role(ctx, role)
    assert (role.hidden, role.protected) == ([], [])


@pytest.mark.parametrize("who", ["manager", "rep", "reader"])
def test_only_whoever_may_touches_roles_teams_and_others_absence(as_, shared_house, who):
    ctx = as_(who)
    user = queries.one_user(ctx, shared_house.users["colleague"].id)
    for act in (
        lambda: roles.create_role(ctx, name="X"), lambda: roles.edit_role(ctx, roles.one_role(ctx, "sales"), name="X"), lambda: roles.delete_role(ctx, roles.one_role(ctx, "sales")),
        lambda: teams.create_team(ctx, name="X"), lambda: roles.give_further_roles(ctx, user, []),
        lambda: absence.plan_absence(ctx, user, deputy_id=shared_house.users["rep"].id, starts_on=ctx.today, ends_on=ctx.today),
    ):
        with pytest.raises(Forbidden):
            act()


# ---- teams ----


def test_a_tree_grows_moves_and_shrinks(ctx, shared_house):
    west = teams.create_team(ctx, name="West", is_branch=True)
    sales = teams.create_team(ctx, name="Sales", parent_id=west.id)
    desk = teams.create_team(ctx, name="Desk", parent_id=sales.id)
    for who in ("colleague", "rep"):
        teams.put_member(ctx, desk, shared_house.users[who].id, leads=who == "rep")
    assert [(node.team.name, node.depth, [name for _, name, _ in node.members]) for node in teams.tree(ctx)] == [
        ("West", 0, []), ("Sales", 1, []), ("Desk", 2, ["Rep", "Colleague"]),
    ]
    with pytest.raises(Refused, match="team_cycle"):
        teams.edit_team(ctx, west, parent_id=desk.id)
    with pytest.raises(Refused, match="team_cycle"):
        teams.edit_team(ctx, west, parent_id=west.id)
    teams.put_member(ctx, sales, shared_house.users["reader"].id)
    teams.remove_member(ctx, sales, shared_house.users["reader"].id)
    teams.delete_team(ctx, sales)
    ctx.session.expire_all()
    assert [(node.team.name, node.depth) for node in teams.tree(ctx)] == [("West", 0), ("Desk", 1)]
    assert teams.teams_of(ctx) == {shared_house.users["rep"].id: ["Desk"], shared_house.users["colleague"].id: ["Desk"]}


def test_neighbours_have_different_names(ctx):
    top = teams.create_team(ctx, name="North")
    with pytest.raises(Refused, match="team_name_taken"):
        teams.create_team(ctx, name="north")
    inner = teams.create_team(ctx, name="North", parent_id=top.id)
    with pytest.raises(Refused, match="team_name_taken"):
        teams.edit_team(ctx, inner, parent_id=None)


def test_a_tree_is_eight_deep_at_most(ctx):
    chain = [teams.create_team(ctx, name="1")]
    for n in range(2, 9):
        chain.append(teams.create_team(ctx, name=str(n), parent_id=chain[-1].id))
    with pytest.raises(Refused, match="team_too_deep"):
        teams.create_team(ctx, name="9", parent_id=chain[-1].id)
    pair = teams.create_team(ctx, name="pair")
    teams.create_team(ctx, name="pair below", parent_id=pair.id)
    with pytest.raises(Refused, match="team_too_deep"):
        teams.edit_team(ctx, pair, parent_id=chain[-2].id)


@pytest.mark.parametrize("row", [{"name": "Self"}, {"name": "twin"}])
def test_the_database_keeps_the_tree_too(ctx, row):
    team = teams.create_team(ctx, name="Twin")
    ctx.session.flush()
    with pytest.raises(IntegrityError), ctx.session.begin_nested():
        if row["name"] == "Self":
            team.parent_id = team.id
        else:
            ctx.session.add(Team(name="twin"))
        ctx.session.flush()


def test_only_who_works_here_belongs_to_a_team(ctx, world, shared_house):
    team = teams.create_team(ctx, name="Strangers")
    with pytest.raises(Refused, match="user_unknown"):
        teams.put_member(ctx, team, world.globex.users["rep"].id)
    with pytest.raises(Refused, match="user_unknown"):
        teams.put_member(ctx, team, shared_house.users["ex"].id)
    with pytest.raises(NotFound):
        teams.remove_member(ctx, team, shared_house.users["rep"].id)


# ---- absence ----


def plan(ctx, house, first=0, last=3, deputy="colleague"):
    return absence.plan_absence(
        ctx, queries.one_user(ctx, house.users["rep"].id), deputy_id=house.users[deputy].id, starts_on=ctx.today + timedelta(days=first), ends_on=ctx.today + timedelta(days=last),
    )


@pytest.mark.parametrize(("first", "last", "deputy", "code"), [
    (3, 2, "colleague", "ends_before_start"), (-5, -1, "colleague", "days_over"), (0, 400, "colleague", "absence_too_long"), (0, 1, "rep", "deputy_unknown"), (0, 1, "ex", "deputy_unknown"),
])
def test_days_and_deputies_that_make_no_sense_are_refused(as_, shared_house, first, last, deputy, code):
    with pytest.raises(Refused, match=code):
        plan(as_("rep"), shared_house, first, last, deputy)


def test_one_absence_at_a_time(as_, shared_house):
    ctx = as_("rep")
    plan(ctx, shared_house, 0, 3)
    with pytest.raises(Refused, match="absence_meets_another"):
        plan(ctx, shared_house, 3, 5)
    assert plan(ctx, shared_house, 4, 5).ends_on == ctx.today + timedelta(days=5)
    assert [one.starts_on for one, _, _ in absence.absences(ctx, shared_house.users["rep"].id)] == [ctx.today, ctx.today + timedelta(days=4)]


def test_an_administrator_plans_and_ends_anybodys_absence_others_only_their_own(ctx, as_, shared_house):
    made = plan(ctx, shared_house)
    ctx.session.flush()
    colleague = as_actor(ctx, queries.load_actor(ctx.session, shared_house.users["colleague"].id, ctx.now)[1])
    with pytest.raises(NotFound):
        absence.one_absence(colleague, made.id)
    with pytest.raises(Forbidden):
        absence.cancel_absence(colleague, made)
    absence.cancel_absence(ctx, made)
    ctx.session.flush()
    assert ctx.session.get(Absence, made.id) is None


def test_a_role_row_needs_a_reach_that_there_is(ctx):
    with pytest.raises(IntegrityError), ctx.session.begin_nested():
        ctx.session.add(Role(code="odd", name="Odd", permissions=[], visibility="world"))
        ctx.session.flush()
