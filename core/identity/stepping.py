"""Between two steps of signing in: what the browser holds then is no session and opens nothing (RELIABILITY X12, fault 56)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.base.errors import Refused
from core.identity import second_step
from core.identity.models import SignInStep, User
from infra import crypto

VALID = timedelta(minutes=10)
# Wrong codes after which the first step has to be taken anew.
TRIES = 5


def begin(session: Session, kind: str, *, now: datetime, user: User | None = None, data: dict[str, Any] | None = None, ip: str | None, agent: str | None) -> str:
    """The token of a step that waits for the next one, for ten minutes."""
    token = crypto.new_token()
    session.add(SignInStep(
        token_hash=crypto.token_hash(token), kind=kind, user_id=user.id if user else None, data=data or {}, created_at=now, expires_at=now + VALID,
        ip=ip, agent=(agent or "")[:300] or None,
    ))
    return token


def waiting(session: Session, kind: str, token: str | None, now: datetime) -> SignInStep | None:
    """The step behind a cookie that can still be taken; None otherwise."""
    if not token:
        return None
    query = select(SignInStep).where(SignInStep.token_hash == crypto.token_hash(token), SignInStep.kind == kind)
    return session.execute(query.where(SignInStep.spent_at.is_(None), SignInStep.expires_at > now, SignInStep.tries < TRIES)).scalar_one_or_none()


def spend(session: Session, step: SignInStep, now: datetime) -> bool:
    """Take it; False where somebody else, or a second click, has taken it meanwhile."""
    unspent = update(SignInStep).where(SignInStep.id == step.id, SignInStep.spent_at.is_(None))
    return session.execute(unspent.values(spent_at=now)).rowcount == 1


def pass_code(session: Session, tenant_id, step: SignInStep, code: str, now: datetime) -> tuple[User, str]:
    """(the person, how he came: password or recovery), once his code is right. Refuses a wrong one (`code_wrong`) and counts it: the caller must commit also then.
    Refuses `sign_in_over` where his access ended meanwhile."""
    user = session.get_one(User, step.user_id)
    if user.state != "active" or user.credential_version != step.data.get("credential_version"):
        raise Refused("sign_in_over")
    method = second_step.what_is(session, tenant_id, user.id, code, now)
    if method is None:
        session.execute(update(SignInStep).where(SignInStep.id == step.id).values(tries=SignInStep.tries + 1))
        raise Refused("code_wrong", field="code")
    if not spend(session, step, now):
        raise Refused("sign_in_over")
    return user, method
