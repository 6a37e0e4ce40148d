"""The second step of signing in, in the order of its life: set up, confirm, take a code, new recovery codes, turn off, reset.

The secret is sealed with a key of this tenant and says whose it is. A code's time step is kept, so that none works twice;
a recovery code is taken out under the row's lock (RELIABILITY V6, fault 56).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.identity import actions, codes, queries, sign_in_rules
from core.identity.models import SecondStep, SignIn, User
from core.identity.notices import tell
from infra import crypto
from infra.config import settings


@dataclass(frozen=True, slots=True)
class Setup:
    """A second step that is being set up. uri: for an authenticator's camera. secret: the same to type."""

    secret: str
    uri: str


def of(session: Session, user_id: UUID) -> SecondStep | None:
    """The second step that a user has to pass; None where he has none, or has only begun to set one up."""
    return session.execute(select(SecondStep).where(SecondStep.user_id == user_id, SecondStep.confirmed_at.is_not(None))).scalar_one_or_none()


def begin(ctx: Context) -> None:
    """A new secret for oneself, waiting to be confirmed. Refuses (`second_step_there`) where there is one already."""
    require(ctx, "profile.edit")
    editing.hold(ctx, queries.one_user(ctx, ctx.actor.id))
    row = _row(ctx, ctx.actor.id)
    if row is not None and row.confirmed_at is not None:
        raise Refused("second_step_there")
    if row is None:
        row = SecondStep(user_id=ctx.actor.id)
        ctx.session.add(row)
    row.secret, row.last_step, row.recovery_hashes = _sealed(ctx.tenant.id, ctx.actor.id, codes.new_secret()), None, []


def setup_of(ctx: Context, sign_in: SignIn) -> Setup | None:
    """What one is setting up now; None where nothing waits to be confirmed, and for whoever looks through another's eyes."""
    require(ctx, "profile.edit")
    if sign_in.user_id != ctx.actor.id:
        return None
    row = _row(ctx, ctx.actor.id)
    if row is None or row.confirmed_at is not None:
        return None
    secret = _opened(ctx.tenant.id, row)
    return Setup(" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)), codes.uri_of(secret, name=ctx.actor.mail or "", issuer=ctx.tenant.name.replace(":", " ")))


def confirm(ctx: Context, sign_in: SignIn, code: str) -> list[str]:
    """The first right code turns it on: from now on signing in asks for one. Gives the recovery codes, shown once. Other
    sessions end, this one has passed. Refuses a wrong code (`code_wrong`)."""
    require(ctx, "profile.edit")
    user = queries.one_user(ctx, ctx.actor.id)
    editing.hold(ctx, user)
    row = _row(ctx, user.id)
    if row is None or row.confirmed_at is not None:
        raise Refused("second_step_gone", field="code")
    if not _take_totp(ctx.session, ctx.tenant.id, row, code, ctx.now):
        raise Refused("code_wrong", field="code")
    made = codes.new_recovery_codes()
    row.confirmed_at, row.recovery_hashes = ctx.now, [codes.recovery_hash(one) for one in made]
    actions.end_sessions(ctx, user, but=sign_in.id)
    sign_in.second_step_at = sign_in.confirmed_at = ctx.now
    record(ctx, "user.second_step_on", user, name=user.name)
    tell(ctx, user, "second_step_on")
    return made


def take(session: Session, tenant_id: UUID, user_id: UUID, code: str, now: datetime) -> bool:
    """Is it the code of now, or a recovery code not used yet? It is good once."""
    return what_is(session, tenant_id, user_id, code, now) is not None


def what_is(session: Session, tenant_id: UUID, user_id: UUID, code: str, now: datetime) -> str | None:
    """What was taken: "password" for the code of now, which goes with one, "recovery" for a recovery code; None for neither."""
    row = of(session, user_id)
    if row is None:
        return None
    if _take_totp(session, tenant_id, row, code, now):
        return "password"
    return "recovery" if _take_recovery(session, row, code) else None


def new_recovery_codes(ctx: Context) -> list[str]:
    """Ten new ones, shown once; the old ones are worthless."""
    require(ctx, "profile.edit")
    user = queries.one_user(ctx, ctx.actor.id)
    row = _held(ctx, user)
    made = codes.new_recovery_codes()
    row.recovery_hashes = [codes.recovery_hash(one) for one in made]
    record(ctx, "user.recovery_codes_made", user, name=user.name)
    tell(ctx, user, "recovery_codes_made")
    return made


def turn_off(ctx: Context, sign_in: SignIn) -> None:
    """No second step any more. Refuses (`second_step_needed`) where the workspace demands one."""
    require(ctx, "profile.edit")
    user = queries.one_user(ctx, ctx.actor.id)
    row = _held(ctx, user)
    if sign_in_rules.demands(ctx, user):
        raise Refused("second_step_needed")
    ctx.session.delete(row)
    sign_in.second_step_at = None
    record(ctx, "user.second_step_off", user, name=user.name)
    tell(ctx, user, "second_step_off")


def reset(ctx: Context, user: User) -> None:
    """For somebody who lost telephone and recovery codes: his second step goes, his sessions end, he is told by mail. The
    owner's stays (`owner_stays`)."""
    require(ctx, "users.manage", user)
    actions.keep_the_owner(ctx, user)
    row = _held(ctx, user)
    ctx.session.delete(row)
    actions.end_sessions(ctx, user)
    record(ctx, "user.second_step_reset", user, name=user.name)
    tell(ctx, user, "second_step_reset", by=ctx.actor.name)


def _row(ctx: Context, user_id: UUID) -> SecondStep | None:
    return ctx.session.execute(select(SecondStep).where(SecondStep.user_id == user_id)).scalar_one_or_none()


def _held(ctx: Context, user: User) -> SecondStep:
    editing.hold(ctx, user)
    row = of(ctx.session, user.id)
    if row is None:
        raise Refused("second_step_gone")
    return row


def _take_totp(session: Session, tenant_id: UUID, row: SecondStep, code: str, now: datetime) -> bool:
    """The conditional update decides, so that the same code sent twice at once is good once."""
    table = SecondStep.__table__
    for step in codes.steps_of(_opened(tenant_id, row), code, now):
        unused = or_(table.c.last_step.is_(None), table.c.last_step < step)
        if session.execute(update(table).where(table.c.id == row.id, unused).values(last_step=step)).rowcount == 1:
            session.expire(row, ["last_step"])
            return True
    return False


def _take_recovery(session: Session, row: SecondStep, code: str) -> bool:
    query = select(SecondStep).where(SecondStep.id == row.id).with_for_update().execution_options(populate_existing=True)
    held, wanted = session.execute(query).scalar_one(), codes.recovery_hash(code)
    if wanted not in held.recovery_hashes:
        return False
    held.recovery_hashes = [kept for kept in held.recovery_hashes if kept != wanted]
    session.flush()  # the next one to hold the lock must read it gone
    return True


def _sealed(tenant_id: UUID, user_id: UUID, secret: str) -> bytes:
    return crypto.seal(settings().data_key(f"second-step:{tenant_id}"), f"{user_id}:{secret}".encode())


def _opened(tenant_id: UUID, row: SecondStep) -> str:
    """The secret; a row that was put under another person is refused by what it says."""
    whose, _, secret = crypto.unseal(settings().data_key(f"second-step:{tenant_id}"), row.secret).decode().partition(":")
    if whose != str(row.user_id):
        raise ValueError("this second step belongs to somebody else")
    return secret
