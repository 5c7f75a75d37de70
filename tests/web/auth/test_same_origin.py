"""Where a form may come from."""

from __future__ import annotations

import pytest

from trustpub.web.auth.same_origin import from_own_page

OWN = "https://index.example"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("sec-fetch-site", "same-origin")], True),
        ([("sec-fetch-site", "none")], True),
        ([("sec-fetch-site", "same-origin"), ("origin", "null")], True),
        ([("sec-fetch-site", "same-site"), ("origin", OWN)], False),
        ([("sec-fetch-site", "cross-site"), ("origin", OWN)], False),
        ([("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-origin")], False),
        ([("sec-fetch-site", "")], False),
        ([("origin", OWN)], True),
        ([("origin", "https://evil.example")], False),
        ([("origin", "http://index.example")], False),
        ([("origin", OWN + ".evil.example")], False),
        ([("origin", "null")], False),
        ([("origin", OWN), ("origin", "https://evil.example")], False),
        ([("referer", OWN + "/account/")], False),
        ([], False),
    ],
)
def test_only_our_own_pages_may_send_forms(headers: list[tuple[str, str]], expected: bool) -> None:
    """What the browser says of the request decides; nothing said is refused."""
    scope = {"headers": [(name.encode(), value.encode()) for name, value in headers]}
    assert expected == from_own_page(scope, OWN)
