"""Passkeys (WebAuthn level 3): what a browser is asked, and whether its answer is true. Knows no people.

User verification is always required, so that a passkey is something one has and something one is or knows. Only what is
asked with a challenge of ours, for the very host and origin, is taken; a counter that does not grow is a copied key.
"""

import json
from dataclasses import dataclass


class Wrong(ValueError):
    """The answer is not what it says."""


@dataclass(frozen=True, slots=True)
class Host:
    """Where a passkey is good. rp_id: the host's name; origin: scheme, host and port of its pages."""

    rp_id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Made:
    """A new key, as far as we keep it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def ask_for_new(host: Host, *, title: str, user_id: bytes, user_name: str, display_name: str, known: list[bytes]) -> tuple[bytes, str]:
    """(challenge to keep, options as JSON for navigator.credentials.create). known: keys that this person has already."""
    import webauthn  # on first use only: it brings much with it
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=host.rp_id, rp_name=title, user_id=user_id, user_name=user_name, user_display_name=display_name,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED, user_verification=structs.UserVerificationRequirement.REQUIRED),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options.challenge, webauthn.options_to_json(options)


def check_new(host: Host, challenge: bytes, answer: str) -> Made:
    """The key that the browser has made; raises Wrong for everything that is not exactly what was asked."""
    import webauthn

    try:
        found = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=host.rp_id, expected_origin=host.origin, require_user_verification=True)
    except Exception as error:  # the library has many, and lets through those of the parsers below it
        raise Wrong(str(error)) from error
    return Made(found.credential_id, found.credential_public_key, found.sign_count)


def ask(host: Host) -> tuple[bytes, str]:
    """(challenge to keep, options as JSON for navigator.credentials.get), for any key of that host."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_authentication_options(rp_id=host.rp_id, user_verification=structs.UserVerificationRequirement.REQUIRED)
    return options.challenge, webauthn.options_to_json(options)


def named(answer: str) -> tuple[bytes, bytes]:
    """(key, user) that an answer names, before it is believed; raises Wrong where it can't be read."""
    from webauthn import base64url_to_bytes

    try:
        found = json.loads(answer)
        return base64url_to_bytes(found["rawId"]), base64url_to_bytes(found["response"]["userHandle"])
    except Exception as error:
        raise Wrong("unreadable") from error


def check(host: Host, challenge: bytes, answer: str, *, public_key: bytes, sign_count: int) -> int:
    """The key's counter from now on; raises Wrong for everything that is not exactly what was asked."""
    import webauthn

    try:
        return webauthn.verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=host.rp_id, expected_origin=host.origin,
            credential_public_key=public_key, credential_current_sign_count=sign_count, require_user_verification=True,
        ).new_sign_count
    except Exception as error:
        raise Wrong(str(error)) from error
