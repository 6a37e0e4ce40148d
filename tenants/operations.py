"""The people who run the platform: how they sign in, and the record of what they did. On the control session.

Password first, then a one-time code (TOTP, RFC 6238) or a recovery code; a code's time step is kept, so that none
works twice (RELIABILITY V6, fault 56)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core.base.errors import Refused
from core.base.facts import plain
from core.base.outbox import Order
from core.identity import codes
from core.identity.rules import PASSWORD_MAX, check_new_password, full_name, normal_mail
from infra import crypto, device_marks
from infra.config import settings
from tenants.models import ControlOrder, Operator, OperatorAct, OperatorSession

IDLE, ABSOLUTE, HALF_WAY = timedelta(hours=1), timedelta(hours=12), timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class NewOperator:
    """uri: for an authenticator, shown once. codes: recovery codes, shown once."""

    operator: Operator
    uri: str
    codes: list[str]


def create_operator(session: Session, *, mail: str, name: str, password: str, now: datetime, by: str = "terminal") -> NewOperator:
    """Add an operator with a second factor from the start. Refuses a taken address and a weak password."""
    address, mail_norm = normal_mail(mail)
    check_new_password(password)
    name = full_name(name, "name")
    if session.execute(select(Operator.id).where(Operator.mail_norm == mail_norm)).first():
        raise Refused("operator_taken", field="mail")
    secret, recovery = codes.new_secret(), codes.new_recovery_codes()
    operator = Operator(
        mail_norm=mail_norm, name=name, password_hash=crypto.hash_password(password), totp_secret=crypto.seal(_key(), secret.encode()),
        recovery_hashes=[codes.recovery_hash(code) for code in recovery], created_at=now,
    )
    session.add(operator)
    session.flush()  # the act names nobody by key, but a failed insert must not leave one
    note_act(session, by, "operator.created", now, detail={"operator": mail_norm})
    return NewOperator(operator, codes.uri_of(secret, name=address), recovery)


def start_sign_in(session: Session, mail: str, password: str, *, now: datetime, ip: str | None, agent: str | None) -> str:
    """The token of a session that is half-way: the password was right, the code is still to come. One refusal for
    all reasons, in about the same time."""
    operator = _operator_of(session, mail)
    if not crypto.check_password(operator.password_hash if operator else None, password[: PASSWORD_MAX + 1]):
        raise Refused("sign_in_failed")
    token, _ = _open(session, operator.id, now=now, ends=now + HALF_WAY, mfa_at=None, ip=ip, agent=agent)
    return token


def known_device(session: Session, mail: str, cookie: str, now: datetime) -> tuple[UUID, str] | None:
    """(whose, device) where the operator with this address has signed in before; a mark dies with another password."""
    operator = _operator_of(session, mail)
    device = device_marks.device_of(cookie, _whose(operator), now)
    return (operator.id, device) if operator and device else None


def marked(session: Session, operator_id: UUID, cookie: str, now: datetime) -> str:
    """The cookie of a device at which this operator has just proved both steps."""
    return device_marks.with_mark(cookie, _whose(session.get_one(Operator, operator_id)), now)


def finish_sign_in(session: Session, half: OperatorSession, code: str, *, now: datetime) -> str:
    """The token of a whole session for the right code; the half one ends. Refuses `weak_code`: wrong, old, or used."""
    if not (_take_totp(session, half.operator_id, code, now) or _take_recovery(session, half.operator_id, code)):
        raise Refused("weak_code", field="code")
    half.revoked_at = now
    token, _ = _open(session, half.operator_id, now=now, ends=now + ABSOLUTE, mfa_at=now, ip=half.ip, agent=half.agent)
    return token


def session_of(session: Session, token: str, now: datetime, *, half: bool = False) -> tuple[OperatorSession, Operator] | None:
    """The live session behind a cookie with its operator; half: one that still lacks the second factor."""
    query = (
        select(OperatorSession, Operator).join(Operator, Operator.id == OperatorSession.operator_id)
        .where(OperatorSession.token_hash == crypto.token_hash(token), OperatorSession.revoked_at.is_(None), Operator.disabled_at.is_(None))
        .where(OperatorSession.expires_at > now, OperatorSession.seen_at > now - IDLE)
        .where(OperatorSession.mfa_at.is_(None) if half else OperatorSession.mfa_at.is_not(None))
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def touch(row: OperatorSession, now: datetime) -> None:
    """Note that the session is in use."""
    if now - row.seen_at >= SEEN_EVERY:
        row.seen_at = now


def note_act(session: Session, operator: str, action: str, now: datetime, *, tenant_id: UUID | None = None, detail: dict[str, Any] | None = None) -> None:
    """Write down what an operator did; the table takes no changes."""
    session.add(OperatorAct(at=now, operator=operator, action=action, tenant_id=tenant_id, detail=plain(detail or {})))


def acts_about(session: Session, tenant_id: UUID, limit: int = 50) -> list[OperatorAct]:
    query = select(OperatorAct).where(OperatorAct.tenant_id == tenant_id).order_by(OperatorAct.at.desc(), OperatorAct.id.desc())
    return list(session.execute(query.limit(limit)).scalars())


def try_again(session: Session, model: type[ControlOrder] | type[Order], order_id: UUID, now: datetime) -> bool:
    """An order that failed or was parked goes back to waiting with all its attempts; False where there is none."""
    given_up = (model.id == order_id, model.state.in_(("failed", "parked")))
    fresh = {"state": "waiting", "attempts": 0, "due_at": now, "error": None, "finished_at": None}
    if session.execute(update(model).where(*given_up).values(fresh)).rowcount != 1:
        return False
    session.info.setdefault("due", set()).add(now)
    return True


def _operator_of(session: Session, mail: str) -> Operator | None:
    try:
        _, mail_norm = normal_mail(mail)
    except Refused:
        return None
    return session.execute(select(Operator).where(Operator.mail_norm == mail_norm, Operator.disabled_at.is_(None))).scalar_one_or_none()


def _whose(operator: Operator | None) -> tuple[str, ...]:
    return ("ops", str(operator.id), operator.password_hash) if operator else ("ops", "nobody", "")


def _take_totp(session: Session, operator_id: UUID, code: str, now: datetime) -> bool:
    """Is it the code of now or one step beside, newer than the last one used? The conditional update decides, so
    that the same code sent twice at once is good once."""
    operator = session.get_one(Operator, operator_id)
    for step in codes.steps_of(crypto.unseal(_key(), operator.totp_secret).decode(), code, now):
        unused = or_(Operator.totp_last_step.is_(None), Operator.totp_last_step < step)
        if session.execute(update(Operator).where(Operator.id == operator_id, unused).values(totp_last_step=step)).rowcount == 1:
            return True
    return False


def _take_recovery(session: Session, operator_id: UUID, code: str) -> bool:
    """A recovery code is good once: it is taken out under the row's lock."""
    query = select(Operator).where(Operator.id == operator_id).with_for_update().execution_options(populate_existing=True)
    operator, wanted = session.execute(query).scalar_one(), codes.recovery_hash(code)
    if wanted not in operator.recovery_hashes:
        return False
    operator.recovery_hashes = [kept for kept in operator.recovery_hashes if kept != wanted]
    session.flush()  # the next one to hold the lock must read it gone
    return True


def _open(
    session: Session, operator_id: UUID, *, now: datetime, ends: datetime, mfa_at: datetime | None, ip: str | None, agent: str | None
) -> tuple[str, OperatorSession]:
    token = crypto.new_token()
    row = OperatorSession(
        token_hash=crypto.token_hash(token), operator_id=operator_id, csrf=crypto.new_token(), flashes=[], created_at=now, seen_at=now,
        expires_at=ends, mfa_at=mfa_at, ip=ip, agent=(agent or "")[:300] or None,
    )
    session.add(row)
    return token, row


def _key() -> bytes:
    return settings().data_key("operator-totp")
