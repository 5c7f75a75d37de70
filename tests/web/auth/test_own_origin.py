"""Which hosts are ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.web.auth.own_origin import is_private, own_origin

SERVER = ("10.0.0.5", 8080)


def asked(*hosts: str, scheme: str = "http", server: tuple[str, int | None] | None = SERVER) -> dict[str, object]:
    """A request for this host."""
    return {"scheme": scheme, "server": server, "headers": [(b"host", host.encode("latin-1", "replace")) for host in hosts]}


@pytest.mark.parametrize(
    ("host", "url", "expected"),
    [
        ("index.example", "https://index.example", "https://index.example"),
        ("INDEX.example", "https://index.example/team", "https://index.example"),
        ("index.example:443", "https://index.example", "https://index.example"),
        ("index.example:8443", "https://index.example:8443", "https://index.example:8443"),
        ("index.example:80", "https://index.example", None),
        ("index.example", None, None),
        ("index.example.evil.example", "https://index.example", None),
        ("evil.example", "https://index.example", None),
        ("index.example@evil.example", "https://index.example", None),
        ("10.0.0.5:8080", "https://index.example", "http://10.0.0.5:8080"),
        ("10.0.0.5:8080", None, "http://10.0.0.5:8080"),
        ("localhost:8080", None, "http://localhost:8080"),
        ("[::1]:8080", None, "http://[::1]:8080"),
        ("localhost", None, None),
        ("localhost:9090", None, None),
        ("", None, None),
    ],
)
def test_only_our_own_names_are_answered(host: str, url: str | None, expected: str | None) -> None:
    """The configured address, and the socket's with this machine's names."""
    assert expected == own_origin(asked(host), url)


def test_a_host_twice_or_never_is_nobodys() -> None:
    """Whoever stands in front may read the other one."""
    assert own_origin(asked(), "https://index.example") is None
    assert own_origin(asked("index.example", "index.example"), "https://index.example") is None


def test_on_a_socket_without_an_address_the_configured_one_counts() -> None:
    """A Unix socket behind a proxy."""
    assert own_origin(asked("index.example", server=("/run/trustpub", None)), "https://index.example") == "https://index.example"
    assert own_origin(asked("localhost:8080", server=None), None) is None


@given(st.text(max_size=40))
def test_any_other_text_is_nobodys(host: str) -> None:
    """However odd."""
    assert own_origin(asked(host), "https://index.example") in (None, "https://index.example")


@pytest.mark.parametrize(
    ("origin", "expected"),
    [("https://index.example", True), ("http://localhost:8080", True), ("http://[::1]:1", True), ("http://10.0.0.5:8080", False)],
)
def test_passwords_travel_only_where_nobody_reads_along(origin: str, expected: bool) -> None:
    """https, or this machine."""
    assert expected == is_private(origin)
