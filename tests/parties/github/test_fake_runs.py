"""The fake GitHub's runs, jobs, logs and starts by hand; its tags and its releases."""

from __future__ import annotations

import pytest

from tests.parties.github.worlds import JSON, LAMP, Clock, ask, listed, rich, told
from trustpub.parties.github.fake_state import Annotation

DISPATCH = f"{LAMP}/actions/workflows/release.yml/dispatches"


def test_runs_are_listed_newest_first_and_by_what_is_asked_for() -> None:
    """By event, branch, commit, state, and by the workflow's file or number."""
    fake = rich()
    old = fake.add_run("acme/lamp", created_at="2026-01-01T00:00:00Z", branch="v1.0", sha="b" * 40).id
    new = fake.add_run("acme/lamp", event="release", conclusion="failure").id
    other = fake.add_run("acme/lamp", path=".github/workflows/ci.yml", created_at="2025-01-01T00:00:00Z").id
    number = fake.repositories["acme/lamp"].workflows[".github/workflows/ci.yml"].id

    def runs(query: str, under: str = "actions/runs") -> list[JSON]:
        return [each["id"] for each in listed(ask(fake.send, "GET", f"{LAMP}/{under}{query}"), "workflow_runs")]

    assert [new, old, other] == runs("")
    assert [[new], [old], [old], [new]] == [
        runs(query) for query in ("?event=release", "?branch=v1.0", f"?head_sha={'b' * 40}", "?status=failure")
    ]
    assert [other] == runs("", f"actions/workflows/{number}/runs") == runs("", "actions/workflows/ci.yml/runs")
    assert 404 == ask(fake.send, "GET", f"{LAMP}/actions/workflows/none.yml/runs").status


def test_jobs_are_those_of_the_last_attempt_unless_all_are_asked_for() -> None:
    """A job that no runner took has none, and no steps."""
    fake = rich()
    run = fake.add_run("acme/lamp")
    first = fake.add_job("acme/lamp", run, conclusion="failure", started=False)
    run.attempt = 2
    second = fake.add_job("acme/lamp", run, steps=[("Set up job", "success"), ("Publish", "failure")])

    latest, every = (
        listed(ask(fake.send, "GET", f"{LAMP}/actions/runs/{run.id}/jobs?filter={each}"), "jobs") for each in ("latest", "all")
    )

    assert [[second.id], [first.id, second.id]] == [[each["id"] for each in some] for some in (latest, every)]
    assert [(0, []), (1, ["Set up job", "Publish"])] == [
        (each["runner_id"], [step["name"] for step in each["steps"]]) for each in every if isinstance(each["steps"], list)
    ]


def test_a_log_is_behind_a_link_that_lives_a_minute_and_wants_no_credentials() -> None:
    """Strangers get no link, a log that is gone is 410, one that never was 404."""
    clock = Clock()
    fake = rich(clock)
    run = fake.add_run("acme/lamp")
    jobs = [fake.add_job("acme/lamp", run, **each).id for each in ({"log": "hello\n"}, {"log_gone": True}, {})]
    paths = [f"{LAMP}/actions/jobs/{job}/logs" for job in jobs]

    answers = [ask(fake.send, "GET", path) for path in paths]
    assert [302, 410, 404] == [each.status for each in answers]
    assert 403 == ask(fake.send, "GET", paths[0], token=None).status
    address = answers[0].headers["location"]
    assert not address.startswith("https://api.github.com")
    assert (200, b"hello\n") == ((found := ask(fake.send, "GET", "", api=address, token=None)).status, found.body)
    assert 403 == ask(fake.send, "GET", "", api=address).status
    clock.time += 61
    assert 403 == ask(fake.send, "GET", "", api=address, token=None).status
    assert 404 == ask(fake.send, "GET", "/nonsense", api=fake.storage, token=None).status


def test_messages_stand_beside_their_job() -> None:
    """Under the job's own number, with level and title."""
    fake = rich()
    run = fake.add_run("acme/lamp")
    job = fake.add_job("acme/lamp", run, annotations=["Tag is not allowed", Annotation("old node", "warning", "Deprecated")])

    found = listed(ask(fake.send, "GET", f"{LAMP}/check-runs/{job.id}/annotations"))

    said = [(each["annotation_level"], each["title"], each["message"]) for each in found]
    assert [("failure", "", "Tag is not allowed"), ("warning", "Deprecated", "old node")] == said
    assert 404 == ask(fake.send, "GET", f"{LAMP}/check-runs/1/annotations").status


