"""WebAuthn by Duo's library: the only file that knows it. Loaded when the first person comes with a key."""

from __future__ import annotations

import json
from binascii import Error as BadBase64
from typing import TYPE_CHECKING

from trustpub.parties.webauthn.port import NewKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    from trustpub.parties.webauthn.port import Owner, Site

TIMEOUT = 120_000
"""Milliseconds that a browser lets its person look for the key."""
LONGEST = 16_384
"""Characters of an answer."""
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, BadBase64, RecursionError)
"""What the library's parsers raise beside their own kind for bytes that are nothing."""


class DuoSecurityKeys:
    """Keys as second factors: presence is asked for, attestation and the person's PIN are not."""

    def creation(self, site: Site, owner: Owner, challenge: str, others: Sequence[str]) -> str:
        """What to ask a browser to make a key."""
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        return options_to_json(
            generate_registration_options(
                rp_id=site.rp_id,
                rp_name=site.name,
                user_id=owner.handle,
                user_name=owner.name,
                user_display_name=owner.full_name or owner.name,
                challenge=base64url_to_bytes(challenge),
                timeout=TIMEOUT,
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.DISCOURAGED,
                    user_verification=UserVerificationRequirement.DISCOURAGED,
                ),
                exclude_credentials=_descriptors(others),
            )
        )

    def created(self, site: Site, challenge: str, answer: str) -> NewKey | None:
        """The key that was made; None when the answer is not one to this challenge, for this site."""
        from webauthn import verify_registration_response
        from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
        from webauthn.helpers.exceptions import WebAuthnException

        if len(answer) > LONGEST:
            return None
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=site.rp_id,
                expected_origin=site.origin,
            )
        except (WebAuthnException, *UNREADABLE):
            return None
        return NewKey(bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key), made.sign_count)

    def request(self, site: Site, challenge: str, credentials: Sequence[str]) -> str:
        """What to ask a browser to sign with one of these keys."""
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.structs import UserVerificationRequirement

        return options_to_json(
            generate_authentication_options(
                rp_id=site.rp_id,
                challenge=base64url_to_bytes(challenge),
                timeout=TIMEOUT,
                allow_credentials=_descriptors(credentials),
                user_verification=UserVerificationRequirement.DISCOURAGED,
            )
        )

    def credential(self, answer: str) -> str:
        """The credential that an answer claims to be of; empty when it claims none."""
        if len(answer) > LONGEST:
            return ""
        try:
            read = json.loads(answer)
        except (ValueError, RecursionError):
            return ""
        claimed = read.get("id") if isinstance(read, dict) else None
        return claimed if isinstance(claimed, str) and claimed.isascii() and claimed.isprintable() else ""

    def signed(self, site: Site, challenge: str, answer: str, public_key: str, sign_count: int) -> int | None:
        """The key's new count of signatures; None when the answer is not its signature, or the count says the key was copied."""
        from webauthn import verify_authentication_response
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            verified = verify_authentication_response(
                credential=answer,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=site.rp_id,
                expected_origin=site.origin,
                credential_public_key=base64url_to_bytes(public_key),
                credential_current_sign_count=sign_count,
            )
        except (WebAuthnException, *UNREADABLE):
            return None
        return verified.new_sign_count


def _descriptors(credentials: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in credentials]
