"""Who may ask for an ID token."""

from __future__ import annotations

import pytest

from tests.workflows.samples import workflow
from trustpub.workflows.permissions import (
    Excess,
    Level,
    call_refusal,
    default,
    effective,
    excesses,
    from_fork,
    id_token,
    within,
    written,
)
from trustpub.workflows.source import Scalar


@pytest.mark.parametrize(
    ("top", "job", "granted", "why"),
    [
        ("", "", False, "a repository's default never does"),
        ("permissions: {id-token: write}", "", True, "the workflow grants"),
        ("permissions: write-all", "", True, "the workflow has `permissions: write-all`"),
        ("permissions: read-all", "", False, "the workflow grants no"),
        ("permissions: {}", "", False, "without `id-token: write`"),
        ("permissions: {contents: read}", "", False, "without `id-token: write`"),
        ("permissions: {id-token: write}", "permissions: {contents: read}", False, "the job `publish` has `permissions` without"),
        ("permissions: {}", "permissions: {id-token: write}", True, "the job `publish` grants"),
        ("permissions: {}", "permissions: write-all", True, "the job `publish` has"),
        ("permissions: {id-token: write}", "permissions: read-all", False, "the job `publish` grants no"),
        ("", "permissions: {id-token: none}", False, "sets `id-token` to `none`"),
        ("", "permissions: {id-token: read}", False, "sets `id-token` to `read`"),
        ("permissions: {id-token: write}", "permissions: null", False, "the job `publish` grants no"),
        ("", "permissions: {id-token: [write]}", False, "sets `id-token` to `?`"),
    ],
)
def test_the_nearest_permissions_count(top: str, job: str, granted: bool, why: str) -> None:
    """The job's before the workflow's, and what a map does not list is none."""
    found = workflow(f"on: push\n{top}\njobs:\n  publish:\n    runs-on: x\n    {job}\n")
    said = id_token(found, found.jobs["publish"])
    assert granted is said.granted
    assert why in said.why


def test_the_words_that_decide_are_pointed_at() -> None:
    """By their place in the file."""
    found = workflow("on: push\njobs:\n  publish:\n    permissions: {id-token: write}\n")
    start = id_token(found, found.jobs["publish"]).start
    assert start is not None
    assert found.source.text[start:].startswith("write}")


def test_a_caller_caps_what_it_calls() -> None:
    """A called file cannot give itself what its caller may not hand down."""
    asks = workflow("on: workflow_call\npermissions: {id-token: write}\njobs: {publish: {}}\n")
    has, lacks = (workflow(f"on: push\npermissions: {{{words}}}\njobs: {{publish: {{}}}}\n") for words in ("id-token: write", ""))
    inner = id_token(asks, asks.jobs["publish"])
    assert within(inner, id_token(has, has.jobs["publish"])).granted
    refused = within(inner, id_token(lacks, lacks.jobs["publish"]))
    assert (False, True) == (refused.granted, "its caller may not give it" in refused.why)


def levels(top: str, job: str, cap: dict[str, Level] | None = None) -> dict[str, Level]:
    """What a job has, without what it has not."""
    found = workflow(f"on: push\n{top}\njobs:\n  publish:\n    runs-on: x\n    {job}\n")
    return {scope: level for scope, level in effective(found, found.jobs["publish"], cap).items() if level != "none"}


@pytest.mark.parametrize(
    ("top", "job", "expected"),
    [
        ("permissions: {contents: write, id-token: write}", "", {"contents": "write", "id-token": "write"}),
        ("permissions: {contents: write}", "permissions: {issues: read}", {"issues": "read"}),
        ("permissions: write-all", "permissions: {}", {}),
        ("permissions: {contents: nonsense}", "", {}),
    ],
)
def test_every_scope_has_its_level(top: str, job: str, expected: dict[str, Level]) -> None:
    """What a map does not list is none."""
    assert expected == levels(top, job)


