"""Rate limits, counted in Redis so that all processes share them; in this process alone while Redis is away.

`hit` is an exact sliding window (sign-in, export, forms), `take` a bucket that refills evenly (the API). While
Redis is away a limit either stays open with the same figure counted here, or, with `closed=True`, falls to a
quarter of it: nobody gains tries at a password by bringing Redis down (RELIABILITY 3).
"""

import hashlib
import ipaddress
import threading
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from redis import RedisError

from infra.redis import client

PREFIX = "tendero:limit"
# While Redis is away it is asked again only this often: a black hole would hold every page for a second.
PAUSE_SECONDS = 5.0
REMEMBERED = 20_000

# KEYS[1] a sorted set of moments; ARGV now, seconds, limit, id of this try. Gives {allowed, used, seconds to wait}.
WINDOW = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[2])
local used = redis.call('ZCARD', KEYS[1])
if used < tonumber(ARGV[3]) then
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[4])
  redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] * 1000))
  return {1, used + 1, '0'}
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {0, used, tostring(oldest[2] + ARGV[2] - ARGV[1])}
"""
# KEYS[1] the moment up to which the bucket is spoken for (GCRA); ARGV now, seconds a token, burst.
BUCKET = """
local step = tonumber(ARGV[2])
local full = step * tonumber(ARGV[3])
local spoken = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[1]))
local after = spoken + step
local wait = after - full - ARGV[1]
if wait > 0 then return {0, 0, tostring(wait)} end
redis.call('SET', KEYS[1], string.format('%.6f', after), 'PX', math.ceil(full * 1000) + 1000)
return {1, math.floor((full - (after - ARGV[1])) / step), '0'}
"""


class TooOften(Exception):
    """A limit was reached; try again after `retry_after` whole seconds."""

    def __init__(self, retry_after: int):
        super().__init__(f"too often: wait {retry_after} s")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a limit answered. wait: seconds until the next try may pass. local: Redis was away."""

    allowed: bool
    limit: int
    remaining: int
    wait: float = 0.0
    local: bool = False

    @property
    def retry_after(self) -> int:
        return max(1, int(self.wait + 0.999))


def hit(name: str, key: str, limit: int, seconds: float, *, closed: bool = False, now: float | None = None) -> Verdict:
    """Count one try; raises TooOften at the `limit`-th within any `seconds`. `key` names whose (tenant first).

    closed: what to do while Redis is away; True lets a quarter through, False the whole limit, each per process.
    """
    verdict = look(name, key, limit, seconds, closed=closed, now=now)
    if not verdict.allowed:
        raise TooOften(verdict.retry_after)
    return verdict


