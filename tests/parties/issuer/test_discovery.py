"""Discovery: only the issuer's own document, pointing at the issuer's own host, leads to keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.parties.issuer.suite import DISCOVERY, JWKS, Network, key
from trustpub.domain.issuers import Issuer
from trustpub.domain.publishers import Provider
from trustpub.errors import Unreachable
from trustpub.parties.issuer.discovery import LARGEST_DOCUMENT, discover, load_keys
from trustpub.parties.issuer.github_claims import ISSUER
from trustpub.parties.issuer.signing import key_set


def told(home: str, /, **document: object) -> str:
    """Where the keys are, after a discovery document with these members."""
    return discover(home, Network({f"{home.rstrip('/')}/.well-known/openid-configuration": json.dumps(document).encode()}))


GOOD = [
    (ISSUER, JWKS),
    (ISSUER, ISSUER + ":443/.well-known/jwks?x=1"),
    ("https://ghe.example.com/_services/token", "https://ghe.example.com/_services/token/.well-known/jwks"),
    ("https://gitlab.example.com:8443", "https://gitlab.example.com:8443/oauth/discovery/keys"),
    ("https://issuer.example.com/", "https://issuer.example.com/keys"),
    ("https://accounts.google.com", "https://www.googleapis.com/oauth2/v3/certs"),
    ("http://127.0.0.1:8000", "http://127.0.0.1:8000/keys"),
    ("http://localhost:8000/a", "http://localhost:8000/b"),
]


@pytest.mark.parametrize(("issuer", "keys"), GOOD)
def test_keys_on_the_issuers_host_are_found(issuer: str, keys: str) -> None:
    """The address in the document is used as it is written."""
    assert keys == told(issuer, issuer=issuer, jwks_uri=keys)


@pytest.mark.parametrize(
    "keys",
    [
        None,
        1,
        [JWKS],
        "",
        "/.well-known/jwks",
        JWKS.replace("https", "http"),
        JWKS.replace(".com", ".com.example.com"),
        JWKS.replace(".com/", ".com:8443/"),
        JWKS.replace(".com/", ".com@example.com/"),
        JWKS.replace("//", "//user@"),
        JWKS.replace("token.", ""),
        "https://example.com/?" + JWKS,
        "https://example.com#" + JWKS,
        JWKS + "\n",
        JWKS + "\u0131",
        JWKS.replace(".com/", ".com\\@example.com/"),
        "https://[::1/keys",
        "https://169.254.169.254/keys",
        "file:///etc/passwd",
        "data:application/json,{}",
    ],
    ids=repr,
)
def test_keys_anywhere_else_are_refused(keys: object) -> None:
    """Another host, port or scheme, and whatever only looks like ours."""
    assert JWKS == told(ISSUER, issuer=ISSUER, jwks_uri=JWKS)
    with pytest.raises(Unreachable, match="jwks_uri"):
        told(ISSUER, issuer=ISSUER, jwks_uri=keys)


def test_plain_http_is_for_loopback() -> None:
    """An issuer elsewhere needs https, for its keys too."""
    with pytest.raises(Unreachable, match="jwks_uri"):
        told("http://issuer.example.com", issuer="http://issuer.example.com", jwks_uri="http://issuer.example.com/keys")


def test_plain_http_stays_on_its_own_loopback_host() -> None:
    """A loopback issuer may not send us to another port or to another host."""
    home = "http://127.0.0.1:8000"
    for keys in ("http://127.0.0.1:8001/keys", "http://10.0.0.1:8000/keys", "http://localhost:8000/keys"):
        with pytest.raises(Unreachable, match="jwks_uri"):
            told(home, issuer=home, jwks_uri=keys)


@pytest.mark.parametrize("issuer", [None, "", ISSUER + "/", ISSUER.upper(), [ISSUER], "https://gitlab.com"], ids=repr)
def test_a_document_of_another_issuer_is_refused(issuer: object) -> None:
    """The document must name this issuer, exactly (CVE-2026-104056)."""
    with pytest.raises(Unreachable, match="issuer"):
        told(ISSUER, issuer=issuer, jwks_uri=JWKS)


@pytest.mark.parametrize("document", [b"", b"<html>", b"[]", b"null", b'{"issuer": 1, "issuer": 1}', b"\xff"])
def test_a_document_is_a_json_object(document: bytes) -> None:
    """A login page with status 200 is no discovery document."""
    with pytest.raises(Unreachable, match="not a JSON object"):
        discover(ISSUER, Network({DISCOVERY: document}))


def test_a_configured_address_needs_no_discovery() -> None:
    """`jwks` overrides discovery: nothing but that address is asked for, on whatever host it is."""
    network = Network({"http://127.0.0.1:9/keys": key_set(key())})
    keys = load_keys(Issuer(Provider.GITHUB, ISSUER, jwks="http://127.0.0.1:9/keys"), network)
    assert (["key-1"], ["http://127.0.0.1:9/keys"]) == (list(keys), network.asked)


def test_a_configured_file_needs_no_network(tmp_path: Path) -> None:
    """`jwks` may be a file, read anew at each refresh, within the same size."""
    file = tmp_path / "keys.json"
    issuer = Issuer(Provider.GITHUB, ISSUER, jwks=str(file))
    with pytest.raises(FileNotFoundError):
        load_keys(issuer, Network({}))
    file.write_bytes(key_set(key()))
    assert ["key-1"] == list(load_keys(issuer, Network({})))
    file.write_bytes(key_set(key()) + b" " * LARGEST_DOCUMENT)
    with pytest.raises(Unreachable, match="more than"):
        load_keys(issuer, Network({}))
