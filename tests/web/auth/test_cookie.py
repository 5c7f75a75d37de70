"""The cookies."""

from __future__ import annotations

import pytest

from trustpub.web.auth.cookie import cookie_name, drop_cookie, read_cookie, set_cookie


def test_over_https_only_this_host_can_set_it() -> None:
    """The prefix, and everything that it asks for; one index beside another has a cookie of its own."""
    assert cookie_name("https://index.example", "") == "__Host-trustpub"
    assert cookie_name("https://index.example", "/team") == "__Host-trustpub-team"
    assert cookie_name("http://localhost:8080", "") == "trustpub"
    header = set_cookie("__Host-trustpub", "x", secure=True)
    assert header == "__Host-trustpub=x; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert "Max-Age=0" in drop_cookie("__Host-trustpub", secure=True)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["trustpub=a"], "a"),
        (["other=b; trustpub=a; more=c"], "a"),
        (["trustpub=a; trustpub=b"], ""),
        (["trustpub=a", "trustpub=b"], ""),
        (["xtrustpub=a"], ""),
        (["trustpub=" + "a" * 600], ""),
        ([], ""),
    ],
)
def test_a_cookie_that_comes_twice_is_none(told: list[str], expected: str) -> None:
    """Somebody tossed one in: neither is believed."""
    scope = {"headers": [(b"cookie", each.encode()) for each in told]}
    assert expected == read_cookie(scope, "trustpub")