def look(name: str, key: str, limit: int, seconds: float, *, closed: bool = False, now: float | None = None) -> Verdict:
    """As `hit`, answering with the verdict in place of the exception."""
    now = time.time() if now is None else now
    place = f"{PREFIX}:{name}:{key}"
    answer = _ask("window", place, now, seconds, limit, uuid.uuid4().hex)
    if answer is not None:
        return Verdict(bool(answer[0]), limit, max(0, limit - int(answer[1])), float(answer[2]))
    allowed = max(1, limit // 4) if closed else limit
    return _local.window(place, allowed, seconds, now)


def take(name: str, key: str, *, rate: float, burst: int, now: float | None = None) -> Verdict:
    """Take one from a bucket of `burst` that refills at `rate` a second. Open, with a local bucket, while Redis is away."""
    now = time.time() if now is None else now
    place = f"{PREFIX}:{name}:{key}"
    answer = _ask("bucket", place, now, 1 / rate, burst)
    if answer is not None:
        return Verdict(bool(answer[0]), burst, int(answer[1]), float(answer[2]))
    return _local.bucket(place, 1 / rate, burst, now)


def check_sign_in(tenant: UUID | str | None, mail: str, ip: str | None) -> None:
    """Before a password is looked at: 5 a minute for an account, 30 a minute for an address; raises TooOften.

    tenant: its key, or None for the operators' console. The address is counted over all tenants, IPv6 by its /64,
    and first, so that somebody over his own limit can't use up another's.
    """
    hit("sign_in_from", network(ip), 30, 60, closed=True)
    hit("sign_in", f"{tenant or 'ops'}:{_digest(mail)}", 5, 60, closed=True)


def check_known_device(tenant: UUID | str | None, person: UUID | str, device: str) -> None:
    """In the place of `check_sign_in` at a device where the person signed in before: 5 a minute for the device, so that a stolen
    mark is limited too, and 20 for all of the person's. Nobody else counts in these; raises TooOften."""
    hit("sign_in_device", f"{tenant or 'ops'}:{device}", 5, 60, closed=True)
    hit("sign_in_known", f"{tenant or 'ops'}:{person}", 20, 60, closed=True)


def check_old_password(tenant: UUID | str, user: UUID | str) -> None:
    """Before a signed-in person's own password is looked at again: 5 a minute, 20 a day; raises TooOften. A stolen
    session must not become a stolen password."""
    hit("old_password", f"{tenant}:{user}", 5, 60, closed=True)
    hit("old_password_daily", f"{tenant}:{user}", 20, 86_400, closed=True)


def check_code(tenant: UUID | str, user: UUID | str) -> None:
    """Before a code of the second step is looked at: 5 a minute, 20 an hour, 60 a day for a person, however often the first
    step is taken; raises TooOften. Only who knows the password comes so far, so no stranger locks anybody out."""
    for name, limit, seconds in (("code", 5, 60), ("code_hour", 20, 3600), ("code_daily", 60, 86_400)):
        hit(name, f"{tenant}:{user}", limit, seconds, closed=True)


def check_confirming(tenant: UUID | str, user: UUID | str) -> None:
    """Before somebody signed in is asked once more who he is: 5 a minute for a person; raises TooOften."""
    hit("confirming", f"{tenant}:{user}", 5, 60, closed=True)


def wrong_confirming(tenant: UUID | str, session: UUID | str) -> bool:
    """Count a wrong answer; False at the sixth of a session within a day: it is not its person's any more."""
    return look("confirming_wrong", f"{tenant}:{session}", 5, 86_400, closed=True).allowed


def check_reset(tenant: UUID | str, mail: str, ip: str | None) -> None:
    """Before a letter with a link to a new password is ordered: 3 an hour for an address of mail, known or not, 20 an hour
    for an address of the network, over all tenants and the apex; raises TooOften."""
    hit("reset_from", network(ip), 20, 3600, closed=True)
    check_reset_sent(tenant, mail)


def check_reset_sent(tenant: UUID | str, mail: str) -> None:
    """The same for an administrator who has the letter sent: 3 an hour for an address; raises TooOften."""
    hit("reset", f"{tenant}:{_digest(mail)}", 3, 3600, closed=True)


def check_mail_change(tenant: UUID | str, user: UUID | str, mail: str) -> None:
    """Before letters about another mail address are ordered: 5 an hour for a person, 3 an hour for a new address, known or
    not, so that nobody is plagued with mail in this way; raises TooOften."""
    hit("mail_change_by", f"{tenant}:{user}", 5, 3600, closed=True)
    hit("mail_change_to", f"{tenant}:{_digest(mail)}", 3, 3600, closed=True)


def check_mail_link(ip: str | None) -> None:
    """Before the link that stops such a change is looked at: 30 a minute for an address, over all tenants; raises TooOften."""
    hit("mail_link_from", network(ip), 30, 60, closed=True)


def check_passkey(ip: str | None) -> None:
    """Before a passkey is asked or looked at: 40 a minute for an address, over all tenants; raises TooOften."""
    hit("passkey_from", network(ip), 40, 60, closed=True)


def check_single_sign_on(ip: str | None) -> None:
    """Before somebody is sent to his company's sign-in, or comes back from it: 40 a minute for an address; raises TooOften."""
    hit("sso_from", network(ip), 40, 60, closed=True)


def check_logout(tenant_id: object, ip: str | None) -> None:
    """Before a provider's word that somebody signed out is looked at: 300 a minute for a workspace and address; raises TooOften."""
    hit("sso_logout", f"{tenant_id}:{network(ip)}", 300, 60, closed=True)


def check_link(ip: str | None) -> None:
    """Before the link of a letter is looked at: 30 a minute for an address, over all tenants; raises TooOften."""
    hit("link_from", network(ip), 30, 60, closed=True)


def check_invitation(ip: str | None) -> None:
    """Before the link of an invitation is looked at: 30 a minute for an address, over all tenants; raises TooOften."""
    hit("invitation_from", network(ip), 30, 60, closed=True)


def check_inviting(tenant: UUID | str) -> None:
    """Before an invitation is written: 60 an hour for a tenant, so that nobody sends mail to the world in this way."""
    hit("inviting", str(tenant), 60, 3600, closed=True)


def network(ip: str | None) -> str:
    """What one subscriber has: an IPv4 address, or the /64 of an IPv6 one; "unknown" where it can't be read."""
    try:
        address = ipaddress.ip_address((ip or "").split("%")[0])
    except ValueError:
        return "unknown"
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(address) if address.version == 4 else str(ipaddress.ip_network(f"{address}/64", strict=False))


def _digest(mail: str) -> str:
    """No address of a person lies in Redis."""
    return hashlib.sha256(mail.strip().casefold().encode(errors="replace")).hexdigest()[:32]


class _Gate:
    """Whether Redis is asked at all: after a failure not before PAUSE_SECONDS are over."""

    shut_until = 0.0

    def open(self) -> bool:
        return time.monotonic() >= self.shut_until

    def shut(self) -> None:
        self.shut_until = time.monotonic() + PAUSE_SECONDS


_gate = _Gate()


def _ask(script: str, place: str, *args) -> list | None:
    """The script's answer; None while Redis is away."""
    if not _gate.open():
        return None
    try:
        return client().eval(WINDOW if script == "window" else BUCKET, 1, place, *args)
    except RedisError:
        _gate.shut()
        return None


class _Local:
    """The same two limits in this process, the oldest keys forgotten first."""

    def __init__(self):
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, list[float]] = OrderedDict()

    def window(self, place: str, limit: int, seconds: float, now: float) -> Verdict:
        with self._lock:
            tries = [at for at in self._take(place) if at > now - seconds]
            allowed = len(tries) < limit
            if allowed:
                tries.append(now)
            self._keep(place, tries)
        wait = 0.0 if allowed else tries[0] + seconds - now
        return Verdict(allowed, limit, limit - len(tries), wait, local=True)

    def bucket(self, place: str, step: float, burst: int, now: float) -> Verdict:
        with self._lock:
            after = max((self._take(place) or [0.0])[0], now) + step
            wait = after - step * burst - now
            if wait > 0:
                self._keep(place, [after - step])
                return Verdict(False, burst, 0, wait, local=True)
            self._keep(place, [after])
        return Verdict(True, burst, int((step * burst - (after - now)) / step), local=True)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()

    def _take(self, place: str) -> list[float]:
        return self._kept.pop(place, [])

    def _keep(self, place: str, tries: list[float]) -> None:
        self._kept[place] = tries
        while len(self._kept) > REMEMBERED:
            self._kept.popitem(last=False)


_local = _Local()


def forget() -> None:
    """Start anew: no local counts, Redis is asked again (tests, after a fork)."""
    _local.clear()
    _gate.shut_until = 0.0
