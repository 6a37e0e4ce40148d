"""A company with branches and teams: three levels deep, people in one, several or no teams."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest

from core.identity import roles, teams
from core.identity.models import User
from tests.support.world import House, password_hash


@dataclass
class Company:
    """`team` by name, `who` by name. ctx(who) as that person."""

    house: House
    team: dict[str, UUID] = field(default_factory=dict)
    who: dict[str, User] = field(default_factory=dict)

    def ctx(self, who: str = "owner", **rest):
        return self.house.ctx(who, **rest)

    def hire(self, ctx, name: str, role: str, *places: str, further: tuple[str, ...] = ()) -> None:
        first = roles.one_role(ctx, role)
        user = User(mail=f"{name}@{self.house.tenant.slug}.example", mail_norm=f"{name}@{self.house.tenant.slug}.example", name=name.capitalize(), password_hash=password_hash(), role_id=first.id, role=first)
        ctx.session.add(user)
        ctx.session.flush()
        roles.give_further_roles(ctx, user, further)
        for place in places:
            teams.put_member(ctx, teams.one_team(ctx, self.team[place]), user.id)
        self.who[name] = self.house.users[name] = user


# name -> (above, is a branch)
TREE = {
    "Iberia": (None, True), "Sales Iberia": ("Iberia", False), "Madrid": ("Sales Iberia", False), "Porto": ("Sales Iberia", False),
    "Service Iberia": ("Iberia", False), "Nordics": (None, True), "Sales Nordics": ("Nordics", False), "Projects": (None, False), "Fair": ("Projects", False),
}
# name -> (first role, teams, further roles)
PEOPLE = {
    "ana": ("lead", ("Sales Iberia",), ()), "bea": ("sales", ("Madrid",), ()), "ced": ("lead", ("Madrid",), ()), "dan": ("site", ("Porto",), ()),
    "eva": ("service", ("Service Iberia",), ()), "finn": ("lead", ("Nordics",), ()), "gus": ("sales", ("Sales Nordics", "Madrid"), ()),
    "hal": ("lead", (), ()), "ida": ("sales", ("Fair",), ("site",)), "jon": ("lead", ("Projects",), ()), "kai": ("reader", (), ("mail_only",)), "lou": ("looks_far", ("Porto",), ()),
    "pam": ("partner", (), ()), "pia": ("partner", ("Porto",), ()),
}


@pytest.fixture(scope="module")
def company(app) -> Company:
    made = Company(House(f"tree-{uuid4().hex[:6]}", {"owner": "admin"}))
    with made.ctx() as ctx:
        from core.identity.policy import SALES

        roles.create_role(ctx, name="Lead", permissions=SALES, visibility="team", changing="team")
        roles.create_role(ctx, name="Site", permissions=SALES, visibility="branch", changing="own")
        roles.create_role(ctx, name="Mail only", permissions=["mailings.edit"], visibility="all", changing="all")
        roles.create_role(ctx, name="Looks far", permissions=SALES, visibility="own", changing="all", sees_contacts="all", changes_contacts="team")
        for role in ctx.session.query(roles.Role).all():
            role.code = {"Lead": "lead", "Site": "site", "Mail only": "mail_only", "Looks far": "looks_far"}.get(role.name, role.code)
        for name, (above, branch) in TREE.items():
            made.team[name] = teams.create_team(ctx, name=name, parent_id=made.team.get(above), is_branch=branch).id
        for name, (role, places, further) in PEOPLE.items():
            made.hire(ctx, name, role, *places, further=further)
    return made
