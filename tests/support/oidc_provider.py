"""An OpenID provider on loopback, which does what the protocol says, and lies where a test wants it to."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey


def part(value: Any) -> str:
    """A part of a token: JSON in base64."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@dataclass
class Provider:
    """code: whom the next code stands for. claims, header, discovery: changed by tests before they are sent."""

    client_id: str = "tendero"
    client_secret: str = "a secret of the provider"
    claims: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    sign_with: Any = None
    forge: Callable[[str], str] | None = None
    calls: list[str] = field(default_factory=list)
    codes: dict[str, dict] = field(default_factory=dict)

    def __post_init__(self):
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802
                provider.calls.append(self.path)
                found = {"/.well-known/openid-configuration": provider.metadata, "/keys": provider.keys}.get(self.path)
                self.say(200, found()) if found else self.say(404, {})

            def do_POST(self):  # noqa: N802
                provider.calls.append(self.path)
                fields = {name: values[0] for name, values in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
                self.say(*provider.token(fields, self.headers.get("Authorization", "")))

            def say(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.place = f"127.0.0.1:{self.server.server_port}"
        self.issuer = f"http://{self.place}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def metadata(self) -> dict:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize", "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"], "authorization_response_iss_parameter_supported": True,
        } | self.discovery

    def keys(self) -> dict:
        return KeySet([self.key]).as_dict(private=False)

    def authorize(self, url: str, **claims: Any) -> dict[str, str]:
        """What the browser brings back after somebody signed in there."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256" and "openid" in asked["scope"]
        code = base64.urlsafe_b64encode(hashlib.sha256(url.encode()).digest()).decode()
        self.codes[code] = {"asked": asked, "claims": claims}
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def token(self, fields: dict, authorization: str) -> tuple[int, dict]:
        """Once for each code, for the right client, redirect address and verifier."""
        found = self.codes.pop(fields.get("code", ""), None)
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(fields.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        right = found and (unquote(name), unquote(secret)) == (self.client_id, self.client_secret)
        if not right or challenge != found["asked"]["code_challenge"] or fields["redirect_uri"] != found["asked"]["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": found["asked"]["nonce"], "sub": "subject-1",
            "email": "somebody@people.example", "email_verified": True, "name": "Some Body",
        } | found["claims"] | self.claims
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": self.signed({name: value for name, value in claims.items() if value is not None})}

    def signed(self, claims: dict) -> str:
        if self.algorithm == "none":
            return f"{part({'alg': 'none', 'kid': 'one'})}.{part(claims)}."
        if self.algorithm == "HS256":  # by hand: a library that signs does not take a public key for a shared one
            head = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
            mac = hmac.new(self.key.as_pem(private=False), head.encode(), hashlib.sha256).digest()
            return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        token = jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, self.sign_with or self.key)
        return self.forge(token) if self.forge else token
