"""What the tests of a rehearsal share: a prediction, an address book, a package's files, a builder that copies them."""

from __future__ import annotations

import gzip
import io
import tarfile
import time
from collections.abc import Sequence
from pathlib import Path

from trustpub.domain.declaration import Declaration, DeclaredPublisher
from trustpub.domain.publishers import Provider
from trustpub.main.serve import build
from trustpub.main.stage import OpenStage, PutTogether, SigningKeys
from trustpub.parties.clients.build import distributions
from trustpub.parties.clients.fake import FakeClient, FakeFetcher
from trustpub.parties.clients.port import Client
from trustpub.usecases.attacks_on_upload import small_wheel
from trustpub.usecases.legs import plan_legs
from trustpub.usecases.rehearsal import Rehearsal
from trustpub.usecases.rehearse import Options, Troupe, rehearse
from trustpub.workflows.predict import Prediction

PREDICTION = Prediction(
    workflow=".github/workflows/pypi.yml",
    job="publish",
    step="Upload",
    line=1,
    column=1,
    event="push",
    ref="refs/tags/v1.0",
    ref_pattern="refs/tags/v*",
    project="demo",
    package=".",
    matrix=None,
    index="pypi",
    profile="pypi",
    credential="trusted",
    verdict="publishes",
    claims={
        "iss": "https://token.actions.githubusercontent.com",
        "aud": "pypi",
        "repository": "octo/demo",
        "repository_owner": "octo",
        "repository_owner_id": "7",
        "ref": "refs/tags/v1.0",
        "event_name": "push",
        "workflow_ref": "octo/demo/.github/workflows/pypi.yml@refs/tags/v1.0",
        "job_workflow_ref": "octo/demo/.github/workflows/pypi.yml@refs/tags/v1.0",
        "environment": "pypi",
    },
    unknown=("jti", "sha", "actor", "exp"),
    alternatives={"sub": ("repo:octo/demo:environment:pypi",)},
    publisher={
        "repository_owner": "octo",
        "repository_owner_id": "7",
        "repository_name": "demo",
        "workflow_filename": "pypi.yml",
        "environment": "pypi",
    },
    why=("it is so",),
)


def declared(**changes: str) -> DeclaredPublisher:
    """A declared row that fits `PREDICTION`, with other values for some fields."""
    row = {
        "project": "Demo",
        "index": "pypi",
        "owner": "octo",
        "owner_id": "7",
        "repository": "demo",
        "workflow": "pypi.yml",
        "environment": "pypi",
        "issuer": "",
        "path": "",
    }
    told = {**row, **changes}
    return DeclaredPublisher(
        told["project"], told["index"], Provider.GITHUB, told["owner"], told["owner_id"], told["repository"], told["workflow"],
        told["environment"], told["issuer"], told["path"],
    )  # fmt: skip


class Book:
    """An address book of hosts that do not exist."""

    def upload(self, name: str) -> str:
        return f"https://upload.{name}.test/legacy/"

    def web(self, name: str) -> str:
        return f"https://{name}.test/"


def write_dist(folder: Path, project: str = "demo") -> Path:
    """A wheel and an sdist in `folder`/dist."""
    dist = folder / "dist"
    dist.mkdir(parents=True)
    name, content, _ = small_wheel(project)
    (dist / name).write_bytes(content)
    out = io.BytesIO()
    top = f"{project.replace('-', '_')}-1.0"
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for inside, body in (("PKG-INFO", f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n"), ("demo.py", "")):
            info = tarfile.TarInfo(f"{top}/{inside}")
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body.encode()))
    (dist / f"{top}.tar.gz").write_bytes(gzip.compress(out.getvalue(), mtime=0))
    return dist


class CopyingBuilder:
    """A builder whose package folder holds what it builds."""

    def build(self, package: Path, into: Path, *, isolated: bool) -> tuple[Path, ...]:
        for path in distributions(package / "dist"):
            (into / path.name).write_bytes(path.read_bytes())
        return distributions(into)


KEYS = SigningKeys()


def troupe(uploaders: Sequence[Client] | None = None, put_together: PutTogether = build) -> Troupe:
    """Real stages, clients without programs."""
    return Troupe(
        lambda order: OpenStage(order, KEYS, put_together),
        uploaders or (FakeClient("one"), FakeClient("two")),
        FakeFetcher(),
        CopyingBuilder(),
        time.perf_counter,
    )


def play(
    folder: Path, *predictions: Prediction, declaration: Declaration | None = None, players: Troupe | None = None
) -> Rehearsal:
    """Rehearse a package whose files are written into `folder`."""
    write_dist(folder / "package")
    scratch = folder / "scratch"
    scratch.mkdir()
    legs = plan_legs(predictions or (PREDICTION,), declaration or Declaration(), Book())
    return rehearse(legs, folder / "package", players or troupe(), Options(scratch))
