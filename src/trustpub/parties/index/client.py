"""An index as anybody sees it: its audience, its projects and files, their owners, who published what.

It asks the simple API in JSON, the older JSON page for owners, and the audience where upload clients ask for it. A token is only
needed where an index shows nothing to strangers; PyPI never gets one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

from trustpub.domain.index_project import IndexProject
from trustpub.domain.names import is_project_name, normalize, ultranormalize
from trustpub.domain.untold import Untold
from trustpub.errors import Unreachable
from trustpub.parties.index.addresses import PUBLIC, IndexAddresses, beside_upload
from trustpub.parties.index.asking import Asking, nonsense, same_origin
from trustpub.parties.index.project import ACCEPT, STATUSES, files_of, latest_of, status_of
from trustpub.parties.index.provenance import attested_of
from trustpub.parties.wire import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON
    from trustpub.domain.declaration import Declaration
    from trustpub.domain.index_project import Attested, IndexFile
    from trustpub.parties.index.addresses import Addresses
    from trustpub.parties.index.asking import Object
    from trustpub.parties.wire import Response, Send

INTEGRITY = "application/vnd.pypi.integrity.v1+json, application/json;q=0.5"
DENIED = (401, 403)


class IndexClient:
    """One index as an outsider sees it: see `port.Index` for what each question promises.

    `upload`, `web` and `simple` are its addresses. Raises `BadInput` when a token would travel unencrypted.
    """

    def __init__(self, name: str, send: Send, *, upload: str, web: str, simple: str, token: str | None = None) -> None:
        self.name = name
        self._web = web
        self._simple = simple
        self._audience = urljoin(upload, "/_/oidc/audience")
        self._asking = Asking(send, simple, token)

    def audience(self) -> str | Untold:
        """Ask for the audience of its ID tokens where upload clients ask: at the root of the upload address's host."""
        response = self._asking.get(self._audience)
        if response.status == 404:
            return Untold(f"the index `{self.name}` knows no Trusted Publishing")
        if response.status in DENIED:
            return Untold(self._asking.refusal(response).why)
        audience = self._read(self._audience, response).get("audience")
        if not isinstance(audience, str) or not audience or not audience.isprintable():
            raise nonsense(self._audience, "`audience`", "a text")
        return audience

    def project(self, name: str) -> IndexProject | Untold | None:
        """Read a project: its files from the simple API, its owners and latest release from the older JSON page."""
        if not is_project_name(name):
            return None
        url = f"{self._simple}{normalize(name)}/"
        response = self._asking.get(url, ACCEPT)
        if response.status == 404:
            return None
        if response.status in DENIED:
            return self._asking.refusal(response)
        page = self._read(url, response)
        status, files = status_of(page, url), files_of(page, url)
        if status not in STATUSES:
            return Untold(f"the project has a status that is not known here: `{self._asking.shown(status)}`")
        about = self._about(name)
        if isinstance(about, Untold):
            return IndexProject(normalize(name), status, files, latest_of(files), about)  # type: ignore[arg-type]
        owners, organization = _ownership(about)
        return IndexProject(_spelled(about, name), status, files, _latest(about, files), owners, organization)  # type: ignore[arg-type]

    def provenance(self, project: str, file: IndexFile) -> tuple[Attested, ...] | Untold:
        """Read who published a file, from the address that the index gave for it. Nothing of it is verified."""
        if file.provenance is None:
            return Untold(f"the index `{self.name}` says nothing of attestations")
        if not file.provenance:
            return ()
        url = self._beside(project, file.provenance)
        if not same_origin(url, self._simple) and not same_origin(url, self._web):
            return Untold("the index keeps the provenance at another place, which is not asked")
        response = self._asking.get(url, INTEGRITY)
        if response.status == 404:
            return ()
        if response.status in DENIED:
            return self._asking.refusal(response)
        return attested_of(self._read(url, response), url)

    def names_like(self, name: str) -> tuple[str, ...] | Untold:
        """List the projects with a name too similar to this one, from the list of all names.

        PyPI's list is some ten megabytes and an index of one's own rarely a thousandth of that: PyPI is not asked.
        """
        if self.name in PUBLIC:
            return Untold(f"the list of all names of `{self.name}` is too long to be read for one name")
        response = self._asking.get(self._simple, ACCEPT)
        if response.status in DENIED:
            return self._asking.refusal(response)
        if response.status == 404:
            return Untold(f"the index `{self.name}` lists no names")
        rows = self._read(self._simple, response).get("projects")
        if not isinstance(rows, list):
            raise nonsense(self._simple, "`projects`", "a list")
        names = {_text(row.get("name")) for row in rows if isinstance(row, dict)}
        wanted, own = ultranormalize(name), normalize(name)
        return tuple(sorted(each for each in names if ultranormalize(each) == wanted and normalize(each) != own))

    def _beside(self, project: str, address: str) -> str:
        """An address as the project's page means it; empty when it is none."""
        try:
            return urljoin(f"{self._simple}{normalize(project)}/", address)
        except ValueError:
            return ""

    def _about(self, name: str) -> Object | Untold:
        """The older JSON page, which only some indexes have, and which knows only projects with a release."""
        url = f"{self._web}pypi/{normalize(name)}/json"
        response = self._asking.get(url)
        if response.status in DENIED:
            return self._asking.refusal(response)
        if response.status != 200:
            return Untold("the index does not say who owns the project")
        return self._read(url, response)

    def _read(self, url: str, response: Response) -> Object:
        if response.status != 200:
            raise Unreachable(f"`{shown(url)}`", why=f"it answers {response.status}", next_step="Check the index's address.")
        return self._asking.read(url, response)


