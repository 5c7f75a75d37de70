"""Registering publishers by a program: over the management API that an index of our own has.

PyPI has none. When it gets one it becomes another class in this file that implements `port.Registrar`; until then a person
registers its publishers on its pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from trustpub.domain.index_project import Registered
from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider, publisher
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Denied, Unreachable
from trustpub.parties.index.asking import Asking, nonsense

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher
    from trustpub.parties.wire import Response, Send

PATH = "api/v1/publishers"
NO_API = "the index has no API for publishers"
TO_LIST = "an API token of this index, of the scope `manage` or `read`"
TO_CHANGE = "an API token of this index, of the scope `manage`"


class ApiRegistrar:
    """The publishers of one index, over its `/api/v1`. `base` is the index's address, before `legacy/` and `simple/`.

    Raises `BadInput` when the token would travel unencrypted.
    """

    def __init__(self, name: str, base: str, send: Send, token: str | None = None) -> None:
        self.name = name
        self._url = urljoin(base, PATH)
        self._asking = Asking(send, base, token)

    def registered(self, projects: Iterable[str]) -> tuple[Registered, ...] | Untold:
        """List the publishers of these projects, the pending ones of the token's user included.

        Without any project the index is asked all the same: an empty answer says that it takes the token.
        """
        if not self._asking.signed_in:
            if self._asking.get(self._url).status == 404:
                return Untold(NO_API)
            return Untold(f"the index `{self.name}` lists publishers to owners only", TO_LIST)
        names = dict.fromkeys(map(normalize, projects))
        found: list[Registered] = []
        for query in [f"?project={quote(name)}" for name in names] or [""]:  # of no project: whether it lists any to this token
            rows = self._listed(query)
            if isinstance(rows, Untold):
                return rows
            found += rows if query else ()
        return tuple(found)

    def _listed(self, query: str) -> tuple[Registered, ...] | Untold:
        response = self._asking.get(f"{self._url}{query}")
        if response.status == 404:
            return Untold(NO_API)
        if response.status in (401, 403):
            words = self._asking.words(response) or f"the index answers {response.status}"
            return Untold(words, TO_LIST)
        rows = self._read(response).get("publishers")
        if not isinstance(rows, list):
            raise nonsense(self._url, "`publishers`", "a list")
        return tuple(self._registered(row) for row in rows)

    def register(self, project: str, publisher: Publisher, *, pending: bool) -> Registered:
        """Register a publisher; one that is there already is returned as it is. Raises `Denied` with the index's words."""
        what = f"publisher of `{project}` on `{self.name}`"
        if not self._asking.signed_in:
            raise Denied(what, why="there is no token to register it with", next_step=f"Give {TO_CHANGE}.", permission=TO_CHANGE)
        body: dict[str, JSON] = {"project": project, "pending": pending, "provider": str(publisher.provider)}
        body |= {"issuer": publisher.issuer, "publisher": {**publisher.row()}}
        response = self._asking.change("POST", self._url, body)
        self._agreed(what, response)
        made = self._registered(self._read(response))
        if normalize(made.project) != normalize(project) or made.publisher.identity != publisher.identity:
            raise nonsense(self._url, "what it says it registered", "what it was asked to register")
        return made

    def remove(self, registered: Registered) -> None:
        """Remove a publisher; one that is gone already is no error. Raises `Denied` with the index's words."""
        what = f"publisher of `{registered.project}` on `{self.name}`"
        response = self._asking.change("DELETE", f"{self._url}/{quote(registered.id, safe='')}")
        if response.status != 404:
            self._agreed(what, response)

    def _agreed(self, what: str, response: Response) -> None:
        """Raise `Denied` for a refusal."""
        if 400 <= response.status < 500:
            words = self._asking.words(response)
            why = words or (NO_API if response.status == 404 else f"the index answers {response.status}")
            permission = TO_CHANGE if response.status in (401, 403) else ""
            step = f"It needs {TO_CHANGE}." if permission else ""
            raise Denied(what, why=why, next_step=step, permission=permission)

    def _read(self, response: Response) -> dict[str, JSON]:
        if response.status not in (200, 201):
            raise Unreachable(f"`{self._url}`", why=f"it answers {response.status}", next_step="Check the index's address.")
        return self._asking.read(self._url, response)

    def _registered(self, row: JSON) -> Registered:
        """One publisher as the index shows it."""
        if not isinstance(row, dict):
            raise nonsense(self._url, "a publisher", "a JSON object")
        told, fields = [row.get(key) for key in ("id", "project", "provider", "issuer")], row.get("publisher")
        texts = [each for each in told if isinstance(each, str)]
        if len(texts) != len(told) or not isinstance(fields, dict) or not isinstance(row.get("pending"), bool):
            raise nonsense(self._url, "a publisher", "a publisher with its fields")
        number, project, provider, issuer = texts
        values = {name: value for name, value in fields.items() if isinstance(value, str)}
        try:
            return Registered(number, project, publisher(Provider(provider), values, issuer), bool(row["pending"]))
        except (BadInput, ValueError) as problem:
            raise nonsense(self._url, f"a publisher of `{self._asking.shown(project)}`", "one that is known here") from problem
