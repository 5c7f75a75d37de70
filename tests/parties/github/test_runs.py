"""Runs, jobs, logs, tags and releases."""

from __future__ import annotations

import json

import pytest

from tests.parties.github.scripted import API, FORBIDDEN, MONA, REPO, REPOSITORY, SLUG, Scripted, said
from trustpub.domain.github_settings import (
    Annotation,
    Run,
    RunJob,
)
from trustpub.domain.untold import Untold
from trustpub.errors import Denied, Unreachable
from trustpub.parties.wire import Response

RUN = {
    "id": 30,
    "path": ".github/workflows/pypi.yml@refs/heads/main",
    "event": "push",
    "head_branch": "v1.0",
    "head_sha": "a" * 40,
    "status": "completed",
    "conclusion": None,
    "run_attempt": 2,
    "actor": MONA,
    "created_at": "2026-08-01T00:00:00Z",
    "html_url": "https://github.com/octo/lamp/actions/runs/30",
}
READ_RUN = Run(
    "30",
    ".github/workflows/pypi.yml",
    "push",
    "v1.0",
    "a" * 40,
    "completed",
    "",
    2,
    "mona",
    "2026-08-01T00:00:00Z",
    str(RUN["html_url"]),
)
ALL_RUNS = f"GET {REPO}/actions/runs"


def test_runs_are_asked_for_by_file_event_and_commit() -> None:
    """Only as many as are wanted."""
    at = f"GET {REPO}/actions/workflows/pypi.yml/runs"
    github = Scripted({at: said({"workflow_runs": [RUN, RUN]}), ALL_RUNS: said({"workflow_runs": []})})
    client = github.client()

    assert (READ_RUN,) == client.runs(SLUG, workflow=".github/workflows/pypi.yml", event="push", sha="a" * 40, most=1)
    assert () == client.runs(SLUG)
    assert f"{API}{at[4:]}?per_page=1&event=push&head_sha={'a' * 40}" == github.requests[0].url
    assert f"{API}{REPO}/actions/runs?per_page=30" == github.requests[1].url


def test_a_workflow_that_github_does_not_know_has_no_runs() -> None:
    """If those of others can be seen."""
    assert () == Scripted({ALL_RUNS: said({"workflow_runs": []})}).client().runs(SLUG, workflow="new.yml")
    assert isinstance(Scripted({}).client().runs(SLUG, workflow="new.yml"), Untold)


def test_one_run_and_its_jobs() -> None:
    """A job that no runner took has no number of one."""
    jobs = [
        {
            "id": 1,
            "name": "build",
            "status": "completed",
            "conclusion": "success",
            "runner_id": 4,
            "steps": [{"name": "s", "conclusion": None}],
        },
        {"id": 2, "name": "publish", "status": "waiting", "conclusion": None, "runner_id": None},
        {"id": 3, "name": "late", "status": "completed", "conclusion": "failure", "runner_id": 0, "steps": []},
    ]
    github = Scripted(
        {f"{ALL_RUNS}/30": said(RUN), f"{ALL_RUNS}/30/jobs": said({"jobs": jobs}), ALL_RUNS: said({"workflow_runs": []})}
    )
    client = github.client()

    assert READ_RUN == client.run(SLUG, "30")
    assert client.run(SLUG, "31") is None
    assert isinstance(Scripted({}).client().run(SLUG, "31"), Untold)
    assert (
        RunJob("1", "build", "completed", "success", True, (("s", ""),)),
        RunJob("2", "publish", "waiting", "", False),
        RunJob("3", "late", "completed", "failure", False),
    ) == client.jobs(SLUG, "30")
    assert "filter=latest" in github.requests[-1].url
    assert Untold("`octo/lamp` has no run `31`") == client.jobs(SLUG, "31")
    assert isinstance(Scripted({}).client().jobs(SLUG, "31"), Untold)


def test_messages_beside_a_job() -> None:
    """Fields may be empty."""
    beside = [{"annotation_level": "failure", "title": None, "message": 'Branch "main" is not allowed to deploy'}]
    found = Scripted({f"GET {REPO}/check-runs/2/annotations": said(beside)}).client().annotations(SLUG, "2")

    assert (Annotation("failure", "", 'Branch "main" is not allowed to deploy'),) == found
    assert isinstance(Scripted({}).client().annotations(SLUG, "2"), Untold)


LOG = f"GET {REPO}/actions/jobs/2/logs"


@pytest.mark.parametrize("status", [404, 410])
def test_a_log_that_is_kept_no_more(status: int) -> None:
    """GitHub says it, or the place where it was; a repository that nobody shows says nothing."""
    gone, seen = said({"message": "Gone"}, status), {f"GET {REPO}": said(REPOSITORY)}
    away = {LOG: said(None, 302, location=f"{API}/log"), "GET /log": Response(status, {}, b"<xml/>")}

    assert Scripted({LOG: gone, **seen}).client().log(SLUG, "2") is None
    assert Scripted(away).client().log(SLUG, "2") is None
    assert isinstance(Scripted({LOG: gone}).client().log(SLUG, "2"), Untold)
    assert isinstance(Scripted({LOG: FORBIDDEN, **seen}).client().log(SLUG, "2"), Untold)


