"""GitLab: `project_path` and the pipeline file; the issuer belongs to the identity, because anybody may run a GitLab.

Mirrors: warehouse/oidc/models/gitlab.py @6b62157 (the `pypi` profile).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.narrowing import (
    Candidates,
    Comparison,
    ascii_lower,
    differs,
    narrow,
    not_found,
    one_or_list,
    ref_differs,
    texts,
)
from trustpub.domain.outcome import NOT_FOUND, REPLAYED, Accepted, Decision, Refused, invalid_publisher
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.claims import ClaimSet
    from trustpub.domain.outcome import Difference
    from trustpub.domain.publishers import Publisher

# PyPI checks what it verifies first, then what must only be there; with several missing it may name any of them.
PYPI_REQUIRED = ("sub", "project_path", "ci_config_ref_uri", "jti", "ref_path", "sha")
# A token without a `jti` is still spent only once: by the digest of its signed bytes.
REQUIRED = tuple(name for name in PYPI_REQUIRED if name != "jti")
PYPI_OPTIONAL = ("environment",)
OPTIONAL = (*PYPI_OPTIONAL, "namespace_id")
ROWS = {"project_path": "project", "ci_config_ref_uri": "workflow_filepath"}

NO_WORKFLOW = "Could not extract workflow filename from OIDC claims"


class _Job(NamedTuple):
    """What a token says about the job that asked for it."""

    project_path: str
    namespace: str
    project: str
    sub: str
    config: str
    workflow: str
    ref_path: str
    sha: str
    environment: str
    namespace_id: str


def pipeline_file(ci_config_ref_uri: str) -> str:
    """The pipeline file in a `ci_config_ref_uri`, as PyPI finds it; empty when there is none.

    It is what follows the first `//`, up to the last .yml or .yaml before an `@` that has a non-slash before it, on one line.
    Searched line by line, because the regular expression takes quadratic time on a hostile claim.
    """
    start = ci_config_ref_uri.find("//") + 2
    while start > 1:
        end = ci_config_ref_uri.find("\n", start)
        end = len(ci_config_ref_uri) if end < 0 else end
        found = max(_last_suffix(ci_config_ref_uri, suffix, start, end) for suffix in (".yml@", ".yaml@"))
        if found:
            return ci_config_ref_uri[start:found]
        start = ci_config_ref_uri.find("//", end) + 2
    return ""


def _last_suffix(text: str, suffix: str, start: int, end: int) -> int:
    """Where the last usable suffix between these places ends (its `@` not counted); 0 when there is none."""
    place = text.rfind(suffix, start + 1, end + 1 + len(suffix))
    while place > 0 and text[place - 1] == "/":
        place = text.rfind(suffix, start + 1, place)
    return place + len(suffix) - 1 if place > 0 else 0


def pypi(claims: ClaimSet, candidates: Candidates, replayed: bool) -> Decision:
    """Decide as PyPI does: look one row up (names without case), then check the claims against it."""
    job = _read(claims, PYPI_REQUIRED, PYPI_OPTIONAL, candidates)
    if isinstance(job, Refused):
        return job
    chosen = _choose(job, candidates, lambda publisher: _same_row(publisher, job))
    if chosen is None:
        reason = NO_WORKFLOW if not job.workflow and "/" in job.project_path else NOT_FOUND
    else:
        reason = _wrong(chosen[1], job)
        if not reason:
            return REPLAYED if replayed else Accepted(*chosen)
    return invalid_publisher(reason, narrow(candidates, lambda publisher: _compare(publisher, job, str.lower, both_refs=True)))


def trustpub(claims: ClaimSet, candidates: Candidates, replayed: bool) -> Decision:
    """Decide by our own rules: names ignore ASCII case, everywhere alike; file and environment are exact."""
    job = _read(claims, REQUIRED, OPTIONAL, candidates)
    if isinstance(job, Refused):
        return job
    chosen = _choose(job, candidates, lambda publisher: not any(_compare(publisher, job, ascii_lower, both_refs=False)))
    if chosen is not None:
        return REPLAYED if replayed else Accepted(*chosen)
    return not_found(narrow(candidates, lambda publisher: _compare(publisher, job, ascii_lower, both_refs=False)))


def _read(claims: ClaimSet, required: tuple[str, ...], optional: tuple[str, ...], candidates: Candidates) -> _Job | Refused:
    text = texts(claims, required, optional, candidates, ROWS)
    if isinstance(text, Refused):
        return text
    path, config = text["project_path"], text["ci_config_ref_uri"]
    namespace, _, project = path.rpartition("/")
    return _Job(
        path,
        namespace,
        project,
        text["sub"],
        config,
        pipeline_file(config),
        text["ref_path"],
        text["sha"],
        text["environment"],
        text.get("namespace_id", ""),
    )


def _choose(job: _Job, candidates: Candidates, fits: Callable[[Publisher], bool]) -> tuple[int, Publisher] | None:
    """The fitting publisher that is constrained to this environment, else the first that is not constrained."""
    general: tuple[int, Publisher] | None = None
    for candidate in candidates:
        environment = candidate[1].get("environment")
        if environment in ("", job.environment) and fits(candidate[1]):
            if environment:
                return candidate
            general = general or candidate
    return general


def _same_row(publisher: Publisher, job: _Job) -> bool:
    return (
        bool(job.namespace and job.workflow)
        and publisher.get("namespace").lower() == job.namespace.lower()
        and publisher.get("project").lower() == job.project.lower()
        and publisher.get("workflow_filepath") == job.workflow
    )


def _wrong(publisher: Publisher, job: _Job) -> str:
    """Which check of the row that PyPI found fails; empty when none. The others cannot fail after the lookup."""
    if not _same_sub(publisher, job, str.lower):
        return "Check failed for required claim 'sub'"
    if not (job.ref_path and job.sha):
        return "The ref_path and sha claims are empty"
    expected = _expected_configs(publisher, job)
    if job.config not in expected:
        return f"The ci_config_ref_uri claim does not match, expecting one of {sorted(set(expected))!r}, got {job.config!r}"
    return ""


def _same_sub(publisher: Publisher, job: _Job, lower: Callable[[str], str]) -> bool:
    """Whether the first two parts of `sub` name this project; what follows describes the run and is not registered."""
    kind, _, rest = job.sub.partition(":")
    return lower(f"{kind}:{rest.partition(':')[0]}") == lower(_sub(publisher))


def _sub(publisher: Publisher) -> str:
    return f"project_path:{publisher.get('namespace')}/{publisher.get('project')}"


def _expected_configs(publisher: Publisher, job: _Job) -> list[str]:
    """PyPI spells them as the row does, so a row in other casing is found and then refused."""
    prefix = _config_prefix(publisher) + publisher.get("workflow_filepath")
    return [f"{prefix}@{ref}" for ref in (job.ref_path, job.sha) if ref]


def _config_prefix(publisher: Publisher) -> str:
    host = publisher.issuer.removeprefix("https://").removeprefix("http://")
    return f"{host}/{publisher.get('namespace')}/{publisher.get('project')}//"


def _compare(publisher: Publisher, job: _Job, lower: Callable[[str], str], *, both_refs: bool) -> Comparison:
    """Compare field by field; `both_refs` is PyPI's wish for a ref path and a commit, and for the row's own casing."""
    namespace, project, file = publisher.get("namespace"), publisher.get("project"), publisher.get("workflow_filepath")
    environment = publisher.get("environment")
    same_namespace = bool(namespace) and lower(namespace) == lower(job.namespace)
    same_project = bool(project) and lower(project) == lower(job.project)
    same_file = bool(file) and file == job.workflow
    named = same_namespace and same_project
    comparable = named and (same_file or not job.workflow) and (not both_refs or bool(job.ref_path and job.sha))
    return (
        differs("namespace", namespace, job.namespace or None, same_namespace),
        differs("project", project, job.project or None, same_project),
        differs("workflow_filepath", file, job.workflow or None, same_file),
        differs("environment", environment, job.environment or None, environment in ("", job.environment)),
        differs("sub", _sub(publisher), job.sub, not named or _same_sub(publisher, job, lower)),
        differs("ref_path", "the run's ref", job.ref_path, not both_refs or bool(job.ref_path)),
        differs("sha", "the run's commit", job.sha, not both_refs or bool(job.sha)),
        _config_differs(publisher, job, not comparable or _configured(publisher, job, exact=both_refs)),
        None if both_refs else ref_differs(publisher, job.ref_path),
        None if both_refs else _number_differs(publisher, job),
    )


def _number_differs(publisher: Publisher, job: _Job) -> Difference | None:
    """GitLab's forms ask for no number, so the one that the last accepted token had is held on to."""
    number = publisher.namespace_id
    return differs("namespace_id", number, job.namespace_id or None, number in ("", job.namespace_id))


def _configured(publisher: Publisher, job: _Job, *, exact: bool) -> bool:
    """Whether the pipeline was configured by this file of this project, at the ref or the commit of the run."""
    if exact:
        return job.config in _expected_configs(publisher, job)
    prefix, file = _config_prefix(publisher), publisher.get("workflow_filepath") + "@"
    place = len(prefix)
    tail = job.config[place + len(file) :]
    same = ascii_lower(job.config[:place]) == ascii_lower(prefix) and job.config.startswith(file, place)
    return same and bool(tail) and tail in (job.ref_path, job.sha)


def _config_differs(publisher: Publisher, job: _Job, same: bool) -> Difference | None:
    expected = [*_expected_configs(publisher, job)]
    return differs("ci_config_ref_uri", one_or_list(expected) if expected else "a file at the run's ref", job.config, same)
