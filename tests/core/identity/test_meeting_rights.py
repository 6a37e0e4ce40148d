"""What a token may: what its user and its role both allow, nothing more (pure)."""

import pytest

from core.base.policy import permissions
from core.identity.narrowing import narrowed
from core.identity.rights import RoleRights, meet

ADMIN = RoleRights(frozenset({"*"}), "all", "all")
SALES = RoleRights(frozenset({"accounts.read", "accounts.edit", "contacts.read", "profile.edit"}), "own", "own", {"contacts": ("all", "team")}, frozenset({"contacts.birthday"}), frozenset({"contacts.birthday"}))
TEAM = RoleRights(frozenset({"accounts.read", "contacts.read", "activities.read"}), "team", "own", {"accounts": ("all", "all")}, frozenset({"accounts.phone"}), frozenset({"accounts.phone", "contacts.mail"}))


def test_an_administrators_rights_leave_the_role_as_it_is():
    assert meet(ADMIN, SALES) == meet(SALES, ADMIN)
    assert meet(ADMIN, SALES).permissions == SALES.permissions and meet(ADMIN, SALES).reach("accounts") == ("own", "own")
    assert meet(ADMIN, SALES).reach("contacts") == ("all", "team")


def test_both_must_allow_it_and_each_may_withhold():
    both = meet(SALES, TEAM)
    assert both.permissions == {"accounts.read", "contacts.read"}
    assert both.hidden == {"contacts.birthday", "accounts.phone"} and both.protected == {"contacts.birthday", "accounts.phone", "contacts.mail"}


def test_in_each_room_the_narrower_reach_holds():
    both = meet(SALES, TEAM)
    assert (both.reach("accounts"), both.reach("contacts"), both.reach("activities")) == (("own", "own"), ("team", "own"), ("own", "own"))


def test_rooms_and_reading_leave_fewer_permissions_and_ones_own_name():
    assert narrowed(SALES, rooms=["contacts"]).permissions == {"contacts.read", "profile.edit"}
    assert narrowed(SALES, reading=True).permissions == {"accounts.read", "contacts.read", "profile.edit"}
    assert narrowed(ADMIN, rooms=["accounts"], reading=True).permissions == {"accounts.read", "profile.edit"}
    assert narrowed(SALES, permissions=["accounts.edit", "users.manage"], rooms=["accounts"]).permissions == {"accounts.edit"}
    assert narrowed(SALES) is SALES


@pytest.mark.parametrize("reading", [True, False])
def test_of_everything_a_room_keeps_its_own(reading):
    kept = narrowed(ADMIN, rooms=["mailings"], reading=reading).permissions - {"profile.edit"}
    assert kept and kept <= {name for name in permissions() if name.startswith("mailings.")}
