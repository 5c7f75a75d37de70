"""Small workflows for the tests of this room."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trustpub.domain import declaration
from trustpub.domain.declaration import PUBLIC_INDEXES, Declaration
from trustpub.workflows.contexts import Repository
from trustpub.workflows.events import Names
from trustpub.workflows.model import Job, Workflow, read
from trustpub.workflows.predict import Facts, Prediction, Wanted, predict
from trustpub.workflows.source import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = ".github/workflows/release.yml"
REPOSITORY = Repository("octo", "tool", owner_id="7")
NAMES = Names("1.2.3", "tool", "main")


def workflow(text: str, path: str = PATH) -> Workflow:
    """Read a workflow file."""
    return read(parse(text.encode(), path))


def job_of(body: str) -> Job:
    """Read the one job `publish` whose keys are given, indented by four."""
    return workflow(f"on: push\njobs:\n  publish:\n{body}").jobs["publish"]


def facts(declared: Declaration | None = None, repository: Repository = REPOSITORY) -> Facts:
    """What is known beside the files: a package at the root, and addresses `https://NAME.example/`."""

    def index_of(kind: str, value: str) -> tuple[str, bool]:
        name = "pypi" if kind == "default" else value.removeprefix("https://").partition(".example/")[0]
        return name, name in (*PUBLIC_INDEXES, *(declared or Declaration()).indexes)

    return Facts(repository, declared or Declaration(), NAMES, index_of, lambda name: name, "tool", ".")


def predictions(
    text: str,
    declared: Declaration | None = None,
    event: str | None = None,
    repository: Repository = REPOSITORY,
    others: Mapping[str, str] = {},
) -> tuple[Prediction, ...]:
    """Predict one workflow, with other files by their name without ending."""
    files = {PATH: workflow(text)}
    for name, words in others.items():
        path = f".github/workflows/{name}.yml"
        files[path] = workflow(words, path)
    return predict(files, facts(declared, repository), Wanted(event=event))


def publishing(on: str, job: str = "", step: str = "", top: str = "") -> str:
    """A workflow with one publishing job; `job`, `step` and `top` are further lines, not indented."""

    def lines(text: str, indent: int) -> str:
        return "".join(f"{' ' * indent}{line}\n" for line in text.splitlines())

    uses = step or "uses: pypa/gh-action-pypi-publish@release/v1"
    first, *rest = uses.splitlines()
    body = f"      - {first}\n" + lines("\n".join(rest), 8)
    permissions = "" if "permissions" in job or "permissions" in top else "    permissions: {id-token: write}\n"
    return (
        f"on: {on}\n{lines(top, 0)}jobs:\n  publish:\n    runs-on: ubuntu-latest\n{permissions}{lines(job, 4)}    steps:\n{body}"
    )


def only(text: str, declared: Declaration | None = None, called: str | None = None) -> Prediction:
    """The one prediction of a workflow, with a file `called.yml` beside it when that is given."""
    (found,) = predictions(text, declared, others={"called": called} if called is not None else {})
    return found


def declared(environment: str = "", index: str = "pypi", rules: str = "", **changes: str) -> Declaration:
    """A declaration with one publisher."""
    row = {"project": "tool", "index": index, "owner": "octo", "owner_id": "7", "repository": "tool", "workflow": "release.yml"}
    row |= {"environment": environment, **changes}
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in row.items())
    own = "" if index in declaration.PUBLIC_INDEXES else f'[indexes.{index}]\nurl = "https://{index}.example/"\n'
    return declaration.parse(f"[[publisher]]\n{lines}\n{own}{rules}".encode(), "trustpub.toml")
