"""How people must sign in to this workspace: the rules, and whom they ask for a second step."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import insert

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.identity.models import Role, SecondStep, SignIn, SignInRules, User, UserRole


def rules_of(ctx: Context) -> SignInRules:
    """The rules as they stand; those of a new workspace, which ask for nothing, where nobody has set any."""
    return ctx.session.execute(select(SignInRules)).scalar_one_or_none() or SignInRules(second_step_from=None, second_step_roles=[], version=0)


def change_rules(ctx: Context, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> SignInRules:
    """Set second_step_from (a day, or none for never) and second_step_roles (codes; none for everybody), as far as given.
    version and original: what the form was loaded with."""
    require(ctx, "settings.manage")
    row = _kept(ctx)
    mine = editing.cleaned(FIELDS, given)
    changes = editing.changes(ctx, row, mine, version=version or None, original=editing.cleaned_as_was(FIELDS, original))
    _check_roles(ctx, changes.get("second_step_roles", ()))
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        record(ctx, "workspace.sign_in_rules_changed", row, fields=sorted(changes))
    return row


def asks_for_second_step(ctx: Context, user: User, sign_in: SignIn, rules: SignInRules | None) -> bool:
    """Must this session set one up before anything else? Not where it has passed one, nor where the company's own sign-in
    answers for the person."""
    if sign_in.second_step_at is not None or sign_in.method == "sso":
        return False
    return rules is not None and _asks(ctx, user, rules)


def demands(ctx: Context, user: User) -> bool:
    """Do the rules ask this person for a second step, whether he has one or not?"""
    return _asks(ctx, user, rules_of(ctx))


def how_many_have(ctx: Context) -> tuple[int, int]:
    """(active people with a second step, active people)."""
    require(ctx, "settings.manage")
    has = SecondStep.user_id == User.id, SecondStep.confirmed_at.is_not(None)
    query = select(func.count(SecondStep.id), func.count()).select_from(User).outerjoin(SecondStep, and_(*has)).where(User.state == "active")
    have, people = ctx.session.execute(query).one()
    return have, people


def _asks(ctx: Context, user: User, rules: SignInRules) -> bool:
    if rules.second_step_from is None or rules.second_step_from > ctx.today:
        return False
    if not rules.second_step_roles or ctx.session.get_one(Role, user.role_id).code in rules.second_step_roles:
        return True
    further = select(UserRole.id).join(Role, Role.id == UserRole.role_id).where(UserRole.user_id == user.id, Role.code.in_(rules.second_step_roles))
    return ctx.session.execute(further.limit(1)).first() is not None


def _kept(ctx: Context) -> SignInRules:
    """The row, made where there is none; two who begin at once find one."""
    ctx.session.execute(insert(SignInRules).values(created_at=ctx.now, created_by=ctx.actor.id).on_conflict_do_nothing())
    return ctx.session.execute(select(SignInRules)).scalar_one()


def _check_roles(ctx: Context, wanted: Any) -> None:
    known = set(ctx.session.execute(select(Role.code)).scalars())
    if set(wanted) - known:
        raise Refused("unknown_value", field="second_step_roles")


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


FIELDS = {"second_step_from": _day, "second_step_roles": _codes}
