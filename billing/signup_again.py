"""The same sign-up sent twice (double click, reload, a slow network) leads into the one workspace that it made."""

import time
from datetime import datetime, timedelta

from sqlalchemy import select

from billing.signup import LOGIN_TOKEN_LIFE
from core.base.errors import Refused
from core.base.text import clean
from core.identity.models import User
from core.identity.rules import normal_mail
from infra import crypto
from tenants import entry, registry
from tenants.models import LoginToken, Tenant

JUST_NOW = timedelta(minutes=2)
WAIT_SECONDS, PAUSE = 5.0, 0.05


def same_sign_up(company: str, mail: str, password: str, *, now: datetime) -> tuple[Tenant, str] | None:
    """(the tenant that this very person made in the last two minutes, a new login token), or None: then sign up.

    The person is known by mail address and password, as at a sign-in. Waits while the first request is at work.
    """
    try:
        company, mail_norm = clean(company, field="company", max_length=120), normal_mail(mail)[1]
    except Refused:
        return None  # the sign-up itself says what is wrong
    for tenant in _settled(company, now):
        with entry.enter(tenant) as session:
            owner = session.execute(select(User).where(User.is_owner, User.mail_norm == mail_norm)).scalar_one_or_none()
            known = owner is not None and crypto.check_password(owner.password_hash, password)
            user_id = owner.id if known else None
        if user_id:
            return tenant, _token(tenant, user_id, now)
    return None


def _settled(company: str, now: datetime) -> list[Tenant]:
    """Workspaces of this name just made, once none of them is in the making."""
    until = time.monotonic() + WAIT_SECONDS
    query = select(Tenant).where(Tenant.name == company, Tenant.claimed_at > now - JUST_NOW, Tenant.state.in_(("provisioning", "active")))
    while True:
        with entry.control() as session:
            found = list(session.execute(query).scalars())
            session.expunge_all()
        if all(tenant.state == "active" for tenant in found) or time.monotonic() > until:
            return [tenant for tenant in found if tenant.state == "active"]
        time.sleep(PAUSE)


def _token(tenant: Tenant, user_id, now: datetime) -> str:
    token = crypto.new_token()
    with entry.control() as session:
        session.add(LoginToken(token_hash=crypto.token_hash(token), tenant_id=tenant.id, user_id=user_id, expires_at=now + LOGIN_TOKEN_LIFE))
    registry.forget()
    return token
