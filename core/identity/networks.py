"""From which networks people and API tokens may come: what the workspace's sign-in rules name, and who is held to it.

The door says which address a caller has (web.door); no other is believed.
"""

import ipaddress
from collections.abc import Collection
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import Forbidden, Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean
from core.identity.models import ApiToken, Role, SignInRules, User, UserRole

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST, LONGEST = 100, 100
MAPPED = ipaddress.ip_network("::ffff:0:0/96")


class Outside(Forbidden):
    """Somebody, or his API token, comes from a network that the workspace does not name. way: of core.identity.words.WAYS."""

    def __init__(self, address: str | None, *, user_id: UUID, way: str):
        super().__init__("network_refused", address=address or "?")
        self.user_id, self.way = user_id, way


def check_person(rules: SignInRules | None, codes: Collection[str], address: str | None, *, user_id: UUID, way: str) -> None:
    """Refuse (Outside) whoever the rules hold to their networks and who comes from elsewhere. codes: of the roles that he has."""
    if rules is not None and rules.networks_people and _is_for(rules, codes) and not is_inside(rules.networks, address):
        raise Outside(address, user_id=user_id, way=way)


def check_token(rules: SignInRules | None, codes: Collection[str], address: str | None, *, user_id: UUID) -> None:
    """The same for an API token. codes: of its person's roles, and of the one that it is bound to."""
    if rules is not None and rules.networks_tokens and _is_for(rules, codes) and not is_inside(rules.networks, address):
        raise Outside(address, user_id=user_id, way="token")


def check_sign_in(session: Session, user: User, address: str | None, way: str) -> None:
    """The same for whoever has proved who he is, before a session is opened."""
    rules = session.execute(select(SignInRules)).scalar_one_or_none()
    if rules is not None and rules.networks_people:
        check_person(rules, codes_of(session, user), address, user_id=user.id, way=way)


def check_own(ctx: Context, rules: SignInRules, address: str | None) -> None:
    """Whoever sets the rules must be inside of them himself (`network_without_you`), and they must name a network."""
    if (rules.networks_people or rules.networks_tokens) and not rules.networks:
        raise Refused("networks_needed", field="networks")
    user = ctx.session.get(User, ctx.actor.id) if ctx.actor.id else None
    if user is None or not rules.networks_people or not _is_for(rules, codes_of(ctx.session, user)):
        return
    if not is_inside(rules.networks, address):
        raise Refused("network_without_you", field="networks", address=address or "?")


def lift(ctx: Context) -> bool:
    """Nobody is held to a network any more; the list of them stays. The way back for a workspace that has shut itself out:
    the operator's console and terminal. False where nobody was."""
    require(ctx, "settings.manage")
    rules = ctx.session.execute(select(SignInRules).with_for_update()).scalar_one_or_none()
    if not _limits(rules):
        return False
    rules.networks_people = rules.networks_tokens = False
    record(ctx, "workspace.networks_lifted", rules)
    return True


def limits(session: Session) -> bool:
    """Is anybody here held to networks?"""
    return _limits(session.execute(select(SignInRules)).scalar_one_or_none())


def codes_of(session: Session, user: User) -> set[str]:
    """Codes of all roles of a person; no statement where the query that loaded him brought them (queries.further_columns)."""
    first = session.get_one(Role, user.role_id).code
    if user.further is not None:
        return {first, *user.further.codes}
    further = select(Role.code).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == user.id)
    return {first, *session.execute(further).scalars()}


def codes_of_token(row: ApiToken) -> set[str]:
    """The same of a live token, whose person and role its query brought."""
    return {row.user.role.code, *row.user.further.codes, *([row.role.code] if row.role is not None else [])}


def is_inside(networks: str, address: str | None) -> bool:
    """Does an address lie in one of them? One that can't be read lies in none."""
    found = _address(address)
    return found is not None and any(found in one for one in _parsed(networks))


def cleaned(value: Any, field: str) -> str:
    """Networks as typed, one a line, each with its name behind it: the same in one spelling. Refuses what is none (`network_bad`)."""
    lines = [line for line in (" ".join(one.split()) for one in str(value or "").splitlines()) if line]
    if len(lines) > MOST:
        raise Refused("networks_many", field=field, max=MOST)
    return "\n".join(dict.fromkeys(_line(line, field) for line in lines))


def _line(line: str, field: str) -> str:
    typed, _, name = line.partition(" ")
    network = _network(typed)
    if network is None:
        raise Refused("network_bad", field=field, network=typed[:LONGEST])
    return f"{network} {clean(name, field=field, max_length=LONGEST) or ''}".strip()


def _network(typed: str) -> Network | None:
    """A network, or one address as a network of its own; of an IPv4 address written as IPv6 the IPv4 one."""
    try:
        found = ipaddress.ip_network(typed, strict=False)
    except ValueError:
        return None
    if found.version == 6 and found.subnet_of(MAPPED):
        return ipaddress.ip_network((found.network_address.ipv4_mapped, found.prefixlen - 96))
    return found


def _address(typed: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address((typed or "").partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if found.version == 6 else found


@lru_cache(maxsize=1024)
def _parsed(networks: str) -> tuple[Network, ...]:
    found = (_network(line.partition(" ")[0]) for line in networks.splitlines())
    return tuple(one for one in found if one is not None)


def _limits(rules: SignInRules | None) -> bool:
    return rules is not None and (rules.networks_people or rules.networks_tokens)


def _is_for(rules: SignInRules, codes: Collection[str]) -> bool:
    return not rules.network_roles or not set(codes).isdisjoint(rules.network_roles)
