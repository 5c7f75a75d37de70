"""The ID token that the surrounding CI job can get: here, not here, or here but broken.

The three must stay apart. A job that has forgotten a permission looks like "not in CI" to most tools, and whoever reads their
message looks in the wrong place.

Mirrors: id 1.6 (order of detection, names of variables).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

from trustpub.domain.publishers import Provider
from trustpub.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Fetch: TypeAlias = Callable[[str, Mapping[str, str]], bytes]
    """The body at an address, asked for with the given headers; raises `Unreachable`."""

REQUEST_URL = "ACTIONS_ID_TOKEN_REQUEST_URL"
REQUEST_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # noqa: S105 - a variable's name


@dataclass(frozen=True, slots=True)
class Here:
    """The job's ID token for the audience that was asked for. Its text stays out of the repr."""

    provider: Provider
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NotHere:
    """This is no job of a CI system that we know."""


@dataclass(frozen=True, slots=True)
class BrokenHere:
    """This is a CI job, but it gets no ID token."""

    provider: Provider
    why: str
    next_step: str


Ambient: TypeAlias = Here | NotHere | BrokenHere


def in_ci(environment: Mapping[str, str]) -> bool:
    """Say whether this process is a job of a CI system that we know."""
    return bool(environment.get("GITHUB_ACTIONS") or environment.get("GITLAB_CI"))


def ambient_token(environment: Mapping[str, str], audience: str, fetch: Fetch) -> Ambient:
    """Get the surrounding job's ID token for `audience`. Never raises for what a CI system does wrong."""
    if environment.get("GITHUB_ACTIONS"):
        return _github(environment, audience, fetch)
    if environment.get("GITLAB_CI"):
        return _gitlab(environment, audience)
    return NotHere()


def gitlab_variable(audience: str) -> str:
    """The variable in which a GitLab job finds its token for `audience`.

    `pypi` -> `PYPI_ID_TOKEN`, `my-index.local` -> `MY_INDEX_LOCAL_ID_TOKEN`. A digit in front becomes `_`
    too, because no variable may begin with one.
    """
    name = re.sub(r"[^A-Z0-9]", "_", audience.upper())
    return re.sub(r"\A[0-9]", "_", name) + "_ID_TOKEN"


def _github(environment: Mapping[str, str], audience: str, fetch: Fetch) -> Ambient:
    url, bearer = environment.get(REQUEST_URL, ""), environment.get(REQUEST_TOKEN, "")
    if not url or not bearer:
        return BrokenHere(
            Provider.GITHUB,
            f"`{REQUEST_TOKEN if url else REQUEST_URL}` is not set: GitHub gives this job no ID tokens",
            "Give the job `permissions: id-token: write`. A pull request from a fork never gets one.",
        )
    query = f"{'&' if '?' in url else '?'}audience={quote(audience, safe='')}"
    try:
        body = fetch(url + query, {"Authorization": f"Bearer {bearer}"})
        answer: object = json.loads(body)
    except Unreachable as problem:
        return BrokenHere(Provider.GITHUB, f"GitHub's token endpoint: {problem.why}", "Run the job again.")
    except (ValueError, RecursionError):
        answer = None
    token = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token:
        return BrokenHere(Provider.GITHUB, "GitHub's token endpoint answered without a token", "Run the job again.")
    return Here(Provider.GITHUB, token)


def _gitlab(environment: Mapping[str, str], audience: str) -> Ambient:
    name = gitlab_variable(audience)
    if token := environment.get(name):
        return Here(Provider.GITLAB, token)
    return BrokenHere(
        Provider.GITLAB,
        f"`{name}` is not set: the job declares no ID token for the audience `{audience}`",
        f"Add to the job: `id_tokens: {{{name}: {{aud: {audience}}}}}`.",
    )
