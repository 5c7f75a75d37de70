"""`GET /.well-known/pytp`: where the indexes of this host take ID tokens. Mirrors: PEP 807 (draft).

    GET /.well-known/pytp?discover=KEY    the endpoints of the index with this upload address, or 404
    GET /.well-known/pytp/KEY             the same, as the first draft had it
    GET /.well-known/pytp                 every index of this host (ours: a client that knows no key has nothing to ask)

KEY is the path of the upload address, percent-encoded (`%2Flegacy%2F`; the draft since January 2026), or its SHA-256 in hex (the
draft before). Both spellings of the endpoint's name are answered, because the draft has had both. Only the index at the root of a
host is asked: `/.well-known` is the host's.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from trustpub.web.answers import NO_STORE, JsonAnswer, not_found, origin
from trustpub.web.methods import Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.web.service import Service

PATH = "/.well-known/pytp"
UPLOAD = "/legacy/"


def routes(service: Service) -> list[BaseRoute]:
    """The list and its members; each index is named by the address that its callers use."""
    by_key = {key: each for each in service.all for key in keys(each.base)}

    async def discover(scope: Scope, _receive: Receive) -> Response:
        asked = _key(scope)
        if asked is None:
            return JsonAnswer({"indexes": [_endpoints(scope, each) for each in service.all]}, headers=NO_STORE)
        found = by_key.get(asked)
        return not_found() if found is None else JsonAnswer(_endpoints(scope, found), headers=NO_STORE)

    return [Only("GET", PATH, discover), Only("GET", PATH + "/{key}", discover)]


def keys(base: str) -> tuple[str, ...]:
    """The keys of the upload address below this path, with and without the slash at its end: as they are, and hashed."""
    paths = (base + UPLOAD, (base + UPLOAD).rstrip("/"))
    return (*paths, *(hashlib.sha256(path.encode()).hexdigest() for path in paths))


def _endpoints(scope: Scope, service: Service) -> dict[str, JSON]:
    url = service.settings.url
    root = origin(scope, url) + ("" if url else service.settings.path)
    mint = f"{root}/_/oidc/mint-token"
    return {
        "upload-url": root + UPLOAD,
        "audience-endpoint": f"{root}/_/oidc/audience",
        "mint-token-endpoint": mint,
        "token-mint-endpoint": mint,
        "features": ["multi-use-token"],
        "default-features": ["multi-use-token"],
    }


def _key(scope: Scope) -> str | None:
    """The key that is asked for; None when there is none. One that is given twice is no key."""
    key = scope.get("path_params", {}).get("key")
    if key is not None:
        return str(key)
    try:
        asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=10).get("discover")
    except ValueError:
        return ""
    return None if asked is None else asked[0] if len(asked) == 1 else ""