def test_a_start_by_hand_makes_a_run() -> None:
    """On a branch or a tag, with inputs that the workflow has; its address is told only to whoever asks for it."""
    fake = rich()

    quiet = ask(fake.send, "POST", DISPATCH, {"ref": "main", "inputs": {"index": "testpypi"}})
    told_of = ask(fake.send, "POST", DISPATCH, {"ref": "refs/tags/v1.0", "return_run_details": True})

    assert (204, b"", 200) == (quiet.status, quiet.body, told_of.status)
    run = told(ask(fake.send, "GET", f"{LAMP}/actions/runs/{told(told_of)['workflow_run_id']}"))
    assert ("workflow_dispatch", "v1.0", "queued") == (run["event"], run["head_branch"], run["status"])
    assert ["ann", "ann"] == [each.actor for each in fake.repositories["acme/lamp"].runs.values()]
    assert told(told_of)["html_url"] == run["html_url"]
    assert 2 == len(fake.repositories["acme/lamp"].runs)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"ref": "gone"}, "No ref found for: gone"),
        ({}, '"ref" wasn\'t supplied.'),
        ({"ref": "main", "inputs": {"colour": "red"}}, "Unexpected inputs provided: ['colour']"),
        ({"ref": "main", "inputs": []}, "is not an object"),
    ],
)
def test_a_start_that_is_refused_makes_none(body: JSON, said: str) -> None:
    """422, in words that say which part is wrong."""
    fake = rich()
    refused = ask(fake.send, "POST", DISPATCH, body)

    assert 422 == refused.status
    assert said in str(told(refused)["message"])
    assert {} == fake.repositories["acme/lamp"].runs


def test_not_every_workflow_is_started_by_hand_and_not_by_everybody() -> None:
    """Without the trigger 422, without the file 404, without rights to push 403."""
    fake = rich()
    fake.add_workflow("acme/lamp", ".github/workflows/ci.yml", inputs=None)
    fake.add_token("carl's", "carl")

    paths = [DISPATCH.replace("release", name) for name in ("ci", "none")]
    assert [422, 404] == [ask(fake.send, "POST", path, {"ref": "main"}).status for path in paths]
    assert 403 == ask(fake.send, "POST", DISPATCH, {"ref": "main"}, token="carl's").status


def test_an_annotated_tag_is_an_object_of_its_own() -> None:
    """A light one points at the commit, an annotated one at its object, which points at the commit."""
    fake = rich()
    tags = fake.repositories["acme/lamp"].tags
    light, annotated = (told(ask(fake.send, "GET", f"{LAMP}/git/ref/tags/{name}"))["object"] for name in ("v1.0", "v1.1"))

    assert isinstance(light, dict)
    assert isinstance(annotated, dict)
    assert [("commit", tags["v1.0"].commit), ("tag", tags["v1.1"].object)] == [
        (each["type"], each["sha"]) for each in (light, annotated)
    ]
    inner = told(ask(fake.send, "GET", f"{LAMP}/git/tags/{annotated['sha']}"))["object"]
    assert isinstance(inner, dict)
    assert tags["v1.1"].commit == inner["sha"] == told(ask(fake.send, "GET", f"{LAMP}/commits/v1.1"))["sha"]
    assert 404 == ask(fake.send, "GET", f"{LAMP}/git/ref/tags/v1").status
    assert 2 == len(listed(ask(fake.send, "GET", f"{LAMP}/git/matching-refs/tags/v1")))
    assert 404 == ask(fake.send, "GET", f"{LAMP}/git/tags/{light['sha']}").status


def test_the_latest_release_is_a_full_one() -> None:
    """Drafts and pre-releases do not count; without a full one there is none."""
    fake = rich()
    fake.add_release("acme/lamp", "v2.0", prerelease=True, created_at="2027-01-01T00:00:00Z")
    fake.add_release("acme/lamp", "v3.0", draft=True, created_at="2027-01-02T00:00:00Z")

    assert "v1.0" == told(ask(fake.send, "GET", f"{LAMP}/releases/latest"))["tag_name"]
    assert [200, 404] == [ask(fake.send, "GET", f"{LAMP}/releases/tags/{tag}").status for tag in ("v2.0", "v3.0")]
    fake.repositories["acme/lamp"].releases.clear()
    assert 404 == ask(fake.send, "GET", f"{LAMP}/releases/latest").status


def test_branches_say_whether_they_are_protected() -> None:
    """By their own protection; one that has none is 404 there."""
    fake = rich()

    assert ["stable"] == [each["name"] for each in listed(ask(fake.send, "GET", f"{LAMP}/branches?protected=true"))]
    assert [False, True] == [told(ask(fake.send, "GET", f"{LAMP}/branches/{name}"))["protected"] for name in ("main", "stable")]
    assert [404, 200] == [ask(fake.send, "GET", f"{LAMP}/branches/{name}/protection").status for name in ("main", "stable")]
    assert 404 == ask(fake.send, "GET", f"{LAMP}/branches/none").status
    assert 422 == ask(fake.send, "GET", f"{LAMP}/commits/none").status
