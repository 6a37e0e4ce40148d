"""How people must sign in to this workspace: the rules, and whom they ask for a second step or a passkey."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.identity import networks
from core.identity.models import Passkey, Role, SecondStep, SignIn, SignInRules, User, UserRole


def rules_of(ctx: Context) -> SignInRules:
    """The rules as they stand; those of a new workspace, which ask for nothing, where nobody has set any."""
    return ctx.session.execute(select(SignInRules)).scalar_one_or_none() or SignInRules(
        second_step_from=None, second_step_roles=[], passkey_from=None, passkey_roles=[], endless_tokens=False, networks="", networks_people=False, networks_tokens=False, network_roles=[], version=0,
    )


def change_rules(ctx: Context, *, address: str | None = None, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> SignInRules:
    """Set second_step_from and passkey_from (a day, or none for never), second_step_roles, passkey_roles and network_roles (codes; none for
    everybody), endless_tokens, networks (one a line), networks_people and networks_tokens, as far as given. version and original: what the
    form was loaded with. Refuses to demand a passkey from oneself while one has none (`passkey_of_own_first`), and networks
    in which one's own address does not lie (`network_without_you`)."""
    require(ctx, "settings.manage")
    row = _kept(ctx)
    mine = editing.cleaned(FIELDS, given)
    changes = editing.changes(ctx, row, mine, version=version or None, original=editing.cleaned_as_was(FIELDS, original))
    for name in ("second_step_roles", "passkey_roles", "network_roles"):
        _check_roles(ctx, changes.get(name, ()), name)
    for name, value in changes.items():
        setattr(row, name, value)
    if {"passkey_from", "passkey_roles"} & set(changes):
        _check_own_passkey(ctx, row)
    if NETWORKS & set(changes):
        networks.check_own(ctx, row, address)
    if changes:
        record(ctx, "workspace.sign_in_rules_changed", row, fields=sorted(changes))
    return row


def asks_for_second_step(ctx: Context, user: User, sign_in: SignIn, rules: SignInRules | None) -> bool:
    """Must this session set one up before anything else? Not where it has passed one, nor where the company's own sign-in
    answers for the person."""
    if sign_in.second_step_at is not None or sign_in.method == "sso":
        return False
    return rules is not None and _reaches(ctx, user, rules.second_step_from, rules.second_step_roles)


def asks_for_passkey(ctx: Context, user: User, sign_in: SignIn, rules: SignInRules | None) -> bool:
    """Must this session prove or make a passkey before anything else? Not where it came by one, nor by the company's own sign-in."""
    if sign_in.method in ("passkey", "sso"):
        return False
    return rules is not None and _reaches(ctx, user, rules.passkey_from, rules.passkey_roles)


def demands(ctx: Context, user: User) -> bool:
    """Do the rules ask this person for a second step, whether he has one or not?"""
    rules = rules_of(ctx)
    return _reaches(ctx, user, rules.second_step_from, rules.second_step_roles)


def demands_passkey(ctx: Context, user: User) -> bool:
    """Does a passkey alone count for this person, whether he has one or not?"""
    rules = rules_of(ctx)
    return _reaches(ctx, user, rules.passkey_from, rules.passkey_roles)


class Have(NamedTuple):
    """How many of the active people have what the rules may demand."""

    second_step: int
    passkey: int
    people: int


def how_many_have(ctx: Context) -> Have:
    """What the page says beside the rules."""
    require(ctx, "settings.manage")
    second = select(SecondStep.id).where(SecondStep.user_id == User.id, SecondStep.confirmed_at.is_not(None)).exists()
    passkey = select(Passkey.id).where(Passkey.user_id == User.id).exists()
    query = select(func.count().filter(second), func.count().filter(passkey), func.count()).select_from(User).where(User.state == "active")
    return Have(*ctx.session.execute(query).one())


def _reaches(ctx: Context, user: User, since: date | None, roles: list[str]) -> bool:
    """Has the day come, and is it a rule for everybody or for a role of his?"""
    return since is not None and since <= ctx.today and _is_for(ctx, user, roles)


def _is_for(ctx: Context, user: User, roles: list[str]) -> bool:
    if not roles or ctx.session.get_one(Role, user.role_id).code in roles:
        return True
    further = select(UserRole.id).join(Role, Role.id == UserRole.role_id).where(UserRole.user_id == user.id, Role.code.in_(roles))
    return ctx.session.execute(further.limit(1)).first() is not None


def _check_own_passkey(ctx: Context, row: SignInRules) -> None:
    """Whoever demands one shows the way, and learns that it works before anybody depends on it."""
    user = ctx.session.get(User, ctx.actor.id) if ctx.actor.id else None
    if user is None or row.passkey_from is None or not _is_for(ctx, user, row.passkey_roles):
        return
    if ctx.session.execute(select(Passkey.id).where(Passkey.user_id == user.id).limit(1)).first() is None:
        raise Refused("passkey_of_own_first", field="passkey_from")


def _kept(ctx: Context) -> SignInRules:
    """The row, made where there is none; two who begin at once find one."""
    ctx.session.execute(insert(SignInRules).values(created_at=ctx.now, created_by=ctx.actor.id).on_conflict_do_nothing())
    return ctx.session.execute(select(SignInRules)).scalar_one()


def _check_roles(ctx: Context, wanted: Any, field: str) -> None:
    known = set(ctx.session.execute(select(Role.code)).scalars())
    if set(wanted) - known:
        raise Refused("unknown_value", field=field)


def _day(value: Any, field: str) -> date | None:
    """A date, or none."""
    if value in (None, ""):
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Refused("not_a_date", field=field) from None


def _codes(value: Any, field: str) -> list[str]:
    parts = value.split(", ") if isinstance(value, str) else list(value or ())
    return sorted({str(part) for part in parts if part})


def _yes(value: Any, field: str) -> bool:
    return bool(value)


FIELDS = {
    "second_step_from": _day, "second_step_roles": _codes, "passkey_from": _day, "passkey_roles": _codes, "endless_tokens": _yes,
    "networks": networks.cleaned, "networks_people": _yes, "networks_tokens": _yes, "network_roles": _codes,
}
NETWORKS = {"networks", "networks_people", "networks_tokens", "network_roles"}
