"""What an ID token says: `UnverifiedClaims` until the signature is checked, `Claims` after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from trustpub.record import NamedTuple

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
"""Any value that a JSON text can hold."""

ClaimSet: TypeAlias = Mapping[str, JSON]
"""A token's payload by claim name."""

LONGEST_JTI = 256
_PRINTABLE = frozenset(map(chr, range(0x20, 0x7F)))


class UnverifiedClaims(NamedTuple):
    """The payload of a token whose signature nobody has checked: good for finding the issuer, and for nothing else."""

    values: ClaimSet


class Claims(NamedTuple):
    """The payload of a token whose signature, issuer, audience and times hold.

    `signed_sha256` is the hex digest of the bytes that were signed (header and payload segments), `expires` the `exp` claim
    in whole seconds since the epoch.
    """

    issuer: str
    values: ClaimSet
    signed_sha256: str
    expires: int

    @property
    def replay_key(self) -> str:
        """What marks this token as spent, together with its issuer.

        The `jti` when it is a string of 1 to 256 printable ASCII characters; else a digest of the signed bytes, so that a
        token without a usable `jti` can be spent once as well.
        """
        jti = self.values.get("jti")
        if isinstance(jti, str) and 0 < len(jti) <= LONGEST_JTI and _PRINTABLE.issuperset(jti):
            return jti
        return f"sha256:{self.signed_sha256}"
