"""Style, script and icon: a few small files, read once, at addresses that change with their content and may be kept for ever."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response

from trustpub.web.answers import not_found
from trustpub.web.auth.headers import CONTENT_SECURITY_POLICY
from trustpub.web.methods import Each

if TYPE_CHECKING:
    from starlette.routing import Route
    from starlette.types import Receive, Scope

TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
KEPT = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is sent."""

    content: bytes
    zipped: bytes
    media_type: str


class Static:
    """All static files; `path(name)` is where a page finds one."""

    def __init__(self, root: str) -> None:
        self._paths: dict[str, str] = {}
        self._files: dict[str, StaticFile] = {}
        for each in files("trustpub.web").joinpath("static").iterdir():
            stem, _, kind = each.name.rpartition(".")
            if kind in TYPES:
                content = each.read_bytes()
                name = f"{stem}.{hashlib.sha256(content).hexdigest()[:16]}.{kind}"
                self._files[name] = StaticFile(content, gzip.compress(content, 9, mtime=0), TYPES[kind])
                self._paths[each.name] = f"{root}/static/{name}"

    def path(self, name: str) -> str:
        """The address of a file. KeyError for one that does not exist: a template was written wrong."""
        return self._paths[name]

    def route(self) -> Route:
        """Serves them."""

        async def send_file(scope: Scope, _receive: Receive) -> Response:
            found = self._files.get(scope["path_params"]["name"])
            if found is None:
                return not_found()
            headers = {
                "cache-control": KEPT,
                "content-security-policy": CONTENT_SECURITY_POLICY,
                "content-type": found.media_type,
                "cross-origin-resource-policy": "same-origin",
                "vary": "Accept-Encoding",
                "x-content-type-options": "nosniff",
            }
            if any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]):
                return Response(found.zipped, headers={**headers, "content-encoding": "gzip"})
            return Response(found.content, headers=headers)

        return Each("/static/{name}", {"GET": send_file})
