"""Small checkouts for the tests of the rules: files in memory, read and predicted as `check` does."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from trustpub.domain import declaration
from trustpub.domain.declaration import PUBLIC_INDEXES, Declaration
from trustpub.domain.package import Package
from trustpub.errors import BrokenFile
from trustpub.rules import may_speak
from trustpub.rules.facts import Facts
from trustpub.workflows import edit, predict
from trustpub.workflows.contexts import Repository
from trustpub.workflows.events import Names
from trustpub.workflows.files import FilesInMemory
from trustpub.workflows.model import Workflow, read
from trustpub.workflows.source import Source, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.domain.findings import Finding, Span

RELEASE = ".github/workflows/release.yml"
REPOSITORY = Repository("octo", "tool", owner_id="7")
ONE_PACKAGE = (Package(".", "tool", "1.2.3"),)


class _RuleFile(Protocol):
    def check(self, facts: Facts) -> Iterator[Finding]: ...


def facts(
    files: Mapping[str, str] | str,
    packages: tuple[Package, ...] = ONE_PACKAGE,
    host: str = "github.com",
    repository: Repository = REPOSITORY,
) -> Facts:
    """Read a checkout: a text is `.github/workflows/release.yml`, a name without a folder a workflow file.

    `trustpub.toml` is read as the declaration; the addresses of indexes are `https://NAME.example/`.
    """
    given = {RELEASE: files} if isinstance(files, str) else {_path(name): text for name, text in files.items()}
    workflows: dict[str, Workflow] = {}
    broken: dict[str, BrokenFile] = {}
    for path, text in given.items():
        if path.startswith(".github/workflows/"):
            try:
                workflows[path] = read(parse(text.encode(), path))
            except BrokenFile as problem:
                broken[path] = problem
    declared = Declaration()
    if "trustpub.toml" in given:
        declared = declaration.parse(given["trustpub.toml"].encode(), "trustpub.toml")
    in_memory = FilesInMemory({path: text.encode() for path, text in given.items()})
    uploads = predict.predicted(workflows, _known(packages, declared, repository)._replace(files=in_memory), predict.Wanted())
    return Facts(repository, host, declared, workflows, broken, packages, uploads, in_memory)


def _path(name: str) -> str:
    return name if "/" in name or not name.endswith((".yml", ".yaml")) else f".github/workflows/{name}"


def _known(packages: tuple[Package, ...], declared: Declaration, repository: Repository) -> predict.Facts:
    def index_of(kind: str, value: str) -> tuple[str, bool]:
        name = "pypi" if kind == "default" else value.removeprefix("https://").partition(".example/")[0]
        return name, name in (*PUBLIC_INDEXES, *declared.indexes)

    only = packages[0] if len(packages) == 1 else None
    return predict.Facts(
        repository=repository,
        declaration=declared,
        names=Names("1.2.3", (only.name if only else None) or "", repository.default_branch),
        index_of=index_of,
        audience_of=lambda name: name,
        project=only.name if only else None,
        package=only.path if only else None,
    )


def found(rule: str, seen: Facts) -> list[Finding]:
    """Ask one rule by the name of its file. Where it speaks, `check` must not have passed it over."""
    spoken = list(cast("_RuleFile", import_module(f"trustpub.rules.{rule}")).check(seen))
    assert [] == [finding.rule for finding in spoken if not may_speak(finding.rule, seen)]
    return spoken


def spanned(seen: Facts, span: Span) -> str:
    """Return the very text that a finding points at."""
    data = seen.files.read(span.path) or b""
    return Source(span.path, data.decode()).text[span.start : span.end]


def fixed(seen: Facts, finding: Finding) -> str:
    """Return the text of a finding's file after its fix."""
    assert finding.fix is not None
    data = seen.files.read(finding.span.path) or b""
    return edit.apply(Source(finding.span.path, data.decode()).text, finding.fix.edits)
