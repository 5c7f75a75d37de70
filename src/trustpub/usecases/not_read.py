"""What may publish and was not read: the files of other CI systems, and steps that run what cannot be followed.

Only GitHub's workflows are read. Whatever else a repository runs is named, so that silence about it is never taken for health.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.report import NotRead

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts

SYSTEMS = {
    ".gitlab-ci.yml": "GitLab CI",
    ".circleci/config.yml": "CircleCI",
    ".travis.yml": "Travis CI",
    "azure-pipelines.yml": "Azure Pipelines",
    ".azure-pipelines.yml": "Azure Pipelines",
    ".azure-pipelines/": "Azure Pipelines",
    "azure-pipelines/": "Azure Pipelines",
    "appveyor.yml": "AppVeyor",
    ".appveyor.yml": "AppVeyor",
    ".cirrus.yml": "Cirrus CI",
    ".cirrus.star": "Cirrus CI",
    ".drone.yml": "Drone",
    ".woodpecker.yml": "Woodpecker",
    ".woodpecker/": "Woodpecker",
    ".buildkite/": "Buildkite",
    ".semaphore/": "Semaphore",
    ".teamcity/": "TeamCity",
    ".forgejo/workflows/": "Forgejo Actions",
    ".gitea/workflows/": "Gitea Actions",
    "bitbucket-pipelines.yml": "Bitbucket Pipelines",
    "buildspec.yml": "AWS CodeBuild",
    "cloudbuild.yaml": "Google Cloud Build",
    "Jenkinsfile": "Jenkins",
    ".builds/": "SourceHut",
}
"""Where other CI systems keep what they run; a folder ends in `/`."""


def not_read(facts: Facts) -> tuple[NotRead, ...]:
    """List what was not read, with why."""
    return tuple(dict.fromkeys((*_systems(facts), *_steps(facts))))


def _steps(facts: Facts) -> Iterator[NotRead]:
    """List the steps that run what may publish, by its name, and that nobody can follow from here."""
    for found in facts.missing:
        line = found.workflow.source.place(found.step.start).line
        yield NotRead(f"{found.workflow.path}:{line}", f"`{_short(found.unread.text)}` may publish: {found.unread.why}")


def _systems(facts: Facts) -> Iterator[NotRead]:
    listed: dict[str, frozenset[str]] = {}
    for path, system in SYSTEMS.items():
        whole = path.rstrip("/")
        folder, _, name = whole.rpartition("/")
        if folder not in listed:
            listed[folder] = frozenset(facts.files.names(folder))
        if name + "/" * path.endswith("/") in listed[folder]:
            yield NotRead(path, f"{system} is not read; whether it publishes is not known")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
