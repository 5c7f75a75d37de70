"""Answers of GitHub that are kept on the disk: GitHub is asked whether they still hold, which costs nothing when they do.

An entry belongs to one version of the API, one address and one token. Answers may be private, so nobody else may read them.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from trustpub.parties import cache
from trustpub.parties.wire import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT = ("etag", "link", "content-type")


class Etags:
    """Keeps answers in a folder, bounded in number and size; what was asked for longest ago goes first."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def load(self, name: str) -> Response | None:
        """Return a kept answer; None when there is none, or none that can be read."""
        head, _, body = (cache.load(self._folder, name) or b"").partition(b"\n")
        try:
            headers = json.loads(head)
        except (ValueError, RecursionError):
            return None
        if (
            not isinstance(headers, dict)
            or not all(isinstance(value, str) for value in headers.values())
            or "etag" not in headers
        ):
            return None
        # The length tells an entry that was cut off, which would otherwise pass for GitHub's word.
        return Response(200, headers, body) if headers.pop("length") == str(len(body)) else None

    def store(self, name: str, response: Response) -> None:
        """Keep an answer."""
        kept = {key: response.headers[key] for key in _KEPT if key in response.headers} | {"length": str(len(response.body))}
        cache.store(self._folder, name, json.dumps(kept).encode() + b"\n" + response.body)


def entry_name(version: str, url: str, headers: Mapping[str, str]) -> str:
    """Name the entry of an address for whoever asks: a digest, of which the token is only one part."""
    parts = (version, url, headers.get("Accept", ""), headers.get("Authorization", ""))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
