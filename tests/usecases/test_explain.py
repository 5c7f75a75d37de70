"""With a checkout at hand a refused exchange is explained by the one field that differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.domain.failures.samples import samples
from tests.usecases.checkouts import book, put
from trustpub.domain.failures import Found
from trustpub.domain.github_settings import Annotation, Run, RunJob
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Denied
from trustpub.parties.git import Checkout
from trustpub.rules.facts import Facts
from trustpub.usecases.explain import LONGEST_LOG, Source, explain
from trustpub.usecases.failed_run import Named, named, read_failed_run
from trustpub.usecases.gather import gather
from trustpub.workflows.predict import Wanted

LOGS = {sample.name: sample.log for sample in samples()}
WORKFLOW = """\
on: {push: {tags: ['v*']}}
jobs:
  upload:
    environment: pypi
    permissions: {id-token: write}
    runs-on: ubuntu-latest
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
ROW = {"owner": "octo", "owner_id": "1001", "repository": "demo", "workflow": "pypi.yml", "environment": "pypi"}
FORM = "Owner `octo`, Repository name `demo`, Workflow name `pypi.yml`, Environment name `pypi`"


def declared(**changes: str) -> str:
    """A declaration of the publisher that fits the samples, but for some fields."""
    fields = {**ROW, **changes}
    return '[[publisher]]\nproject = "demo"\n' + "".join(f'{name} = "{value}"\n' for name, value in fields.items() if value)


def facts(root: Path, declaration: str = "", workflow: str = WORKFLOW, slug: str = "octo/demo", file: str = "pypi.yml") -> Facts:
    """A checkout of the repository that the samples are from."""
    files = {f".github/workflows/{file}": workflow, "pyproject.toml": '[project]\nname = "demo"\nversion = "1.0"\n'}
    files |= {".git/config": f'[remote "origin"]\nurl = https://github.com/{slug}.git\n', ".git/HEAD": "ref: refs/heads/main\n"}
    put(root, files | ({"trustpub.toml": declaration} if declaration else {}))
    return gather(Checkout.open(root), book(root), Wanted(), whole=True)


def first(log: bytes, known: Facts | None) -> Found:
    """The most likely cause."""
    return explain((Source(log),), known)[0]


DIFFERING = [
    ("wrong-environment", {"environment": "release"}, "environment", "release", "pypi"),
    ("wrong-workflow", {"workflow": "release.yml"}, "workflow_filename", "release.yml", "pypi.yml"),
    ("wrong-owner-id", {"owner_id": "1002"}, "repository_owner_id", "1002", "1001"),
    ("other-repository", {"repository": "demo2"}, "repository_name", "demo2", "demo"),
    ("no-environment", {}, "environment", "pypi", ""),
    ("called-other-file", {}, "workflow_filename", "pypi.yml", "_publish.yml"),
]


@pytest.mark.parametrize(("scene", "changes", "field", "expected", "got"), DIFFERING, ids=[each[0] for each in DIFFERING])
@pytest.mark.parametrize("client", ["uv", "action"])
def test_the_field_that_differs_is_named(
    tmp_path: Path, client: str, scene: str, changes: dict[str, str], field: str, expected: str, got: str
) -> None:
    """What real clients print, held against the publisher that was registered: one cause, certain, with both values."""
    found = explain((Source(LOGS[f"{scene}.{client}"]),), facts(tmp_path, declared(**changes)))

    assert [("invalid-publisher", "certain", field, expected, got)] == [
        (one.code, one.confidence, one.field, one.expected, one.got) for one in found
    ]
    assert f"`{expected}`" in found[0].title
    assert found[0].evidence


def test_both_sides_of_an_environment_are_offered(tmp_path: Path) -> None:
    """The job and the record: with the job's own name and file, and the form's own label."""
    one = first(LOGS["wrong-environment.uv"], facts(tmp_path, declared(environment="release")))

    assert (
        "Write `environment: release` at the job `upload` in `.github/workflows/pypi.yml`, as the publisher has it; or register "
        "the publisher on pypi again with *Environment name* `pypi`."
    ) == one.fix


def test_an_environment_that_is_missing(tmp_path: Path) -> None:
    """The record has one, the token none."""
    one = first(LOGS["no-environment.uv"], facts(tmp_path, declared()))

    assert "the publisher of `demo` on pypi has the environment `pypi`, the token said none" == one.title
    assert "*Environment name* left empty" in one.fix


