"""Reusable workflows of other repositories that are known to upload: which inputs and secrets decide where to, and with what.

PyPI refuses the ID token of a job whose workflow file lies in another repository, so most of these want a stored token.
Sources: the workflow files themselves, as far as they are public.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.model import word
from trustpub.workflows.source import Map, Scalar
from trustpub.workflows.tools import split_uses
from trustpub.workflows.upload import DEFAULT, Destination, destination

if TYPE_CHECKING:
    from trustpub.workflows.model import Job


class Callee(NamedTuple):
    """One workflow: the tool in it, and the names of its inputs and secrets.

    `url` names an input with the address, `test` one that sends the upload to TestPyPI when it is true, `switch` one that turns
    it off when it is false. `secrets` are those that hold a token, `test_secrets` the ones for TestPyPI.
    """

    tool: str
    url: str = ""
    test: str = ""
    switch: str = ""
    secrets: tuple[str, ...] = ()
    test_secrets: tuple[str, ...] = ()


class Known(NamedTuple):
    """What is known of a call: the tool, the credential ("token", "trusted-publishing", "unclear"), the destination, and why."""

    tool: str
    credential: str
    destination: Destination | None
    why: str


_OPEN_ASTRONOMY = Callee("action", url="repository_url", switch="upload_to_pypi", secrets=("pypi_token",))
CALLEES = {
    "openastronomy/github-actions-workflows/.github/workflows/publish.yml": _OPEN_ASTRONOMY,
    "openastronomy/github-actions-workflows/.github/workflows/publish_pure_python.yml": _OPEN_ASTRONOMY,
    "dbt-labs/dbt-release/.github/workflows/pypi-release.yml": Callee(
        "action", test="test_run", secrets=("PYPI_API_TOKEN",), test_secrets=("TEST_PYPI_API_TOKEN",)
    ),
    "spacetelescope/action-publish_to_pypi/.github/workflows/workflow.yml": Callee(
        "twine", test="test", secrets=("password",), test_secrets=("test_password",)
    ),
    "tree-sitter/workflows/.github/workflows/package-pypi.yml": Callee("action", secrets=("PYPI_API_TOKEN",)),
}
"""By the workflow's name in lower case."""


def known(job: Job) -> Known | None:
    """Say what is known of a job that calls a workflow of another repository; None when it is nothing, or surely no upload."""
    callee = CALLEES.get(split_uses(word(job.uses))[0])
    if callee is None:
        return None
    test = word(job.with_.get(callee.test)).strip().lower() if callee.test else "false"
    where: Destination | None = DEFAULT
    if test == "true":
        where = Destination("name", "testpypi")
    elif test not in ("false", ""):
        where = None
    elif callee.url:
        where = destination(word(job.with_.get(callee.url)).strip(), "")
    credential, why = _credential(job, callee.test_secrets if test == "true" else callee.secrets)
    return Known(callee.tool, credential, where, why)


def is_off(job: Job) -> bool:
    """Say whether a call turns the upload of a known workflow off."""
    callee = CALLEES.get(split_uses(word(job.uses))[0])
    if callee is None or not callee.switch:
        return False
    node = job.with_.get(callee.switch)
    return node is not None and word(node).strip().lower() == "false"


def _credential(job: Job, wanted: tuple[str, ...]) -> tuple[str, str]:
    node = job.node.get("secrets")
    names = ", ".join(f"`{name}`" for name in wanted)
    if isinstance(node, Scalar) and node.value == "inherit":
        return "unclear", f"it gets all secrets of this repository, and takes {names}"
    given = [name for name in wanted if isinstance(node, Map) and node.get(name) is not None]
    if given:
        return "token", f"it gets a stored token as its secret {names}"
    return "trusted-publishing", f"it gets no secret {names}, so it can only try an ID token"
