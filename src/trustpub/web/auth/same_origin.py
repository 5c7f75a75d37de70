"""Whether a form was sent from one of our own pages. No token in any form: the browser itself says where a request comes from.

`Sec-Fetch-Site` is what every current browser sends over https and on this machine, and no script can set it; `Origin` is what
they all send with a POST. A request with neither comes from no browser that we know, and is refused too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope

OURS = (b"same-origin", b"none")
"""`none`: the person themselves, by sending a form again."""


def from_own_page(scope: Scope, origin: str) -> bool:
    """Whether the browser says that this request was made by a page of `origin`. A header that comes twice says nothing."""
    site = _told(scope, b"sec-fetch-site")
    if site:
        return len(site) == 1 and site[0] in OURS
    return _told(scope, b"origin") == [origin.encode("latin-1")]


def _told(scope: Scope, header: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == header]
