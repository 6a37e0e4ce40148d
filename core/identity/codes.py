"""Pure rules of one-time codes (TOTP, RFC 6238) and recovery codes, for the people of tenants and for operators alike."""

import secrets
from datetime import datetime

import pyotp

from infra import crypto

STEP, WINDOW = 30, 1
RECOVERY_CODES = 10
ISSUER = "Tendero"


def new_secret() -> str:
    """What an authenticator and we share, as a person would type it."""
    return pyotp.random_base32()


def uri_of(secret: str, *, name: str, issuer: str = ISSUER) -> str:
    """The secret as an authenticator reads it from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def steps_of(secret: str, code: str, now: datetime) -> list[int]:
    """The time steps, now or one beside, of which this is the code; empty for a wrong one. Whoever takes a code keeps its
    step and takes none that is not newer."""
    code = "".join(code.split())
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return []
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    return [step for step in range(present - WINDOW, present + WINDOW + 1) if crypto.same(totp.at(step * STEP), code)]


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits each, in groups that can be copied from paper."""
    return [_grouped(secrets.token_hex(10)) for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code; capitals, spaces and hyphens aside."""
    return crypto.token_hash("recovery:" + code.replace("-", "").replace(" ", "").lower()).hex()


def _grouped(text: str) -> str:
    return "-".join(text[i : i + 5] for i in range(0, len(text), 5))
