"""Whether a request is a signed-in person's, who follows a link of our own pages to what programs read with a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.auth.cookie import cookie_name, read_cookie
from trustpub.web.auth.own_origin import is_private, own_origin
from trustpub.web.auth.same_origin import from_own_page

if TYPE_CHECKING:
    from starlette.types import Scope

    from trustpub.web.service import Service


def may_have_session(scope: Scope) -> bool:
    """Whether it is worth a look: a GET with a cookie. Clients send none."""
    return scope["method"] in ("GET", "HEAD") and any(name == b"cookie" for name, _ in scope["headers"])


def reads_by_session(service: Service, scope: Scope) -> bool:
    """Whether the session's cookie is one of somebody who has signed in completely, and the browser was not sent here by others.

    Blocks: call it in a thread.
    """
    origin = own_origin(scope, service.settings.url)
    if origin is None or not is_private(origin) or not from_own_page(scope, origin):
        return False
    cookie = read_cookie(scope, cookie_name(origin, service.base))
    client = scope.get("client")
    caller = service.accounts.sign_in.caller(cookie, client[0] if client else "") if cookie else None
    return caller is not None and caller.level == "full"