def test_a_log_is_fetched_without_the_token_even_from_the_same_host() -> None:
    """Whatever place is named; and only over https."""
    github = Scripted({LOG: said(None, 302, location=f"{API}/log?sig=1"), "GET /log": Response(200, {}, b"done \xff")})

    assert "done �" == github.client().log(SLUG, "2")
    assert "Authorization" not in github.requests[1].headers
    for location in ("http://logs.example/x", "", "file:///etc/passwd"):
        with pytest.raises(Unreachable):
            Scripted({LOG: said(None, 302, location=location)}).client().log(SLUG, "2")


def test_a_tag_is_followed_to_its_commit() -> None:
    """Through the objects of annotated tags."""
    commit = {"type": "commit", "sha": "c" * 40}
    script = {
        f"GET {REPO}/git/ref/tags/v1": said({"ref": "refs/tags/v1", "object": commit}),
        f"GET {REPO}/git/ref/tags/a/b": said({"ref": "refs/tags/a/b", "object": {"type": "tag", "sha": "t1"}}),
        f"GET {REPO}/git/tags/t1": said({"object": {"type": "tag", "sha": "t2"}}),
        f"GET {REPO}/git/tags/t2": said({"object": commit}),
        f"GET {REPO}": said(REPOSITORY),
    }
    client = Scripted(script).client()

    assert ["c" * 40] * 2 == [client.tag_commit(SLUG, tag) for tag in ("v1", "a/b")]
    assert client.tag_commit(SLUG, "v2") is None
    assert isinstance(Scripted({}).client().tag_commit(SLUG, "v1"), Untold)
    empty = said({"message": "Git Repository is empty."}, 409)
    assert Scripted({f"GET {REPO}/git/ref/tags/v1": empty}).client().tag_commit(SLUG, "v1") is None


def test_what_is_no_file_is_not_known() -> None:
    """A folder, a link, and what is too big to be sent; what is sent and is no base64 is nonsense."""
    sent = {"type": "file", "encoding": "base64", "content": "b246IHB1c2gK\n"}
    key = f"GET {REPO}/contents/a%20b.yml?ref=x%2Fy"
    assert b"on: push\n" == Scripted({key: said(sent)}).client().content(SLUG, "a b.yml", "x/y")
    others = (said([]), said(sent | {"type": "symlink"}), said(sent | {"encoding": "none", "content": ""}), FORBIDDEN)
    for other in others:
        assert isinstance(Scripted({key: other}).client().content(SLUG, "a b.yml", "x/y"), Untold)
    with pytest.raises(Unreachable):
        Scripted({key: said(sent | {"content": "b"})}).client().content(SLUG, "a b.yml", "x/y")


def test_tags_that_lead_to_each_other_are_given_up() -> None:
    """No clock would end that."""
    around = {"object": {"type": "tag", "sha": "t1"}}
    script = {f"GET {REPO}/git/ref/tags/v1": said({"ref": "refs/tags/v1", **around}), f"GET {REPO}/git/tags/t1": said(around)}

    assert isinstance(Scripted(script).client().tag_commit(SLUG, "v1"), Untold)


def test_the_newest_release() -> None:
    """None where the repository shows that it has none."""
    at = f"GET {REPO}/releases/latest"

    assert "v1.0" == Scripted({at: said({"tag_name": "v1.0"})}).client().latest_release(SLUG)
    assert Scripted({f"GET {REPO}": said(REPOSITORY)}).client().latest_release(SLUG) is None
    assert isinstance(Scripted({}).client().latest_release(SLUG), Untold)


def test_a_workflow_is_started_by_hand() -> None:
    """GitHub tells the run when it is asked to; an Enterprise Server is not asked."""
    at = f"POST {REPO}/actions/workflows/pypi.yml/dispatches"
    cloud = Scripted({at: said({"workflow_run_id": 30, "run_url": "x", "html_url": "https://github.com/run"})})
    server = Scripted({at: said(None, 204)})
    path = ".github/workflows/pypi.yml"

    assert "https://github.com/run" == cloud.client().dispatch(SLUG, path, "main", {"index": "testpypi"})
    assert "" == server.client(host="git.example", api=API).dispatch(SLUG, path, "main", {})
    assert {"ref": "main", "inputs": {"index": "testpypi"}, "return_run_details": True} == json.loads(cloud.requests[0].body)
    assert {"ref": "main", "inputs": {}} == json.loads(server.requests[0].body)
    with pytest.raises(Denied, match=r"a run of `pypi\.yml` of `octo/lamp` on `main`"):
        Scripted({}).client().dispatch(SLUG, "pypi.yml", "main", {})
