"""Where an issuer's keys are: its discovery document (OpenID Connect Discovery 1.0), or the place that was configured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from trustpub.domain.loopback import is_loopback
from trustpub.errors import Unreachable
from trustpub.parties.issuer.jws import Unreadable, parse_object
from trustpub.parties.issuer.keys import PublicKey, parse_key_set

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.domain.issuers import Issuer

LARGEST_DOCUMENT = 256 * 1024
"""Bytes of a discovery document or a key set; real ones have 1 to 20 KB."""

KEYS_ELSEWHERE = {"accounts.google.com": "www.googleapis.com"}
"""Issuers that are known to keep their keys on a second host of their own. All others keep them on the issuer's host."""


def load_keys(issuer: Issuer, fetch: Callable[[str], bytes]) -> Mapping[str, PublicKey]:
    """Fetch an issuer's usable keys. Raises `Unreachable` (or OSError for a key file) and changes nothing."""
    return parse_key_set(_key_set(issuer, fetch))


def _key_set(issuer: Issuer, fetch: Callable[[str], bytes]) -> bytes:
    if issuer.jwks is None:
        return fetch(discover(issuer.url, fetch))
    if issuer.jwks.startswith(("https://", "http://")):
        return fetch(issuer.jwks)
    with Path(issuer.jwks).open("rb") as file:
        data = file.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise Unreachable(f"key file `{issuer.jwks}`", why=f"it has more than {LARGEST_DOCUMENT} bytes")
    return data


def discover(issuer: str, fetch: Callable[[str], bytes]) -> str:
    """The address of an issuer's key set, as its discovery document says.

    The document must name this very issuer, and keys on the issuer's own host: a document that points elsewhere, or that was
    meant for another issuer, would let one party speak for another. Raises `Unreachable`.
    """
    place = f"{issuer.removesuffix('/')}/.well-known/openid-configuration"
    try:
        document = parse_object(fetch(place))
    except Unreadable:
        raise Unreachable(f"`{place}`", why="it is not a JSON object") from None
    if document.get("issuer") != issuer:
        raise Unreachable(f"`{place}`", why="its `issuer` is another one")
    keys = document.get("jwks_uri")
    if not isinstance(keys, str) or not _same_house(issuer, keys):
        raise Unreachable(f"`{place}`", why="its `jwks_uri` is not on the issuer's host")
    return keys


def _same_house(issuer: str, keys: str) -> bool:
    """Whether a key address is https on the issuer's host and port (plain http only where the issuer itself is on loopback)."""
    try:
        home, place = urlsplit(issuer), urlsplit(keys)
        return (
            _door(home) == _door(place)
            and _clean(keys)
            and place.username is None
            and (place.scheme == "https" or is_loopback(home.hostname))
        )
    except ValueError:
        return False


def _door(address: SplitResult) -> tuple[str, str | None, int | None]:
    host = KEYS_ELSEWHERE.get(address.hostname or "", address.hostname)
    return address.scheme, host, address.port or {"https": 443, "http": 80}.get(address.scheme)


def _clean(text: str) -> bool:
    """Whether every reader reads this address alike (Python's own drops line ends, for one)."""
    return text.isascii() and text.isprintable() and " " not in text and "\\" not in text
