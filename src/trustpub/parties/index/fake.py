"""A small PyPI in memory: `FakeIndex().send` answers requests as an index would, and remembers what was changed.

It keeps the promises of the contract test that also runs on our own server. `managed` says whether it has a management API of
publishers, which PyPI has not.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from trustpub.domain.names import normalize
from trustpub.parties.index.addresses import IndexAddresses
from trustpub.parties.index.fake_answers import moved, reply, text
from trustpub.parties.index.fake_certificate import certificate
from trustpub.parties.index.fake_projects import FakeFile, FakeProject
from trustpub.parties.index.fake_publishers import FakePublishers
from trustpub.parties.index.project import ACCEPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.claims import JSON
    from trustpub.parties.wire import Request, Response

HANA = (("hana", "Owner"),)


class FakeIndex:
    """One index at `base`. Change its attributes to change what it is; `answers` are given first, one a request."""

    def __init__(self, base: str = "https://pypi.example/", *, audience: str = "pypi", managed: bool = True) -> None:
        self.base = base
        self.addresses = IndexAddresses(f"{base}legacy/", base, f"{base}simple/")
        self.audience = audience
        self.trusted_publishing = True
        self.managed = managed
        self.projects: dict[str, FakeProject] = {}
        self.publishers = FakePublishers(self.projects)
        self.requests: list[Request] = []
        self.answers: list[Response | Exception] = []
        self._routes: list[tuple[str, Callable[..., Response]]] = [
            (r"/api/v1/publishers(?:/([^/]+))?", self._publishers),
            (r"/_/oidc/audience", self._audience),
            (r"/simple/", self._names),
            (r"/simple/([^/]+)/", self._project),
            (r"/pypi/([^/]+)/json", self._json),
            (r"/integrity/([^/]+)/([^/]+)/([^/]+)/provenance", self._provenance),
        ]

    def project(
        self,
        name: str,
        *files: tuple[str, str],
        roles: tuple[tuple[str, str], ...] = (("hana", "Owner"),),
        status: str = "active",
    ) -> FakeProject:
        """Make a project with files given by name and version."""
        made = self.projects[normalize(name)] = FakeProject(name, status, roles)
        for filename, version in files:
            made.add(filename, version)
        return made

    def send(self, request: Request) -> Response:
        """Answer one request (a `Send`)."""
        self.requests.append(request)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        path = urlsplit(request.url).path
        for pattern, method in self._routes:
            found = re.fullmatch(pattern, path)
            if found and request.url.startswith(self.base):
                return method(request, *(group and unquote(group) for group in found.groups()))
        return text(404, "404 Not Found")

    def _publishers(self, request: Request, number: str | None) -> Response:
        return self.publishers.answer(request, number) if self.managed else text(404, "404 Not Found")

    def _audience(self, _request: Request) -> Response:
        if not self.trusted_publishing:
            return reply(403, {"message": "Trusted publishing functionality not enabled"})
        return reply(200, {"audience": self.audience})

    def _names(self, _request: Request) -> Response:
        seen = sorted(name for name, project in self.projects.items() if project.status != "quarantined")
        rows: list[JSON] = [{"name": self.projects[name].name} for name in seen]
        return reply(200, {"meta": {"api-version": "1.4"}, "projects": rows}, ACCEPT)

    def _project(self, _request: Request, name: str) -> Response:
        project = self.projects.get(normalize(name))
        if project is None:
            return text(404, "404 Not Found")
        if name != normalize(name):
            return moved(f"{self.base}simple/{normalize(name)}/")
        files = [] if project.status == "quarantined" else project.files
        rows: list[JSON] = [self._file(name, file) for file in files]
        versions: list[JSON] = list(dict.fromkeys(file.version for file in files))
        page: JSON = {
            "meta": {"api-version": "1.4"},
            "name": normalize(name),
            "project-status": {"status": project.status},
            "versions": versions,
            "files": rows,
        }
        return reply(200, page, ACCEPT)

    def _file(self, project: str, file: FakeFile) -> JSON:
        address = f"{self.base}integrity/{project}/{file.version}/{file.filename}/provenance"
        return {
            "filename": file.filename,
            "url": f"{self.base}files/{file.filename}",
            "hashes": {"sha256": hashlib.sha256(file.content).hexdigest()},
            "requires-python": None,
            "size": len(file.content),
            "upload-time": datetime.fromtimestamp(file.uploaded_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "yanked": file.yanked,
            "provenance": address if file.provenance else None,
        }

    def _json(self, _request: Request, name: str) -> Response:
        project = self.projects.get(normalize(name))
        if project is None or not project.files or project.status == "quarantined":
            return reply(404, {"message": "Not Found"})
        roles: list[JSON] = [{"role": role, "user": user} for user, role in project.roles]
        kept = [file.version for file in project.files if not file.yanked] or [file.version for file in project.files]
        ownership: JSON = {"roles": roles, "organization": project.organization}
        return reply(200, {"info": {"name": project.name, "version": kept[-1]}, "ownership": ownership})

    def _provenance(self, _request: Request, project: str, version: str, filename: str) -> Response:
        found = self.projects.get(normalize(project), FakeProject(project))
        for file in found.files:
            if (file.version, file.filename) == (version, filename) and file.provenance:
                return reply(200, file.provenance, "application/vnd.pypi.integrity.v1+json")
        return reply(404, {"message": f"No provenance available for {filename}"})


def provenance(repository: str, workflow: str, environment: str | None = None, **claims: str) -> JSON:
    """A PEP 740 object of one bundle by one GitHub publisher; its certificate repeats these claims (see `certificate.CLAIMS`)."""
    publisher: JSON = {"kind": "GitHub", "repository": repository, "workflow": workflow, "environment": environment}
    material: JSON = {"certificate": certificate(claims), "transparency_entries": []}
    attestation: JSON = {"version": 1, "verification_material": material, "envelope": {"statement": "", "signature": ""}}
    return {"version": 1, "attestation_bundles": [{"publisher": publisher, "attestations": [attestation]}]}