def index_of(name: str, declaration: Declaration, addresses: Addresses, send: Send, token: str | None = None) -> IndexClient:
    """The client of an index by its name in `trustpub.toml`; `pypi` and `testpypi` are PyPI's own, and get no token."""
    found = addresses_of(name, declaration, addresses)
    mine = None if name in PUBLIC else token
    return IndexClient(name, send, upload=found.upload, web=found.web, simple=found.simple, token=mine)


def addresses_of(name: str, declaration: Declaration, addresses: Addresses) -> IndexAddresses:
    """Where an index is. Raises `BadInput` for a name that is neither PyPI's nor declared."""
    declared = declaration.indexes.get(name)
    if declared is not None and name not in PUBLIC:
        return beside_upload(declared.url)
    return IndexAddresses(addresses.upload(name), addresses.web(name), addresses.simple(name))


def _ownership(about: Object) -> tuple[tuple[tuple[str, str], ...] | Untold, str]:
    """User and role of everybody with a role, and the organisation. Mirrors: warehouse/legacy/api/json.py @6b62157."""
    told = about.get("ownership")
    rows = told.get("roles") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(rows, list):
        return Untold("the index does not say who owns the project"), ""
    pairs = [(row.get("user"), row.get("role")) for row in rows if isinstance(row, dict)]
    owners = tuple((_text(user), _text(role)) for user, role in pairs if _text(user) and _text(role))
    return owners, _text(told.get("organization"))


def _text(value: JSON) -> str:
    """A text that can be shown; empty for anything else."""
    return value if isinstance(value, str) and value.isprintable() else ""


def _spelled(about: Object, name: str) -> str:
    """The project's name as the index spells it, if it is that project's name at all."""
    told = _text(_info(about).get("name"))
    return told if normalize(told) == normalize(name) else normalize(name)


def _latest(about: Object, files: tuple[IndexFile, ...]) -> str:
    return _text(_info(about).get("version")) or latest_of(files)


def _info(about: Object) -> Mapping[str, JSON]:
    info = about.get("info")
    return info if isinstance(info, dict) else {}
