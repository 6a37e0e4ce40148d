"""Nobody gives more than he has: limits in every currency, roles that decide further, and by whichever door they are given."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from core.approvals import limits
from core.approvals.limits import kept, mine
from core.base.errors import Refused
from core.identity import actions, inviting, roles
from core.identity.models import ApiToken
from core.identity.queries import actor_of_token, load_actor, one_user
from core.identity.roles import one_role
from core.products import rating
from core.quotes import approvable
from tests.support.world import House

CAST = {"owner": "admin", "manager": "manager", "rep": "sales", "reader": "reader"}
NET, LINE = "quotes.net", "quotes.line_discount"
MORE = frozenset({"roles.manage", "users.manage", "users.invite", "users.edit"})


@pytest.fixture(scope="module")
def house(app):
    """Two dollars are worth a euro. A manager, who gives roles, decides alone up to 20 percent on a line."""
    made = House(f"gives-{uuid4().hex[:6]}", CAST)
    with made.ctx("owner") as ctx:
        rating.add_currency(ctx, "USD")
        rating.store_rate(ctx, currency="USD", rate="2")
        limits.set_limits(ctx, one_role(ctx, "sales"), {(LINE, ""): "5", (NET, "EUR"): "100"})
    return made


def giver(house, ctx, **amounts):
    """The manager, who gives roles, with these limits of an amount."""
    limits.set_limits(replace(ctx, actor=owner(house, ctx)), one_role(ctx, "manager"), {(LINE, ""): "20", **{(NET, currency): value for currency, value in amounts.items()}})
    return replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions | MORE))


def owner(house, ctx):
    return replace(ctx.actor, id=house.users["owner"].id, permissions=frozenset({"*"}))


def refused(ctx, act, *args, **more):
    with pytest.raises(Refused) as found, ctx.session.begin_nested():
        act(ctx, *args, **more)
    return found.value.code, found.value.field


@pytest.mark.parametrize("own, given, expected", [
    ({"EUR": "1000"}, {"EUR": "1000"}, None),
    ({"EUR": "1000"}, {"EUR": "1000", "USD": "2000"}, None),  # worth as much
    ({"EUR": "1000"}, {"EUR": "1000", "USD": "2000.01"}, "USD"),
    ({"EUR": "1000"}, {"EUR": "1000", "GBP": "1"}, "GBP"),  # nobody knows what it is worth
    ({"EUR": "1000"}, {"USD": "10"}, "EUR"),  # no limit at all where the workspace's own currency counts
    ({"EUR": "1000", "USD": "900"}, {"EUR": "1000"}, "USD"),  # in dollars 2,000
    ({"EUR": "1000", "USD": "900"}, {"EUR": "400"}, None),
    ({"EUR": "1000", "USD": "9000"}, {"EUR": "1000"}, None),
    ({"USD": "900"}, {"EUR": "1000000"}, "USD"),
    ({"USD": "900"}, {"USD": "800"}, None),
    ({}, {"USD": "1"}, None),
])
def test_limits_are_compared_in_every_currency(house, own, given, expected):
    with house.ctx("manager") as ctx:
        ctx = giver(house, ctx, **own)
        typed = {(LINE, ""): "5"} | {(NET, currency): value for currency, value in given.items()}
        if expected is None:
            assert limits.set_limits(ctx, one_role(ctx, "sales"), typed)[LINE, ""] == 5
        else:
            assert refused(ctx, limits.set_limits, one_role(ctx, "sales"), typed) == ("limit_beyond_yours", f"{NET}.{expected}")
        ctx.session.rollback()


def test_rates_are_read_once_however_many_limits_are_compared_and_not_where_none_are(house, monkeypatch):
    read = []
    monkeypatch.setattr(approvable, "rates_on", lambda ctx, on: read.append(on) or rating.rates_on(ctx, on))
    with house.ctx("manager") as ctx:
        ctx = giver(house, ctx, EUR="1000")
        typed = {(NET, "EUR"): Decimal(1000), (NET, "USD"): Decimal(1999), (NET, "GBP"): Decimal(1)}
        assert limits.beyond_own(ctx, NET, typed, mine(ctx)) == ["GBP"] and read == [ctx.tenant_today]
        assert limits.beyond_own(ctx, NET, {(NET, "EUR"): Decimal(900)}, mine(ctx)) == [] and len(read) == 1
        ctx.session.rollback()


def test_a_new_role_begins_with_the_limits_of_whoever_makes_it(house):
    with house.ctx("manager") as ctx:
        ctx = giver(house, ctx, EUR="1000", USD="900")
        made = roles.create_role(ctx, name="Helpers", permissions=["quotes.read", "quotes.send"])
        assert kept(ctx, made) == {(LINE, ""): 20, (NET, "EUR"): 1000, (NET, "USD"): 900}
        assert kept(ctx, roles.create_role(ctx, name="Readers", permissions=["quotes.read"])) == {}
        reads = roles.create_role(ctx, name="Soon more", permissions=["quotes.read"])
        roles.edit_role(ctx, reads, permissions=["quotes.read", "quotes.send"])
        assert kept(ctx, reads)[LINE, ""] == 20
        mine_ = replace(ctx, actor=owner(house, ctx))
        assert kept(mine_, roles.create_role(mine_, name="Of the owner", permissions=["quotes.send"])) == {}
        ctx.session.rollback()


def test_a_role_that_decides_further_is_neither_given_nor_changed(house):
    with house.ctx("manager") as ctx:
        ctx = giver(house, ctx, EUR="1000")
        far = roles.create_role(replace(ctx, actor=owner(house, ctx)), name="Far", permissions=["quotes.read", "quotes.send"])
        person = one_user(ctx, house.users["reader"].id)
        for act in (
            lambda ctx: roles.give_further_roles(ctx, person, [far.code]), lambda ctx: actions.give_role(ctx, person, far.code),
            lambda ctx: inviting.invite(ctx, mail="new@example.com", name="New", role=far.code), lambda ctx: roles.edit_role(ctx, far, name="Farther"),
        ):
            assert refused(ctx, act) == ("role_beyond_yours", "permissions")
        limits.set_limits(ctx, far, {(LINE, ""): "20", (NET, "EUR"): "1000"})
        assert [role.code for role in roles.give_further_roles(ctx, person, [far.code])] == [far.code]
        ctx.session.rollback()


def test_a_token_reaches_as_far_as_its_person_and_no_further_than_its_role(house):
    with house.ctx("owner") as ctx:
        wide = roles.create_role(ctx, name="Wide", permissions=["quotes.read", "quotes.send"])
        limits.set_limits(ctx, wide, {(LINE, ""): "15"})
        roles.give_further_roles(ctx, one_user(ctx, house.users["rep"].id), [wide.code])
        person = load_actor(ctx.session, house.users["rep"].id, ctx.now)[0]
        for role, expected in ((None, [{Decimal(5), Decimal(15)}]), (wide, [{Decimal(5), Decimal(15)}, {Decimal(15)}])):
            token = ApiToken(name="t", token_hash=uuid4().bytes, hint="t", user_id=person.id, role_id=role.id if role else None)
            ctx.session.add(token)
            ctx.session.flush()
            token.user, token.role = person, role
            held = mine(replace(ctx, actor=actor_of_token(token)))
            assert [{one.limits[LINE, ""] for one in group} for group in held] == expected
        ctx.session.rollback()
