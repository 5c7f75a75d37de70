"""Several indexes behind one door: the first word of a path says which one is meant, the one at the root gets all others.

Each index is the same application that it would be alone, with a database, an audience and files of its own. It sees its own
paths; `root_path` says what stands before them, and `web.answers.origin` puts it into every absolute address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trustpub.web.answers import moved, not_found

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from starlette.types import Receive, Scope, Send


class Index(Protocol):
    """One index as an application."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request."""
        ...

    async def close(self) -> None:
        """Give back what belongs to the loop's thread."""
        ...


class Indexes:
    """Sends each request to its index. `others` are by path: a slash and one word."""

    def __init__(self, root: Index, others: Mapping[str, Index]) -> None:
        self._root = root
        self._others = dict(others)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path"]
        end = path.find("/", 1)
        place = path if end < 0 else path[:end]
        index = self._others.get(place)
        if index is None:
            await self._root(scope, receive, send)
        elif end < 0 and scope["method"] in ("GET", "HEAD"):
            await moved(scope, None, f"{place}/")(scope, receive, send)
        elif end < 0 or path.startswith(f"{place}{place}/"):
            # The second would be read as the first by whoever takes `root_path` away from paths.
            await not_found()(scope, receive, send)
        else:
            # In place: what the application leaves in the scope is read by the protocol, which has this one.
            scope["root_path"] = place
            scope["path"] = path[end:]
            await index(scope, receive, send)

    async def close(self) -> None:
        """Close every index."""
        for index in (self._root, *self._others.values()):
            await index.close()
