"""Who may ask for an ID token."""

from __future__ import annotations

import pytest

from tests.workflows.samples import workflow
from trustpub.workflows.permissions import id_token, within


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