def test_shorthands_give_each_scope_what_it_can_have() -> None:
    """`id-token` cannot be read, `models` cannot be written."""
    write, read = levels("permissions: write-all", ""), levels("permissions: read-all", "")
    assert ("write", "read", "write") == (write["id-token"], write["models"], write["contents"])
    assert (False, "read", "read") == ("id-token" in read, read["models"], read["contents"])


def test_a_repositorys_default_is_known_for_the_id_token_only() -> None:
    """Unless somebody says which one it is."""
    assert ("unknown", False) == (levels("", "")["contents"], "id-token" in levels("", ""))
    restricted, permissive = default("restricted"), default("permissive")
    assert ("read", "none", "none") == (restricted["contents"], restricted["issues"], restricted["id-token"])
    assert ("write", "read", "none") == (permissive["contents"], permissive["models"], permissive["id-token"])


def test_a_called_job_without_permissions_has_its_callers() -> None:
    """The cap is what it gets."""
    assert {"contents": "read", "packages": "read"} == levels("", "", default("restricted"))


@pytest.mark.parametrize(
    ("called", "cap", "sentence"),
    [
        ("permissions: {id-token: write}", "{contents: write}", "The workflow 'x.yml' is requesting 'id-token: write'"),
        (
            "jobs: {up: {permissions: {id-token: write}}}",
            "{id-token: none}",
            "The nested job 'up' is requesting 'id-token: write'",
        ),
        ("jobs: {up: {name: Up, permissions: {actions: read}}}", "{}", "The nested job 'Up' is requesting 'actions: read'"),
        ("permissions: {id-token: write}", "{id-token: write}", None),
        ("permissions: write-all", "write-all", None),
        ("jobs: {up: {permissions: {}}}", "{}", None),
    ],
)
def test_a_called_file_may_ask_for_no_more(called: str, cap: str, sentence: str | None) -> None:
    """GitHub's own words say why the run does not start."""
    caller = workflow(f"on: push\npermissions: {cap}\njobs: {{a: {{uses: x}}}}\n")
    assert caller.permissions is not None
    said = call_refusal("x.yml", workflow(f"on: workflow_call\n{called}\n"), written(caller.permissions))
    assert (sentence is None) is (said is None)
    assert said is None or said.startswith(f"Error calling workflow 'x.yml'. {sentence}, but is only allowed '")


def test_of_an_unknown_cap_nothing_is_said() -> None:
    """Only the ID token is known not to be in it."""
    asks = workflow("on: workflow_call\npermissions: {contents: write}\njobs: {}\n")
    assert None is call_refusal("x.yml", asks, default())
    assert [Excess("id-token", "write", "none")] == list(excesses({"id-token": "write", "contents": "write"}, default()))


def test_a_caller_that_says_nothing_leaves_a_doubt() -> None:
    """The repository's default decides, for workflows of the same owner only."""
    asks = workflow("on: workflow_call\npermissions: {id-token: write}\njobs: {publish: {}}\n")
    silent = workflow("on: push\njobs: {publish: {}}\n")
    called, caller = id_token(asks, asks.jobs["publish"]), id_token(silent, silent.jobs["publish"])
    mine, others = within(called, caller), within(called, caller, same_owner=False)
    assert (True, True, False) == (mine.granted, "Read and write permissions" in mine.doubt, others.granted)


@pytest.mark.parametrize(
    ("event", "contents", "token"),
    [
        ("pull_request", "read", "none"),
        ("pull_request_target", "write", "write"),
        ("push", "write", "write"),
        ("new", "write", "write"),
    ],
)
def test_pull_requests_from_forks_write_nothing(event: str, contents: str, token: str) -> None:
    """But those that run the repository's own code do."""
    left = from_fork(written(Scalar("write-all", "", 0, 0)), event)
    assert (contents, token) == (left["contents"], left["id-token"])
