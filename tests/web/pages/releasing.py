"""An index to which workflows publish: exchanges and uploads as they are, with a verifier that believes what it is told."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import replace
from pathlib import Path

from tests.distributions import wheel
from tests.domain.samples import github_claims
from tests.usecases.exchanging import FakeVerifier
from tests.web.forms import CLIENTS, form, headers
from tests.web.pages.people import Index
from tests.web.site import Answer
from trustpub.domain.claims import JSON, Claims
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import Provider
from trustpub.domain.tokens import digest
from trustpub.usecases.exchange import Exchange, Minted, Ready, Refusal

ACCOUNT = "/manage/account/publishing/"
GITHUB = {
    "provider": "github",
    "owner": "octo",
    "owner_id": "42",
    "repository": "orchay",
    "workflow_filename": "pypi.yml",
    "environment": "pypi",
}
"""The publisher that the claims of `tests.domain.samples` are from, as its form has it."""
README = "# Orchay\n\nSay **hello**.\n\n```python\nimport orchay\n```\n"


class Releasing(Index):
    """An index at the true time, to which `release` publishes."""

    def __init__(self, folder: Path, **settings: object) -> None:
        super().__init__(folder, **settings)  # type: ignore[arg-type]
        self.clock.now = time.time()
        self._jti = itertools.count(1)

    def exchanged(self, **claims: JSON) -> Minted | Refusal:
        """What a job with these claims gets."""
        told = github_claims(jti=f"jti-{next(self._jti)}", **claims)
        signed = digest(json.dumps({**told}))
        ready = Ready(Claims(str(told["iss"]), told, signed, int(self.clock.now) + 300), Provider.GITHUB)
        real = Exchange(FakeVerifier(), self.database, Profile.TRUSTPUB, "trustpub", self.clock, self.service.random)
        return real.settle(ready).result(30)

    def release(self, project: str, version: str, readme: str = README, more: str = "", **claims: JSON) -> Answer:
        """Publish one wheel as a job with these claims."""
        minted = self.exchanged(**claims)
        assert isinstance(minted, Minted), minted
        filename, data = wheel_with(project, version, readme, more)
        return self.ask(
            "POST", "/legacy/", headers(minted.token), form(filename, data, replace(CLIENTS["uv"], name=project), version)
        )


def wheel_with(project: str, version: str, readme: str, more: str = "") -> tuple[str, bytes]:
    """A wheel with this README, and more lines of metadata."""
    name = project.replace("-", "_")
    head = f"Metadata-Version: 2.4\nName: {project}\nVersion: {version}\nSummary: Orchards of hay\n{more}"
    metadata = f"{head}Description-Content-Type: text/markdown\n\n{readme}".encode()
    return f"{name}-{version}-py3-none-any.whl", wheel(metadata, None, f"{name}-{version}.dist-info")
