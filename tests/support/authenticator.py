"""A passkey in software (fido2), which can also lie: about host, origin, the person, its counter, the challenge."""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG


@dataclass
class Authenticator:
    """make(options) and answer(options) are what a browser would send. origin: of the page it runs on."""

    origin: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user: bytes = b""
    counter: int = 0

    def make(self, options: dict, *, rp_id: str | None = None, origin: str | None = None, verified: bool = True, challenge: str | None = None) -> str:
        """The answer to navigator.credentials.create."""
        self.user = websafe_decode(options["user"]["id"])
        self.counter += 1
        public = ES256.from_cryptography_key(self.key.public_key())
        data = AuthenticatorData.create(
            self._hash(rp_id or options["rp"]["id"]), FLAG.UP | FLAG.AT | (FLAG.UV if verified else FLAG(0)), self.counter,
            AttestedCredentialData.create(b"\0" * 16, self.credential_id, public))
        client = CollectedClientData.create("webauthn.create", challenge or options["challenge"], origin or self.origin)
        return self._said({"clientDataJSON": client, "attestationObject": AttestationObject.create("none", data, {})})

    def answer(
        self, options: dict, *, rp_id: str | None = None, origin: str | None = None, verified: bool = True, challenge: str | None = None,
        user: bytes | None = None, kind: str = "webauthn.get", counter: int | None = None,
    ) -> str:
        """The answer to navigator.credentials.get."""
        self.counter += 1
        flags = FLAG.UP | (FLAG.UV if verified else FLAG(0))
        data = AuthenticatorData.create(self._hash(rp_id or options["rpId"]), flags, self.counter if counter is None else counter)
        client = CollectedClientData.create(kind, challenge or options["challenge"], origin or self.origin)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._said({"clientDataJSON": client, "authenticatorData": data, "signature": signature, "userHandle": self.user if user is None else user})

    def _said(self, response: dict) -> str:
        key = websafe_encode(self.credential_id)
        return json.dumps({
            "id": key, "rawId": key, "type": "public-key", "clientExtensionResults": {}, "response": {name: websafe_encode(bytes(value)) for name, value in response.items()},
        })

    @staticmethod
    def _hash(rp_id: str) -> bytes:
        return sha256(rp_id.encode()).digest()
