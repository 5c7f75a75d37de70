"""What GitHub shows of a failed run: the logs of its failed jobs, and the messages beside them.

A job that an environment refused never started: it has no log, and its reason stands only beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from trustpub.domain.failures import CATALOGUE, Evidence, Found
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Denied
from trustpub.record import NamedTuple
from trustpub.usecases.explain import LONGEST_LOG, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustpub.domain.github_settings import Run, RunJob
    from trustpub.parties.github.port import GitHub

T = TypeVar("T")
_SIGN_IN = "Sign in (`gh auth login`), or give the log as a file"
_GONE = "GitHub keeps it no more"
_ONLY_FILE = "Give the log as a file if somebody kept it, or run the job again"
_FINE = ("success", "skipped", "neutral", "")
_URL = re.compile(r"https://(?P<host>[^/\s@]+)/(?P<slug>[^/\s]+/[^/\s]+)/actions/runs/(?P<run>\d+)(?:/.*)?")


class Named(NamedTuple):
    """One run as a person names it. Host and slug are empty when only its number was given."""

    run: str
    host: str = ""
    slug: str = ""


class FailedRun(NamedTuple):
    """What could be read of a run. `states` are causes that the run's own state tells, `gaps` what could not be read."""

    slug: str
    sources: tuple[Source, ...]
    states: tuple[Found, ...]
    gaps: tuple[str, ...]


def named(text: str) -> Named:
    """Read the number or the address of a run. Raises `BadInput` for anything else."""
    if text.isascii() and text.isdigit():
        return Named(text)
    match = _URL.fullmatch(text.strip())
    if match is None:
        raise BadInput(
            f"--run `{text[:200]}`", why="neither the number nor the address of a run", next_step="Copy the address of its page"
        )
    return Named(match["run"], match["host"].lower(), match["slug"])


def read_failed_run(github: GitHub, slug: str, run: str, say: Callable[[str], None]) -> FailedRun:
    """Read what is there of the failed jobs. `BadInput` when there is no such run, `Denied` when nothing of it may be read."""
    of = f"the run `{run}` of `{slug}`"
    whole = _told(github.run(slug, run), of)
    if whole is None:
        raise BadInput("--run", why=f"`{slug}` has no run `{run}`", next_step="Look at the address of its page")
    jobs = _told(github.jobs(slug, run), of)
    sources: list[Source] = []
    states: list[Found] = []
    gaps: list[str] = []
    for job in jobs:
        if job.status == "waiting":
            states.append(_state("waiting-for-review", f"the job `{job.name}` is waiting", job.name))
        elif job.conclusion not in _FINE:
            say(f"explain: reading the job {job.name}")
            sources += _sources(github, slug, job, gaps)
    if not jobs and whole.conclusion == "startup_failure":
        states.append(_state("startup-failure", f"the run {run} has no job, its conclusion is startup_failure", ""))
    if not sources and not states:
        if gaps:
            raise Denied(
                of, why="; ".join(gaps), next_step=_ONLY_FILE if all(each.endswith(_GONE) for each in gaps) else _SIGN_IN
            )
        say(f"explain: {_unfailed(whole)}")
    return FailedRun(slug, tuple(sources), tuple(states), tuple(gaps))


def _unfailed(run: Run) -> str:
    """Say why there is nothing to explain: the run goes on, or nothing of it failed."""
    if run.status != "completed":
        return f"the run `{run.id}` is not over ({run.status}), and no job of it has failed so far"
    return f"no job of the run `{run.id}` failed (it ended with `{run.conclusion}`)"


def _told(told: T | Untold, of: str) -> T:
    """Return what GitHub told, or raise `Denied` with what would make it tell."""
    if isinstance(told, Untold):
        raise Denied(
            of, why=str(told), permission=told.permission, next_step="Sign in (`gh auth login`), or give the log as a file"
        )
    return told


def _sources(github: GitHub, slug: str, job: RunJob, gaps: list[str]) -> Iterator[Source]:
    beside = github.annotations(slug, job.id)
    if isinstance(beside, Untold):
        gaps.append(f"the messages beside the job {job.name}: {beside}")
    elif beside:
        text = "\n".join(f"{each.title}\n{each.message}" for each in beside)
        yield Source(text.encode("utf-8", "replace"), job.name, beside=True)
    if not job.started:
        return
    log = github.log(slug, job.id)
    if log is None:
        gaps.append(f"the log of the job {job.name}: {_GONE}")
    elif isinstance(log, Untold):
        gaps.append(f"the log of the job {job.name}: {log}")
    else:
        yield Source(log.encode("utf-8", "replace")[-LONGEST_LOG:], job.name)


def _state(code: str, text: str, job: str) -> Found:
    cause = next(each for each in CATALOGUE if each.code == code)
    return Found(
        cause.code,
        cause.title,
        cause.sure,
        (Evidence(0, text, job),),
        cause.fix.format_map({}),
        cause.field,
    )
