"""`GET /integrity/NAME/VERSION/FILE/provenance`: who published a file, as its attestations prove it (PEP 740).

Mirrors: warehouse/api/integrity.py @6b62157. There is no CORS header, as on the simple pages, and a copy must be asked about.
"""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response

from trustpub.domain.core_metadata import parse_version
from trustpub.domain.names import normalize
from trustpub.usecases.attested import Unlisted, provenance_of
from trustpub.web.answers import moved, not_found, refusal
from trustpub.web.conditional import matches
from trustpub.web.methods import Only

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.web.service import Service

PATH = "/integrity/{name}/{version}/{filename}/provenance"
TYPE = "application/vnd.pypi.integrity.v1+json"
PLAIN = "application/json"
HEADERS = {"cache-control": "no-cache", "vary": "Accept", "x-content-type-options": "nosniff"}


def routes(service: Service) -> list[BaseRoute]:
    """With and without a slash at the end, as PyPI."""

    async def provenance(scope: Scope, _: Receive) -> Response:
        asked: dict[str, str] = scope["path_params"]
        headers: dict[bytes, bytes] = dict(scope["headers"])
        kind = media_type(headers.get(b"accept", b"").decode("latin-1"))
        if kind is None:
            description = f"it can be had as {TYPE} or {PLAIN}"
            return refusal(406, "not-acceptable", description, message="Request not acceptable", headers=HEADERS)
        name, version, filename = asked["name"], parse_version(asked["version"]), asked["filename"]
        if version is None:
            return not_found()
        if name != normalize(name) and name.isascii():
            return moved(
                scope, service.settings.url, f"/integrity/{quote(normalize(name))}/{version}/{quote(filename)}/provenance"
            )
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(service.pool, provenance_of, service.database, name, str(version), filename)
        if isinstance(found, Unlisted):
            return not_found()
        if found is None:
            message = f"No provenance available for {filename}"
            return refusal(404, "no-provenance", "the file was uploaded without attestations", message=message, headers=HEADERS)
        return _answer(found.encode(), kind, headers.get(b"if-none-match", b""))

    return [Only("GET", PATH, provenance), Only("GET", PATH + "/", provenance)]


def _answer(body: bytes, kind: str, if_none_match: bytes) -> Response:
    etag = f'"{blake2b(body + kind.encode(), digest_size=16).hexdigest()}"'
    headers = {**HEADERS, "etag": etag}
    if if_none_match and matches(if_none_match, etag.encode()):
        return Response(b"", 304, headers)
    return Response(body, 200, headers, media_type=kind)


def media_type(accept: str) -> str | None:
    """The type to answer with, the more telling one when a client takes both; None when it takes neither."""
    wishes = dict(_wishes(accept.lower().split(","))) if accept.strip() else {"*/*": 1.0}
    best, best_quality = None, 0.0
    for kind in (TYPE, PLAIN):
        quality = wishes.get(kind, wishes.get("application/*", wishes.get("*/*", 0.0)))
        if quality > best_quality:
            best, best_quality = kind, quality
    return best


def _wishes(parts: Iterable[str]) -> Iterable[tuple[str, float]]:
    for part in parts:
        media, *parameters = [piece.strip() for piece in part.split(";")]
        quality = next((each.removeprefix("q=") for each in parameters if each.startswith("q=")), "1")
        yield media, float(quality) if quality.replace(".", "", 1).isdecimal() and quality.isascii() and len(quality) < 6 else 0.0
