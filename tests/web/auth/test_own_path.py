"""Where a visitor may be sent on to."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.web.auth.own_path import own_path

BAD = [
    *("", "x", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example"),
    *("javascript:alert(1)", "/a\nb", "/a\r\nset-cookie: x=1", "/a b", "/\t/evil.example", "/é", "/\x00", "/a\\b"),
    *("http:/evil.example", "/" * 3000),
]


@pytest.mark.parametrize("told", BAD)
def test_what_could_lead_elsewhere_is_not_followed(told: str) -> None:
    """Another host, another scheme, a second header."""
    assert own_path(told, "/otherwise/") == "/otherwise/"


@pytest.mark.parametrize("told", ["/", "/manage/projects/", "/search/?q=a&page=2", "/project/a%20b/#files", "/@x/:y"])
def test_own_paths_are_followed(told: str) -> None:
    """With their query and fragment."""
    assert own_path(told, "/otherwise/") == told


@given(st.text(max_size=30).map(lambda text: "/" + text) | st.text(max_size=30))
def test_whatever_is_told_the_host_stays_ours(told: str) -> None:
    """As an address parser resolves it."""
    path = own_path(told, "/otherwise/")
    assert urlsplit(urljoin("https://index.example/a/b", path)).netloc == "index.example"