def test_a_job_in_another_repository(tmp_path: Path) -> None:
    """A reusable workflow of another repository keeps its own code, and gains the checkout's values."""
    one = first(LOGS["called-elsewhere.action"], facts(tmp_path, declared()))

    assert ("reusable-workflow", "job_workflow_ref") == (one.code, one.field)
    assert "octo/shared/.github/workflows/pypi.yml@refs/tags/v3" == one.got


def test_a_declaration_that_fits_sends_to_the_index(tmp_path: Path) -> None:
    """Token and declaration agree: it is the index that holds something else. Every value of the form is said."""
    one = first(LOGS["no-publisher.action"], facts(tmp_path, declared()))

    assert ("invalid-publisher", "likely", "") == (one.code, one.confidence, one.field)
    assert FORM in one.fix


def test_without_a_declaration_the_form_is_filled_in(tmp_path: Path) -> None:
    """From the token's claims alone, with a checkout or without."""
    for known in (None, facts(tmp_path)):
        one = first(LOGS["no-publisher.uv"], known)
        assert ("invalid-publisher", "likely", "") == (one.code, one.confidence, one.field)
        assert FORM in one.fix


def test_a_run_of_another_state_is_told(tmp_path: Path) -> None:
    """The checkout's workflow has another environment, or another file name, than the run presented."""
    other = first(
        LOGS["no-publisher.uv"], facts(tmp_path / "a", workflow=WORKFLOW.replace("environment: pypi", "environment: live"))
    )
    assert "In this checkout the job's environment is `live`" in other.fix
    moved = first(LOGS["no-publisher.uv"], facts(tmp_path / "b", file="publish.yml"))
    assert "In this checkout it is `publish.yml` that publishes" in moved.fix


@pytest.mark.parametrize("client", ["twine", "pdm"])
def test_a_client_that_shows_no_claims(tmp_path: Path, client: str) -> None:
    """The checkout's own prediction stands in for the token, and is only likely."""
    one = first(LOGS[f"wrong-environment.{client}"], facts(tmp_path, declared(environment="release")))

    assert ("invalid-publisher", "likely", "environment", "release", "pypi") == (
        one.code,
        one.confidence,
        one.field,
        one.expected,
        one.got,
    )
    assert "this checkout's job says `pypi`" in one.title


def test_a_log_of_another_repository_is_not_compared(tmp_path: Path) -> None:
    """Neither owner nor name are the checkout's: its declaration says nothing about this token."""
    other = declared(owner="somebody", repository="else", owner_id="7")
    one = first(LOGS["wrong-environment.uv"], facts(tmp_path, other, slug="somebody/else"))

    assert ("", FORM in one.fix) == (one.field, True)


def test_the_index_that_refused_is_the_one_compared(tmp_path: Path) -> None:
    """Two records, one address in the log."""
    both = declared(environment="release") + declared(environment="other").replace('"demo"', '"demo"\nindex = "testpypi"', 1)
    log = LOGS["wrong-environment.uv"].replace(b"http://127.0.0.1:PORT/legacy/", b"https://test.index.example/legacy/")
    found = explain((Source(log),), facts(tmp_path, both), lambda url: "testpypi" if "test.index" in url else None)

    assert ["other"] == [one.expected for one in found]


def test_a_transfer_is_one_cause(tmp_path: Path) -> None:
    """Another owner has another number too: only the owner is named."""
    found = explain((Source(LOGS["no-publisher.uv"]),), facts(tmp_path, declared(owner="old-octo", owner_id="7")))

    assert ["repository_owner"] == [one.field for one in found]


def test_publishers_that_are_equally_close_are_each_named(tmp_path: Path) -> None:
    """Two packages, two environments, a token with neither: both are named, and neither is certain."""
    both = declared(environment="one") + declared(environment="two").replace('"demo"', '"other"', 1)
    found = explain((Source(LOGS["wrong-environment.uv"]),), facts(tmp_path, both))

    assert [("one", "likely"), ("two", "likely")] == [(each.expected, each.confidence) for each in found]


