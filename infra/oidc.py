"""OpenID Connect, as far as a relying party needs it: discovery, the way to the provider, what its answer proves, and its word that
somebody signed out there (Back-Channel Logout 1.0).

Only the code flow with PKCE and a nonce; only asymmetric signatures, so that neither "none" nor a public key taken for a
shared one passes; the issuer is compared character by character (RELIABILITY X21). Calls out through infra.http alone.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from infra import http

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
LEEWAY = 60
WHYS = ("issuer", "incomplete", "token")
LOGOUT, LOGOUT_TYPES = "http://schemas.openid.net/event/backchannel-logout", ("logout+jwt", "jwt")
LOGOUT_AGE = 600
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Untrue(Exception):
    """What the provider, or whoever speaks for it, says does not hold. The text is for logs; why, a word of WHYS, is for whoever
    looks after it: issuer (it speaks for another one), incomplete (it does not offer what we need), token (of a person's way in)."""

    def __init__(self, text: str, why: str = "token"):
        super().__init__(text)
        self.why = why


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are for a provider, and what its discovery said."""

    issuer: str
    client_id: str
    client_secret: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one browser has asked, kept with it: state, nonce, and the verifier of PKCE."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in at the provider. mail: verified by it, None where it does not say so; sid: what it calls his session there, if it does."""

    subject: str
    mail: str | None
    name: str
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Whose session ended at the provider: a person's (subject), one of that name (sid), or both. jti: the message's own name."""

    subject: str | None
    sid: str | None
    jti: str


def discover(issuer: str) -> dict[str, Any]:
    """What the provider says of itself, as far as we use it. Raises http.Unreachable, or Untrue where it is no provider, or
    speaks for another issuer."""
    found = http.get_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if not isinstance(found, dict) or found.get("issuer") != issuer:
        raise Untrue("it speaks for another issuer", "issuer")
    for name in ENDPOINTS:
        if not isinstance(found.get(name), str):
            raise Untrue(f"it names no {name}", "incomplete")
        http.place_of(found[name])
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return {name: found[name] for name in ENDPOINTS} | {
        "basic": "client_secret_basic" in methods, "says_issuer": found.get("authorization_response_iss_parameter_supported") is True,
    }


def ask() -> Asked:
    """Fresh secrets for one browser's way there and back."""
    return Asked(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))


def way_there(client: Client, asked: Asked, redirect_uri: str) -> str:
    """The provider's address that the browser goes to."""
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # on first use only

    endpoint = client.metadata["authorization_endpoint"]
    fields = {
        "response_type": "code", "client_id": client.client_id, "redirect_uri": redirect_uri, "scope": "openid email profile", "state": asked.state,
        "nonce": asked.nonce, "code_challenge": create_s256_code_challenge(asked.verifier), "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(fields)}"


def person_of(client: Client, asked: Asked, redirect_uri: str, code: str, *, now: datetime) -> Person:
    """Whom the provider names for a code; Untrue or http.Unreachable otherwise."""
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": asked.verifier}
    basic = (quote(client.client_id, safe=""), quote(client.client_secret, safe="")) if client.metadata.get("basic", True) else None
    if basic is None:
        fields |= {"client_id": client.client_id, "client_secret": client.client_secret}
    said = http.post_form(client.metadata["token_endpoint"], fields, basic=basic)
    if not isinstance(said, dict) or not isinstance(said.get("id_token"), str):
        raise Untrue("it gave no ID token")
    return read(client, said["id_token"], http.get_json(client.metadata["jwks_uri"]), nonce=asked.nonce, access_token=said.get("access_token"), now=now)


def read(client: Client, id_token: str, keys: Any, *, nonce: str, access_token: str | None, now: datetime) -> Person:
    """What an ID token proves; Untrue for a wrong signature, algorithm, issuer, audience, nonce, time or shape."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    if not nonce:
        raise Untrue("nothing was asked")  # an empty nonce would switch its check off
    options = {"iss": {"essential": True, "value": client.issuer}, "aud": {"essential": True, "value": client.client_id}}
    try:
        token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))
        params = {"nonce": nonce, "client_id": client.client_id, "access_token": access_token}
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Untrue(type(error).__name__) from error
    return _person(token.claims)


def signed_out(client: Client, logout_token: str, *, now: datetime) -> SignedOut:
    """Whom the provider says to have signed out; Untrue or http.Unreachable otherwise."""
    return read_logout(client, logout_token, http.get_json(client.metadata["jwks_uri"]), now=now)


def read_logout(client: Client, logout_token: str, keys: Any, *, now: datetime) -> SignedOut:
    """What a logout token proves; Untrue for a wrong signature, algorithm, type, issuer, audience, time or shape, and for what
    is an ID token. Whether it was used before is the caller's question (jti)."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    moment, must = int(now.timestamp()), {"essential": True}
    rules = jwt.JWTClaimsRegistry(now=moment, leeway=LEEWAY, iss={**must, "value": client.issuer}, aud={**must, "value": client.client_id}, iat=must, jti=must, events=must)
    try:
        token = jwt.decode(logout_token, KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))
        rules.validate(token.claims)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Untrue(type(error).__name__) from error
    claims, kind = token.claims, token.header.get("typ", "jwt")
    if not isinstance(kind, str) or kind.lower() not in LOGOUT_TYPES:
        raise Untrue("a token of another kind")
    if claims["iat"] < moment - LOGOUT_AGE - LEEWAY:
        raise Untrue("an old logout token")
    events = claims["events"]
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT), dict) or "nonce" in claims:
        raise Untrue("no logout token")
    subject, sid, jti = (_named(claims.get(name)) for name in ("sub", "sid", "jti"))
    if jti is None or (subject is None and sid is None):
        raise Untrue("it names nobody")
    return SignedOut(subject, sid, jti)


def _named(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 255 else None


def _person(claims: Mapping[str, Any]) -> Person:
    subject, mail, name = _named(claims.get("sub")), claims.get("email"), claims.get("name")
    if subject is None:
        raise Untrue("it names nobody")
    # "true" as a word is no yes: what is not plainly verified is not verified.
    verified = mail if isinstance(mail, str) and claims.get("email_verified") is True else None
    return Person(subject, verified, name if isinstance(name, str) else "", _named(claims.get("sid")))
