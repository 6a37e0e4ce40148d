"""Calling out to addresses that a tenant has named, without being led inside (SSRF, RELIABILITY X4).

The name is resolved once, every address that it has must be public, and the connection goes to an address that was looked
at. https on port 443 only, no redirects, a few seconds, a bounded answer. OUTBOUND_INSIDE names the exceptions of an
installation that has such servers of its own.
"""

import ipaddress
import json
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

from infra.config import settings

# address: none that is called; unknown: no host has that name; inside: it is no public one; silent: no answer; refused: an answer
# that is an error; unreadable: one that is no JSON, or endless.
WHYS = ("address", "unknown", "inside", "silent", "refused", "unreadable")
SECONDS, MOST = 5.0, 512 * 1024
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
# Ranges that carry an IPv4 address of the other side: NAT64 (RFC 6052, RFC 8215), 6to4; where in them it stands.
CARRIERS = ((ipaddress.ip_network("64:ff9b::/96"), 96), (ipaddress.ip_network("64:ff9b:1::/48"), 96), (ipaddress.ip_network("2002::/16"), 16))


class Unreachable(Exception):
    """It can't be called, or gave no answer that can be used. The text is for logs; why, a word of WHYS, is for whoever looks after it."""

    def __init__(self, text: str, why: str):
        super().__init__(text)
        self.why = why


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call goes. addresses: those it may connect to."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


def get_json(url: str) -> Any:
    """The JSON value behind an address; Unreachable for everything else."""
    return _json(_call("GET", place_of(url), {"Accept": "application/json"}, None))


def post_form(url: str, fields: Mapping[str, str], *, basic: tuple[str, str] | None = None) -> Any:
    """The JSON answer to a form; basic: name and password, each already encoded."""
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    if basic:
        headers |= urllib3.make_headers(basic_auth=":".join(basic))
    return _json(_call("POST", place_of(url), headers, urlencode(fields)))


def place_of(url: str) -> Place:
    """Where an address leads, once all its addresses were found public; Unreachable for any other."""
    scheme, host, port, path = _parts(url)
    named = f"{host}:{port}"
    inside = named in settings().outbound_inside
    if not inside and (scheme != "https" or port != 443):
        raise Unreachable("only https on port 443 is called", "address")
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise Unreachable("this host is not known", "unknown") from None
    if not found or not (inside or all(is_public(address) for address in found)):
        raise Unreachable("this host is not a public one", "inside")
    return Place(scheme, host, port, path, tuple(sorted(found)))


def is_public(address: str) -> bool:
    """Is it an address of the internet, and not one that only looks so?"""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if ip.version == 6:
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        for network, at in CARRIERS:
            if ip in network:
                return is_public(str(ipaddress.IPv4Address(int(ip) >> (96 - at) & 0xFFFFFFFF if at < 96 else int(ip) & 0xFFFFFFFF)))
        if ip.teredo or ip in ipaddress.ip_network("::/96"):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _parts(url: str) -> tuple[str, str, int, str]:
    if not isinstance(url, str) or len(url) > 2000 or not url.isascii() or not url.isprintable() or re.search(r"[\s\\@<>\"]", url):
        raise Unreachable("this is no plain address", "address")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise Unreachable("this is no plain address", "address") from None
    if parts.scheme not in ("https", "http") or parts.fragment or not HOST.fullmatch(host):
        raise Unreachable("this is no plain address", "address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or {"https": 443, "http": 80}[parts.scheme], path


def _call(method: str, place: Place, headers: dict[str, str], body: str | None) -> bytes:
    """The body of a 2xx answer. One connection to one of the addresses that were looked at."""
    port = "" if place.port == {"https": 443, "http": 80}[place.scheme] else f":{place.port}"
    headers = {**headers, "Host": place.host + port, "User-Agent": "Tendero"}
    pool = _pool(place)
    try:
        answer = pool.urlopen(method, place.path, body=body, headers=headers, redirect=False, retries=False, preload_content=False, assert_same_host=False)
        try:
            content = answer.read(MOST + 1, decode_content=True)
        finally:
            answer.release_conn()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise Unreachable(f"no answer: {type(error).__name__}", "silent") from None
    finally:
        pool.close()
    if not 200 <= answer.status < 300:
        raise Unreachable(f"it answered {answer.status}", "refused")
    if len(content) > MOST:
        raise Unreachable("its answer is too long", "unreadable")
    return content


def _pool(place: Place) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(total=SECONDS)
    if place.scheme == "http":
        return urllib3.HTTPConnectionPool(place.addresses[0], place.port, timeout=timeout)
    return urllib3.HTTPSConnectionPool(
        place.addresses[0], place.port, timeout=timeout, ssl_context=_tls(), server_hostname=place.host, assert_hostname=place.host)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Unreachable("its answer is no JSON", "unreadable") from None
