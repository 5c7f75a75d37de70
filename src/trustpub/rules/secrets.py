"""Where the password or token of an upload stands in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.sites import Site
    from trustpub.workflows.source import Scalar

_NAMED = r"secrets\s*\.\s*([A-Za-z_][A-Za-z0-9_]*)|secrets\[\s*'([^']+)'\s*\]"


class Given(NamedTuple):
    """One password or token: the key that gives it (empty inside a script), the word, and the piece of its value that it is."""

    key: str
    word: Scalar
    start: int
    end: int


def given(site: Site) -> Given | None:
    """Find the first word that gives the upload its password or token, from the step outwards; None when it is not in sight."""
    for secret in site.upload.secrets:
        for key, word in _words(site):
            start = word.value.find(secret)
            if start >= 0:
                return Given(key, word, start, start + len(secret))
    return None


def _words(site: Site) -> Iterator[tuple[str, Scalar]]:
    for level in (site.step.with_, site.step.env):
        yield from level.items()
    if site.step.run is not None:
        yield "", site.step.run
    for level in (site.job.env, site.workflow.env):
        yield from level.items()


def secret_name(texts: tuple[str, ...]) -> str:
    """Name the first secret of the repository in these texts; empty when they name none."""
    for text in texts:
        if match := re.search(_NAMED, text):
            return match[1] or match[2]
    return ""


def given_texts(site: Site) -> tuple[str, ...]:
    """Return what gives the upload its passwords, `env.NAME` looked up in the file and in the scripts that set it."""
    return tuple(found for secret in site.upload.secrets for found in (secret, *_behind(site, secret)))


def _behind(site: Site, secret: str) -> Iterator[str]:
    for name in re.findall(r"\benv\s*\.\s*([A-Za-z_][A-Za-z0-9_]*)", secret):
        for level in (site.step.env, site.job.env, site.workflow.env):
            if name in level:
                yield level[name].value
        for step in site.job.steps:
            if step.run is not None and f"{name}=" in step.run.value and "GITHUB_ENV" in step.run.value:
                yield step.run.value


def is_made_in_the_run(texts: tuple[str, ...]) -> bool:
    """Say whether a step or a job before may have made these passwords: then they need not be stored anywhere."""
    return not secret_name(texts) and any(re.search(r"\b(?:steps|needs|env)\s*[.\[]", text) for text in texts)