def test_an_owner_in_another_case_is_the_same(tmp_path: Path) -> None:
    """An index stores the owner as GitHub spells it; a repository is compared as it was typed."""
    found = explain((Source(LOGS["no-publisher.uv"]),), facts(tmp_path / "a", declared(owner="Octo")))
    assert [""] == [one.field for one in found]
    found = explain((Source(LOGS["no-publisher.uv"]),), facts(tmp_path / "b", declared(repository="Demo")))
    assert [("repository_name", "Demo", "demo")] == [(one.field, one.expected, one.got) for one in found]


def test_the_job_without_the_permission_is_named(tmp_path: Path) -> None:
    """The checkout shows which job lacks it, or that the run was of another state."""
    bare = first(LOGS["no-permission.uv"], facts(tmp_path / "a", workflow=WORKFLOW.replace("id-token: write", "contents: read")))
    assert bare.fix.endswith("In this checkout `upload` in `.github/workflows/pypi.yml` lacks it.")
    granted = first(LOGS["no-permission.uv"], facts(tmp_path / "b"))
    assert "In this checkout every publishing job has it" in granted.fix


def test_a_declared_tag_rule_is_named(tmp_path: Path) -> None:
    """What `trustpub.toml` wants of the environment that refused a tag."""
    wanted = declared() + '[environments.PyPI]\ntags = ["v*"]\n'
    one = first(LOGS["gate-tag.github"], facts(tmp_path, wanted))

    assert one.fix.endswith("`trustpub.toml` declares the tags `v*` for it: `trustpub setup` makes that so.")
    assert "trustpub setup" not in first(LOGS["gate-tag.github"], None).fix


def test_a_log_that_is_too_long() -> None:
    """It is refused before it is read."""
    with pytest.raises(BadInput, match="longer than 50 MB"):
        explain((Source(b" " * (LONGEST_LOG + 1)),))


def test_nothing_is_known_of_nothing() -> None:
    """An empty log has no cause."""
    assert () == explain((Source(b""),))


# Runs


class FewWords:
    """A GitHub that knows one run; it stands for the whole port, of which a failed run needs four methods."""

    host, signed_in = "github.com", True

    def __init__(self, jobs: tuple[RunJob, ...] | Untold, conclusion: str = "failure", status: str = "completed") -> None:
        self._jobs, self._conclusion, self._status = jobs, conclusion, status
        self.logs: dict[str, str | Untold | None] = {}
        self.beside: dict[str, tuple[Annotation, ...] | Untold] = {}

    def run(self, slug: str, run: str) -> Run | Untold | None:
        return Run(run, "pypi.yml", "push", "v1", "a" * 40, self._status, self._conclusion) if run == "7" else None

    def jobs(self, slug: str, run: str) -> tuple[RunJob, ...] | Untold:
        return self._jobs

    def log(self, slug: str, job: str) -> str | Untold | None:
        return self.logs[job]

    def annotations(self, slug: str, job: str) -> tuple[Annotation, ...] | Untold:
        return self.beside.get(job, ())


def test_runs_by_number_and_address() -> None:
    """The page of a run or of one of its jobs, of any GitHub; nothing else."""
    assert Named("7") == named("7")
    assert Named("7", "github.com", "octo/demo") == named("https://github.com/octo/demo/actions/runs/7/job/8?pr=1#step:2:3")
    for text in ("x", "", "https://github.com/octo/demo", "https://u:p@github.com/octo/demo/actions/runs/7", "٣"):
        with pytest.raises(BadInput):
            named(text)


def read(github: FewWords, run: str = "7") -> tuple[list[str], list[Found], tuple[str, ...]]:
    """Codes of the causes, the states and the gaps of one run."""
    found = read_failed_run(github, "octo/demo", run, lambda _: None)  # type: ignore[arg-type]
    return [one.code for one in explain(found.sources)], list(found.states), found.gaps


def test_a_job_that_never_started_is_explained_by_what_stands_beside_it() -> None:
    """Its log is never asked for; the jobs that went well are not looked at."""
    github = FewWords(
        (
            RunJob("1", "build", "completed", "success", started=True),
            RunJob("2", "publish", "completed", "failure", started=False),
        )
    )
    github.beside["2"] = (
        Annotation("failure", "", 'Tag "v1" is not allowed to deploy to pypi due to environment protection rules.'),
    )
    found = read_failed_run(github, "octo/demo", "7", lambda _: None)  # type: ignore[arg-type]
    (one,) = explain(found.sources)

    assert "environment-refuses-tag" == one.code
    assert [(0, "publish")] == [(each.line, each.job) for each in one.evidence]


