"""Tokens, signatures, password hashes. No business words."""

import hashlib
import hmac
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# ASVS 5.0 / RELIABILITY V6: 19 MiB, 2 passes, 1 lane. The semaphore bounds memory when many sign in at once.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_slots = threading.BoundedSemaphore(4)
_nobody: str | None = None


def hash_password(password: str) -> str:
    """argon2id of a password that the caller has already bounded in length."""
    with _slots:
        return _hasher.hash(password)


def check_password(stored: str | None, password: str) -> bool:
    """Does it match? Takes the same time where there is no stored hash (no user enumeration)."""
    global _nobody
    if stored is None:
        _nobody = _nobody or hash_password(secrets.token_hex(16))
    with _slots:
        try:
            return _hasher.verify(stored or _nobody, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(stored: str) -> bool:
    return _hasher.check_needs_rehash(stored)


def new_token() -> str:
    """256 random bits, url-safe."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token: it is random, so one SHA-256 is enough."""
    return hashlib.sha256(token.encode()).digest()


def sign(key: bytes, *parts: str) -> str:
    """Hex HMAC-SHA256 over length-prefixed parts, so that ("ab","c") and ("a","bc") differ."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        raw = part.encode()
        mac.update(len(raw).to_bytes(4, "big") + raw)
    return mac.hexdigest()


def same(a: str | bytes, b: str | bytes) -> bool:
    """Constant-time comparison."""
    to_bytes = lambda v: v.encode() if isinstance(v, str) else v  # noqa: E731
    return hmac.compare_digest(to_bytes(a), to_bytes(b))


def seal(key: bytes, secret: bytes) -> bytes:
    """Encrypted and authenticated (Fernet) under a 32-byte key of the settings: what must be read back later."""
    return _fernet(key).encrypt(secret)


def unseal(key: bytes, sealed: bytes) -> bytes:
    """The secret; raises cryptography.fernet.InvalidToken where key or bytes are wrong."""
    return _fernet(key).decrypt(sealed)


def _fernet(key: bytes):
    from base64 import urlsafe_b64encode

    from cryptography.fernet import Fernet  # on first use only: most processes never need it

    return Fernet(urlsafe_b64encode(key))