def test_logs_of_several_jobs() -> None:
    """Each cause once, with the job that it was found in; a log that is gone is told."""
    jobs = tuple(RunJob(number, f"job {number}", "completed", "failure", started=True) for number in "123")
    github = FewWords(jobs)
    github.logs = {
        "1": "Only one sdist may be uploaded per release",
        "2": None,
        "3": Untold("nobody is signed in", "Actions: read"),
    }
    codes, states, gaps = read(github)

    assert (["second-sdist"], []) == (codes, states)
    assert [
        "the log of the job job 2: GitHub keeps it no more",
        "the log of the job job 3: nobody is signed in (it needs the permission Actions: read)",
    ] == list(gaps)


def test_a_run_of_which_nothing_may_be_read() -> None:
    """What is missing is said, and what would give it; an empty answer would look like ignorance of the failure."""
    github = FewWords((RunJob("1", "publish", "completed", "failure", started=True),))
    github.logs = {"1": Untold("nobody is signed in", "Actions: read")}
    with pytest.raises(Denied, match=r"Actions: read.*gh auth login"):
        read(github)


def test_a_run_that_went_well() -> None:
    """There is nothing to explain, and that is said."""
    said: list[str] = []
    github = FewWords((RunJob("1", "publish", "completed", "success", started=True),), "success")
    found = read_failed_run(github, "octo/demo", "7", said.append)  # type: ignore[arg-type]

    assert ((), ["explain: no job of the run `7` failed (it ended with `success`)"]) == (found.sources, said)


def test_a_run_that_is_not_over() -> None:
    """Nothing has failed so far is not the same as nothing failed."""
    said: list[str] = []
    github = FewWords((RunJob("1", "publish", "in_progress", "", started=True),), "", "in_progress")
    read_failed_run(github, "octo/demo", "7", said.append)  # type: ignore[arg-type]

    assert ["explain: the run `7` is not over (in_progress), and no job of it has failed so far"] == said


def test_a_log_that_is_gone_comes_back_for_nobody() -> None:
    """To sign in would not help."""
    github = FewWords((RunJob("1", "publish", "completed", "failure", started=True),))
    github.logs = {"1": None}
    with pytest.raises(Denied, match="keeps it no more") as caught:
        read(github)

    assert "gh auth" not in str(caught.value)


def test_states_of_a_run_are_causes() -> None:
    """A job that waits, and a run that was refused before it had a job."""
    waiting = FewWords((RunJob("1", "publish", "waiting", "", started=False),), "")
    assert ["waiting-for-review"] == [one.code for one in read(waiting)[1]]
    assert ["startup-failure"] == [one.code for one in read(FewWords((), "startup_failure"))[1]]


def test_a_run_that_cannot_be_read() -> None:
    """There is no such run, or this person may not see it."""
    with pytest.raises(BadInput, match="no run `8`"):
        read(FewWords(()), "8")
    with pytest.raises(Denied, match="nobody is signed in"):
        read(FewWords(Untold("nobody is signed in")))


@pytest.mark.parametrize("shown", [True, False])
def test_no_card_for_a_token_that_no_publisher_fits(shown: bool) -> None:
    """Without a checkout too: a job whose file is of another repository is told to move, and is offered no values to register."""
    log = LOGS["reusable-whole.action"].replace(
        b"octo/demo/.github/workflows/upload.yml@", b"octo/shared/.github/workflows/upload.yml@"
    )
    (one,) = explain((Source(log if shown else log[log.index(b"Error: ") :]),))

    assert ("reusable-workflow", "certain", "job_workflow_ref") == (one.code, one.confidence, one.field)
    assert "octo/shared/.github/workflows/upload.yml@refs/tags/v1.0" == one.got
    assert "Workflow name" not in one.fix


def test_a_file_of_the_same_repository_can_be_registered() -> None:
    """There PyPI takes the called file: its values are offered still, beside the warning of the action."""
    log = LOGS["reusable-whole.action"]

    assert ["reusable-workflow", "invalid-publisher"] == [one.code for one in explain((Source(log),))]
    assert "Workflow name `upload.yml`" in explain((Source(log),))[1].fix


def test_a_customised_subject_is_not_registered() -> None:
    """No form of GitHub publishers has a `sub`."""
    assert "nothing to register" in first(LOGS["claim-sub.action"], None).fix
